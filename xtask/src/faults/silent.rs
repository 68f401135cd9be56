//! A service that takes every connection and never answers.

use super::bed::Bed;
use super::load::{Kind, Load, Sample, steady};
use super::report::Report;
use super::silence::Silence;
use super::tally::{Tally, about, ms};
use crate::error::Error;
use crate::stack::free;
use std::time::Duration;

/// Its response timeout.
const RESPONSE: Duration = Duration::from_millis(800);

/// A caller's deadline, and how much later its answer may come.
const DEADLINE: Duration = Duration::from_millis(300);
const DEADLINE_MARGIN: Duration = Duration::from_millis(50);

/// Calls of each kind, and how soon one after the other.
const CALLS: u32 = 8;
const PER_SECOND: u32 = 20;

/// Plays it.
///
/// # Errors
/// If it cannot be run.
pub(super) fn run(bed: &Bed, report: &Report) -> Result<(), Error> {
    let address = free(1)?[0];
    let silence = Silence::at(address)?;
    let timeout = format!("timeout: {{ response: {}ms, total: 10s }}", RESPONSE.as_millis());
    let ondol = bed.ondol("silent", &format!("  web: {{ url: \"http://{address}\", {timeout} }}\n"))?;
    let load = |kinds, headers| Load {
        service: "web",
        kinds,
        due: steady(PER_SECOND, Duration::from_secs(1) * CALLS / PER_SECOND),
        callers: CALLS as usize,
        headers,
    };
    let timed_out = |sample: &Sample| sample.end().starts_with("504 call_timeout");
    let first = load(&[Kind::Post], &[]).run(ondol.proxy);
    let posts = Tally::all(&first);
    report.row(
        posts.count() == posts.with(timed_out)
            && about(posts.quickest(), RESPONSE)
            && about(posts.slowest(), RESPONSE),
        &format!("a keyless-POST ends in its {} ± 20 %", ms(RESPONSE)),
        &spread(&posts),
    );
    let samples = load(&[Kind::Get], &[]).run(ondol.proxy);
    let gets = Tally::all(&samples);
    let most = 3 * RESPONSE + Duration::from_secs(1);
    report.row(
        gets.count() == gets.with(timed_out) && gets.slowest() < most,
        "a GET ends within three times that",
        &spread(&gets),
    );
    let deadline = DEADLINE.as_millis().to_string();
    let headers = [("ondol-deadline-ms", deadline.as_str())];
    let samples = load(&[Kind::Get, Kind::Post], &headers).run(ondol.proxy);
    let bound = Tally::all(&samples);
    let bounded = Tally::of(&samples, Kind::Post);
    report.row(
        bound.count() == bound.with(|sample| sample.end().starts_with("504 "))
            && bound.slowest() <= DEADLINE + DEADLINE_MARGIN,
        &format!("a deadline of {} is never overrun", ms(DEADLINE)),
        &spread(&bound),
    );
    ondol.end()?;
    let heard = silence.heard()?;
    let (sent, twice) = (posts.count() + bounded.count(), posts.twice(&heard) + bounded.twice(&heard));
    report.row(
        twice == 0,
        &format!("no {} is sent twice", Kind::Post.name()),
        &format!("{twice} of {sent}; {} requests arrived in all", heard.count()),
    );
    Ok(())
}

fn spread(tally: &Tally<'_>) -> String {
    format!("{} took {}; {}", tally.count(), tally.range(), tally.failures())
}
