//! Sums over the last seconds, in exact one-second buckets: no averaging, so that a bound on a sum is a bound.

use super::moment::Moment;

/// The sum of what was added in the current second and the `N` − 1 before it.
#[derive(Clone, Debug)]
pub(crate) struct Window<const N: usize> {
    buckets: [u64; N],
    /// The second of the newest bucket; the others are of the seconds before it.
    newest: u64,
}

impl<const N: usize> Window<N> {
    pub(crate) fn new() -> Self {
        Self { buckets: [0; N], newest: 0 }
    }

    /// Adds `count` in the second of `now`. A moment from before the newest second counts in the newest: threads may
    /// bring their moments in any order, and later is the careful side.
    pub(crate) fn add(&mut self, now: Moment, count: u64) {
        let second = now.second().max(self.newest);
        let passed = second - self.newest;
        for second in self.newest + 1..=self.newest + passed.min(N as u64) {
            self.buckets[Self::bucket(second)] = 0;
        }
        self.newest = second;
        let bucket = &mut self.buckets[Self::bucket(second)];
        *bucket = bucket.saturating_add(count);
    }

    /// The sum as it is at `now`.
    pub(crate) fn sum(&self, now: Moment) -> u64 {
        self.sum_at(now.second())
    }

    /// The sum as it will be in `second`, if nothing is added.
    pub(crate) fn sum_at(&self, second: u64) -> u64 {
        let passed = second.saturating_sub(self.newest);
        let kept = (N as u64).saturating_sub(passed);
        let seconds = (0..kept).filter_map(|age| self.newest.checked_sub(age));
        seconds.fold(0, |sum, second| sum.saturating_add(self.buckets[Self::bucket(second)]))
    }

    fn bucket(second: u64) -> usize {
        (second % N as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_window_forgets_whole_seconds() {
        let mut window = Window::<10>::new();
        let at = |seconds: f64| Moment::at(Duration::from_secs_f64(seconds));
        #[rustfmt::skip]
        let table = [
            // at, add, sum
            (0.0,   1, 1),
            (0.9,   1, 2),
            (9.9,   1, 3),
            (10.0,  1, 2), // the first second is over
            (9.0,   1, 3), // late: counts as of second 10
            (18.99, 1, 4), // second 9 is still in
            (19.0,  1, 4),
            (21.0,  1, 3),
            (500.0, 1, 1),
        ];
        for (seconds, add, sum) in table {
            window.add(at(seconds), add);
            assert_eq!(window.sum(at(seconds)), sum, "at {seconds}");
        }
        assert_eq!((window.sum_at(509), window.sum_at(510)), (1, 0));
        // A reader that is late sees what is there.
        assert_eq!(window.sum(at(3.0)), 1);
    }
}
