//! The `ondol` command: parse, call, print.
//!
//! No decision about a saga is made here. What is allowed, what is next and why is the server's word; this program
//! asks for it and says it in a terminal's manner.

mod args;
mod client;
mod clock;
mod command;
mod error;
mod exit;
mod output;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Cli, Manner};
use error::Error;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let manner = cli.command.manner();
    match command::run(cli.command) {
        Ok(exit) => exit.into(),
        Err(error) => {
            tell(&error, &manner);
            error.exit().into()
        }
    }
}

/// Says an error where errors are said. With `--json` a problem is passed on as it came.
fn tell(error: &Error, manner: &Manner) {
    match error {
        Error::Closed => {}
        Error::Problem(problem) if manner.json => output::note(&problem.to_json()),
        other => output::note(&other.render(&manner.server)),
    }
}
