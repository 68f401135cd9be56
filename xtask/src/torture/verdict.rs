//! After the storm: wait until every user was told, let everything rest, and judge by SQL.

use super::bookings::{End, case, first};
use super::deaths::{Point, Toll};
use super::keeper::Kills;
use crate::clock::Stopwatch;
use crate::error::Error;
use crate::stack::{Service, Stack};
use airline::audit::{Accepted, Counts, Report, audit};
use std::time::Duration;

/// How long nothing may change before we stop waiting: a notice that failed twice is sent again after five minutes.
const STILL_MAX: Duration = Duration::from_secs(330);

/// The same without barriers, where bookings may hang for good.
const STILL_MAX_UNGUARDED: Duration = Duration::from_secs(30);

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Longest late duplicate of a request; after it nothing moves any more.
const AFTERMATH: Duration = Duration::from_secs(1);

/// Stuck sagas that are named.
const NAMED_MAX: usize = 20;

/// How the storm went.
pub(super) struct Run {
    /// How long it took to have everything accepted.
    pub(super) storm: Duration,
    pub(super) accepted: u64,
    pub(super) repeated: u64,
    /// Since it began.
    pub(super) ended: Stopwatch,
}

/// What was found.
pub(super) struct Verdict {
    report: Report,
    accepted: u64,
    /// Of pairs that want one seat: each must have one winner.
    contested: u64,
    /// Bookings that must complete.
    sure: u64,
    /// Not at an end, by Ondol's word.
    open: Vec<String>,
    /// Programs that did not end well on SIGTERM.
    ends: Vec<String>,
}

impl Verdict {
    /// Waits, stops everything and audits the files.
    ///
    /// # Errors
    /// If the files cannot be read or Ondol does not answer.
    pub(super) fn reach(mut stack: Stack, seed: u64, bookings: u64, guarded: bool) -> Result<Self, Error> {
        for service in Service::ALL {
            stack.service(service).client().must("DELETE", "/faults", None)?;
        }
        let cases = || (0..bookings).map(|number| case(seed, number)).chain([first()]);
        let accepted: Vec<Accepted> =
            cases().map(|case| Accepted { saga: case.booking.id, expected: case.end.expected() }).collect();
        let count = |wanted: End| cases().filter(|case| case.end == wanted).count() as u64;
        wait_until_told(
            &mut stack,
            accepted.len() as u64,
            if guarded { STILL_MAX } else { STILL_MAX_UNGUARDED },
        )?;
        std::thread::sleep(AFTERMATH);
        let mut api = stack.api();
        let mut open = Vec::new();
        for status in ["running", "compensating", "parked"] {
            open.extend(api.list(status, NAMED_MAX)?.into_iter().map(|id| format!("{id} is {status}")));
        }
        let ends = rest(&mut stack);
        let report = audit(&stack.stores(), Some(&accepted))?;
        let (contested, sure) = (count(End::Contested), count(End::Completed));
        Ok(Self { report, accepted: accepted.len() as u64, contested, sure, open, ends })
    }

    /// Does everything hold?
    pub(super) fn held(&self) -> bool {
        self.report.violations.is_empty() && self.findings().is_empty()
    }

    /// What is wrong, beyond single rows.
    fn findings(&self) -> Vec<String> {
        let Counts { completed, compensated, parked, .. } = self.report.counts;
        let number = |count: i64| u64::try_from(count).unwrap_or_default();
        let mut found = Vec::new();
        if number(completed + compensated) != self.accepted {
            found.push(format!(
                "{} were accepted, {completed} completed and {compensated} undone",
                self.accepted
            ));
        }
        let due = self.sure + self.contested / 2;
        // An odd number of bookings leaves the last one without a rival: it may only complete.
        if number(completed) != due + self.contested % 2 {
            found.push(format!(
                "{completed} completed where {due} must: each seat that two wanted has one winner"
            ));
        }
        if parked > 0 {
            found.push(format!("{parked} users were told to wait for a person"));
        }
        found.extend(self.open.iter().chain(&self.ends).cloned());
        found
    }

    /// Tells everything.
    pub(super) fn print(&self, run: &Run, kills: &Kills, toll: Toll) {
        let Counts {
            confirmed,
            seats,
            charges,
            charged,
            balance,
            seeded,
            completed,
            compensated,
            parked,
            ..
        } = self.report.counts;
        let rate = run.accepted as f64 / run.storm.as_secs_f64();
        println!(
            "\n{} bookings accepted in {} s ({rate:.0}/s through the storm)",
            run.accepted,
            run.storm.as_secs()
        );
        println!(
            "{} requests were repeated; all at rest after {} s",
            run.repeated,
            run.ended.elapsed().as_secs()
        );
        println!("{completed} completed, {compensated} undone, {parked} parked");
        println!(
            "{confirmed} reservations confirmed, {seats} seats held, {charges} charges; {seeded} = {balance} left + {charged} charged"
        );
        let mut back = kills.back_after.clone();
        back.sort();
        if let (Some(half), Some(longest)) = (back.get(back.len() / 2), back.last()) {
            println!(
                "Ondol was up again after {} ms (median), {} ms (longest)",
                half.as_millis(),
                longest.as_millis()
            );
        }
        println!("\nkills                       done  planned");
        let line = |name: &str, done: u64, planned: u64| println!("  {name:<24} {done:>5}  {planned:>7}");
        line("Ondol, at random", kills.random, toll.random);
        for point in Point::ALL {
            line(
                &format!("Ondol, {}", point.name()),
                kills.at.get(&point).copied().unwrap_or_default(),
                toll.each_point,
            );
        }
        line("services, at random", kills.services, toll.services);
        line("services, after a commit", kills.suicides, 0);
        println!();
        for violation in self.report.violations.iter().chain(&self.findings()) {
            println!("✘ {violation}");
        }
        match (self.held(), kills.reach(toll)) {
            (true, true) => println!("✔ every booking ended as it must; SQL finds no inconsistency"),
            (true, false) => println!("✘ it held, but fewer were killed than planned"),
            (false, _) => println!("✘ it did not hold"),
        }
    }
}

/// Until each user was told a final outcome, or nothing has changed for too long.
fn wait_until_told(stack: &mut Stack, accepted: u64, still_max: Duration) -> Result<(), Error> {
    let mut still = Stopwatch::start();
    let mut last = Counts::default();
    loop {
        for service in Service::ALL {
            if !stack.service(service).alive() {
                stack.service(service).restart(&[])?;
            }
        }
        let counts = audit(&stack.stores(), None)?.counts;
        let told = u64::try_from(counts.completed + counts.compensated).unwrap_or_default();
        if told >= accepted {
            return Ok(());
        }
        if counts != last {
            println!("  {told} of {accepted} users were told how it ended");
            (still, last) = (Stopwatch::start(), counts);
        } else if still.elapsed() > still_max {
            return Ok(());
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Ends everything by SIGTERM; what does not end well is a finding.
fn rest(stack: &mut Stack) -> Vec<String> {
    let mut ends = vec![stack.ondol.terminate()];
    ends.extend(stack.services().map(crate::stack::Unit::terminate));
    ends.into_iter().filter_map(Result::err).map(|error| error.to_string()).collect()
}
