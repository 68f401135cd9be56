//! `cargo fuzz run expression`: see `checks/expression.rs`.
#![no_main]

#[path = "../checks/expression.rs"]
mod expression;

libfuzzer_sys::fuzz_target!(init: ondol_fuzz::let_caught_panics_pass(), |data| expression::check(data));
