//! One service is away for a minute while flights are booked: nothing is given up, it is not run over when it is back.
//!
//! Away in both ways there are: first nobody listens on its port (the process is gone), then nothing answers there (the
//! machine is gone). What Ondol says of it is looked at all the while; SQL proves that every booking ended as it must.

mod look;
mod silence;
mod verdict;

use crate::bookings::{self, Case, STILL_MAX, Verdict};
use crate::clock::Stopwatch;
use crate::error::Error;
use crate::print::Print;
use crate::stack::{Api, Retries, Service, Setup, Stack};
use crate::workspace;
use look::Look;
use silence::Silence;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

/// Options of the outage.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How long the flight service is away; at 120 s the sample's bookings give up, which is right and shows nothing
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(10..=90))]
    seconds: u64,
    /// How many flights to book, evenly over that time
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(20..=10_000))]
    bookings: u64,
    /// Decides what is booked; with 6 two who cannot pay are at the payment when the outage begins
    #[arg(long, default_value_t = 6)]
    seed: u64,
}

/// Bookings begin this long before the outage, so that some are amid their steps.
const BEFORE: Duration = Duration::from_secs(5);

/// Between two looks: shorter than the shortest pause between two probes, so that each is seen by itself.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Between two lines that say how it goes.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// How long the line may take to get empty when the service is back.
const DRAIN_MAX: Duration = Duration::from_mins(1);

/// What the service needs for a call when it is back: long enough to see the ramp between two looks.
const SLOW: [&str; 4] = ["--fault-slow", "1", "--fault-slow-ms", "250"];

/// What the payment needs, so that some bookings are there, and must be undone, while the flight service is away.
const PAYMENT_SLOW: [&str; 4] = ["--fault-slow", "1", "--fault-slow-ms", "2000"];

/// The service that is away.
const AWAY: Service = Service::Flight;

/// Runs the outage.
///
/// # Errors
/// If it could not be run, or something did not hold.
pub(crate) fn run(root: &Path, options: &Options) -> Result<(), Error> {
    let print = Print::for_stdout();
    workspace::directory("ondol-outage-", |directory| {
        let slow_payment =
            |service| if service == Service::Payment { arguments(&PAYMENT_SLOW) } else { Vec::new() };
        let setup = Setup {
            directory: directory.to_owned(),
            build: Vec::new(),
            service: Box::new(slow_payment),
            retries: Retries::Sample,
            instances: 1,
            telemetry: false,
            faults: None,
        };
        let mut stack = Stack::start(root, &setup)?;
        bookings::prepare(&mut stack, options.bookings)?;
        let cases: Vec<Case> =
            (0..options.bookings).map(|number| bookings::case(options.seed, number)).collect();
        let (away, back) = outage(&print, &mut stack, &cases, Duration::from_secs(options.seconds))?;
        print.heading("The end of every booking, by SQL over the five services' own files");
        Verdict::reach(stack, cases, STILL_MAX)?.print(&print);
        let before = away.last().cloned().unwrap_or_default();
        print.heading("While the flight service was away");
        print.all(&verdict::away(&away));
        print.heading("When it was back");
        print.all(&verdict::back(&before, &back));
        print.held()
    })
}

fn arguments(text: &[&str]) -> Vec<OsString> {
    text.iter().map(OsString::from).collect()
}

/// Books and breaks; what was seen while the service was away, and since its return.
fn outage(
    print: &Print,
    stack: &mut Stack,
    cases: &[Case],
    length: Duration,
) -> Result<(Vec<Look>, Vec<Look>), Error> {
    let api = stack.api();
    let pause = (BEFORE + length) / u32::try_from(cases.len()).unwrap_or(u32::MAX).max(1);
    print.heading(&format!("{} bookings, one every {} ms", cases.len(), pause.as_millis()));
    std::thread::scope(|scope| {
        let booked = scope.spawn(move || book(api, cases, pause));
        let seen = break_and_mend(print, stack, length);
        let sent = booked.join().expect("booking does not panic")?;
        print.action(&format!("all {} were accepted, by {sent} requests", cases.len()));
        seen
    })
}

/// Books all, one after the other at this pace; says how many requests it took.
fn book(mut api: Api, cases: &[Case], pause: Duration) -> Result<u32, Error> {
    let watch = Stopwatch::start();
    let mut sent = 0;
    for (number, case) in (0..).zip(cases) {
        std::thread::sleep((pause * number).saturating_sub(watch.elapsed()));
        sent += api.submit(&case.booking)?;
    }
    Ok(sent)
}

/// Lets the service go, be silent, and come back.
fn break_and_mend(
    print: &Print,
    stack: &mut Stack,
    length: Duration,
) -> Result<(Vec<Look>, Vec<Look>), Error> {
    std::thread::sleep(BEFORE);
    let mut api = stack.api();
    let unit = stack.service(AWAY);
    let address = unit.address();
    print.action(&format!("SIGKILL to flight (pid {})", unit.id().unwrap_or(0)));
    unit.kill();
    let watch = Stopwatch::start();
    let mut away = Vec::new();
    watch_until(print, &mut api, address, &watch, length / 2, &mut away)?;
    print.action("its port refuses no more: it does not answer at all, as if the machine were gone");
    let silence = Silence::at(address)?;
    watch_until(print, &mut api, address, &watch, length, &mut away)?;
    drop(silence);
    away.retain(|look| look.at >= verdict::NOTICED_AFTER);
    let unit = stack.service(AWAY);
    unit.restart(&arguments(&SLOW))?;
    print.action(&format!("flight is back (pid {}), and needs 250 ms for each call", unit.id().unwrap_or(0)));
    let mut back: Vec<Look> = Vec::new();
    while watch.elapsed() < length + DRAIN_MAX {
        let look = Look::now(&mut api, AWAY.name(), address, watch.elapsed())?;
        let drained = look.up && look.waiting == 0;
        tell_ramp(back.last(), &look);
        back.push(look);
        if drained {
            break;
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok((away, back))
}

fn watch_until(
    print: &Print,
    api: &mut Api,
    address: std::net::SocketAddr,
    watch: &Stopwatch,
    until: Duration,
    looks: &mut Vec<Look>,
) -> Result<(), Error> {
    let mut told = Stopwatch::start();
    while watch.elapsed() < until {
        let look = Look::now(api, AWAY.name(), address, watch.elapsed())?;
        if told.elapsed() >= TELL_EVERY || looks.is_empty() {
            told = Stopwatch::start();
            print.action(&format!(
                "{:>4.0} s  up: {}, {} wait, {} on their way, {} not sent so far; {}",
                look.at.as_secs_f64(),
                look.up,
                look.waiting,
                look.on_their_way(),
                look.not_sent,
                look.reason,
            ));
        }
        looks.push(look);
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(())
}

/// One line of the ramp, where something has changed.
fn tell_ramp(before: Option<&Look>, look: &Look) {
    let shown = |look: &Look| (look.let_go, look.waiting, look.reached);
    if before.map(shown) != Some(shown(look)) {
        let (let_go, waiting, reached) = shown(look);
        println!(
            "    {:>7.2} s  {let_go:>4} on their way  {waiting:>4} wait  {reached:>4} answered so far",
            look.at.as_secs_f64()
        );
    }
}
