//! A server closes idle connections at the moment of their reuse, as Node.js does after five seconds: whoever sends then
//! does not know whether it was heard.

use super::bed::{Bed, Service};
use super::load::{Kind, Load, Sample};
use super::report::Report;
use super::tally::Tally;
use crate::error::Error;
use crate::stack::free;
use std::time::Duration;

/// How long the server keeps an idle connection. The shorter, the more races there are in a second.
const IDLE_MS: u16 = 60;

/// Waves against that come so much after each other, by turns: before, about and after the end of it.
const AROUND_MS: [u16; 13] = [54, 56, 57, 58, 59, 60, 61, 62, 63, 64, 66, 68, 72];
const WAVES_TIMED: usize = 130;

/// One in so many reused connections is closed as its request comes, and another one while it is idle: together fewer
/// than there may be retries, a fifth.
const SNATCHED_ONE_IN: &str = "16";

/// Waves against that, and so much after each other.
const WAVES_SNATCHED: usize = 100;
const SNATCHED_EVERY_MS: u16 = 20;

/// Callers, who all call at the same time, so that as many connections are idle for the same time. No multiple of the
/// number of kinds, so that each caller sends all.
const CALLERS: usize = 32;

/// Plays it.
///
/// # Errors
/// If it cannot be run.
pub(super) fn run(bed: &Bed, report: &Report) -> Result<(), Error> {
    let timed = AROUND_MS.into_iter().cycle().take(WAVES_TIMED);
    let idle = IDLE_MS.to_string();
    against(bed, report, ("race-timed", "by a timer"), &["--idle", &idle], waves(timed))?;
    let snatched = std::iter::repeat_n(SNATCHED_EVERY_MS, WAVES_SNATCHED);
    let how = ["--snatch", SNATCHED_ONE_IN];
    against(bed, report, ("race-snatched", "by chance"), &how, waves(snatched))
}

/// When each call is due if all callers call at once, and again so many milliseconds later, and so on.
fn waves(every_ms: impl Iterator<Item = u16>) -> Vec<Duration> {
    let mut at = Duration::ZERO;
    let mut due = Vec::new();
    for every in every_ms {
        due.extend([at; CALLERS]);
        at += Duration::from_millis(every.into());
    }
    due
}

fn against(
    bed: &Bed,
    report: &Report,
    (name, what): (&'static str, &str),
    how: &[&str],
    due: Vec<Duration>,
) -> Result<(), Error> {
    let address = free(1)?[0];
    let peer = bed.peer(name, address, Service::Plain(how))?;
    let ondol = bed.ondol(name, &format!("  web: {{ url: \"http://{address}\", barrier: true }}\n"))?;
    let kinds = &[Kind::Get, Kind::Post, Kind::Keyed];
    let load = Load { service: "web", kinds, due, callers: CALLERS, headers: &[("ondol-explain", "1")] };
    let samples = load.run(ondol.proxy);
    let acts = peer.acts()?;
    for kind in [Kind::Get, Kind::Keyed] {
        let tally = Tally::of(&samples, kind);
        let name = format!("closed {what}: no {} fails", kind.name());
        report.row(tally.failed() == 0, &name, &tally.figures(&acts));
    }
    let posts = Tally::of(&samples, Kind::Post);
    let unclear = posts.with(|sample| sample.end() == "502 call_unclear");
    report.row(
        posts.twice(&acts) == 0 && posts.failed() == unclear,
        &format!("closed {what}: no {} is done twice", Kind::Post.name()),
        &posts.figures(&acts),
    );
    let met = Tally::all(&samples).with(Sample::tried_again) + posts.failed();
    report.row(
        met > 0,
        &format!("closed {what}: the race was met"),
        &format!("{met} times; {} connections were opened", acts.opened),
    );
    ondol.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_is_one_call_of_each() {
        let due = waves([5, 7].into_iter());
        assert_eq!(
            (due.len(), due[CALLERS - 1], due[CALLERS]),
            (2 * CALLERS, Duration::ZERO, Duration::from_millis(5))
        );
    }
}
