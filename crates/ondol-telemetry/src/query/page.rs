//! Pages: from which record on, and which way. A page begins behind the last record of the page before in the one order of
//! all ([`Key`]), so that no record comes twice and none is left out, whatever is written or merged meanwhile.

use super::{Found, Window};
use crate::model::Key;

/// Which records come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Those with the greatest key.
    #[default]
    NewestFirst,
    /// Those with the least key.
    OldestFirst,
}

impl Order {
    /// A time or a digest as a number that is the greater, the earlier it comes.
    pub(crate) const fn rank(self, of: u64) -> u64 {
        match self {
            Self::NewestFirst => of,
            Self::OldestFirst => !of,
        }
    }

    /// The ranks between which all times of a span are: the last that comes, and the first.
    pub(crate) const fn ranks(self, min_ns: u64, max_ns: u64) -> (u64, u64) {
        match self {
            Self::NewestFirst => (min_ns, max_ns),
            Self::OldestFirst => (!max_ns, !min_ns),
        }
    }
}

/// A place in the order of records: behind those that were shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The key of the last record that was shown.
    pub key: Key,
    /// How many records with this key were shown.
    pub shown: u64,
}

impl Mark {
    /// Behind the last of some records, which came behind another mark.
    pub(crate) fn behind<T>(rows: &[T], key: impl Fn(&T) -> Key, before: Option<Self>) -> Option<Self> {
        let last = key(rows.last()?);
        let here = rows.iter().rev().take_while(|row| key(row) == last).count() as u64;
        let earlier = before.filter(|before| before.key == last).map_or(0, |before| before.shown);
        Some(Self { key: last, shown: earlier.saturating_add(here) })
    }
}

/// Where an answer begins, and which way it goes. By default at the newest record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// Which records come first.
    pub order: Order,
    /// Only those behind this place.
    pub after: Option<Mark>,
}

impl Start {
    /// What of a window may be behind the place.
    pub(crate) fn left(self, window: Window) -> Window {
        let Some(Mark { key, .. }) = self.after else { return window };
        match self.order {
            Order::NewestFirst => Window { to_ns: window.to_ns.min(key.time_ns.saturating_add(1)), ..window },
            Order::OldestFirst => Window { from_ns: window.from_ns.max(key.time_ns), ..window },
        }
    }
}

/// A part of the records that match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The records of this page. What is counted is counted over all pages; where not all are counted, over this one and
    /// those behind it.
    pub found: Found<T>,
    /// Where the next page begins; none where this one is the last.
    pub next: Option<Mark>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_knows_how_many_of_its_key_were_shown() {
        let key = |row: &u64| Key { time_ns: *row, digest: 1 };
        let mark = |time_ns, shown| Mark { key: Key { time_ns, digest: 1 }, shown };
        let table = [
            (&[][..], None, None),
            (&[7], None, Some(mark(7, 1))),
            (&[7, 5, 5], None, Some(mark(5, 2))),
            (&[7, 5, 5], Some(mark(7, 9)), Some(mark(5, 2))),
            (&[7, 7], Some(mark(7, 3)), Some(mark(7, 5))),
        ];
        for (rows, before, expected) in table {
            assert_eq!(Mark::behind(rows, key, before), expected, "{rows:?} behind {before:?}");
        }
    }

    #[test]
    fn steps_are_counted_as_they_are_cut() {
        // from, to, length, steps
        let table =
            [(0, 10, 10, 1), (0, 11, 10, 2), (9, 11, 10, 2), (5, 5, 1, 0), (0, u64::MAX, 1, u64::MAX)];
        for (from_ns, to_ns, step, expected) in table {
            assert_eq!(Window { from_ns, to_ns }.steps(step), expected, "{from_ns} to {to_ns} by {step}");
        }
    }
}
