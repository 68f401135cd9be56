//! A network that loses everything amid a connection: both ends believe in it, and nothing gets through.

use super::bed::{Bed, Service, acts};
use super::load::{Kind, Load, Sample, at_once};
use super::namespace::{Fault, Namespace};
use super::report::Report;
use super::tally::{Tally, about, ms};
use crate::error::Error;
use std::time::Duration;

/// Ports inside, where nobody else is.
const LOST: u16 = 7_001;
const WELL: u16 = 7_002;

/// Response timeout; not that of a connect, so that a call shows which of the two it met.
const RESPONSE: Duration = Duration::from_millis(600);

/// Connections that are open when the network begins to lose, and calls that find one.
const OPEN: usize = 12;

/// How long what the kernel still had to send may take to arrive when the network is well: it tries after ever longer
/// pauses.
const LATE: Duration = Duration::from_secs(3);

/// Plays it.
///
/// # Errors
/// If it cannot be run.
pub(super) fn run(bed: &Bed, report: &Report) -> Result<(), Error> {
    let namespace = Namespace::new()?;
    let work = Service::Plain(&["--work", "50"]);
    let peers = [
        bed.peer_in(&namespace, "hole-lost", LOST, work)?,
        bed.peer_in(&namespace, "hole-well", WELL, work)?,
    ];
    let [lost, well] = [LOST, WELL].map(|port| namespace.there(port));
    let timeout = format!("timeout: {{ response: {}ms }}", RESPONSE.as_millis());
    let alone = format!("  alone: {{ url: \"http://{lost}\", {timeout} }}\n");
    let pair = format!("  pair: {{ urls: [\"http://{lost}\", \"http://{well}\"], {timeout} }}\n");
    let ondol = bed.ondol("hole", &(alone + &pair))?;
    let send = |service, kind| {
        let headers = &[("ondol-explain", "1")];
        Load { service, kinds: &[kind], due: at_once(OPEN), callers: OPEN, headers }.run(ondol.proxy)
    };
    let mut before = send("alone", Kind::Get);
    before.extend(send("pair", Kind::Get));
    let (before, opened) = (Tally::all(&before), acts(&peers)?.opened);
    report.note(&format!("{} GETs over {opened} connections, {}", before.count(), before.failures()));
    namespace.fault(Fault::LosesAll, LOST)?;
    let posts = send("alone", Kind::Post);
    let gets = send("pair", Kind::Get);
    namespace.mend()?;
    let posted = Tally::all(&posts);
    let in_time = about(posted.quickest(), RESPONSE) && about(posted.slowest(), RESPONSE);
    report.row(
        in_time && posted.count() == posted.with(|sample| sample.end() == "504 call_timeout"),
        &format!("a keyless-POST ends in its {} ± 20 %", ms(RESPONSE)),
        &format!("{} took {}; {}", posted.count(), posted.range(), posted.failures()),
    );
    let got = Tally::all(&gets);
    let again = got.with(Sample::tried_again);
    report.row(
        got.failed() == 0 && again > 0 && got.slowest() < 2 * RESPONSE,
        "a GET ends in that, and is tried elsewhere",
        &format!(
            "{}, {}; {again} were tried again, slowest {}",
            got.count(),
            got.failures(),
            ms(got.slowest())
        ),
    );
    std::thread::sleep(LATE);
    let acts = acts(&peers)?;
    let late = posted.with(|sample| acts.of(&sample.id) > 0);
    report.row(
        posted.twice(&acts) == 0,
        "no keyless-POST is done twice",
        &format!("{late} were acted upon at all, when the network was well again"),
    );
    ondol.end()
}
