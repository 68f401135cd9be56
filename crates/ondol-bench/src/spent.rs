//! CPU time of another process, by the scheduler's nanoseconds.

use std::collections::BTreeMap;
use std::time::Duration;

/// What each thread of a process had used at one moment.
///
/// `/proc/PID/stat` counts in hundredths of a second, which at two thousand requests a second would be a microsecond of
/// each. Here the kernel's own nanoseconds are summed. A thread that ends between two moments takes its last piece along.
#[derive(Clone, Debug, Default)]
pub struct Spent(BTreeMap<String, u64>);

impl Spent {
    /// As it is now; empty where there is no such process, or no Linux.
    #[must_use]
    pub fn of(process: u32) -> Self {
        let threads = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
        let spent = threads.filter_map(|thread| {
            let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
            Some((thread.file_name().to_str()?.to_owned(), text.split(' ').next()?.parse().ok()?))
        });
        Self(spent.collect())
    }

    /// What was used between `earlier` and this.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Duration {
        let before = |thread| earlier.0.get(thread).copied().unwrap_or(0);
        Duration::from_nanos(self.0.iter().map(|(thread, now)| now.saturating_sub(before(thread))).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Threads = [(&'static str, u64)];

    #[test]
    fn a_thread_counts_from_where_it_was() {
        let spent = |threads: &Threads| {
            Spent(threads.iter().map(|(thread, spent)| ((*thread).to_owned(), *spent)).collect())
        };
        let cases: &[(&Threads, &Threads, u64)] = &[
            (&[("1", 5)], &[("1", 7)], 2),
            (&[("1", 5)], &[("1", 5), ("2", 3)], 3),
            (&[("1", 5), ("2", 9)], &[("1", 6)], 1),
            (&[], &[], 0),
        ];
        for (earlier, later, nanos) in cases {
            let spent = spent(later).since(&spent(earlier));
            assert_eq!(spent, Duration::from_nanos(*nanos), "{earlier:?} {later:?}");
        }
    }
}
