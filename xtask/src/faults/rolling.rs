//! Two instances, each stopped as it should be and started again, one after the other, under load.

use super::bed::{Bed, Peer, Service, acts};
use super::load::{Kind, Load, Sample, steady};
use super::report::Report;
use super::tally::{Tally, ms};
use crate::clock::Stopwatch;
use crate::error::Error;
use crate::stack::free;
use std::path::Path;
use std::time::Duration;

/// Calls a second, for how long at most, and by how many at most; each takes 20 ms.
const PER_SECOND: u32 = 200;
const LENGTH_MAX: Duration = Duration::from_secs(30);
const CALLERS: usize = 64;
const WORK_MS: &str = "20";

/// When each is stopped. The second one waits until calls have found the first again.
const STOPPED_AT: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(5)];

/// How long it stays away: a process that starts.
const AWAY: Duration = Duration::from_millis(500);

/// The load goes on for so long after the second is back.
const AFTERWARDS: Duration = Duration::from_secs(3);

/// Calls that grpcio itself may turn away: a few of those that come within a millisecond of its stop.
const GRPCIO_ONE_IN: usize = 200;

/// With Node.js.
///
/// # Errors
/// If it cannot be run.
pub(super) fn http2(bed: &Bed, report: &Report) -> Result<(), Error> {
    restart(
        bed,
        report,
        ("http2", ["http2-one", "http2-two"]),
        Service::Http2(WORK_MS),
        &[Kind::Get, Kind::Post],
    )
}

/// With grpcio.
///
/// # Errors
/// If it cannot be run.
pub(super) fn grpc(bed: &Bed, python: &Path, report: &Report) -> Result<(), Error> {
    restart(bed, report, ("grpc", ["grpc-one", "grpc-two"]), Service::Grpc(python, WORK_MS), &[Kind::Unary])
}

fn restart(
    bed: &Bed,
    report: &Report,
    (name, instances): (&str, [&'static str; 2]),
    service: Service<'_>,
    kinds: &[Kind],
) -> Result<(), Error> {
    let addresses = free(2)?;
    let mut peers =
        [bed.peer(instances[0], addresses[0], service)?, bed.peer(instances[1], addresses[1], service)?];
    let [one, two] = [addresses[0], addresses[1]];
    let web = format!("  web: {{ urls: [\"http://{one}\", \"http://{two}\"], protocol: http2 }}\n");
    let ondol = bed.ondol(name, &web)?;
    let load = Load {
        service: "web",
        kinds,
        due: steady(PER_SECOND, LENGTH_MAX),
        callers: CALLERS,
        headers: &[("ondol-explain", "1")],
    };
    let (samples, before) = load.run_while(ondol.proxy, |watch| stop_and_start(report, &mut peers, watch))?;
    let done = acts(&peers)?;
    for kind in kinds {
        let tally = Tally::of(&samples, *kind);
        let own = tally.with(|sample| turned_away_by_grpcio(sample) && done.of(&sample.id) == 0);
        if own > 0 {
            report.note(&format!(
                "{own} were turned away by grpcio itself as CANCELLED, which is grpc/grpc#41785"
            ));
        }
        report.row(
            tally.failed() == own
                && own * GRPCIO_ONE_IN <= tally.count()
                && (*kind == Kind::Get || tally.twice(&done) == 0),
            &format!("no {} is lost at {PER_SECOND}/s", kind.name()),
            &tally.figures(&done),
        );
    }
    let since = [peers[0].acts()?.count() - before[0], peers[1].acts()?.count() - before[1]];
    report.row(
        since.iter().all(|acts| *acts > 0),
        "each gets calls again",
        &format!("{since:?} since its return"),
    );
    ondol.end()
}

/// A call that reaches grpcio while it stops, and before its GOAWAY reaches the caller, is answered with CANCELLED as if
/// the caller had wanted that. Nothing in the answer says that it was not looked at, so that nobody may repeat it.
fn turned_away_by_grpcio(sample: &Sample) -> bool {
    sample.header("grpc-status") == Some("1") && sample.header("ondol-code").is_none()
}

/// Says what each had done until it was back.
fn stop_and_start(report: &Report, peers: &mut [Peer; 2], watch: Stopwatch) -> Result<[usize; 2], Error> {
    let mut before = [0; 2];
    for ((peer, at), before) in peers.iter_mut().zip(STOPPED_AT).zip(&mut before) {
        std::thread::sleep(at.saturating_sub(watch.elapsed()));
        let (pid, begun) = (peer.unit.id().unwrap_or(0), watch.elapsed());
        peer.unit.terminate()?;
        let took = watch.elapsed().saturating_sub(begun);
        report.note(&format!("SIGTERM to {} (pid {pid}): it was gone after {}", peer.unit.name(), ms(took)));
        *before = peer.acts()?.count();
        std::thread::sleep(AWAY);
        peer.unit.restart(&[])?;
    }
    std::thread::sleep(AFTERWARDS);
    Ok(before)
}
