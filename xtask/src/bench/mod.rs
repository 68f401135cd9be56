//! Measurements, each beside its reference in the same run: `cargo xtask bench WHAT`.
//!
//! It prints tables for `docs/benchmarks.md`. It is not a test: nothing fails because a machine is slow. Only the proxy,
//! telemetry and the console have targets.

mod bed;
mod console;
mod proxy;
mod recovery;
mod saga;
mod telemetry;
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
    /// Calls through the proxy beside nginx and haproxy: CPU of each, added latency, memory
    Proxy(proxy::Options),
    /// A million spans and a million log records: CPU, disk, memory, and how fast questions are answered
    Telemetry(telemetry::Options),
    /// How soon the console's pages are there with 100,000 sagas and a million spans
    Console(console::Options),
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
/// If something cannot be built or started, an operation fails that must not, or a target is missed.
pub(crate) fn run(root: &Path, what: &What) -> Result<(), Error> {
    match what {
        What::Saga { seconds } => saga::run(root, *seconds),
        What::Timers { sagas, input_bytes } => timers::run(root, *sagas, *input_bytes),
        What::Proxy(options) => proxy::run(root, options),
        What::Telemetry(options) => telemetry::run(root, options),
        What::Console(options) => console::run(root, options),
        What::Recovery { sagas } => recovery::run(root, *sagas),
    }
}
