//! What fuzzing kept, through the same checks, by an ordinary compiler: `fuzz/README.md` says where it comes from.

#[path = "../../../fuzz/checks/answer.rs"]
mod answer;

#[path = "../../../fuzz/checks/corpus.rs"]
mod corpus;

#[test]
fn answers() {
    corpus::walk("json", answer::check);
}
