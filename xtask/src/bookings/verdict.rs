//! Afterwards: wait until every user was told, let everything rest, and judge by SQL.

use super::{Case, End, first};
use crate::clock::Stopwatch;
use crate::error::Error;
use crate::print::Print;
use crate::stack::{Stack, Unit};
use airline::audit::{Accepted, Counts, Report, audit};
use std::time::Duration;

/// How long nothing may change before we stop waiting: a notice that failed twice is sent again after five minutes.
pub(crate) const STILL_MAX: Duration = Duration::from_secs(330);

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Longest late duplicate of a request; after it nothing moves any more.
const AFTERMATH: Duration = Duration::from_secs(1);

/// Stuck sagas that are named.
const NAMED_MAX: usize = 20;

/// What was found.
pub(crate) struct Verdict {
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
    /// Waits until nothing has changed for `still_max`, stops everything and audits the files. `cases` are those that
    /// were accepted, besides the first booking.
    ///
    /// # Errors
    /// If the files cannot be read or Ondol does not answer.
    pub(crate) fn reach(mut stack: Stack, mut cases: Vec<Case>, still_max: Duration) -> Result<Self, Error> {
        for unit in stack.services() {
            unit.client().must("DELETE", "/faults", None)?;
        }
        cases.push(first());
        let accepted: Vec<Accepted> = cases.iter().map(Case::accepted).collect();
        let count = |wanted: End| cases.iter().filter(|case| case.end == wanted).count() as u64;
        wait_until_told(&mut stack, accepted.len() as u64, still_max)?;
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
    pub(crate) fn held(&self) -> bool {
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

    /// Tells what there is in the services' files.
    pub(crate) fn print_sums(&self) {
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
        println!("{completed} completed, {compensated} undone, {parked} parked");
        println!(
            "{confirmed} reservations confirmed, {seats} seats held, {charges} charges; {seeded} = {balance} left + {charged} charged"
        );
    }

    /// Tells everything, as part of a proof.
    pub(crate) fn print(&self, print: &Print) {
        self.print_sums();
        for wrong in self.wrong() {
            print.check(false, &wrong);
        }
        print.check(self.held(), "every booking ended as its input says; none waits for a person");
    }

    /// Everything that does not hold, in sentences.
    pub(crate) fn wrong(&self) -> Vec<String> {
        self.report.violations.iter().cloned().chain(self.findings()).collect()
    }
}

/// Until each user was told a final outcome, or nothing has changed for too long.
fn wait_until_told(stack: &mut Stack, accepted: u64, still_max: Duration) -> Result<(), Error> {
    let mut still = Stopwatch::start();
    let mut last = Counts::default();
    loop {
        for unit in stack.services() {
            if !unit.alive() {
                unit.restart(&[])?;
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
    ends.extend(stack.services().map(Unit::terminate));
    ends.into_iter().filter_map(Result::err).map(|error| error.to_string()).collect()
}
