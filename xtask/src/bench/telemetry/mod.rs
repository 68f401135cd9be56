//! A million spans and a million log records through OTLP/gRPC to Parquet, with the server on one core and the sender on
//! another; what they take on disk, how fast questions are answered, and the same counts by another engine.
//!
//! The records are the Nezha day's, repeated with other ids, each repetition eight hours later. The server's CPU time
//! counts until everything is in files: writing Parquet and side-cars is part of the price.

mod aims;
mod engine;
mod run;
mod sealed;

use crate::error::Error;
use crate::nezha::Archive;
use std::path::{Path, PathBuf};

/// Options of the measurement.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    archive: Archive,
    /// Spans
    #[arg(long, default_value_t = 1_000_000)]
    spans: u64,
    /// Log records
    #[arg(long, default_value_t = 1_000_000)]
    logs: u64,
    /// An Ondol that was built elsewhere, instead of building this one
    #[arg(long, value_name = "FILE", value_parser = crate::workspace::program)]
    ondol: Option<PathBuf>,
}

/// Measures.
///
/// # Errors
/// If it cannot be run, another engine disagrees, or an aim is missed.
pub(super) fn run(root: &Path, options: &Options) -> Result<(), Error> {
    run::run(root, options)
}
