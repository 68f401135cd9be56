//! Numbers that do not repeat, for ids that nobody must guess wrong and everybody may know.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A sequence of numbers, spread over all 64 bits; shared without a lock.
pub(crate) struct Spread {
    seed: u64,
    count: AtomicU64,
}

impl Spread {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed, count: AtomicU64::new(0) }
    }

    /// The next number; the same one comes again after 2^64.
    pub(crate) fn next(&self) -> u64 {
        mix(self.seed.wrapping_add(self.count.fetch_add(1, Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }
}

/// The finalizer of splitmix64 (Steele, Lea and Flood 2014): a bijection, so different inputs stay different.
pub(crate) const fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}
