//! How long answers took lately: a histogram with buckets of 3 % each, which is as exact as a hedge needs.

use std::time::Duration;

use super::super::moment::scaled;

/// Each doubling of the latency has so many buckets, of 1/32 of it.
const STEPS: u64 = 32;
const STEPS_LOG2: u32 = STEPS.trailing_zeros();
/// Up to 2²⁶ µs, about 67 s, which is longer than any call. Below 2 × [`STEPS`] each microsecond has its bucket.
const DOUBLINGS: usize = 26 - STEPS_LOG2 as usize;
const BUCKETS: usize = (DOUBLINGS + 1) * STEPS as usize;

/// Latencies in buckets; 2.8 KiB.
#[derive(Clone, Debug)]
pub(super) struct Latencies {
    counts: Box<[u32; BUCKETS]>,
    pub(super) total: u32,
}

impl Latencies {
    pub(super) fn new() -> Self {
        Self { counts: Box::new([0; BUCKETS]), total: 0 }
    }

    pub(super) fn record(&mut self, latency: Duration) {
        let us = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        let count = &mut self.counts[bucket(us)];
        *count = count.saturating_add(1);
        self.total = self.total.saturating_add(1);
    }
}

/// The latency that `share` of what is in `all` exceeds. Within a bucket they are taken to lie evenly: rounded up to its
/// end, nothing might exceed it where latencies have a sharp upper end.
pub(super) fn exceeded_by(all: [&Latencies; 2], share: f64) -> Duration {
    let total: u64 = all.iter().map(|latencies| u64::from(latencies.total)).sum();
    let mut left = total as f64 * share;
    for bucket in (0..BUCKETS).rev() {
        let count: u64 = all.iter().map(|latencies| u64::from(latencies.counts[bucket])).sum();
        if left < count as f64 {
            let width = if bucket == 0 { 1 } else { end(bucket) - end(bucket - 1) };
            let above = scaled(Duration::from_micros(width), left / count as f64);
            return Duration::from_micros(end(bucket)).saturating_sub(above);
        }
        left -= count as f64;
    }
    Duration::ZERO
}

/// Below [`STEPS`] the microseconds themselves; above, the highest bits and how far they were shifted.
fn bucket(us: u64) -> usize {
    let shift = (u64::BITS - us.leading_zeros()).saturating_sub(STEPS_LOG2 + 1);
    let bucket = u64::from(shift) * STEPS + (us >> shift);
    (bucket as usize).min(BUCKETS - 1)
}

/// The first microsecond that is in a later bucket.
fn end(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let shift = (bucket / STEPS).saturating_sub(1);
    (bucket - shift * STEPS + 1) << shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        for us in (0..100_000).chain((100_000..60_000_000).step_by(9_973)) {
            let end = end(bucket(us));
            assert!(us < end && end <= us + 1 + us / STEPS, "{us} µs ends at {end}");
            assert_eq!(bucket(end), bucket(us) + 1, "{us} µs");
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn what_a_share_exceeds() {
        let (mut one, mut other) = (Latencies::new(), Latencies::new());
        for ms in 1..=500 {
            one.record(Duration::from_millis(ms));
            other.record(Duration::from_millis(500 + ms));
        }
        #[rustfmt::skip]
        let table = [
            // share, at least, at most
            (0.01, 990, 1_024),
            (0.1,  900, 930),
            (0.5,  500, 520),
            (1.0,    0,   0),
        ];
        for (share, min, max) in table {
            let ms = exceeded_by([&one, &other], share).as_millis();
            assert!((min..=max).contains(&ms), "{share}: {ms} ms");
        }
    }
}
