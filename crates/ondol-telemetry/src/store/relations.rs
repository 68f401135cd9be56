//! Who calls whom, found as spans arrive: each span is joined with its parent, whichever of them comes first.
//!
//! It also tells a span that came before. What it remembers is bounded: the spans of the last two generations.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::figures::Figures;
use super::live::{Edge, Live};
use crate::model::{Kind, SpanId, TraceId};

type Key = ([u8; 16], [u8; 8]);

/// Names of services that are told apart: a system of a thousand services has room to rename each ten times. Further ones
/// are one on the map; their records are kept under their own names.
const SERVICES_MAX: usize = 10_000;

/// The name of further ones.
const OTHERS: &str = "(others)";

/// What is looked at of a span.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) trace: TraceId,
    pub(crate) id: SpanId,
    pub(crate) parent: Option<SpanId>,
    /// From [`Relations::service`].
    pub(crate) service: u32,
    pub(crate) kind: Kind,
    pub(crate) start_ns: u64,
    pub(crate) duration_ns: u64,
    pub(crate) failed: bool,
}

/// Spans of the last two generations, and the figures of the present one.
#[derive(Debug, Default)]
pub(crate) struct Relations {
    services: HashMap<String, u32>,
    names: Vec<String>,
    now: Memory,
    before: Memory,
    live: Live,
}

#[derive(Debug, Default)]
struct Memory {
    here: HashMap<Key, Here, RandomState>,
    /// Spans whose parent is not there yet, by the parent.
    waiting: HashMap<Key, Vec<Seen>, RandomState>,
}

/// What tells a span from another one of its id. Its times are no part of it: a sender that sends it again after a crash
/// may know them less well, as Ondol itself does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Here {
    service: u32,
    kind: Kind,
}

impl Relations {
    /// The number of a service.
    pub(crate) fn service(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.services.get(name) {
            return number;
        }
        if self.names.len() >= SERVICES_MAX && name != OTHERS {
            return self.service(OTHERS);
        }
        let number = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.services.insert(name.to_owned(), number);
        number
    }

    /// Takes note of a span. False: it came before, and the first one stays.
    pub(crate) fn see(&mut self, span: &Seen) -> bool {
        let key = (span.trace.0, span.id.0);
        let here = Here { service: span.service, kind: span.kind };
        if self.before.here.get(&key) == Some(&here) {
            return false;
        }
        match self.now.here.entry(key) {
            std::collections::hash_map::Entry::Occupied(known) if *known.get() == here => return false,
            // Two spans with one id (Zipkin's client and server share theirs): the first one is the parent.
            std::collections::hash_map::Entry::Occupied(_) => {}
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(here);
            }
        }
        self.live.span(span.service, span.start_ns);
        self.join(span);
        for memory in [&mut self.now, &mut self.before] {
            for child in memory.waiting.remove(&key).into_iter().flatten() {
                self.live.call(&edge(Some(span.service), &child));
            }
        }
        true
    }

    /// Takes note of a span of an earlier run, so that spans that come now find their parent. It is not counted.
    pub(crate) fn remember(&mut self, span: &Seen) {
        let here = Here { service: span.service, kind: span.kind };
        self.now.here.entry((span.trace.0, span.id.0)).or_insert(here);
    }

    fn join(&mut self, span: &Seen) {
        let Some(parent) = span.parent.map(|parent| (span.trace.0, parent.0)) else {
            self.live.call(&edge(None, span));
            return;
        };
        match self.now.here.get(&parent).or_else(|| self.before.here.get(&parent)) {
            Some(parent) => self.live.call(&edge(Some(parent.service), span)),
            None => self.now.waiting.entry(parent).or_default().push(*span),
        }
    }

    /// Ends a generation: gives its figures, and forgets the generation before. Spans whose parent has not come in two
    /// generations count as entries of their service.
    pub(crate) fn turn(&mut self) -> Figures {
        let old = std::mem::replace(&mut self.before, std::mem::take(&mut self.now));
        for child in old.waiting.values().flatten() {
            self.live.call(&edge(None, child));
        }
        std::mem::take(&mut self.live).figures(&self.names)
    }

    /// Ends everything: spans whose parent has not come count as entries of their service.
    pub(crate) fn turn_all(&mut self, into: &mut Figures) {
        for _ in 0..2 {
            let figures = self.turn();
            into.merge(&figures);
        }
        let figures = self.turn();
        into.merge(&figures);
    }

    /// The figures of the present generation, as far as parents are known.
    pub(crate) fn figures(&self) -> Figures {
        self.live.figures(&self.names)
    }

    /// What it remembers takes, in bytes, roughly.
    pub(crate) fn memory(&self) -> usize {
        let of = |memory: &Memory| 48 * memory.here.capacity() + 140 * memory.waiting.len();
        of(&self.now) + of(&self.before) + self.live.memory()
    }
}

fn edge(from: Option<u32>, child: &Seen) -> Edge {
    Edge {
        from,
        to: child.service,
        start_ns: child.start_ns,
        duration_ns: child.duration_ns,
        failed: child.failed,
        exemplar: (child.trace, child.id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_that_comes_again_is_known_by_its_ids() {
        let mut relations = Relations::default();
        let [pay, shop] = ["pay", "shop"].map(|name| relations.service(name));
        #[rustfmt::skip]
        let table = [
            // id, service, kind,       start, ends a generation, new
            (1, pay,  Kind::Client, 1_000, false, true),
            (1, pay,  Kind::Client, 1_000, false, false),
            (1, pay,  Kind::Client, 1_004, false, false),
            // As Zipkin has it: client and server share an id.
            (1, shop, Kind::Server, 1_002, false, true),
            (2, pay,  Kind::Client, 1_000, true,  true),
            (1, pay,  Kind::Client, 1_007, true,  false),
            (1, pay,  Kind::Client, 1_007, false, true),
        ];
        for (at, (id, service, kind, start_ns, ends, new)) in table.into_iter().enumerate() {
            let (trace, id) = (TraceId([1; 16]), SpanId([id; 8]));
            let span =
                Seen { trace, id, parent: None, service, kind, start_ns, duration_ns: 5, failed: false };
            assert_eq!(relations.see(&span), new, "{at}");
            if ends {
                relations.turn();
            }
        }
    }

    #[test]
    fn names_of_services_are_bounded() {
        let mut relations = Relations::default();
        let numbers: Vec<u32> =
            (0..2 * SERVICES_MAX).map(|at| relations.service(&format!("s{at}"))).collect();
        assert_eq!(relations.names.len(), SERVICES_MAX + 1);
        assert_eq!(relations.service("s7"), numbers[7]);
        assert_eq!(numbers[SERVICES_MAX], numbers[2 * SERVICES_MAX - 1]);
    }
}
