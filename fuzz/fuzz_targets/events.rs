//! `cargo fuzz run events`: see `checks/events.rs`.
#![no_main]

#[path = "../checks/codec.rs"]
#[expect(dead_code, reason = "arbitrary bytes are the target `codec`")]
mod codec;
#[path = "../checks/events.rs"]
mod events;

libfuzzer_sys::fuzz_target!(|data| events::check(data));
