//! One group commit in the making: which entries go in, and what each will be answered.

use super::{
    keys,
    tables::{Head, Tables},
};
use crate::log::{Appended, Entry, LogError, Mark, Position, StreamId};
use fjall::OwnedWriteBatch;
use std::collections::{HashMap, hash_map};

/// Appends that will be written and synced together.
pub(super) struct Batch<'t> {
    tables: &'t Tables,
    epoch: u64,
    last: u64,
    bytes: usize,
    write: OwnedWriteBatch,
    /// Streams of this batch, as they are on disk and as they will be.
    heads: HashMap<StreamId, Change>,
}

struct Change {
    before: Option<Mark>,
    now: Head,
}

impl<'t> Batch<'t> {
    /// An empty batch after position `last`.
    pub(super) fn new(tables: &'t Tables, epoch: u64, last: u64) -> Self {
        Self { tables, epoch, last, bytes: 0, write: tables.batch(), heads: HashMap::new() }
    }

    /// The bytes of the records so far.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes in the entries of one append and says what to answer once the batch is durable.
    pub(super) fn add(&mut self, epoch: u64, entries: Vec<Entry>) -> Result<Vec<Appended>, LogError> {
        if epoch != self.epoch {
            return Ok(vec![Appended::Fenced { epoch: self.epoch }; entries.len()]);
        }
        entries.into_iter().map(|entry| self.add_entry(entry)).collect()
    }

    /// Writes and syncs the batch. Returns the last position given.
    pub(super) fn commit(mut self) -> fjall::Result<u64> {
        if self.write.is_empty() {
            return Ok(self.last);
        }
        for (stream, change) in &self.heads {
            put_mark(self.tables, &mut self.write, stream, change);
        }
        self.tables.set_last(&mut self.write, self.last);
        self.tables.make_room()?;
        self.write.commit()?;
        Ok(self.last)
    }

    fn add_entry(&mut self, entry: Entry) -> Result<Appended, LogError> {
        let change = match self.heads.entry(entry.stream.clone()) {
            hash_map::Entry::Occupied(known) => known.into_mut(),
            hash_map::Entry::Vacant(unknown) => {
                let now = self
                    .tables
                    .head(&entry.stream)
                    .map_err(|error| LogError::io("look up a stream", error))?;
                unknown.insert(Change { before: now.mark, now })
            }
        };
        if change.now.seq != entry.expected_seq {
            return Ok(Appended::Conflict { actual_seq: change.now.seq });
        }
        self.last += 1;
        self.bytes += entry.bytes.len();
        let key = keys::record(&entry.stream, change.now.seq, self.last);
        self.write.insert(&self.tables.records, key, entry.bytes);
        let place = keys::place(&entry.stream, change.now.seq);
        self.write.insert(&self.tables.order, self.last.to_be_bytes(), place);
        change.now = Head { seq: change.now.seq + 1, mark: Some(entry.mark) };
        Ok(Appended::Durable(Position(self.last)))
    }
}

/// Each stream's mark is written once a batch, however many of its entries are in it: two writes of one key
/// in one batch have no order.
fn put_mark(tables: &Tables, write: &mut OwnedWriteBatch, stream: &StreamId, change: &Change) {
    let id = stream.as_bytes();
    match change.now.mark {
        Some(Mark::Open { hint }) => {
            write.insert(&tables.open, id, keys::open(change.now.seq, hint));
            if change.before == Some(Mark::Closed) {
                write.remove(&tables.closed, id);
            }
        }
        Some(Mark::Closed) => {
            write.insert(&tables.closed, id, change.now.seq.to_be_bytes());
            if matches!(change.before, Some(Mark::Open { .. })) {
                write.remove(&tables.open, id);
            }
        }
        // Only looked up: its entries all conflicted.
        None => {}
    }
}
