//! The command line.

use crate::process::LEASH;
use crate::{
    bench, conform, console, demo, disk, error::Error, faults, nezha, outage, process, telemetry, test, tidy,
    torture, whys, workspace,
};
use clap::{CommandFactory as _, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;

/// Every automation of the project
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub(crate) struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Check what the compiler cannot: layering, sizes, bans, links
    Tidy,
    /// Run everything that must hold before a change is merged, as CI does
    Test,
    /// Build the console, which the binary takes in when it is built next; or more
    Console {
        #[command(subcommand)]
        what: Option<console::What>,
    },
    /// Build what is shipped: the console, then the binary with it, optimized as a whole
    Dist,
    /// Photograph every page of the console, in both themes and at two widths
    Screenshots {
        /// Where they go
        #[arg(long, value_name = "FOLDER", default_value = "target/screenshots")]
        into: PathBuf,
    },
    /// Book flights over five services, break things, and prove by SQL that nothing is inconsistent
    Demo(demo::Options),
    /// Book thousands of flights while services and Ondol are killed at the worst moments
    Torture(torture::Options),
    /// Keep one service away for a minute while flights are booked, and see how Ondol holds back and returns
    Outage(outage::Options),
    /// Fill Ondol's disk and have its syncs fail, and see what is refused, what goes on, and that nothing is lost
    Disk(disk::Options),
    /// Compare calls through the proxy with calls without it, byte for byte, with other people's programs
    Conform(conform::Options),
    /// Do to services what networks and processes do, while they are called through the proxy
    Faults(faults::Options),
    /// Make bookings fail in every way there is, and see that `ondol why` names service, step, stage and reason
    Whys(whys::Options),
    /// Send a day of somebody else's traces and logs, and compare what comes back with their rows
    ReplayNezha(nezha::Options),
    /// Take telemetry from OpenTelemetry's SDKs and from senders that are wrong, over kills, full disks and damaged files
    Telemetry(telemetry::Options),
    /// Measure, beside a reference in the same run
    Bench {
        #[command(subcommand)]
        what: bench::What,
    },
    /// Become a program that the kernel ends with its parent
    #[command(name = LEASH, hide = true)]
    Leash {
        /// The program, then its arguments.
        program: PathBuf,
        /// Passed on.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

impl Cli {
    /// Does it.
    ///
    /// # Errors
    /// If it could not be done, or what it checks does not hold.
    pub(crate) fn run(self) -> Result<(), Error> {
        let root = workspace::root();
        match self.verb {
            Verb::Tidy => tidy::run(&root),
            Verb::Test => test::run(&root),
            Verb::Console { what } => console::run(&root, what.as_ref()),
            Verb::Dist => console::dist(&root),
            Verb::Screenshots { into } => console::screenshots(&root, &root.join(into)),
            Verb::Demo(options) => demo::run(&root, &options),
            Verb::Torture(options) => torture::run(&root, &options),
            Verb::Outage(options) => outage::run(&root, &options),
            Verb::Disk(options) => disk::run(&root, &options),
            Verb::Conform(options) => conform::run(&root, &options),
            Verb::Faults(options) => faults::run(&root, &options),
            Verb::Whys(options) => whys::run(&root, &options),
            Verb::ReplayNezha(options) => nezha::run(&root, &options),
            Verb::Telemetry(options) => telemetry::run(&root, &options),
            Verb::Bench { what } => bench::run(&root, &what),
            Verb::Leash { program, arguments } => Err(process::leash(&program, &arguments)),
        }
    }
}

/// The verbs that a reader may be told to type.
pub(crate) fn verbs() -> Vec<String> {
    let command = Cli::command();
    command
        .get_subcommands()
        .filter(|verb| !verb.is_hide_set())
        .map(|verb| verb.get_name().to_owned())
        .collect()
}
