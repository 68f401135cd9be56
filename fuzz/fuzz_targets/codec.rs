//! `cargo fuzz run codec`: see `checks/codec.rs`.
#![no_main]

#[path = "../checks/codec.rs"]
mod codec;

libfuzzer_sys::fuzz_target!(|data| codec::check(data));
