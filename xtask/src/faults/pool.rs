//! How many connections many requests open.

use super::bed::{Bed, Service};
use super::load::{Kind, Load, at_once};
use super::report::Report;
use super::tally::Tally;
use crate::clock::Stopwatch;
use crate::error::Error;
use crate::stack::free;

/// Requests, and how many are in flight.
const REQUESTS: usize = 10_000;
const CALLERS: usize = 32;

/// Connections that may be opened: as many as the pool may have to one address.
const OPENED_MAX: usize = 64;

/// Plays it.
///
/// # Errors
/// If it cannot be run.
pub(super) fn run(bed: &Bed, report: &Report) -> Result<(), Error> {
    let address = free(1)?[0];
    let peer = bed.peer("pool", address, Service::Plain(&[]))?;
    let ondol = bed.ondol("pool", &format!("  web: {{ url: \"http://{address}\" }}\n"))?;
    let load = Load {
        service: "web",
        kinds: &[Kind::Get, Kind::Post],
        due: at_once(REQUESTS),
        callers: CALLERS,
        headers: &[],
    };
    let watch = Stopwatch::start();
    let samples = load.run(ondol.proxy);
    let took = watch.elapsed();
    let all = Tally::all(&samples);
    let opened = peer.acts()?.opened;
    report.row(
        opened <= OPENED_MAX && all.failed() == 0,
        &format!("at most {OPENED_MAX} connections"),
        &format!(
            "{opened} for {} GETs and POSTs, {CALLERS} at a time, in {:.1} s; {}",
            all.count(),
            took.as_secs_f64(),
            all.failures()
        ),
    );
    ondol.end()
}
