//! `cargo fuzz run json`: see `checks/json.rs` and `checks/answer.rs`.
#![no_main]

#[path = "../checks/answer.rs"]
mod answer;
#[path = "../checks/json.rs"]
mod json;

libfuzzer_sys::fuzz_target!(init: ondol_fuzz::let_caught_panics_pass(), |data| {
    json::check(data);
    answer::check(data);
});
