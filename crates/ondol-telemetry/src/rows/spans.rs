//! A chunk of spans.

use super::{Chunk, Pairs, Tables, Texts};
use crate::model::{Attributes, Kind, Link, Moment, Span, SpanId, Status, TraceId};

/// At most [`super::BLOCK`] spans of one hour.
#[derive(Clone, Debug, Default)]
pub(crate) struct SpanChunk {
    pub(crate) starts: Vec<u64>,
    pub(crate) durations: Vec<u64>,
    pub(crate) traces: Vec<[u8; 16]>,
    pub(crate) ids: Vec<[u8; 8]>,
    /// Zero: none.
    pub(crate) parents: Vec<[u8; 8]>,
    pub(crate) names: Vec<u32>,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) statuses: Vec<Status>,
    pub(crate) sources: Vec<u32>,
    pub(crate) scopes: Vec<u32>,
    pub(crate) messages: Texts,
    pub(crate) attributes: Pairs,
    /// Events and links of the few rows that have some, by row.
    pub(crate) extras: Vec<(u32, Extras)>,
}

/// What few spans have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extras {
    pub(crate) events: Vec<Moment>,
    pub(crate) links: Vec<Link>,
}

impl SpanChunk {
    pub(crate) fn extras(&self, row: usize) -> Option<&Extras> {
        let at = self.extras.binary_search_by_key(&(row as u32), |(row, _)| *row).ok()?;
        Some(&self.extras[at].1)
    }

    pub(crate) fn get(&self, row: usize, tables: &Tables) -> Span {
        let extras = self.extras(row).cloned().unwrap_or_default();
        let attributes = self.attributes.row(row);
        Span {
            trace_id: TraceId(self.traces[row]),
            span_id: SpanId(self.ids[row]),
            parent: SpanId::from_bytes(&self.parents[row]),
            name: tables.names.text(self.names[row]).to_owned(),
            kind: self.kinds[row],
            source: tables.whose(self.sources[row]).clone(),
            scope: tables.names.text(self.scopes[row]).to_owned(),
            start_ns: self.starts[row],
            duration_ns: self.durations[row],
            status: self.statuses[row],
            status_message: self.messages.get(row).to_owned(),
            attributes: Attributes::from_pairs(
                attributes
                    .map(|(name, value)| (tables.names.text(name).to_owned(), value.to_owned()))
                    .collect(),
            ),
            events: extras.events,
            links: extras.links,
        }
    }
}

impl Chunk for SpanChunk {
    fn len(&self) -> usize {
        self.starts.len()
    }

    fn memory(&self) -> usize {
        let fixed = 8 + 8 + 16 + 8 + 8 + 4 + 1 + 1 + 4 + 4;
        let extras =
            self.extras.iter().map(|(_, extras)| 64 + 160 * (extras.events.len() + extras.links.len()));
        fixed * self.starts.capacity()
            + self.messages.memory()
            + self.attributes.memory()
            + extras.sum::<usize>()
    }

    fn times(&self) -> &[u64] {
        &self.starts
    }

    fn close(&mut self) {
        self.messages.close();
        self.attributes.close();
        self.extras.shrink_to_fit();
    }
}
