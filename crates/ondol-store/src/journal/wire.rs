//! The messages of `proto/journal.proto`, generated. They stay inside the journal: a wire type is a
//! promise to old files, a core type is not.

#![expect(
    unreachable_pub,
    clippy::trivially_copy_pass_by_ref,
    reason = "prost-build writes this code; it cannot know how far it is visible or how it is passed"
)]

include!(concat!(env!("OUT_DIR"), "/ondol.journal.v1.rs"));
