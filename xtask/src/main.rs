//! Every automation of the project, one Rust program: `cargo xtask VERB`.
//!
//! `tidy` and `test` are what a change must pass; `demo` shows the product; `torture` tries to break it. There are no
//! shell scripts beyond `.ci/run`. It is no part of the product: nothing here is shipped.

mod bench;
mod bookings;
mod cli;
mod clock;
mod conform;
mod console;
mod demo;
mod disk;
mod error;
mod faults;
mod http;
mod install;
mod nezha;
mod outage;
mod packages;
mod print;
mod process;
mod receiver;
mod stack;
mod telemetry;
mod test;
mod tidy;
mod torture;
mod whys;
mod workspace;

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
