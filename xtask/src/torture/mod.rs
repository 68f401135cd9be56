//! Thousands of bookings, while everything is killed at the worst moments; then SQL over the services' own files.
//!
//! Every accepted booking must end as its input says, nothing may need a person, and each user must have been told
//! one outcome, the true one. The seed decides what is booked, which faults the services make and which deaths Ondol
//! dies; the machine decides what meets what, so a run is repeated in kind, not to the letter.

mod bookings;
mod chance;
mod deaths;
mod keeper;
mod load;
mod verdict;

use crate::clock::{Stopwatch, wait_for};
use crate::error::Error;
use crate::stack::{Retries, Service, Setup, Stack};
use clap::ValueEnum;
use deaths::Toll;
use keeper::{Keeper, Kills};
use load::{CLIENTS, Load};
use serde_json::json;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;
use verdict::{Run, Verdict};

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

/// How long the first booking may take: nothing is killed yet.
const FIRST_MAX: Duration = Duration::from_secs(30);

/// Runs the torture.
///
/// # Errors
/// If it could not be run, or something did not hold.
pub(crate) fn run(root: &Path, options: &Options) -> Result<(), Error> {
    let seed = options.seed.unwrap_or_else(|| u64::from(std::process::id()));
    let directory = tempfile::Builder::new().prefix("ondol-torture-").tempdir();
    let mut directory = directory.map_err(|error| Error::file("make", &std::env::temp_dir(), error))?;
    // Kept whatever happens: what failed must be looked at. Removed at the end, if all was well.
    directory.disable_cleanup(true);
    println!("seed {seed}; data, logs and the system file are in {}", directory.path().display());
    let mut build = vec!["--features", "ondol/torture"];
    build.extend(options.release.then_some("--release"));
    let setup = Setup {
        directory: directory.path().to_owned(),
        build,
        service: Box::new(arguments(seed, options.barrier)),
        retries: Retries::Patient,
    };
    let mut stack = Stack::start(root, &setup)?;
    prepare(&mut stack, options.bookings)?;
    let toll = Toll::of(options.bookings);
    let (kills, run) = storm(&mut stack, seed, options.bookings, toll)?;
    let verdict = Verdict::reach(stack, seed, options.bookings, options.barrier == Barrier::On)?;
    verdict.print(&run, &kills, toll);
    if verdict.held() && kills.reach(toll) {
        directory.disable_cleanup(false);
        return Ok(());
    }
    let why = match (verdict.held(), options.barrier) {
        (true, _) => "too few were killed",
        (false, Barrier::On) => "it did not hold",
        (false, Barrier::Off) => "it did not hold, which is what the barrier is for",
    };
    let kept = directory.path().display();
    Err(Error::Failed(format!("{why}; repeat with --seed {seed}; data and logs are kept in {kept}")))
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

/// Flights, accounts, and the first booking, which sells the seat that others will want.
fn prepare(stack: &mut Stack, bookings: u64) -> Result<(), Error> {
    let mut flight = stack.service(Service::Flight).client();
    for number in 0..=bookings / bookings::SEATS {
        let seats = json!({ "seats": bookings::SEATS + 1, "price": bookings::PRICE });
        flight.must("PUT", &format!("/flights/{}", bookings::flight(number)), Some(&seats))?;
    }
    let mut payment = stack.service(Service::Payment).client();
    for number in 1..=bookings::RICH + bookings::POOR {
        let balance = if number > bookings::RICH { 0 } else { bookings::BALANCE };
        payment.must("PUT", &format!("/accounts/user-{number}"), Some(&json!({ "balance": balance })))?;
    }
    let mut api = stack.api();
    let first = bookings::first().booking;
    api.submit(&first)?;
    let ended = wait_for(FIRST_MAX, || api.saga(&first.id).ok().filter(|saga| saga["status"] == "completed"));
    ended
        .map(drop)
        .ok_or_else(|| Error::Failed(format!("the first booking did not complete in {FIRST_MAX:?}")))
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
