//! `cargo fuzz run yaml`: see `checks/yaml.rs`.
#![no_main]

#[path = "../checks/yaml.rs"]
mod yaml;

libfuzzer_sys::fuzz_target!(init: ondol_fuzz::let_caught_panics_pass(), |data| yaml::check(data));
