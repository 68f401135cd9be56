//! What a saga tells of itself.

use std::hash::{BuildHasher as _, RandomState};

use crate::script::{Run, submission};

#[test]
fn a_saga_keeps_what_it_was_submitted_with() {
    let mut run = Run::new("a b:a");
    assert_eq!(run.saga.submission(), None);
    assert!(run.saga.inputs().is_empty());
    run.line("submit");
    assert_eq!(run.saga.submission(), Some(&submission()));
    assert_eq!(run.saga.inputs(), [submission().input]);
}

#[test]
fn a_hash_tells_states_apart() {
    let hashes = RandomState::new();
    let mut seen = Vec::new();
    let mut run = Run::new("a b:a");
    for line in ["submit", "a unclear 5s", "pause", "resume", "complete a", "edit x", "cancel", "b done"] {
        run.line(line);
        assert_eq!(hashes.hash_one(&run.saga), hashes.hash_one(run.saga.clone()), "after {line}");
        seen.push(hashes.hash_one(&run.saga));
    }
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), count, "each of these states hashes differently");
}
