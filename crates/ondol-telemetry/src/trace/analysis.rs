//! All that one trace says, at once.

use std::collections::BTreeMap;

use serde::Serialize;

use super::critical::{Segment, critical_path};
use super::failure::{Failure, failure};
use super::retries::{Collapsed, collapsed};
use super::skew::Shift;
use super::tree::{Place, Tree};
use crate::model::SpanId;
use crate::query::Share;

/// So many segments of the critical path are listed, the longest ones; a page.
const SEGMENTS_LISTED_MAX: usize = 100;
/// So many retried calls are listed, the first ones; all of them are counted.
const RETRIES_LISTED_MAX: usize = 100;
/// So many places where a ring was cut are listed; one is odd, a hundred are a broken tracer.
const CYCLES_LISTED_MAX: usize = 100;

/// How a trace went. Never silent: where nothing failed it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// There is no span.
    Empty,
    /// No span failed.
    Healthy,
    /// Spans failed, and later attempts made it good; the root did not fail.
    Repaired,
    /// Spans failed, nothing made it good, and the root did not fail: it was dealt with, or did not matter.
    Tolerated,
    /// The root failed.
    Failed,
}

/// What one trace says.
#[derive(Clone, Debug, Serialize)]
pub struct Analysis {
    /// How it went.
    pub verdict: Verdict,
    /// The main root.
    pub root: Option<Place>,
    /// Does the main root name no parent? If it does, the beginning of the trace is missing.
    pub rooted: bool,
    /// How long the main root took, in nanoseconds.
    pub duration_ns: u64,
    /// How many spans, each once.
    pub spans: u64,
    /// How many of them failed.
    pub errors: u64,
    /// What each service had to do with it, in the order of their first spans.
    pub services: Vec<Share>,
    /// Where the error came from.
    pub failure: Option<Failure>,
    /// Calls that took several attempts.
    pub retries: Vec<Collapsed>,
    /// How many such calls there are.
    pub retries_total: u64,
    /// Where the time went: the longest segments of the critical path, in their order.
    pub critical: Vec<Segment>,
    /// How many segments it has.
    pub critical_total: u64,
    /// Spans that came more than once.
    pub duplicates: u64,
    /// Spans that name a parent that is not there.
    pub orphans: u64,
    /// Where rings of parents were cut.
    pub cycles: Vec<SpanId>,
    /// Corrections of clocks.
    pub shifts: Vec<Shift>,
    /// How many corrections there are.
    pub shifted: u64,
}

impl Analysis {
    /// Looks at a trace.
    pub fn of(tree: &Tree) -> Self {
        let errors = tree.walk().filter(|(_, node)| node.failed()).count() as u64;
        let failure = failure(tree);
        let verdict = match &failure {
            _ if tree.is_empty() => Verdict::Empty,
            None if errors == 0 => Verdict::Healthy,
            None => Verdict::Repaired,
            Some(failure) if failure.root_failed => Verdict::Failed,
            Some(_) => Verdict::Tolerated,
        };
        let (mut retries, (critical, critical_total)) = (collapsed(tree), critical(tree));
        let retries_total = retries.len() as u64;
        retries.truncate(RETRIES_LISTED_MAX);
        let root = tree.root();
        Self {
            verdict,
            root: root.map(|(id, _)| tree.place(id)),
            rooted: root.is_some_and(|(_, node)| node.span.parent.is_none()),
            duration_ns: root.map_or(0, |(_, node)| node.duration_ns()),
            spans: tree.len() as u64,
            errors,
            services: shares(tree),
            failure,
            retries,
            retries_total,
            critical,
            critical_total,
            duplicates: tree.duplicates(),
            orphans: tree.orphans(),
            cycles: tree.cycles().iter().take(CYCLES_LISTED_MAX).copied().collect(),
            shifts: tree.shifts().to_vec(),
            shifted: tree.shifted(),
        }
    }
}

fn critical(tree: &Tree) -> (Vec<Segment>, u64) {
    let mut segments = critical_path(tree);
    let total = segments.len();
    if total > SEGMENTS_LISTED_MAX {
        segments.sort_by_key(|segment| std::cmp::Reverse(segment.length_ns()));
        segments.truncate(SEGMENTS_LISTED_MAX);
        segments.sort_by_key(|segment| segment.from_ns);
    }
    (segments, total as u64)
}

fn shares(tree: &Tree) -> Vec<Share> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut shares: Vec<Share> = Vec::new();
    for (_, node) in tree.walk() {
        let at = *places.entry(node.service()).or_insert_with(|| {
            shares.push(Share { service: node.service().to_owned(), spans: 0, errors: 0 });
            shares.len() - 1
        });
        shares[at].spans += 1;
        shares[at].errors += u64::from(node.failed());
    }
    shares
}
