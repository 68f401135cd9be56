//! Thousands of bookings, while everything is killed at the worst moments; then SQL over the services' own files.
//!
//! Every accepted booking must end as its input says, nothing may need a person, and each user must have been told
//! one outcome, the true one. The seed decides what is booked, which faults the services make and which deaths Ondol
//! dies; the machine decides what meets what, so a run is repeated in kind, not to the letter.

mod deaths;
mod keeper;
mod load;
mod verdict;

use crate::bookings::{self, STILL_MAX, Verdict};
use crate::clock::Stopwatch;
use crate::error::Error;
use crate::stack::{Retries, Service, Setup, Stack};
use crate::workspace;
use clap::ValueEnum;
use deaths::Toll;
use keeper::{Keeper, Kills};
use load::{CLIENTS, Load};
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;
use verdict::{Run, judged};

/// Options of the torture.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many flights to book; below 5,000 the deaths are fewer in proportion
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    bookings: u64,
    /// Decides bookings, faults and deaths; taken from the process id where it is left out
    #[arg(long)]
    seed: Option<u64>,
    /// `off`: services without the barrier, to see that the audit finds what it prevents; ends with status 1
    #[arg(long, value_enum, default_value = "on")]
    barrier: Barrier,
    /// Build with optimization, which takes minutes the first time; a debug build is as correct and a few times slower
    #[arg(long)]
    release: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Barrier {
    On,
    Off,
}

/// Processes of each service: one of them may die while the other goes on.
const INSTANCES: usize = 2;

/// What Ondol's own calls meet on purpose, beside what the services do by themselves.
const FAULTS: &str = "[{ share: 1%, lose_answer: true }, { share: 1%, status: 503 }, { share: 1%, status: 429 }, \
     { share: 0.5%, kind: reset, at_byte: 5 }, { share: 0.05%, kind: stall }, \
     { share: 2%, latency: 20ms, jitter: 80ms }]";

/// How long nothing may change without barriers, where bookings may hang for good.
const STILL_MAX_UNGUARDED: Duration = Duration::from_secs(30);

/// Runs the torture.
///
/// # Errors
/// If it could not be run, or something did not hold.
pub(crate) fn run(root: &Path, options: &Options) -> Result<(), Error> {
    let seed = options.seed.unwrap_or_else(|| u64::from(std::process::id()));
    println!("seed {seed}");
    workspace::directory("ondol-torture-", |directory| {
        let mut build = vec!["--features", "ondol/torture"];
        build.extend(options.release.then_some("--release"));
        let setup = Setup {
            directory: directory.to_owned(),
            build,
            service: Box::new(arguments(seed, options.barrier)),
            retries: Retries::Patient,
            instances: INSTANCES,
            telemetry: false,
            faults: Some(FAULTS),
        };
        let mut stack = Stack::start(root, &setup)?;
        bookings::prepare(&mut stack, options.bookings)?;
        let toll = Toll::of(options.bookings);
        let (kills, run) = storm(&mut stack, seed, options.bookings, toll)?;
        let cases = (0..options.bookings).map(|number| bookings::case(seed, number)).collect();
        let patience = if options.barrier == Barrier::On { STILL_MAX } else { STILL_MAX_UNGUARDED };
        let verdict = Verdict::reach(stack, cases, patience)?;
        judged(&verdict, &run, &kills, toll);
        let why = match (verdict.held(), options.barrier) {
            (true, _) if kills.reach(toll) => return Ok(()),
            (true, _) => "too few were killed",
            (false, Barrier::On) => "it did not hold",
            (false, Barrier::Off) => "it did not hold, which is what the barrier is for",
        };
        Err(Error::Failed(format!("{why}; repeat with --seed {seed}")))
    })
}

/// What each service is started with, besides its address.
fn arguments(seed: u64, barrier: Barrier) -> impl Fn(Service) -> Vec<OsString> {
    move |service| {
        let barrier = match barrier {
            Barrier::On => "on",
            Barrier::Off => "off",
        };
        // Processes die here, the machine does not: the cheaper commit loses nothing.
        let mut text = format!("--barrier {barrier} --synchronous normal --log error --fault-seed {seed}");
        text += match service {
            // A notice that fails twice waits five minutes, by its schedule: faults are rarer here.
            Service::Inbox => {
                " --fault-slow 0.02 --fault-slow-ms 50 --fault-drop-answer 0.002 --fault-duplicate 0.01 --fault-die 0.0002"
            }
            Service::Auth | Service::Flight | Service::Reservation | Service::Payment => {
                " --fault-slow 0.05 --fault-slow-ms 100 --fault-refuse 0.01 --fault-lose 0.01 --fault-drop-answer 0.02 \
                 --fault-duplicate 0.02 --fault-duplicate-ms 200 --fault-die 0.0005"
            }
        };
        text.split_whitespace().map(OsString::from).collect()
    }
}

/// Load and deaths, at the same time.
fn storm(stack: &mut Stack, seed: u64, bookings: u64, toll: Toll) -> Result<(Kills, Run), Error> {
    let load = Load::new(seed, bookings);
    let watch = Stopwatch::start();
    let apis: Vec<_> = (0..CLIENTS).map(|_| stack.api()).collect();
    let share = toll.share(bookings);
    let lives = deaths::plan(seed, toll, share);
    println!("{bookings} bookings by {CLIENTS} clients; Ondol dies {} times", lives.len());
    let kills = std::thread::scope(|scope| {
        for api in apis {
            scope.spawn(|| load.book(api));
        }
        let kills = Keeper::new(stack, &load).keep(lives, bookings, share);
        load.stop();
        kills
    })?;
    Ok((
        kills,
        Run { storm: watch.elapsed(), accepted: load.accepted(), repeated: load.repeated(), ended: watch },
    ))
}
