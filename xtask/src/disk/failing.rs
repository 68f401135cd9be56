//! Syncs that fail while bookings go on: nothing is acknowledged that is not durable, nobody waits in vain, and when the
//! disk works again Ondol goes on by itself.

use super::injection::{self, Injection, When};
use super::{ANSWER_WITHIN, setup, told};
use crate::bookings::{self, Case, STILL_MAX, Verdict};
use crate::clock::{Stopwatch, wait_for};
use crate::error::Error;
use crate::print::Print;
use crate::stack::{Api, Stack};
use crate::workspace;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Bookings; more than can be accepted before the syncs work for good.
const BOOKINGS: u64 = 800;

/// Clients that book at the same time.
const CLIENTS: usize = 8;

/// Each client's pause after a booking, and before the same is sent again.
const PAUSE: Duration = Duration::from_millis(250);

/// What the disk does, one after the other: all syncs fail, or some, for so long; then all work.
const FAULTS: [(&str, When, Duration); 3] = [
    ("every sync", When::Always, Duration::from_secs(8)),
    ("each thread's every 60th sync", When::OneIn(60), Duration::from_secs(8)),
    ("every sync", When::Always, Duration::from_secs(2)),
];

/// What was durable when the faults began is acknowledged within this.
const SETTLES: Duration = Duration::from_millis(500);

/// How long the syncs work in between.
const CALM: Duration = Duration::from_secs(3);

/// How soon after the syncs work again bookings must be accepted.
const ACCEPTS_WITHIN: Duration = Duration::from_secs(10);

/// How long the rest of the bookings may take.
const REST_MAX: Duration = Duration::from_mins(3);

/// Plays it.
///
/// # Errors
/// If it cannot be run, or something did not hold.
pub(super) fn run(root: &Path, print: &Print, seed: u64) -> Result<(), Error> {
    injection::available()?;
    workspace::directory("ondol-sync-", |directory| {
        let mut stack = Stack::start(root, &setup(directory))?;
        bookings::prepare(&mut stack, BOOKINGS)?;
        let cases: Vec<Case> = (0..BOOKINGS).map(|number| bookings::case(seed, number)).collect();
        print.heading(&format!("Syncs that fail, while {CLIENTS} clients book {BOOKINGS} flights"));
        let desk = Desk::default();
        std::thread::scope(|scope| {
            for _ in 0..CLIENTS {
                let api = stack.api().patient(ANSWER_WITHIN);
                scope.spawn(|| desk.book(api, &cases));
            }
            let broken = break_and_mend(print, &mut stack, &desk, directory);
            if broken.is_err() {
                desk.stopped.store(true, Ordering::Relaxed);
            }
            broken
        })?;
        desk.judged(print);
        let mut api = stack.api();
        let followed =
            wait_for(ACCEPTS_WITHIN, || api.status().ok().filter(|status| status["log"]["view_lag"] == 0));
        print.check(followed.is_some(), "lists have followed to the end");
        Verdict::reach(stack, cases, STILL_MAX)?.print(print);
        print.held()
    })
}

fn break_and_mend(print: &Print, stack: &mut Stack, desk: &Desk, directory: &Path) -> Result<(), Error> {
    let pid = stack.ondol.id().unwrap_or(0);
    let mut api = stack.api().patient(ANSWER_WITHIN);
    for (what, when, length) in FAULTS {
        std::thread::sleep(CALM);
        let unknown = desk.count(UNKNOWN);
        let injection = Injection::begin(pid, when, directory)?;
        std::thread::sleep(SETTLES);
        let accepted = desk.accepted();
        std::thread::sleep(length);
        let during = desk.accepted() - accepted;
        let answers = [api.status().is_ok(), api.metrics().is_ok()];
        let failed = injection.end();
        print.check(
            failed > 0 && (during == 0 || matches!(when, When::OneIn(_))),
            &format!(
                "{what} fails for {} s: {failed} failed, {during} were accepted meanwhile, {} were told {UNKNOWN}",
                length.as_secs(),
                desk.count(UNKNOWN) - unknown
            ),
        );
        print.check(
            answers == [true; 2],
            &format!("/v1/status and /metrics answer meanwhile, within {ANSWER_WITHIN:?}: {answers:?}"),
        );
        let (watch, accepted) = (Stopwatch::start(), desk.accepted());
        let again = wait_for(ACCEPTS_WITHIN, || (desk.accepted() > accepted || desk.done()).then_some(()));
        print.check(
            again.is_some() && stack.ondol.alive(),
            &format!(
                "syncs work again: a booking is accepted after {} ms, by the same process",
                watch.elapsed().as_millis()
            ),
        );
    }
    let reopened = api.metrics()?.sample("ondol_log_reopened_total");
    print.check(reopened > 0, &format!("ondol_log_reopened_total is {reopened}"));
    wait_for(REST_MAX, || desk.done().then_some(()))
        .ok_or_else(|| Error::Failed(format!("only {} of {BOOKINGS} are accepted", desk.accepted())))
}

/// The answer that promises nothing.
const UNKNOWN: &str = "503 outcome_unknown";

/// Answers of a server that is not at fault and says what to do: accepted, accepted before, unknown, not yet.
const CLEAR: [&str; 5] = ["201", "200", UNKNOWN, "503 not_ready", "429 overloaded"];

/// Where the clients book, each booking until it is accepted, and what they were answered.
#[derive(Default)]
struct Desk {
    next: AtomicUsize,
    accepted: AtomicUsize,
    stopped: AtomicBool,
    answers: Mutex<BTreeMap<String, usize>>,
    /// Of those that were told that nobody knows: those that had been accepted, and those that had not.
    unknown: [AtomicUsize; 2],
}

impl Desk {
    fn book(&self, mut api: Api, cases: &[Case]) {
        while let Some(case) = cases.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let mut unknown = false;
            while !self.stopped.load(Ordering::Relaxed) {
                let answer = told(api.try_submit(&case.booking));
                self.note(&answer);
                unknown |= answer == UNKNOWN;
                let accepted = answer == "200" || answer == "201";
                if accepted {
                    self.accepted.fetch_add(1, Ordering::Relaxed);
                    if unknown {
                        self.unknown[usize::from(answer == "201")].fetch_add(1, Ordering::Relaxed);
                    }
                }
                std::thread::sleep(PAUSE);
                if accepted {
                    break;
                }
            }
        }
    }

    fn note(&self, answer: &str) {
        if let Ok(mut answers) = self.answers.lock() {
            *answers.entry(answer.to_owned()).or_default() += 1;
        }
    }

    fn count(&self, answer: &str) -> usize {
        self.answers.lock().map_or(0, |answers| answers.get(answer).copied().unwrap_or(0))
    }

    fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }

    fn done(&self) -> bool {
        self.accepted() as u64 == BOOKINGS
    }

    fn judged(&self, print: &Print) {
        let answers = self.answers.lock().map(|answers| answers.clone()).unwrap_or_default();
        for (answer, count) in &answers {
            print.check(CLEAR.contains(&answer.as_str()), &format!("{count:>5} × {answer}"));
        }
        let [before, not_before] = &self.unknown;
        print.check(
            self.count(UNKNOWN) > 0,
            &format!(
                "of those that were told {UNKNOWN} and asked again with the same id, {} had been accepted and {} had not",
                before.load(Ordering::Relaxed),
                not_before.load(Ordering::Relaxed)
            ),
        );
    }
}
