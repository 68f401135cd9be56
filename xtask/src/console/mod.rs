//! The console: built for the binary, driven in a browser, photographed.

mod browse;
mod build;
mod stage;

use crate::error::Error;
use crate::print::Print;
use crate::workspace;
use std::path::Path;

pub(crate) use browse::{needs, playwright, screenshots, test};
pub(crate) use build::{build, built, dist, units};

/// What to do with the console.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum What {
    /// Start the airline with sagas in every state, and stay up: for work on the console
    Stage(stage::Options),
    /// Drive it in Chromium, as CI does
    Test {
        /// Only what has this in its name
        #[arg(long, value_name = "TEXT")]
        only: Option<String>,
    },
}

/// Does it; builds the console where nothing else is said.
///
/// # Errors
/// If it cannot be done.
pub(crate) fn run(root: &Path, what: Option<&What>) -> Result<(), Error> {
    match what {
        None => build::build(root),
        Some(What::Test { only }) => browse::test(root, only.as_deref()),
        Some(What::Stage(options)) => workspace::directory("ondol-stage-", |directory| {
            stage::stay(&Print::for_stdout(), root, directory, options)
        }),
    }
}
