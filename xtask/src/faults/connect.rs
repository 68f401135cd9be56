//! An address whose machine is gone: who asks it for a connection gets no answer at all.

use super::bed::{Bed, Service};
use super::load::{Kind, Load, at_once, steady};
use super::namespace::{Fault, Namespace};
use super::report::Report;
use super::tally::{Tally, about, ms};
use crate::clock::{Stopwatch, wait_for};
use crate::error::Error;
use std::time::Duration;

/// Ports inside, where nobody else is.
const GONE: u16 = 7_001;
const WELL: u16 = 7_002;

/// The connect timeout where the file says none.
const CONNECT: Duration = Duration::from_secs(1);

/// Calls of what has this one address only, one a second; and of what has a good one, too, at more.
const ALONE: Duration = Duration::from_secs(4);
const PAIR_PER_SECOND: u32 = 100;
const PAIR: Duration = Duration::from_secs(4);

/// Room for all calls of a second that each wait for a connection.
const CALLERS: usize = 128;

/// How soon after the network is well a call succeeds.
const FOUND_WITHIN: Duration = Duration::from_secs(5);

/// Plays it.
///
/// # Errors
/// If it cannot be run.
pub(super) fn run(bed: &Bed, report: &Report) -> Result<(), Error> {
    let namespace = Namespace::new()?;
    let service = Service::Plain(&[]);
    let _peers = [
        bed.peer_in(&namespace, "connect-gone", GONE, service)?,
        bed.peer_in(&namespace, "connect-well", WELL, service)?,
    ];
    namespace.fault(Fault::LosesConnects, GONE)?;
    let [gone, well] = [GONE, WELL].map(|port| namespace.there(port));
    let alone = format!("  alone: {{ url: \"http://{gone}\" }}\n");
    let pair = format!("  pair: {{ urls: [\"http://{gone}\", \"http://{well}\"] }}\n");
    let ondol = bed.ondol("connect", &(alone + &pair))?;
    let send = |service, due| {
        let kinds = &[Kind::Get, Kind::Post];
        Load { service, kinds, due, callers: CALLERS, headers: &[] }.run(ondol.proxy)
    };
    let samples = send("alone", steady(1, ALONE));
    let alone = Tally::all(&samples);
    report.row(
        alone.failed() == alone.count()
            && about(alone.quickest(), CONNECT)
            && about(alone.slowest(), CONNECT),
        &format!("alone, a call ends in {} ± 20 %", ms(CONNECT)),
        &format!("{} took {}; {}", alone.count(), alone.range(), alone.failures()),
    );
    let samples = send("pair", steady(PAIR_PER_SECOND, PAIR));
    let pair = Tally::all(&samples);
    report.row(
        pair.failed() == 0,
        "beside a good address, GETs and POSTs succeed",
        &format!(
            "{}, {}; median {}, slowest {}, {} waited for a connect",
            pair.count(),
            pair.failures(),
            ms(pair.median()),
            ms(pair.slowest()),
            pair.with(|sample| sample.took > CONNECT / 2),
        ),
    );
    namespace.mend()?;
    let watch = Stopwatch::start();
    let found = wait_for(FOUND_WITHIN, || send("alone", at_once(1))[0].good().then(|| watch.elapsed()));
    report.row(
        found.is_some(),
        "the network is well: calls succeed again",
        &found.map_or("never".to_owned(), |found| format!("after {}", ms(found))),
    );
    ondol.end()
}
