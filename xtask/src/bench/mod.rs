//! Measurements, each beside its reference in the same run: `cargo xtask bench WHAT`.
//!
//! It prints tables for `docs/benchmarks.md`. It is not a test: nothing fails because a machine is slow.

mod bed;
mod recovery;
mod saga;
mod timers;

use crate::error::Error;
use clap::Subcommand;
use std::path::Path;

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Three-step sagas beside the same calls without a coordinator, a raw append+fsync log, and the store alone
    Saga {
        /// Counted seconds of each measurement
        #[arg(long, default_value_t = 8.0)]
        seconds: f64,
    },
    /// Many sagas with large inputs that wait on a timer: memory of each
    Timers {
        /// How many
        #[arg(long, default_value_t = 1_000_000)]
        sagas: u64,
        /// Bytes of each input
        #[arg(long, default_value_t = 65_536)]
        input_bytes: usize,
    },
    /// Open sagas read back after SIGKILL, and a dead target that comes back
    Recovery {
        /// How many
        #[arg(long, default_value_t = 100_000)]
        sagas: u64,
    },
}

/// Does it.
///
/// # Errors
/// If something cannot be built or started, or an operation fails that must not.
pub(crate) fn run(root: &Path, what: &What) -> Result<(), Error> {
    match *what {
        What::Saga { seconds } => saga::run(root, seconds),
        What::Timers { sagas, input_bytes } => timers::run(root, sagas, input_bytes),
        What::Recovery { sagas } => recovery::run(root, sagas),
    }
}
