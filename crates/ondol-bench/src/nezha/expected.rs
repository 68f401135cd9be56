//! What must be true once the day has been sent: reckoned from the rows, without a line of the receiver's code.

use std::collections::{BTreeMap, HashMap};

use super::{Day, Severity, SpanRow};

/// One trace of the day: each span once, by its id.
pub type Trace = BTreeMap<u64, SpanRow>;

/// What must be found.
#[derive(Debug)]
pub struct Expected {
    /// By id.
    pub traces: BTreeMap<u128, Trace>,
    /// Rows that repeat a (trace, span) that was there.
    pub duplicates: u64,
    /// Spans of each service, each once.
    pub spans: BTreeMap<String, u64>,
    /// Spans whose parent is of another service, by both: the caller, the callee.
    pub calls: BTreeMap<(String, String), u64>,
    /// Log rows of each service.
    pub logs: BTreeMap<String, u64>,
    /// Log rows of each severity.
    pub severities: BTreeMap<Severity, u64>,
}

impl Expected {
    /// Of a day.
    pub fn of(day: &Day) -> Self {
        let mut expected = Self {
            traces: BTreeMap::new(),
            duplicates: 0,
            spans: BTreeMap::new(),
            calls: BTreeMap::new(),
            logs: BTreeMap::new(),
            severities: BTreeMap::new(),
        };
        for span in &day.spans {
            if expected.traces.entry(span.trace).or_default().insert(span.id, *span).is_some() {
                expected.duplicates += 1;
            }
        }
        let service = |pod| day.pod(pod).service.clone();
        for trace in expected.traces.values() {
            for span in trace.values() {
                *expected.spans.entry(service(span.pod)).or_default() += 1;
                let parent = span.parent.and_then(|parent| trace.get(&parent));
                if let Some(parent) =
                    parent.filter(|parent| day.pod(parent.pod).service != day.pod(span.pod).service)
                {
                    *expected.calls.entry((service(parent.pod), service(span.pod))).or_default() += 1;
                }
            }
        }
        for log in &day.logs {
            *expected.logs.entry(service(log.pod)).or_default() += 1;
            *expected.severities.entry(log.severity).or_default() += 1;
        }
        expected
    }

    /// Spans, each once.
    pub fn span_count(&self) -> u64 {
        self.spans.values().sum()
    }

    /// Traces drawn by a seed, each once, and of every trace the rows in the order in which they began.
    pub fn drawn(&self, seed: u64, count: usize) -> Vec<(u128, Vec<SpanRow>)> {
        let mut chance = fastrand::Rng::with_seed(seed);
        let ids: Vec<u128> = self.traces.keys().copied().collect();
        let chosen = chance.choose_multiple(ids, count);
        let mut rows: HashMap<u128, Vec<SpanRow>> =
            chosen.iter().map(|id| (*id, self.traces[id].values().copied().collect())).collect();
        for rows in rows.values_mut() {
            rows.sort_by_key(|span| span.start_ns);
        }
        chosen.into_iter().map(|id| (id, rows.remove(&id).unwrap_or_default())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nezha::Pod;

    #[test]
    fn a_span_that_came_twice_counts_once_and_a_call_is_between_services() {
        let pod = |service: &str| Pod {
            name: format!("{service}-1-2"),
            service: service.to_owned(),
            node: String::new(),
        };
        let span = |id, parent, pod| SpanRow { trace: 1, id, parent, pod, name: 0, start_ns: id, end_ns: 9 };
        let spans = vec![span(1, None, 0), span(2, Some(1), 0), span(3, Some(2), 1), span(3, Some(2), 1)];
        let day =
            Day { pods: vec![pod("a"), pod("b")], names: vec!["x".to_owned()], spans, logs: Vec::new() };
        let expected = Expected::of(&day);
        assert_eq!((expected.duplicates, expected.span_count(), expected.traces.len()), (1, 3, 1));
        assert_eq!(expected.spans, [("a".to_owned(), 2), ("b".to_owned(), 1)].into());
        assert_eq!(expected.calls, [(("a".to_owned(), "b".to_owned()), 1)].into());
        assert_eq!(expected.drawn(1, 20), expected.drawn(1, 20));
    }
}
