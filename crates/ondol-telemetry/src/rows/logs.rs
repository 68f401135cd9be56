//! A chunk of log records.

use super::{Chunk, Pairs, Tables, Texts};
use crate::model::{Attributes, Log, SpanId, TraceId};

/// At most [`super::BLOCK`] log records of one hour.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogChunk {
    pub(crate) times: Vec<u64>,
    /// Zero: none.
    pub(crate) traces: Vec<[u8; 16]>,
    /// Zero: none.
    pub(crate) spans: Vec<[u8; 8]>,
    pub(crate) severities: Vec<u8>,
    pub(crate) sources: Vec<u32>,
    pub(crate) scopes: Vec<u32>,
    pub(crate) bodies: Texts,
    pub(crate) attributes: Pairs,
}

impl LogChunk {
    pub(crate) fn get(&self, row: usize, tables: &Tables) -> Log {
        let attributes = self.attributes.row(row);
        Log {
            time_ns: self.times[row],
            trace_id: TraceId::from_bytes(&self.traces[row]),
            span_id: SpanId::from_bytes(&self.spans[row]),
            severity: self.severities[row],
            source: tables.whose(self.sources[row]).clone(),
            scope: tables.names.text(self.scopes[row]).to_owned(),
            body: self.bodies.get(row).to_owned(),
            attributes: Attributes::from_pairs(
                attributes
                    .map(|(name, value)| (tables.names.text(name).to_owned(), value.to_owned()))
                    .collect(),
            ),
        }
    }
}

impl LogChunk {
    /// Its rows in the order in which they are kept, the lines of each instance together: alike lines side by side take a
    /// sixth less of the disk.
    pub(crate) fn by_source(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by_key(|row| (self.sources[*row], self.times[*row]));
        order
    }
}

impl Chunk for LogChunk {
    fn len(&self) -> usize {
        self.times.len()
    }

    fn memory(&self) -> usize {
        let fixed = 8 + 16 + 8 + 1 + 4 + 4;
        fixed * self.times.capacity() + self.bodies.memory() + self.attributes.memory()
    }

    fn times(&self) -> &[u64] {
        &self.times
    }

    fn close(&mut self) {
        self.bodies.close();
        self.attributes.close();
    }

    fn after(other: &Self) -> Self {
        let rows = other.len();
        Self {
            times: Vec::with_capacity(rows),
            traces: Vec::with_capacity(rows),
            spans: Vec::with_capacity(rows),
            severities: Vec::with_capacity(rows),
            sources: Vec::with_capacity(rows),
            scopes: Vec::with_capacity(rows),
            bodies: Texts::like(&other.bodies),
            attributes: Pairs::default(),
        }
    }
}
