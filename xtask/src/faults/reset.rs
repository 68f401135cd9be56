//! Connections that are reset under load: by the kernel that knows them, and by a firewall that does not.

use super::bed::{Bed, Service, acts};
use super::load::{Kind, Load, Sample, steady};
use super::namespace::{Fault, Namespace};
use super::report::Report;
use super::tally::{Tally, ms};
use crate::clock::Stopwatch;
use crate::error::Error;
use std::time::Duration;

/// Ports inside, where nobody else is.
const PORTS: [u16; 2] = [7_001, 7_002];

/// Calls a second, for how long, and by how many at most; each takes 20 ms.
const PER_SECOND: u32 = 240;
const LENGTH: Duration = Duration::from_secs(10);
const CALLERS: usize = 64;

/// Between two resets; each hits the few calls that are in flight and all connections that are idle.
const EVERY: Duration = Duration::from_millis(400);

/// How long the firewall resets.
const WINDOW: Duration = Duration::from_millis(80);

/// Plays it.
///
/// # Errors
/// If it cannot be run.
pub(super) fn run(bed: &Bed, report: &Report) -> Result<(), Error> {
    let namespace = Namespace::new()?;
    let work = Service::Plain(&["--work", "20"]);
    let peers = [
        bed.peer_in(&namespace, "reset-one", PORTS[0], work)?,
        bed.peer_in(&namespace, "reset-two", PORTS[1], work)?,
    ];
    let [one, two] = PORTS.map(|port| namespace.there(port));
    let ondol = bed.ondol(
        "reset",
        &format!("  web: {{ urls: [\"http://{one}\", \"http://{two}\"], barrier: true }}\n"),
    )?;
    let load = Load {
        service: "web",
        kinds: &[Kind::Get, Kind::Post, Kind::Get, Kind::Keyed],
        due: steady(PER_SECOND, 2 * LENGTH),
        callers: CALLERS,
        headers: &[("ondol-explain", "1")],
    };
    let (samples, resets) = load.run_while(ondol.proxy, |watch| reset(&namespace, watch))?;
    let done = acts(&peers)?;
    report.note(&format!(
        "{} times by the kernel, {} connections in all, and {} times by the firewall for {}",
        resets.by_kernel,
        resets.connections,
        resets.by_firewall,
        ms(WINDOW),
    ));
    if resets.connections == 0 {
        report.skipped("connections that the kernel ends: it needs a kernel with INET_DIAG_DESTROY");
    }
    for kind in [Kind::Get, Kind::Keyed] {
        let tally = Tally::of(&samples, kind);
        report.row(tally.failed() == 0, &format!("no {} fails", kind.name()), &tally.figures(&done));
    }
    let posts = Tally::of(&samples, Kind::Post);
    let unclear = posts.with(|sample| sample.end() == "502 call_unclear");
    report.row(
        posts.twice(&done) == 0 && posts.failed() == unclear,
        &format!("no {} is done twice", Kind::Post.name()),
        &posts.figures(&done),
    );
    let told = posts.with(|sample| !sample.good() && done.of(&sample.id) > 0);
    report.note(&format!("of the {unclear} that were unclear, {told} were acted upon"));
    let met = Tally::all(&samples).with(Sample::tried_again) + posts.failed();
    report.row(met > 0, "calls have met a reset", &format!("{met} did"));
    ondol.end()
}

/// How often it was done.
#[derive(Debug, Default)]
struct Resets {
    by_kernel: u32,
    /// Connections that the kernel has ended.
    connections: usize,
    by_firewall: u32,
}

/// Resets one instance after the other, by turns in the one way and the other.
fn reset(namespace: &Namespace, watch: Stopwatch) -> Result<Resets, Error> {
    let mut done = Resets::default();
    while watch.elapsed() < LENGTH {
        std::thread::sleep(EVERY);
        let port = PORTS[(done.by_firewall % 2) as usize];
        if done.by_kernel == done.by_firewall {
            done.connections += namespace.sever(port)?;
            done.by_kernel += 1;
        } else {
            namespace.fault(Fault::Resets, port)?;
            std::thread::sleep(WINDOW);
            namespace.mend()?;
            done.by_firewall += 1;
        }
    }
    Ok(done)
}
