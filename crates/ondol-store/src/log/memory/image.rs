//! What a disk of the memory log holds, and the rules by which appends change it.

use crate::log::{
    Appended, Entry, Forgotten, LogError, Mark, OpenStream, Position, Record, StreamId, TAIL_BYTES_MAX,
    Tailed,
};
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    ops::Bound::{Excluded, Unbounded},
};

#[derive(Clone, Debug, Default)]
pub(super) struct Image {
    pub(super) epoch: u64,
    last: u64,
    records: BTreeMap<u64, (StreamId, u64, Bytes)>,
    streams: BTreeMap<StreamId, Stream>,
}

#[derive(Clone, Debug)]
struct Stream {
    positions: Vec<u64>,
    mark: Mark,
}

impl Image {
    pub(super) fn last_position(&self) -> u64 {
        self.last
    }

    pub(super) fn append(&mut self, epoch: u64, entry: &Entry) -> Appended {
        if epoch != self.epoch {
            return Appended::Fenced { epoch: self.epoch };
        }
        let actual_seq = self.streams.get(&entry.stream).map_or(0, |stream| stream.positions.len() as u64);
        if actual_seq != entry.expected_seq {
            return Appended::Conflict { actual_seq };
        }
        self.last += 1;
        let stream = self
            .streams
            .entry(entry.stream.clone())
            .or_insert_with(|| Stream { positions: Vec::new(), mark: entry.mark });
        stream.positions.push(self.last);
        stream.mark = entry.mark;
        self.records.insert(self.last, (entry.stream.clone(), actual_seq, entry.bytes.clone()));
        Appended::Durable(Position(self.last))
    }

    pub(super) fn forget(&mut self, epoch: u64, id: &StreamId) -> Forgotten {
        if epoch != self.epoch {
            return Forgotten::Fenced { epoch: self.epoch };
        }
        match self.streams.get(id).map(|stream| stream.mark) {
            None => Forgotten::Absent,
            Some(Mark::Open { .. }) => Forgotten::Open,
            Some(Mark::Closed) => {
                let positions = self.streams.remove(id).map(|stream| stream.positions).unwrap_or_default();
                for position in &positions {
                    self.records.remove(position);
                }
                Forgotten::Dropped { records: positions.len() as u64 }
            }
        }
    }

    pub(super) fn read(&self, id: &StreamId, from_seq: u64) -> Vec<Record> {
        let positions = self.streams.get(id).map_or(&[][..], |stream| &stream.positions);
        let records = positions.iter().filter_map(|position| Some((*position, self.records.get(position)?)));
        records
            .filter(|(_, (_, seq, _))| *seq >= from_seq)
            .map(|(position, (_, seq, bytes))| Record {
                seq: *seq,
                position: Position(position),
                bytes: bytes.clone(),
            })
            .collect()
    }

    pub(super) fn tail(&self, after: Position, limit: usize) -> Result<Vec<Tailed>, LogError> {
        let oldest = self.records.keys().next().copied().unwrap_or(self.last + 1);
        if after.0.saturating_add(1) < oldest {
            return Err(LogError::Gone { oldest: Position(oldest) });
        }
        let mut page_bytes = 0;
        let mut page = Vec::new();
        for (position, (stream, seq, bytes)) in self.records.range((Excluded(after.0), Unbounded)).take(limit)
        {
            if page_bytes >= TAIL_BYTES_MAX {
                break;
            }
            page_bytes += bytes.len();
            page.push(Tailed {
                position: Position(*position),
                stream: stream.clone(),
                seq: *seq,
                bytes: bytes.clone(),
            });
        }
        Ok(page)
    }

    pub(super) fn open_streams(&self, after: Option<&StreamId>, limit: usize) -> Vec<OpenStream> {
        let from = after.map_or(Unbounded, Excluded);
        self.streams
            .range::<StreamId, _>((from, Unbounded))
            .filter_map(|(id, stream)| match stream.mark {
                Mark::Open { hint } => {
                    Some(OpenStream { stream: id.clone(), seq: stream.positions.len() as u64, hint })
                }
                Mark::Closed => None,
            })
            .take(limit)
            .collect()
    }
}
