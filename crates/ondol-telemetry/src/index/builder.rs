//! Builds the index of a block, row after row.

use super::block::{PART, in_part};
use super::bloom;
use super::key::Key;
use super::{Block, Rows};
use crate::query::each_word;

/// A term in at least one of so many rows has a bitmap: then what matches 5 % of all records is counted without reading
/// any, and the bitmaps take a few bytes a row.
const FREQUENT: usize = 24;

/// Builds the index of one block after the other.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    /// Where a term is in `terms`, found by its key, with linear probing; at most half full.
    table: Vec<Slot>,
    terms: Vec<Term>,
    /// The terms of all rows, row after row.
    found: Vec<u32>,
    ends: Vec<u32>,
    /// Room for the rows of all terms, term after term.
    rows: Vec<u16>,
    /// Room for the words of a text: all are read before the first is looked up, so that looking one up does not wait for the
    /// end of the one before.
    keys: Vec<Key>,
}

/// A place in `terms`, and some bits of the key, so that hardly ever another term is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot {
    tag: u32,
    place: u32,
}

/// A slot without a term.
const FREE: Slot = Slot { tag: 0, place: u32::MAX };

/// Slots of the smallest table: enough for a block of short messages.
const TABLE_MIN: usize = 16_384;

/// Words of a text that room is made for at once: in a long one most come again, and need none.
const AT_ONCE: usize = 1_024;

#[derive(Clone, Copy, Debug)]
struct Term {
    key: Key,
    /// How many rows have the term, and the last that has.
    rows: u16,
    last: u16,
    complete: bool,
}

impl Builder {
    /// The present row has the words of this text.
    pub(crate) fn text(&mut self, folded: &str) {
        let text = folded.as_bytes();
        // There is a byte between two words.
        let most = text.len().div_ceil(2);
        if self.keys.len() < most {
            self.keys.resize(most, Key::hash(0));
        }
        let mut words = 0;
        each_word(text, |from, to| {
            self.keys[words] = Key::word(text, from, to);
            words += 1;
        });
        let keys = std::mem::take(&mut self.keys);
        keys[..words].chunks(AT_ONCE).for_each(|keys| self.words(keys));
        self.keys = keys;
    }

    fn words(&mut self, keys: &[Key]) {
        self.room(keys.len());
        let (row, before) = (self.ends.len() as u16, self.found.len());
        self.found.resize(before + keys.len(), 0);
        let mut end = before;
        for key in keys {
            let (place, fresh) = term(&mut self.table, &mut self.terms, row, (*key, false));
            // Written in any case, and kept or not: whether a word comes again nobody foresees.
            self.found[end] = place;
            end += usize::from(fresh);
        }
        self.found.truncate(end);
    }

    /// The present row has this word or attribute.
    pub(crate) fn word(&mut self, hash: u64) {
        self.one(Key::hash(hash), false);
    }

    /// The present row has this field, whose rows shall all be known.
    pub(crate) fn field(&mut self, hash: u64) {
        self.one(Key::hash(hash), true);
    }

    fn one(&mut self, key: Key, complete: bool) {
        self.room(1);
        let row = self.ends.len() as u16;
        let (place, fresh) = term(&mut self.table, &mut self.terms, row, (key, complete));
        if fresh {
            self.found.push(place);
        }
    }

    /// Makes room for so many terms more.
    fn room(&mut self, more: usize) {
        while 2 * (self.terms.len() + more) > self.table.len() {
            self.grow();
        }
    }

    #[cold]
    fn grow(&mut self) {
        let length = (2 * self.table.len()).max(TABLE_MIN);
        self.table.clear();
        self.table.resize(length, FREE);
        for (place, term) in self.terms.iter().enumerate() {
            let hash = term.key.place();
            let mut at = hash as usize & (length - 1);
            while self.table[at] != FREE {
                at = (at + 1) & (length - 1);
            }
            self.table[at] = Slot { tag: (hash >> 32) as u32, place: place as u32 };
        }
    }

    /// Goes on to the next row.
    pub(crate) fn end_row(&mut self) {
        self.ends.push(self.found.len() as u32);
    }

    /// The index of the rows since the last call; `times` are theirs.
    pub(crate) fn finish(&mut self, times: impl Iterator<Item = u64> + Clone) -> Block {
        let rows = self.ends.len();
        let (known, bloom) = self.sorted((rows / FREQUENT).max(2));
        self.table.fill(FREE);
        self.terms.clear();
        self.found.clear();
        self.ends.clear();
        Block {
            rows,
            min_ns: times.clone().min().unwrap_or(0),
            max_ns: times.max().unwrap_or(0),
            known,
            bloom,
        }
    }

    /// The terms whose rows are known, and a Bloom filter of the others.
    fn sorted(&mut self, frequent: usize) -> (Vec<(u64, Rows)>, Vec<u64>) {
        let ends = self.by_term();
        let begins = std::iter::once(&0).chain(&ends);
        let lists = begins.zip(&ends).map(|(from, to)| &self.rows[*from as usize..*to as usize]);
        let all = || self.terms.iter().zip(lists.clone());
        let is_known = |term: &Term| term.complete || usize::from(term.rows) >= frequent;
        let mut known = Known::default();
        for (term, rows) in all().filter(|(term, _)| is_known(term)) {
            known.push(term.key.stored(), rows);
        }
        known.sort();
        let mut rare = Vec::with_capacity(2 * self.terms.len());
        for (term, rows) in all().filter(|(term, _)| !is_known(term)) {
            let stored = term.key.stored();
            if let Some(known) = known.get(stored) {
                known.add(&Rows::of(rows));
            }
            let parts = rows.chunk_by(|left, right| usize::from(*left) / PART == usize::from(*right) / PART);
            rare.extend(parts.map(|rows| in_part(stored, usize::from(rows[0]) / PART)));
        }
        (known.terms, bloom::build(rare.into_iter()))
    }

