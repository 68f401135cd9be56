//! At most one probe: a target that nobody can reach gets one call at a time, however many wait for it.
//!
//! Seen from the caller's side of the seam, so that it does not believe the engine: what the engine was told of each
//! target, and which calls it has started since.

use std::collections::BTreeMap;
use std::time::Duration;

/// A call that starts sooner after its target went down was let go before, and waited for an append of its saga (a few
/// milliseconds each here). The engine's first probe comes after 100 ms.
const LET_GO_BEFORE: Duration = Duration::from_millis(50);

/// A call that is out for so long is being worked on: it did reach its target, and the engine need not wait for it.
const WORKED_ON_AFTER: Duration = Duration::from_secs(10);

/// All targets, as far as the engine can know of them. Times are since the simulation began.
#[derive(Debug, Default)]
pub(crate) struct Probes {
    targets: BTreeMap<String, Target>,
    last: u64,
    /// Probes so far.
    pub(crate) count: usize,
    /// What did not hold.
    pub(crate) violations: Vec<String>,
}

#[derive(Debug, Default)]
struct Target {
    /// Since when the engine knows that it cannot be reached.
    down_since: Option<Duration>,
    /// When it was last reached.
    up_at: Option<Duration>,
    /// Calls on their way, and when they were started.
    started: BTreeMap<u64, Duration>,
    /// Calls on their way that were started since, and when.
    probes: BTreeMap<u64, Duration>,
    /// There were two once. Said once: who breaks the rule breaks it thousands of times.
    told: bool,
}

impl Probes {
    /// The engine has lost its memory: it knows of no target that it is down, and has no call on its way.
    pub(crate) fn forget(&mut self) {
        self.targets.clear();
    }

    /// A call starts; [`Self::came`] or [`Self::lost`] gets the number.
    pub(crate) fn starts(&mut self, name: &str, now: Duration) -> u64 {
        self.last += 1;
        let target = self.targets.entry(name.to_owned()).or_default();
        target.started.insert(self.last, now);
        if let Some(since) = target.down_since
            && now >= since + LET_GO_BEFORE
        {
            self.count += 1;
            target.probes.insert(self.last, now);
            let young = target
                .probes
                .values()
                .filter(|started| now.saturating_sub(**started) < WORKED_ON_AFTER)
                .count();
            if young > 1 && !target.told {
                target.told = true;
                self.violations.push(format!(
                    "{name} has been down since {since:?}, and gets {young} probes at once at {now:?}"
                ));
            }
        }
        self.last
    }

    /// A call came back, and the engine is told whether it reached its target.
    pub(crate) fn came(&mut self, name: &str, call: u64, now: Duration, reached: bool) {
        let Some(target) = self.targets.get_mut(name) else { return };
        target.probes.remove(&call);
        let started = target.started.remove(&call);
        if reached {
            let started = std::mem::take(&mut target.started);
            *target = Target { up_at: Some(now), started, ..Target::default() };
        } else if started >= target.up_at {
            // What was started before it was last reached tells how it was then.
            target.down_since.get_or_insert(now);
        }
    }

    /// A call was given up by the engine; it will not come back.
    pub(crate) fn lost(&mut self, name: &str, call: u64) {
        if let Some(target) = self.targets.get_mut(name) {
            target.probes.remove(&call);
            target.started.remove(&call);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy)]
    enum Act {
        Starts,
        /// The call with this number, and whether it reached.
        Came(u64, bool),
        Lost(u64),
        Forget,
    }
    use Act::{Came, Forget, Lost, Starts};

    /// What it is about, acts at milliseconds, violations.
    type Case = (&'static str, &'static [(u64, Act)], usize);

    #[test]
    fn two_probes_at_once_are_found_and_nothing_else() {
        #[rustfmt::skip]
        let table: [Case; 10] = [
            ("an up target gets many", &[(0, Starts), (0, Starts), (9, Starts)], 0),
            ("two probes",             &[(0, Starts), (1, Came(1, false)), (101, Starts), (102, Starts)], 1),
            ("said once",              &[(0, Starts), (1, Came(1, false)), (101, Starts), (102, Starts), (103, Starts)], 1),
            ("one after the other",    &[(0, Starts), (1, Came(1, false)), (101, Starts), (102, Came(2, false)), (300, Starts)], 0),
            ("let go before",          &[(0, Starts), (1, Came(1, false)), (6, Starts), (101, Starts)], 0),
            ("worked on",              &[(0, Starts), (1, Came(1, false)), (101, Starts), (10_101, Starts)], 0),
            ("back",                   &[(0, Starts), (1, Came(1, false)), (101, Starts), (102, Came(2, true)), (102, Starts), (102, Starts)], 0),
            ("old news",               &[(0, Starts), (0, Starts), (0, Starts), (1, Came(1, false)), (101, Starts), (102, Came(4, true)), (103, Came(2, false)), (300, Starts), (300, Starts)], 0),
            ("given up",               &[(0, Starts), (1, Came(1, false)), (101, Starts), (102, Lost(2)), (300, Starts)], 0),
            ("a new life",             &[(0, Starts), (1, Came(1, false)), (101, Starts), (102, Forget), (300, Starts), (300, Starts)], 0),
        ];
        for (what, acts, expected) in table {
            let mut probes = Probes::default();
            for &(ms, act) in acts {
                let now = Duration::from_millis(ms);
                match act {
                    Starts => drop(probes.starts("a", now)),
                    Came(call, reached) => probes.came("a", call, now, reached),
                    Lost(call) => probes.lost("a", call),
                    Forget => probes.forget(),
                }
            }
            assert_eq!(probes.violations.len(), expected, "{what}: {:?}", probes.violations);
        }
    }
}
