//! Figures while spans come in: by the numbers of services, since texts would cost more than all else.

use foldhash::HashMap;

use super::figures::{BUCKETS, Cell, Figures, STEP_NS, bucket, of};
use crate::model::{SpanId, TraceId};

/// A call, or a request that enters a service from nobody known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    /// The caller, if the parent is known.
    pub(super) from: Option<u32>,
    pub(super) to: u32,
    pub(super) start_ns: u64,
    pub(super) duration_ns: u64,
    pub(super) failed: bool,
    pub(super) exemplar: (TraceId, SpanId),
}

/// The figures of the present generation.
#[derive(Clone, Debug, Default)]
pub(super) struct Live {
    /// Spans by service and step.
    spans: HashMap<(u32, u64), u64>,
    /// Requests by caller, callee and step; without a caller all that enter the callee.
    cells: HashMap<(Option<u32>, u32, u64), Counts>,
}

#[derive(Clone, Debug)]
struct Counts {
    requests: u64,
    errors: u64,
    durations: Box<[u32; BUCKETS]>,
    exemplar: Option<(bool, u64, TraceId, SpanId)>,
}

impl Live {
    pub(super) fn span(&mut self, service: u32, start_ns: u64) {
        *self.spans.entry((service, start_ns / STEP_NS)).or_default() += 1;
    }

    /// Counts a request. One within a service is none.
    pub(super) fn call(&mut self, edge: &Edge) {
        if edge.from == Some(edge.to) {
            return;
        }
        let step = edge.start_ns / STEP_NS;
        self.cells.entry((None, edge.to, step)).or_default().count(edge);
        if edge.from.is_some() {
            self.cells.entry((edge.from, edge.to, step)).or_default().count(edge);
        }
    }

    /// What it takes, in bytes, roughly.
    pub(super) fn memory(&self) -> usize {
        32 * self.spans.capacity() + (4 * BUCKETS + 128) * self.cells.len()
    }

    /// By the services' names.
    pub(super) fn figures(&self, names: &[String]) -> Figures {
        let name = |number: &u32| names[*number as usize].as_str();
        let mut figures = Figures::default();
        for ((service, step), count) in &self.spans {
            of(&mut figures.spans, name(service)).insert(*step, *count);
        }
        for ((from, to, step), counts) in &self.cells {
            let steps = match from {
                None => of(&mut figures.entries, name(to)),
                Some(from) => of(of(&mut figures.calls, name(from)), name(to)),
            };
            steps.insert(*step, counts.cell());
        }
        figures
    }
}

impl Default for Counts {
    fn default() -> Self {
        Self { requests: 0, errors: 0, durations: Box::new([0; BUCKETS]), exemplar: None }
    }
}

impl Counts {
    fn count(&mut self, edge: &Edge) {
        self.requests += 1;
        self.errors += u64::from(edge.failed);
        self.durations[usize::from(bucket(edge.duration_ns))] += 1;
        let (trace, span) = edge.exemplar;
        self.exemplar = self.exemplar.max(Some((edge.failed, edge.duration_ns, trace, span)));
    }

    fn cell(&self) -> Cell {
        let some = self.durations.iter().enumerate().filter(|(_, count)| **count > 0);
        Cell {
            requests: self.requests,
            errors: self.errors,
            durations: some.map(|(bucket, count)| (bucket as u8, u64::from(*count))).collect(),
            exemplar: self.exemplar,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{ServiceMap, Window};

    #[test]
    fn calls_within_a_service_are_none() {
        let mut live = Live::default();
        let edge = |from, to, ms: u64, failed| Edge {
            from,
            to,
            start_ns: STEP_NS,
            duration_ns: ms * 1_000_000,
            failed,
            exemplar: (TraceId([1; 16]), SpanId([ms as u8; 8])),
        };
        for edge in [edge(None, 0, 9, false), edge(Some(0), 0, 5, false), edge(Some(0), 1, 3, true)] {
            live.span(edge.to, edge.start_ns);
            live.call(&edge);
        }
        let once = live.figures(&["a".to_owned(), "b".to_owned()]);
        let mut doubled = once.clone();
        doubled.merge(&once);
        let map = doubled.map(Window::EVER);
        let services: Vec<_> =
            map.services.iter().map(|of| (of.service.as_str(), of.spans, of.figures.requests)).collect();
        assert_eq!(services, [("a", 4, 2), ("b", 2, 2)]);
        assert_eq!(map.calls.len(), 1);
        assert_eq!((map.calls[0].figures.requests, map.calls[0].figures.errors), (2, 2));
        assert_eq!(map.calls[0].figures.exemplar, Some((TraceId([1; 16]), SpanId([3; 8]))));
        assert_eq!(once.map(Window { from_ns: 0, to_ns: 1 }), ServiceMap::default());
    }
}
