//! The index of one block: what it knows of a term.

use super::{Bitmap, bloom};
use crate::rows::BLOCK;

/// A rare term is known to a part of a block, of so many rows: about as many messages are a page.
pub(super) const PART: usize = 256;

/// A term as the Bloom filter knows it: with the part of the block that has it. Most rare terms (ids) are in one part only,
/// so that this costs hardly more than to know the block.
pub(super) const fn in_part(term: u64, part: usize) -> u64 {
    term ^ (part as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// What is known of the terms of one block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) rows: usize,
    /// When its rows were written or began: the earliest and the latest, nanoseconds since 1970.
    pub(crate) min_ns: u64,
    pub(crate) max_ns: u64,
    /// Terms whose rows are known, by hash.
    pub(crate) known: Vec<(u64, Rows)>,
    /// All other terms.
    pub(crate) bloom: Vec<u64>,
}

/// Rows of a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    Many(Box<Bitmap>),
    Few(Vec<u16>),
}

impl Rows {
    /// Of rows in ascending order.
    pub(super) fn of(rows: &[u16]) -> Self {
        if rows.len() * 16 < BLOCK {
            return Self::Few(rows.to_vec());
        }
        let mut bitmap = Bitmap::EMPTY;
        for row in rows {
            bitmap.insert(usize::from(*row));
        }
        Self::Many(Box::new(bitmap))
    }

    /// Adds the rows of another term with the same hash.
    pub(super) fn add(&mut self, other: &Self) {
        *self = Self::Many(Box::new(self.bitmap().or(&other.bitmap())));
    }

    fn bitmap(&self) -> Bitmap {
        match self {
            Self::Many(bitmap) => (**bitmap).clone(),
            Self::Few(rows) => {
                let mut bitmap = Bitmap::EMPTY;
                for row in rows {
                    bitmap.insert(usize::from(*row));
                }
                bitmap
            }
        }
    }
}

/// What is known of one term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Has {
    /// Exactly these rows have it; maybe none.
    These(Box<Bitmap>),
    /// Some of these rows may have it, and no other.
    Maybe(Box<Bitmap>),
}

impl Block {
    /// Which rows have a term. `complete`: the rows of every such term are known ([`Builder::field`]).
    pub(crate) fn has(&self, term: u64, complete: bool) -> Has {
        match self.known.binary_search_by_key(&term, |(hash, _)| *hash) {
            Ok(at) => Has::These(Box::new(self.known[at].1.bitmap())),
            Err(_) if complete => Has::These(Box::new(Bitmap::EMPTY)),
            Err(_) => self.maybe(term),
        }
    }

    fn maybe(&self, term: u64) -> Has {
        let mut rows = Bitmap::EMPTY;
        let parts =
            (0..self.rows.div_ceil(PART)).filter(|part| bloom::maybe(&self.bloom, in_part(term, *part)));
        for part in parts {
            (part * PART..((part + 1) * PART).min(self.rows)).for_each(|row| rows.insert(row));
        }
        if rows.is_empty() { Has::These(Box::new(rows)) } else { Has::Maybe(Box::new(rows)) }
    }

    /// Memory it takes, in bytes, roughly.
    pub(crate) fn memory(&self) -> usize {
        let of = |rows: &Rows| match rows {
            Rows::Many(_) => 40 + 8 * self.rows.div_ceil(64).max(32),
            Rows::Few(rows) => 40 + 2 * rows.len(),
        };
        8 * self.bloom.len() + self.known.iter().map(|(_, rows)| of(rows)).sum::<usize>()
    }
}
