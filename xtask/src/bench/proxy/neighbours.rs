//! How much of the machine others used meanwhile: figures from a noisy time are not worth keeping.

use std::fs::read_to_string;

/// CPU time so far, in the kernel's ticks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticks {
    /// All there was on all cores, idle or not.
    total: u64,
    /// Used by anybody, a hypervisor's other guests included.
    busy: u64,
    /// Used by us: this program, what it has run to its end, and `processes`.
    ours: u64,
}

impl Ticks {
    /// As of now. All zero where there is no `/proc`.
    pub(super) fn now(processes: &[u32]) -> Self {
        let (total, busy) = machine(&read_to_string("/proc/stat").unwrap_or_default());
        let one = |name: &str| process(&read_to_string(format!("/proc/{name}/stat")).unwrap_or_default());
        let theirs: u64 = processes.iter().map(|process| one(&process.to_string())).sum();
        Self { total, busy, ours: one("self") + theirs }
    }

    /// The share of all cores that others had from `earlier` to now.
    pub(super) fn others_since(self, earlier: Self) -> f64 {
        let (busy, ours) = (self.busy.saturating_sub(earlier.busy), self.ours.saturating_sub(earlier.ours));
        busy.saturating_sub(ours) as f64 / self.total.saturating_sub(earlier.total).max(1) as f64
    }
}

/// All ticks and those in use, from the first line of `/proc/stat`: user nice system idle iowait irq softirq steal, then
/// guests, which are counted in user and nice already.
fn machine(stat: &str) -> (u64, u64) {
    let line = stat.lines().next().unwrap_or_default();
    let ticks: Vec<u64> =
        line.split_whitespace().skip(1).take(8).filter_map(|field| field.parse().ok()).collect();
    let total: u64 = ticks.iter().sum();
    let unused: u64 = ticks.iter().skip(3).take(2).sum();
    (total, total - unused)
}

/// User and system ticks of a process and of its children that have ended, from its `stat`.
fn process(stat: &str) -> u64 {
    // The second field is the program's name in parentheses, which may hold blanks.
    let fields = stat.rsplit_once(')').map_or("", |(_, after)| after);
    fields.split_whitespace().skip(11).take(4).filter_map(|field| field.parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_the_right_ones() {
        assert_eq!(machine("cpu  10 1 5 100 20 2 3 4 7 7\ncpu0 1 1 1"), (145, 25));
        let stat = "7 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 100 20 3 4 20 0 1";
        assert_eq!(process(stat), 127);
        assert_eq!((machine(""), process("")), ((0, 0), 0));
    }

    #[test]
    fn others_are_who_is_left() {
        let at = |total, busy, ours| Ticks { total, busy, ours };
        let cases = [(at(200, 100, 90), "0.05"), (at(200, 100, 101), "0.00"), (at(0, 0, 0), "0.00")];
        for (now, expected) in cases {
            assert_eq!(format!("{:.2}", now.others_since(at(0, 0, 0))), expected, "{now:?}");
        }
    }
}
