//! What the disk can do to Ondol, done to the whole server: no room, and syncs that fail.
//!
//! Fault injection in real processes. The airline's bookings are what must not be lost, and SQL over the services' own
//! files proves it. Nothing here shows a power cut: what a failed sync leaves in the memory of the kernel stays there.

mod failing;
mod full;
mod injection;
mod room;
mod scene;

pub(crate) use room::Disk;

use crate::error::Error;
use crate::http::Answer;
use crate::print::Print;
use crate::stack::{Api, Retries, Setup};
use clap::ValueEnum;
use serde_json::Value;
use std::io;
use std::path::Path;
use std::time::Duration;

/// How long a client waits for an answer; a server whose disk fails has nothing better to do than to say so.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Options of the faults of the disk.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Which fault
    #[arg(value_enum, default_value = "all")]
    fault: Fault,
    /// Decides what is booked
    #[arg(long, default_value_t = 6)]
    seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Fault {
    /// A disk that gets full; needs to mount one, so root
    Full,
    /// Syncs that fail; needs strace
    Sync,
    /// One after the other
    All,
}

/// Runs them.
///
/// # Errors
/// If one could not be run, or something did not hold.
pub(crate) fn run(root: &Path, options: &Options) -> Result<(), Error> {
    let print = Print::for_stdout();
    let full = || full::run(root, &print, options.seed);
    let sync = || failing::run(root, &print, options.seed);
    match options.fault {
        Fault::Full => full(),
        Fault::Sync => sync(),
        Fault::All => {
            // Each says what it has to say, whatever became of the other.
            let full = full();
            if let Err(error) = &full {
                println!("error: {error}");
            }
            sync().and(full)
        }
    }
}

/// The airline, whose bookings wait for as long as it takes.
fn setup(directory: &Path) -> Setup {
    Setup {
        directory: directory.to_owned(),
        build: Vec::new(),
        service: Box::new(|_| Vec::new()),
        retries: Retries::Patient,
        instances: 1,
        telemetry: false,
        faults: None,
    }
}

/// Calls that wait for a service and calls on their way to it; `None` while Ondol does not say.
fn held(api: &mut Api, service: &str) -> Option<u64> {
    let status = api.status().ok()?;
    let targets = status["targets"].as_array()?;
    let target = targets.iter().find(|target| target["name"] == service)?;
    Some(target["waiting"].as_u64()? + target["in_flight"].as_u64()?)
}

/// Has the saga ended?
fn ended(saga: &Value) -> bool {
    ["completed", "compensated"].iter().any(|end| saga["status"] == *end)
}

/// What begins the words for no answer at all.
const UNTOLD: &str = "no answer";

/// What a client was told: the status, and the code where it was refused.
fn told(answer: io::Result<Answer>) -> String {
    match answer {
        Ok(answer) => match answer.body["code"].as_str() {
            Some(code) => format!("{} {code}", answer.status),
            None => answer.status.to_string(),
        },
        Err(error) => format!("{UNTOLD} ({})", error.kind()),
    }
}
