//! What fuzzing kept, through the same checks, by an ordinary compiler: `fuzz/README.md` says where it comes from.

#[path = "../../../fuzz/checks/codec.rs"]
mod codec;
#[path = "../../../fuzz/checks/events.rs"]
mod events;

#[path = "../../../fuzz/checks/corpus.rs"]
mod corpus;

#[test]
fn records() {
    corpus::walk("codec", codec::check);
}

#[test]
fn batches() {
    corpus::walk("events", events::check);
}
