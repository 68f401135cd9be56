//! The index of one block: how it is built, and what it knows of a term.

use super::terms::word;
use super::{Bitmap, bloom};
use crate::query::each_word;
use crate::rows::BLOCK;

/// A term in at least one of so many rows has a bitmap: then what matches 5 % of all records is counted without reading
/// any, and the bitmaps take a few bytes a row.
const FREQUENT: usize = 24;

/// A rare term is known to a part of a block, of so many rows: about as many messages are a page.
const PART: usize = 256;

/// A term as the Bloom filter knows it: with the part of the block that has it. Most rare terms (ids) are in one part only,
/// so that this costs hardly more than to know the block.
const fn in_part(term: u64, part: usize) -> u64 {
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

/// Builds the index of one block after the other.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    /// What is known of a term, found by its hash, with linear probing; at most half full.
    table: Vec<Slot>,
    terms: Vec<Term>,
    /// The terms of all rows, row after row.
    found: Vec<u32>,
    ends: Vec<u32>,
    /// The words of a text: hashed before the first is looked up, so that looking one up does not wait for the end of the
    /// one before.
    hashes: Vec<u64>,
}

/// All that has to be looked at for most of the words: a quarter of what the processor fetches at once.
#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u64,
    place: u32,
    /// How many rows have the term, and the last that has.
    rows: u16,
    last: u16,
}

/// A slot without a term.
const FREE: Slot = Slot { hash: 0, place: u32::MAX, rows: 0, last: 0 };

/// Slots of the smallest table: enough for a block of short messages.
const TABLE_MIN: usize = 16_384;

#[derive(Clone, Copy, Debug)]
struct Term {
    hash: u64,
    complete: bool,
}

impl Builder {
    /// The present row has the words of this text.
    pub(crate) fn text(&mut self, folded: &str) {
        let mut hashes = std::mem::take(&mut self.hashes);
        hashes.clear();
        each_word(folded, |one| hashes.push(word(one)));
        for hash in &hashes {
            self.word(*hash);
        }
        self.hashes = hashes;
    }

    /// The present row has this word or attribute.
    pub(crate) fn word(&mut self, hash: u64) {
        self.term(hash, false);
    }

    /// The present row has this field, whose rows shall all be known.
    pub(crate) fn field(&mut self, hash: u64) {
        self.term(hash, true);
    }

    fn term(&mut self, hash: u64, complete: bool) {
        if 2 * self.terms.len() >= self.table.len() {
            self.grow();
        }
        let (row, mask) = (self.ends.len() as u16, self.table.len() - 1);
        let mut at = hash as usize & mask;
        loop {
            let slot = &mut self.table[at];
            if slot.place == FREE.place {
                let place = self.terms.len() as u32;
                *slot = Slot { hash, place, rows: 1, last: row };
                self.terms.push(Term { hash, complete });
                self.found.push(place);
                return;
            }
            if slot.hash == hash {
                if slot.last != row {
                    slot.last = row;
                    slot.rows += 1;
                    self.found.push(slot.place);
                }
                return;
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let length = (2 * self.table.len()).max(TABLE_MIN);
        let before = std::mem::replace(&mut self.table, vec![FREE; length]);
        for slot in before.into_iter().filter(|slot| slot.place != FREE.place) {
            let mut at = slot.hash as usize & (length - 1);
            while self.table[at].place != FREE.place {
                at = (at + 1) & (length - 1);
            }
            self.table[at] = slot;
        }
    }

    /// Goes on to the next row.
    pub(crate) fn end_row(&mut self) {
        self.ends.push(self.found.len() as u32);
    }

    /// The index of the rows since the last call; `times` are theirs.
    pub(crate) fn finish(&mut self, times: impl Iterator<Item = u64> + Clone) -> Block {
        let rows = self.ends.len();
        let frequent = (rows / FREQUENT).max(2);
        let mut known: Vec<(u64, Rows)> = Vec::new();
        let mut place_known = vec![u32::MAX; self.terms.len()];
        for slot in self.table.iter().filter(|slot| slot.place != FREE.place) {
            if self.terms[slot.place as usize].complete || usize::from(slot.rows) >= frequent {
                place_known[slot.place as usize] = known.len() as u32;
                let many = usize::from(slot.rows) * 16 >= BLOCK;
                let rows = if many { Rows::Many(Box::new(Bitmap::EMPTY)) } else { Rows::Few(Vec::new()) };
                known.push((slot.hash, rows));
            }
        }
        let bloom = self.place_rows(&mut known, &place_known);
        known.sort_unstable_by_key(|(hash, _)| *hash);
        self.clear();
        Block {
            rows,
            min_ns: times.clone().min().unwrap_or(0),
            max_ns: times.max().unwrap_or(0),
            known,
            bloom,
        }
    }

    /// Gives the known terms their rows, and the others to a Bloom filter.
    fn place_rows(&self, known: &mut [(u64, Rows)], place_known: &[u32]) -> Vec<u64> {
        let (mut from, mut rare) = (0, Vec::new());
        // The last part in which a rare term was; none yet.
        let mut last = vec![u8::MAX; self.terms.len()];
        for (row, end) in self.ends.iter().enumerate() {
            for place in &self.found[from..*end as usize] {
                match known.get_mut(place_known[*place as usize] as usize) {
                    Some((_, Rows::Many(bitmap))) => bitmap.insert(row),
                    Some((_, Rows::Few(rows))) => rows.push(row as u16),
                    None => {
                        let (place, part) = (*place as usize, row / PART);
                        if last[place] != part as u8 {
                            last[place] = part as u8;
                            rare.push(in_part(self.terms[place].hash, part));
                        }
                    }
                }
            }
            from = *end as usize;
        }
        bloom::build(rare.into_iter())
    }

    fn clear(&mut self) {
        self.table.fill(FREE);
        self.terms.clear();
        self.found.clear();
        self.ends.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_terms_are_exact_and_rare_ones_maybe() {
        let mut builder = Builder::default();
        for row in 0..BLOCK {
            builder.word(1);
            builder.word(1);
            if row % 2 == 0 {
                builder.word(2);
            }
            if row == 77 {
                builder.word(3);
                builder.field(4);
            }
            builder.end_row();
        }
        let block = builder.finish((0..BLOCK as u64).map(|row| 100 + row));
        assert_eq!((block.rows, block.min_ns, block.max_ns), (BLOCK, 100, 99 + BLOCK as u64));
        let count = |term, complete| match block.has(term, complete) {
            Has::These(rows) => Some(rows.count()),
            Has::Maybe(_) => None,
        };
        assert_eq!(count(1, false), Some(BLOCK as u64));
        assert_eq!(count(2, false), Some(BLOCK as u64 / 2));
        assert_eq!(count(3, false), None);
        assert!(matches!(block.has(3, false), Has::Maybe(rows) if rows.has(77) && rows.count() < 1_024));
        assert_eq!(count(4, true), Some(1));
        assert_eq!(count(5, true), Some(0));
        assert_eq!(builder.finish(std::iter::empty()), Block::default());
    }
}
