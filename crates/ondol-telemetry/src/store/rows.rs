//! The rows of one generation in memory, by hour.

use std::collections::BTreeMap;

use crate::rows::{BLOCK, Chunk, HOUR_NS, Tables};

/// What has arrived since the last sealing.
#[derive(Debug)]
pub(crate) struct Rows<C> {
    /// What many rows have in common.
    pub(crate) tables: Tables,
    hours: BTreeMap<u64, Hour<C>>,
    count: usize,
    /// Memory of closed chunks, in bytes.
    closed: usize,
}

/// The chunks of one hour; all but the last are full.
#[derive(Debug, Default)]
pub(crate) struct Hour<C> {
    pub(crate) full: Vec<C>,
    pub(crate) open: C,
}

impl<C: Chunk> Hour<C> {
    /// All chunks that have rows, in the order of arrival.
    pub(crate) fn chunks(&self) -> impl DoubleEndedIterator<Item = &C> {
        self.full.iter().chain((self.open.len() > 0).then_some(&self.open))
    }
}

impl<C: Chunk> Default for Rows<C> {
    fn default() -> Self {
        Self { tables: Tables::default(), hours: BTreeMap::new(), count: 0, closed: 0 }
    }
}

impl<C: Chunk> Rows<C> {
    /// The chunk for a row of this time, and the tables.
    pub(crate) fn chunk(&mut self, time_ns: u64) -> (&mut C, &mut Tables) {
        (&mut self.hours.entry(time_ns / HOUR_NS).or_default().open, &mut self.tables)
    }

    /// A row of this time was added to its chunk.
    pub(crate) fn added(&mut self, time_ns: u64) {
        self.count += 1;
        let Some(hour) = self.hours.get_mut(&(time_ns / HOUR_NS)) else { return };
        if hour.open.len() >= BLOCK {
            let next = C::after(&hour.open);
            let mut full = std::mem::replace(&mut hour.open, next);
            full.close();
            self.closed += full.memory();
            hour.full.push(full);
        }
    }

    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// What all of it takes, in bytes.
    pub(crate) fn memory(&self) -> usize {
        self.closed + self.tables.memory() + self.hours.values().map(|hour| hour.open.memory()).sum::<usize>()
    }

    /// The hours, numbered since 1970, oldest first.
    pub(crate) fn hours(&self) -> impl DoubleEndedIterator<Item = (u64, &Hour<C>)> {
        self.hours.iter().map(|(number, hour)| (*number, hour))
    }
}
