//! Chance that can be repeated: SplitMix64 (Steele, Lea, Flood 2014), from a seed that is printed.

/// A stream of numbers.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// Same seed and topic, same numbers.
    pub(crate) const fn new(seed: u64, topic: u64) -> Self {
        Self(seed ^ topic.wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `range`, which must not be empty.
    pub(crate) const fn within(&mut self, from: u64, to: u64) -> u64 {
        from + self.next() % (to - from)
    }

    /// Brings a list into any order (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let other = self.within(0, last as u64 + 1);
            list.swap(last, usize::try_from(other).unwrap_or(last));
        }
    }
}
