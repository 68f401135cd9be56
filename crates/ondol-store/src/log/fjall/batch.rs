//! One group commit in the making: which entries go in, and what each will be answered.

use super::{
    keys,
    recent::{Known, Recent},
    tables::Tables,
};
use crate::log::{Appended, Entry, LogError, Position, StreamId, Tailed};
use fjall::OwnedWriteBatch;
use std::collections::{HashMap, hash_map};

/// Appends that will be written and synced together.
pub(super) struct Batch<'t> {
    tables: &'t Tables,
    recent: &'t Recent,
    epoch: u64,
    last: u64,
    bytes: usize,
    write: OwnedWriteBatch,
    /// Streams of this batch, as they will be.
    heads: HashMap<StreamId, Known>,
    records: Vec<Tailed>,
}

impl<'t> Batch<'t> {
    /// An empty batch after position `last`.
    pub(super) fn new(tables: &'t Tables, recent: &'t Recent, epoch: u64, last: u64) -> Self {
        Self {
            tables,
            recent,
            epoch,
            last,
            bytes: 0,
            write: tables.batch(),
            heads: HashMap::new(),
            records: Vec::new(),
        }
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
        self.heads.reserve(entries.len());
        self.records.reserve(entries.len());
        entries.into_iter().map(|entry| self.add_entry(entry)).collect()
    }

    /// Writes and syncs the batch, and with it now and then the heads that have changed. Returns the last position given.
    pub(super) fn commit(mut self) -> fjall::Result<u64> {
        if self.records.is_empty() {
            return Ok(self.last);
        }
        let mut settled = None;
        if self.recent.is_due(self.records.len(), self.bytes) {
            let mut heads = self.recent.unsettled();
            heads.retain(|(stream, _)| !self.heads.contains_key(stream));
            heads.extend(self.heads.drain());
            self.tables.settle(&mut self.write, &mut heads, self.last);
            settled = Some(heads);
        }
        self.tables.make_room()?;
        self.write.commit()?;
        self.recent.publish(self.heads, self.records);
        if let Some(heads) = settled {
            self.recent.settled(heads);
        }
        Ok(self.last)
    }

    fn add_entry(&mut self, entry: Entry) -> Result<Appended, LogError> {
        let known = match self.heads.entry(entry.stream.clone()) {
            hash_map::Entry::Occupied(known) => known.into_mut(),
            hash_map::Entry::Vacant(unknown) => {
                unknown.insert(known(self.tables, self.recent, &entry.stream)?)
            }
        };
        if known.head.seq != entry.expected_seq {
            return Ok(Appended::Conflict { actual_seq: known.head.seq });
        }
        self.last += 1;
        self.bytes += entry.bytes.len();
        let Entry { stream, expected_seq: seq, bytes, mark } = entry;
        let value = keys::placed(&stream, seq, mark, &bytes);
        self.write.insert(&self.tables.order, self.last.to_be_bytes(), value);
        known.head.push(self.last, mark);
        known.unsettled = true;
        let position = Position(self.last);
        self.records.push(Tailed { position, stream, seq, bytes });
        Ok(Appended::Durable(position))
    }
}

fn known(tables: &Tables, recent: &Recent, stream: &StreamId) -> Result<Known, LogError> {
    if let Some(known) = recent.head(stream) {
        return Ok(known);
    }
    let head = tables.head(stream).map_err(|error| LogError::io("look up a stream", error))?;
    // Nothing of it is unsettled, so the tables list it as its mark says.
    let listed = head.open_hint().is_some();
    Ok(Known { head, unsettled: false, listed })
}
