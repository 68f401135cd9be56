//! What networks and processes do, done to services behind the proxy while they are called: races, kills, black holes,
//! resets, silence, restarts.
//!
//! Real processes, in other languages, and the kernel's own firewall. Services write down what they acted upon, so that
//! what a caller was told can be held against what happened. What is missing on this machine is skipped aloud, never
//! passed.

mod bed;
mod client;
mod connect;
mod fallback;
mod hole;
mod kill;
mod ledger;
mod load;
mod namespace;
mod pool;
mod race;
mod report;
mod reset;
mod rolling;
mod silence;
mod silent;
mod tally;
mod tools;

use crate::error::Error;
use crate::workspace;
use bed::Bed;
use report::Report;
use std::path::{Path, PathBuf};

/// Options of the faults.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only these scenarios, with commas between them
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Scenario>,
    /// End with 0 although something was skipped
    #[arg(long)]
    allow_skips: bool,
    /// An `ondol` that is built already, instead of building one
    #[arg(long, value_name = "FILE", value_parser = crate::workspace::program)]
    ondol: Option<PathBuf>,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Scenario {
    /// A server closes idle connections at the moment of their reuse
    Race,
    /// One of three instances is killed under load
    Kill,
    /// An address that answers no connect
    Connect,
    /// A network that loses everything amid a connection
    Hole,
    /// Connections that are reset under load
    Reset,
    /// A service that accepts and never answers
    Silent,
    /// How many connections many requests open
    Pool,
    /// A rolling restart of a service of HTTP/2
    Http2,
    /// A rolling restart of a service of gRPC
    Grpc,
    /// A service that is gone, and what answers in its place
    Fallback,
}

/// Runs it.
///
/// # Errors
/// If it could not be run, something did not hold, or something was skipped without leave.
pub(crate) fn run(root: &Path, options: &Options) -> Result<(), Error> {
    let ondol = options.ondol.as_deref().map_or_else(|| built(root), |path| Ok(path.to_owned()))?;
    let report = Report::new();
    workspace::directory("ondol-faults-", |directory| {
        let bed = Bed { peers: root.join("xtask/peers/faults"), ondol, directory: directory.to_owned() };
        for scenario in Scenario::ALL {
            if options.only.is_empty() || options.only.contains(&scenario) {
                report.heading(scenario.title());
                match tools::node().and_then(|()| scenario.run(root, &bed, &report)) {
                    Ok(()) => {}
                    Err(Error::Skipped(why)) => report.skipped(&why),
                    // The others have something to say, whatever became of this one.
                    Err(error) => report.row(false, "it could be played to its end", &error.to_string()),
                }
            }
        }
        report.end(options.allow_skips)
    })
}

fn built(root: &Path) -> Result<PathBuf, Error> {
    let built = workspace::build(root, &["-p", "ondol"])?;
    built.get("ondol").cloned().ok_or_else(|| Error::program("cargo build", "it made no binary ondol"))
}

impl Scenario {
    /// In the order in which they are run.
    const ALL: [Self; 10] = [
        Self::Race,
        Self::Kill,
        Self::Connect,
        Self::Hole,
        Self::Reset,
        Self::Silent,
        Self::Pool,
        Self::Http2,
        Self::Grpc,
        Self::Fallback,
    ];

    const fn title(self) -> &'static str {
        match self {
            Self::Race => "Idle connections are closed at the moment of their reuse",
            Self::Kill => "SIGKILL to one of three instances under load",
            Self::Connect => "An address that answers no connect",
            Self::Hole => "Everything is lost amid a connection",
            Self::Reset => "Connections are reset under load",
            Self::Silent => "A service accepts and never answers",
            Self::Pool => "Many requests, few connections",
            Self::Http2 => "Rolling restart of a service of HTTP/2",
            Self::Grpc => "Rolling restart of a service of gRPC",
            Self::Fallback => "A service is gone, and something answers in its place",
        }
    }

    fn run(self, root: &Path, bed: &Bed, report: &Report) -> Result<(), Error> {
        match self {
            Self::Race => race::run(bed, report),
            Self::Kill => kill::run(bed, report),
            Self::Connect => connect::run(bed, report),
            Self::Hole => hole::run(bed, report),
            Self::Reset => reset::run(bed, report),
            Self::Silent => silent::run(bed, report),
            Self::Pool => pool::run(bed, report),
            Self::Http2 => rolling::http2(bed, report),
            Self::Grpc => rolling::grpc(bed, &tools::python(root, &bed.peers)?, report),
            Self::Fallback => fallback::run(bed, report),
        }
    }
}
