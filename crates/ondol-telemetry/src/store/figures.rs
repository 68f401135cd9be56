//! Rate, errors and durations by service and by call, in steps of a minute.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::model::{SpanId, TraceId};
use crate::query::{CallFigures, Figures as Shown, ServiceFigures, ServiceMap, Window};

/// The step of time, in nanoseconds.
pub(super) const STEP_NS: u64 = 60_000_000_000;

/// Buckets of durations: four for each doubling (each at most 19 % wider than the one before), from 1 µs to 18 hours.
pub(super) const BUCKETS: usize = 144;

/// Figures of one step and one service or call.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Cell {
    pub(crate) requests: u64,
    pub(crate) errors: u64,
    /// By bucket, only those that are not empty.
    pub(crate) durations: BTreeMap<u8, u64>,
    /// The worst: a failed one before a slow one.
    pub(crate) exemplar: Option<(bool, u64, TraceId, SpanId)>,
}

/// All figures of some stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Spans by service and step.
    pub(crate) spans: BTreeMap<String, BTreeMap<u64, u64>>,
    /// Requests that enter a service, by service and step.
    pub(crate) entries: BTreeMap<String, BTreeMap<u64, Cell>>,
    /// Calls between services, by caller, callee and step.
    pub(crate) calls: BTreeMap<String, BTreeMap<String, BTreeMap<u64, Cell>>>,
}

impl Figures {
    pub(crate) fn merge(&mut self, other: &Self) {
        for (service, steps) in &other.spans {
            for (step, count) in steps {
                *of(&mut self.spans, service).entry(*step).or_default() += count;
            }
        }
        for (service, steps) in &other.entries {
            merge_steps(of(&mut self.entries, service), steps);
        }
        for (from, callees) in &other.calls {
            for (to, steps) in callees {
                merge_steps(of(of(&mut self.calls, from), to), steps);
            }
        }
    }

    /// The figures of one hour since 1970.
    pub(crate) fn of_hour(&self, hour: u64) -> Self {
        let inside = |step: &u64| step / 60 == hour;
        let cells = |steps: &BTreeMap<u64, Cell>| -> BTreeMap<u64, Cell> {
            steps.iter().filter(|(step, _)| inside(step)).map(|(step, cell)| (*step, cell.clone())).collect()
        };
        let spans = |steps: &BTreeMap<u64, u64>| -> BTreeMap<u64, u64> {
            steps.iter().filter(|(step, _)| inside(step)).map(|(step, count)| (*step, *count)).collect()
        };
        let callees_of = |callees: &BTreeMap<String, BTreeMap<u64, Cell>>| -> BTreeMap<_, _> {
            callees
                .iter()
                .map(|(to, steps)| (to.clone(), cells(steps)))
                .filter(|(_, steps)| !steps.is_empty())
                .collect()
        };
        Self {
            spans: self
                .spans
                .iter()
                .map(|(of, steps)| (of.clone(), spans(steps)))
                .filter(|(_, steps)| !steps.is_empty())
                .collect(),
            entries: self
                .entries
                .iter()
                .map(|(of, steps)| (of.clone(), cells(steps)))
                .filter(|(_, steps)| !steps.is_empty())
                .collect(),
            calls: self
                .calls
                .iter()
                .map(|(from, callees)| (from.clone(), callees_of(callees)))
                .filter(|(_, callees)| !callees.is_empty())
                .collect(),
        }
    }

    /// The map of a window, by whole steps.
    pub(crate) fn map(&self, window: Window) -> ServiceMap {
        let inside = |step: u64| {
            (step + 1).saturating_mul(STEP_NS) > window.from_ns && step.saturating_mul(STEP_NS) < window.to_ns
        };
        let services = self.spans.iter().filter_map(|(service, steps)| {
            let spans: u64 = steps.iter().filter(|(step, _)| inside(**step)).map(|(_, count)| count).sum();
            let figures = self.entries.get(service).map(|steps| shown(steps, inside)).unwrap_or_default();
            (spans > 0).then(|| ServiceFigures { service: service.clone(), spans, figures })
        });
        let calls = self.calls.iter().flat_map(|(from, callees)| callees.iter().map(move |to| (from, to)));
        let calls = calls.filter_map(|(from, (to, steps))| {
            let figures = shown(steps, inside);
            (figures.requests > 0).then(|| CallFigures { from: from.clone(), to: to.clone(), figures })
        });
        ServiceMap { services: services.collect(), calls: calls.collect() }
    }
}

/// The entry of a name, which is copied only where it is new.
pub(super) fn of<'a, V: Default>(map: &'a mut BTreeMap<String, V>, name: &str) -> &'a mut V {
    if !map.contains_key(name) {
        map.insert(name.to_owned(), V::default());
    }
    map.get_mut(name).expect("it is there")
}

fn merge_steps(into: &mut BTreeMap<u64, Cell>, from: &BTreeMap<u64, Cell>) {
    for (step, cell) in from {
        into.entry(*step).or_default().merge(cell);
    }
}

fn shown(steps: &BTreeMap<u64, Cell>, inside: impl Fn(u64) -> bool) -> Shown {
    let mut sum = Cell::default();
    for (_, cell) in steps.iter().filter(|(step, _)| inside(**step)) {
        sum.merge(cell);
    }
    Shown {
        requests: sum.requests,
        errors: sum.errors,
        p50_ns: sum.quantile(50),
        p95_ns: sum.quantile(95),
        p99_ns: sum.quantile(99),
        exemplar: sum.exemplar.map(|(_, _, trace, span)| (trace, span)),
    }
}

impl Cell {
    fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.errors += other.errors;
        for (bucket, count) in &other.durations {
            *self.durations.entry(*bucket).or_default() += count;
        }
        self.exemplar = self.exemplar.max(other.exemplar);
    }

    /// The upper end of the bucket in which the quantile lies, in nanoseconds.
    fn quantile(&self, per_cent: u64) -> u64 {
        let rank = (self.requests * per_cent).div_ceil(100).max(1);
        let mut before = 0;
        let found = self.durations.iter().find(|(_, count)| {
            before += **count;
            before >= rank
        });
        found.map_or(0, |(bucket, _)| upper(*bucket))
    }
}

/// The upper ends of the buckets, in nanoseconds, rising.
static UPPER: LazyLock<[u64; BUCKETS]> = LazyLock::new(|| {
    let mut upper = [0; BUCKETS];
    // Four quarters of a doubling: 2^(1/4), 2^(2/4), 2^(3/4), in thousandths.
    for (bucket, upper) in upper.iter_mut().enumerate() {
        *upper = ([1_000_u64, 1_189, 1_414, 1_682][bucket % 4]) << (bucket / 4);
    }
    upper
});

pub(super) fn bucket(duration_ns: u64) -> u8 {
    UPPER.partition_point(|upper| *upper < duration_ns).min(BUCKETS - 1) as u8
}

fn upper(bucket: u8) -> u64 {
    UPPER[usize::from(bucket).min(BUCKETS - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_at_most_a_fifth_too_high() {
        for duration in [1_000, 1_500, 123_456, 10_000_000, 3_600_000_000_000] {
            let top = upper(bucket(duration));
            assert!(top >= duration && top as f64 <= duration as f64 * 1.19, "{duration}: {top}");
        }
        assert_eq!(bucket(0), 0);
        assert_eq!(bucket(u64::MAX), (BUCKETS - 1) as u8);
    }
}