    /// Puts the rows of all terms into `rows`, term after term, and says where those of each end.
    fn by_term(&mut self) -> Vec<u32> {
        let mut places = Vec::with_capacity(self.terms.len());
        let mut sum = 0;
        for term in &self.terms {
            places.push(sum);
            sum += u32::from(term.rows);
        }
        if self.rows.len() < self.found.len() {
            self.rows.resize(self.found.len(), 0);
        }
        let mut from = 0;
        for (row, end) in self.ends.iter().enumerate() {
            for place in &self.found[from..*end as usize] {
                let at = &mut places[*place as usize];
                self.rows[*at as usize] = row as u16;
                *at += 1;
            }
            from = *end as usize;
        }
        places
    }
}

/// Where the term with a key is in `terms`, and whether the row has not had it before. There is a free slot.
#[expect(clippy::inline_always, reason = "a hundred times a row; as a call it takes half as long again")]
#[inline(always)]
fn term(table: &mut [Slot], terms: &mut Vec<Term>, row: u16, (key, complete): (Key, bool)) -> (u32, bool) {
    let (hash, mask) = (key.place(), table.len() - 1);
    let (mut at, tag) = (hash as usize & mask, (hash >> 32) as u32);
    loop {
        let slot = table[at];
        if slot == FREE {
            let place = terms.len() as u32;
            table[at] = Slot { tag, place };
            terms.push(Term { key, rows: 1, last: row, complete });
            return (place, true);
        }
        if slot.tag == tag {
            let term = &mut terms[slot.place as usize];
            if term.key == key {
                let fresh = term.last != row;
                term.last = row;
                term.rows += u16::from(fresh);
                return (slot.place, fresh);
            }
        }
        at = (at + 1) & mask;
    }
}

/// Terms whose rows are known, by hash. A word and a field, or words long and short, may have the same one: what is asked
/// for by it must find the rows of both.
struct Known {
    terms: Vec<(u64, Rows)>,
    /// A bit for some bits of each hash: nearly all others are told apart by it.
    bits: [u64; 256],
}

impl Default for Known {
    fn default() -> Self {
        Self { terms: Vec::new(), bits: [0; 256] }
    }
}

impl Known {
    fn push(&mut self, hash: u64, rows: &[u16]) {
        self.terms.push((hash, Rows::of(rows)));
        self.bits[hash as usize / 64 % 256] |= 1 << (hash % 64);
    }

    fn sort(&mut self) {
        self.terms.sort_unstable_by_key(|(hash, _)| *hash);
        self.terms.dedup_by(|again, first| {
            let same = again.0 == first.0;
            if same {
                first.1.add(&again.1);
            }
            same
        });
    }

    /// The rows of the one with this hash.
    fn get(&mut self, hash: u64) -> Option<&mut Rows> {
        if self.bits[hash as usize / 64 % 256] & (1 << (hash % 64)) == 0 {
            return None;
        }
        let at = self.terms.binary_search_by_key(&hash, |(hash, _)| *hash).ok()?;
        Some(&mut self.terms[at].1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::super::block::Has;
    use super::super::terms::word;
    use super::*;
    use crate::query::words;
    use crate::rows::BLOCK;

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

    /// A word that is given by its hash and one that is read are one term.
    #[test]
    fn terms_of_one_hash_are_one() {
        for (again, few) in [(2, 1), (2, 40), (1, 40)] {
            let mut builder = Builder::default();
            for row in 0..600_usize {
                if row % again == 0 {
                    builder.word(word("order"));
                }
                if row % 7 == 0 && row / 7 < few {
                    builder.text("order");
                }
                builder.end_row();
            }
            let expected = (0..600).filter(|row| row % again == 0 || (row % 7 == 0 && row / 7 < few)).count();
            let block = builder.finish(0..600);
            let found = matches!(block.has(word("order"), false), Has::These(rows) if rows.count() == expected as u64);
            assert!(found, "each {again}th row, and {few} others");
        }
    }

    proptest! {
        /// What is known of a block is what is in it: exactly for frequent terms and fields, and for others no row is missed.
        #[test]
        fn a_block_has_what_is_in_its_rows(
            texts in prop::collection::vec("([a-d]{1,2}|[xy]{15,18}|가[a-b]|[0-9]{1,4}|[ =,]){0,12}", 0..400),
        ) {
            let mut builder = Builder::default();
            let mut model = BTreeMap::<(u64, bool), BTreeSet<usize>>::new();
            // Twice, since a builder is used again.
            for _ in 0..2 {
                model.clear();
                for (row, text) in texts.iter().enumerate() {
                    builder.text(text);
                    builder.field(1 + text.len() as u64 % 5);
                    for one in words(text) {
                        model.entry((word(one), false)).or_default().insert(row);
                    }
                    model.entry((1 + text.len() as u64 % 5, true)).or_default().insert(row);
                    builder.end_row();
                }
                let block = builder.finish(0..texts.len() as u64);
                prop_assert_eq!(block.rows, texts.len());
                for ((term, complete), rows) in &model {
                    let exact = *complete || rows.len() >= (texts.len() / FREQUENT).max(2);
                    let (found, is_exact) = match block.has(*term, *complete) {
                        Has::These(found) => (found, true),
                        Has::Maybe(found) => (found, false),
                    };
                    prop_assert_eq!(is_exact, exact);
                    prop_assert!(rows.iter().all(|row| found.has(*row)));
                    prop_assert!(!exact || found.count() == rows.len() as u64);
                }
                prop_assert_eq!(block.has(9, true), Has::These(Box::new(super::super::Bitmap::EMPTY)));
            }
        }
    }
}
