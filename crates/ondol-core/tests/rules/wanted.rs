//! What should be in flight, and when to wake.

use crate::script::{Run, check};

#[test]
fn the_next_wake_up_is_the_earliest() {
    check(
        "a b c",
        "
        submit        | submitted, a#1 started, b#1 started, c#1 started
        wants         | a#1, b#1, c#1, wake @1m
        a unclear 30s | a#1 unclear retry @30s
        b unclear 20s | b#1 unclear retry @20s
        wants         | c#1, wake @20s
        c unclear 90s | c#1 unclear retry @90s
        wants         | wake @20s
        +20s          |
        timer         | b#2 again
        wants         | b#2, wake @30s
    ",
    );
}

#[test]
fn undoing_has_no_deadline() {
    check(
        "a",
        "
        submit        | submitted, a#1 started
        a unusable    | a#1 unusable, turned(a), a'#1 started
        wants         | a'#1
        a' unclear 5s | a'#1 unclear retry @5s
        wants         | wake @5s
    ",
    );
}

#[test]
fn behind_the_pivot_there_is_no_deadline() {
    check(
        "a* b-:a",
        "
        submit       | submitted, a#1 started
        a done       | a#1 done, b#1 started
        wants        | b#1
        b unclear 5s | b#1 unclear retry @5s
        wants        | wake @5s
    ",
    );
}

#[test]
fn empty_is_empty() {
    let mut run = Run::new("a notify output");
    assert!(run.saga.wanted().is_empty());
    for line in ["submit", "a done"] {
        run.line(line);
        assert!(!run.saga.wanted().is_empty(), "after {line}");
    }
    run.line("notice 0 delivered");
    assert!(run.saga.wanted().is_empty());
    let mut run = Run::new("a");
    run.line("by hand");
    run.line("submit");
    let mut wanted = run.saga.wanted();
    assert!(!wanted.is_empty());
    wanted.wake_at_ms = None;
    assert!(!wanted.is_empty(), "a question is something");
    wanted.questions.clear();
    assert!(wanted.is_empty());
}
