//! One of three instances is killed under load, and comes back.

use super::bed::{Bed, Service, acts};
use super::load::{Kind, Load, Sample, steady};
use super::report::Report;
use super::tally::{Tally, ms};
use crate::clock::wait_for;
use crate::error::Error;
use crate::stack::free;
use std::time::Duration;

/// Calls a second, and for how long at most.
const PER_SECOND: u32 = 300;
const LENGTH_MAX: Duration = Duration::from_secs(80);

/// The instance is killed then, and started again then.
const KILLED_AT: Duration = Duration::from_secs(3);
const BACK_AT: Duration = Duration::from_secs(6);

/// How long it may take to get a call after it is back. One failure counts as an answer after 5 s, and is forgotten by a
/// factor of e in 10 s: next to others that answer in 20 ms it may take 55 s until it looks as quick.
const FOUND_WITHIN: Duration = Duration::from_mins(1);

/// The load goes on for so long when it has one.
const AFTERWARDS: Duration = Duration::from_secs(3);

/// How long a request takes, and how many callers that needs with room for stragglers.
const WORK_MS: &str = "20";
const CALLERS: usize = 64;

/// Plays it.
///
/// # Errors
/// If it cannot be run.
pub(super) fn run(bed: &Bed, report: &Report) -> Result<(), Error> {
    let addresses = free(3)?;
    let mut peers = ["kill-one", "kill-two", "kill-three"]
        .into_iter()
        .zip(&addresses)
        .map(|(name, address)| bed.peer(name, *address, Service::Plain(&["--work", WORK_MS])))
        .collect::<Result<Vec<_>, _>>()?;
    let urls: Vec<_> = addresses.iter().map(|address| format!("\"http://{address}\"")).collect();
    let ondol = bed.ondol("kill", &format!("  web: {{ urls: [{}] }}\n", urls.join(", ")))?;
    let load = Load {
        service: "web",
        kinds: &[Kind::Get],
        due: steady(PER_SECOND, LENGTH_MAX),
        callers: CALLERS,
        headers: &[("ondol-explain", "1")],
    };
    let (samples, (killed, found)) = load.run_while(ondol.proxy, |watch| {
        std::thread::sleep(KILLED_AT.saturating_sub(watch.elapsed()));
        let victim = &mut peers[1];
        report.note(&format!("SIGKILL to the second (pid {})", victim.unit.id().unwrap_or(0)));
        victim.unit.kill();
        let killed = watch.elapsed();
        std::thread::sleep(BACK_AT.saturating_sub(watch.elapsed()));
        let before = victim.acts()?.count();
        victim.unit.restart(&[])?;
        let back = watch.elapsed();
        let again = || (victim.acts().ok()?.count() > before).then(|| watch.elapsed().saturating_sub(back));
        let found = wait_for(FOUND_WITHIN, again);
        std::thread::sleep(AFTERWARDS);
        Ok((killed, found))
    })?;
    let all = Tally::all(&samples);
    let cut = all.with(|sample| !sample.good() && sample.end().contains("cut off"));
    report.row(
        all.failed() == cut,
        "no GET fails whose answer had not begun",
        &format!("{} at {PER_SECOND}/s, {}, {cut} cut off amid the answer", all.count(), all.failures()),
    );
    let away = all.sent(killed.saturating_sub(Duration::from_millis(100))..BACK_AT);
    report.row(
        all.slowest() < Duration::from_secs(1),
        "nobody waits for long",
        &format!(
            "median {}, slowest {}; while it was away {} of {} were tried again",
            ms(all.median()),
            ms(all.slowest()),
            away.with(Sample::tried_again),
            away.count(),
        ),
    );
    let shares: Vec<_> =
        peers.iter().map(|peer| peer.acts().map(|acts| acts.count())).collect::<Result<_, _>>()?;
    report.row(
        found.is_some(),
        "it gets calls again when it is back",
        &format!(
            "{}; all in all the three did {shares:?} of {}",
            found.map_or("never".to_owned(), |found| format!("after {}", ms(found))),
            acts(&peers)?.count(),
        ),
    );
    ondol.end()
}
