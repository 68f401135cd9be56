//! Telemetry as other people's programs send it, and as nobody should: `cargo xtask telemetry`.
//!
//! OpenTelemetry's SDKs deliver unchanged; what was acknowledged is found again over SIGKILL; a full disk, damaged files and
//! bad input give clear errors or counted rejections, and sagas go on meanwhile. What is missing on this machine is
//! skipped aloud, never passed.

mod bad;
mod body;
mod damage;
mod disk;
mod kill;
mod sagas;
mod sdks;
mod seen;
mod tools;

use crate::error::Error;
use crate::nezha::Archive;
use crate::print::Print;
use crate::workspace;
use std::path::{Path, PathBuf};

/// Options.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only these parts, with commas between them
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// End with 0 although something was skipped
    #[arg(long)]
    allow_skips: bool,
    #[command(flatten)]
    archive: Archive,
    /// An `ondol` that is built already, instead of building one
    #[arg(long, value_name = "FILE", value_parser = crate::workspace::program)]
    ondol: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// OpenTelemetry's SDKs
    Sdks,
    /// Input that nobody should send
    Bad,
    /// Files that are damaged
    Damage,
    /// A disk that gets full; needs to mount one, so root
    Disk,
    /// SIGKILL in the middle of a million records
    Kill,
}

/// The programs of ours that the parts need.
struct Programs {
    ondol: PathBuf,
    telemetry: PathBuf,
    noop: PathBuf,
}

/// Runs the parts.
///
/// # Errors
/// If one could not be run, something did not hold, or something was skipped without leave.
pub(crate) fn run(root: &Path, options: &Options) -> Result<(), Error> {
    let (ondol, telemetry) = workspace::pair(root, options.ondol.as_deref(), "telemetry")?;
    let programs = Programs { ondol, noop: telemetry.with_file_name("noop"), telemetry };
    let print = Print::for_stdout();
    let mut skips = 0;
    let all = [Part::Sdks, Part::Bad, Part::Damage, Part::Disk, Part::Kill];
    for part in all.into_iter().filter(|part| options.only.is_empty() || options.only.contains(part)) {
        let run = |directory: &Path| match part {
            Part::Sdks => sdks::run(root, &print, &programs, directory),
            Part::Bad => bad::run(&print, &programs, directory),
            Part::Damage => damage::run(root, &print, &programs, &options.archive, directory),
            Part::Disk => disk::run(root, &print, &programs, &options.archive, directory),
            Part::Kill => kill::run(root, &print, &programs, &options.archive, directory),
        };
        match workspace::directory("ondol-telemetry-", run) {
            Err(Error::Skipped(why)) => {
                skips += 1;
                println!("  SKIPPED {why}");
            }
            Err(Error::Failed(why)) => print.check(false, &why),
            result => result?,
        }
    }
    print.held()?;
    if skips > 0 && !options.allow_skips {
        let why = format!("{skips} parts, which show nothing; see above, or give --allow-skips");
        return Err(Error::Skipped(why));
    }
    Ok(())
}
