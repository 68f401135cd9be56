//! A set of rows of one block.

use crate::rows::BLOCK;

const WORDS: usize = BLOCK / 64;

/// Rows of a block, a bit each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bitmap(pub(crate) [u64; WORDS]);

impl Bitmap {
    pub(crate) const EMPTY: Self = Self([0; WORDS]);

    /// The first `rows` rows.
    pub(crate) fn first(rows: usize) -> Self {
        let mut all = Self::EMPTY;
        for (at, word) in all.0.iter_mut().enumerate() {
            *word = match rows.saturating_sub(64 * at) {
                0 => 0,
                left if left >= 64 => u64::MAX,
                left => (1 << left) - 1,
            };
        }
        all
    }

    pub(crate) fn insert(&mut self, row: usize) {
        self.0[row / 64] |= 1 << (row % 64);
    }

    pub(crate) fn has(&self, row: usize) -> bool {
        self.0[row / 64] & (1 << (row % 64)) != 0
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(crate) fn and(&self, other: &Self) -> Self {
        self.zip(other, |left, right| left & right)
    }

    pub(crate) fn or(&self, other: &Self) -> Self {
        self.zip(other, |left, right| left | right)
    }

    pub(crate) fn without(&self, other: &Self) -> Self {
        self.zip(other, |left, right| left & !right)
    }

    fn zip(&self, other: &Self, of: impl Fn(u64, u64) -> u64) -> Self {
        let mut result = Self::EMPTY;
        for (word, (left, right)) in result.0.iter_mut().zip(self.0.iter().zip(&other.0)) {
            *word = of(*left, *right);
        }
        result
    }

    /// The rows, in their order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
                left &= left - 1;
                Some(64 * at + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_went_in() {
        for rows in [0, 1, 63, 64, 65, BLOCK - 1, BLOCK] {
            let first = Bitmap::first(rows);
            assert_eq!(first.count() as usize, rows);
            assert_eq!(first.rows().collect::<Vec<_>>(), (0..rows).collect::<Vec<_>>());
        }
        let mut some = Bitmap::EMPTY;
        for row in [0, 7, 64, 2047] {
            some.insert(row);
        }
        assert!(some.has(64) && !some.has(65));
        assert_eq!(Bitmap::first(65).without(&some).count(), 62);
        assert_eq!(Bitmap::first(8).and(&some).rows().collect::<Vec<_>>(), [0, 7]);
    }
}
