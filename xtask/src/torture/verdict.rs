//! What the torture tells in the end.

use super::deaths::{Point, Toll};
use super::keeper::Kills;
use crate::bookings::Verdict;
use crate::clock::Stopwatch;
use std::time::Duration;

/// How the storm went.
pub(super) struct Run {
    /// How long it took to have everything accepted.
    pub(super) storm: Duration,
    pub(super) accepted: u64,
    pub(super) repeated: u64,
    /// Since it began.
    pub(super) ended: Stopwatch,
}

/// Tells everything.
pub(super) fn judged(verdict: &Verdict, run: &Run, kills: &Kills, toll: Toll) {
    let rate = run.accepted as f64 / run.storm.as_secs_f64();
    println!(
        "\n{} bookings accepted in {} s ({rate:.0}/s through the storm)",
        run.accepted,
        run.storm.as_secs()
    );
    println!(
        "{} requests were repeated; all at rest after {} s",
        run.repeated,
        run.ended.elapsed().as_secs()
    );
    verdict.print_sums();
    let mut back = kills.back_after.clone();
    back.sort();
    if let (Some(half), Some(longest)) = (back.get(back.len() / 2), back.last()) {
        println!(
            "Ondol was up again after {} ms (median), {} ms (longest)",
            half.as_millis(),
            longest.as_millis()
        );
    }
    println!("\nkills                       done  planned");
    let line = |name: &str, done: u64, planned: u64| println!("  {name:<24} {done:>5}  {planned:>7}");
    line("Ondol, at random", kills.random, toll.random);
    for point in Point::ALL {
        let done = kills.at.get(&point).copied().unwrap_or_default();
        line(&format!("Ondol, {}", point.name()), done, toll.each_point);
    }
    line("services, at random", kills.services, toll.services);
    line("services, after a commit", kills.suicides, 0);
    println!();
    for wrong in verdict.wrong() {
        println!("✘ {wrong}");
    }
    match (verdict.held(), kills.reach(toll)) {
        (true, true) => println!("✔ every booking ended as it must; SQL finds no inconsistency"),
        (true, false) => println!("✘ it held, but fewer were killed than planned"),
        (false, _) => println!("✘ it did not hold"),
    }
}
