//! The first records found so far, in the order that was asked for. It holds about twice as many as are wanted, however
//! many are found: their times decide, and only where times are equal the records are read to tell which comes first.

use std::cmp::{Ordering, Reverse};

use super::kind::Searched;
use crate::error::QueryError;
use crate::query::{Mark, Order, Start};

/// Where a record in a file is: the file's place in the snapshot, and the row.
pub(super) type Place = (usize, usize);

/// Reads records of files: the digests of their keys, in the order of the places.
pub(super) type Digests<'a> = &'a dyn Fn(&[Place]) -> Result<Vec<u64>, QueryError>;

/// A record found. Ranks are the greater, the earlier it comes.
struct Candidate<R> {
    time_rank: u64,
    /// Not known before somebody has to know.
    digest_rank: Option<u64>,
    at: At<R>,
}

enum At<R> {
    /// Boxed, since candidates are moved about much.
    Here(Box<R>),
    There(Place),
}

/// What was shown on the pages before.
struct Shown {
    ranks: (u64, u64),
    /// Records of just this key that are still to be left out.
    left: u64,
}

impl Shown {
    /// Was a record with these ranks not shown?
    fn lacks(&mut self, ranks: (u64, u64)) -> bool {
        match ranks.cmp(&self.ranks) {
            Ordering::Less => true,
            Ordering::Greater => false,
            Ordering::Equal if self.left == 0 => true,
            Ordering::Equal => {
                self.left -= 1;
                false
            }
        }
    }
}

/// The first records found so far.
pub(super) struct Best<'a, K: Searched> {
    order: Order,
    limit: usize,
    shown: Option<Shown>,
    found: Vec<Candidate<K::Record>>,
    digests: Digests<'a>,
}

impl<'a, K: Searched> Best<'a, K> {
    /// `limit` is at least one.
    pub(super) fn new(start: Start, limit: usize, digests: Digests<'a>) -> Self {
        let order = start.order;
        let shown = start.after.map(|Mark { key, shown }| Shown {
            ranks: (order.rank(key.time_ns), order.rank(key.digest)),
            left: shown,
        });
        Self { order, limit, shown, found: Vec::new(), digests }
    }

    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    /// So many are held that room should be made.
    pub(super) const fn crowded(&self) -> bool {
        self.found.len() > 2 * self.limit
    }

    /// Was a record of this rank of time certainly shown before?
    pub(super) fn before(&self, time_rank: u64) -> bool {
        self.shown.as_ref().is_some_and(|shown| time_rank > shown.ranks.0)
    }

    /// The lowest rank of time that still matters, if one is known; drops what does not matter any more.
    pub(super) fn floor(&mut self) -> Result<Option<u64>, QueryError> {
        if self.found.len() < self.limit {
            return Ok(None);
        }
        let at = self.limit - 1;
        let (_, floor, _) = self.found.select_nth_unstable_by_key(at, |of| Reverse(of.time_rank));
        let floor = floor.time_rank;
        if self.found.len() > self.limit {
            self.found.retain(|of| of.time_rank >= floor);
        }
        if self.crowded() {
            self.part(floor)?;
        }
        Ok(Some(floor))
    }

    /// Takes a record that is in memory.
    pub(super) fn here(&mut self, record: K::Record) {
        let time_rank = self.order.rank(K::time(&record));
        let mut digest_rank = None;
        if let Some(shown) = self.shown.as_mut().filter(|shown| shown.ranks.0 <= time_rank) {
            let rank = self.order.rank(K::key(&record).digest);
            if !shown.lacks((time_rank, rank)) {
                return;
            }
            digest_rank = Some(rank);
        }
        self.found.push(Candidate { time_rank, digest_rank, at: At::Here(Box::new(record)) });
    }

    /// Takes records of a file: their rows and times.
    pub(super) fn there(
        &mut self,
        file: usize,
        times: impl Iterator<Item = (usize, u64)>,
    ) -> Result<(), QueryError> {
        let mut doubtful = Vec::new();
        for (row, time) in times {
            let time_rank = self.order.rank(time);
            match self.shown.as_ref().map(|shown| time_rank.cmp(&shown.ranks.0)) {
                Some(Ordering::Greater) => {}
                Some(Ordering::Equal) => doubtful.push((file, row)),
                Some(Ordering::Less) | None => {
                    self.found.push(Candidate { time_rank, digest_rank: None, at: At::There((file, row)) });
                }
            }
        }
        let Some(shown) = self.shown.as_mut().filter(|_| !doubtful.is_empty()) else { return Ok(()) };
        let digests = (self.digests)(&doubtful)?;
        for (place, digest) in doubtful.into_iter().zip(digests) {
            let ranks = (shown.ranks.0, self.order.rank(digest));
            if shown.lacks(ranks) {
                let (time_rank, digest_rank) = (ranks.0, Some(ranks.1));
                self.found.push(Candidate { time_rank, digest_rank, at: At::There(place) });
            }
        }
        Ok(())
    }

    /// The first of all, in no order: those in memory, and where the others are.
    pub(super) fn finish(mut self) -> Result<(Vec<K::Record>, Vec<Place>), QueryError> {
        if let Some(floor) = self.floor()?.filter(|_| self.found.len() > self.limit) {
            self.part(floor)?;
        }
        let (mut here, mut there) = (Vec::new(), Vec::new());
        for of in self.found {
            match of.at {
                At::Here(record) => here.push(*record),
                At::There(place) => there.push(place),
            }
        }
        Ok((here, there))
    }

    /// Keeps exactly the first: of those at the floor the digests decide.
    fn part(&mut self, floor: u64) -> Result<(), QueryError> {
        let open = |of: &Candidate<K::Record>| of.time_rank == floor && of.digest_rank.is_none();
        let place = |of: &Candidate<K::Record>| match of.at {
            At::There(place) => Some(place),
            At::Here(_) => None,
        };
        let places: Vec<Place> = self.found.iter().filter(|of| open(of)).filter_map(place).collect();
        let mut read = (self.digests)(&places)?.into_iter();
        for of in self.found.iter_mut().filter(|of| open(of)) {
            let digest = match &of.at {
                At::Here(record) => K::key(record).digest,
                At::There(_) => read.next().expect("each place has a digest"),
            };
            of.digest_rank = Some(self.order.rank(digest));
        }
        let at = self.limit - 1;
        self.found.select_nth_unstable_by_key(at, |of| Reverse((of.time_rank, of.digest_rank)));
        self.found.truncate(self.limit);
        Ok(())
    }
}
