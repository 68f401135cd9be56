//! One trace as it lies in one file: where its rows are, and what they sum up to.

use std::collections::{BTreeMap, HashSet};

use crate::model::{Span, SpanId, Status, TraceId};
use crate::query::{Share, TraceRow};

/// A trace's rows of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TraceLine {
    pub(crate) trace_id: TraceId,
    pub(crate) first_row: u32,
    pub(crate) rows: u32,
    pub(crate) start_ns: u64,
    pub(crate) duration_ns: u64,
    pub(crate) orphans: u32,
    pub(crate) rooted: bool,
    pub(crate) service: String,
    pub(crate) name: String,
    /// Service, spans and failed spans.
    pub(crate) shares: Vec<(String, u32, u32)>,
}

/// What is looked at of a span.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) id: SpanId,
    pub(crate) parent: Option<SpanId>,
    pub(crate) service: &'a str,
    pub(crate) name: &'a str,
    pub(crate) start_ns: u64,
    pub(crate) duration_ns: u64,
    pub(crate) failed: bool,
}

impl TraceLine {
    /// Sums up the spans of one trace; at least one.
    pub(crate) fn of<'a>(trace_id: TraceId, first_row: u32, parts: &[Part<'a>]) -> Self {
        let ids: HashSet<SpanId> = parts.iter().map(|part| part.id).collect();
        let mut shares: BTreeMap<&'a str, (u32, u32)> = BTreeMap::new();
        let (mut start_ns, mut end_ns, mut orphans) = (u64::MAX, 0, 0);
        for part in parts {
            start_ns = start_ns.min(part.start_ns);
            end_ns = end_ns.max(part.start_ns.saturating_add(part.duration_ns));
            orphans += u32::from(part.parent.is_some_and(|parent| !ids.contains(&parent)));
            let share = shares.entry(part.service).or_default();
            share.0 += 1;
            share.1 += u32::from(part.failed);
        }
        let root = parts.iter().min_by_key(|part| (part.parent.is_some(), part.start_ns));
        Self {
            trace_id,
            first_row,
            rows: parts.len() as u32,
            start_ns,
            duration_ns: end_ns.saturating_sub(start_ns),
            orphans,
            rooted: root.is_some_and(|root| root.parent.is_none()),
            service: root.map_or("", |root| root.service).to_owned(),
            name: root.map_or("", |root| root.name).to_owned(),
            shares: shares
                .into_iter()
                .map(|(service, (spans, errors))| (service.to_owned(), spans, errors))
                .collect(),
        }
    }

    /// Adds up what files say of one trace, at least one, without reading its spans: nearly right. A span that lies in two
    /// files counts twice, and one whose parent lies in another file counts as an orphan.
    pub(crate) fn added(lines: &[Self]) -> Self {
        let mut sum = lines
            .iter()
            .min_by_key(|line| (!line.rooted, line.start_ns))
            .expect("there is at least one")
            .clone();
        let end_ns = |line: &Self| line.start_ns.saturating_add(line.duration_ns);
        let end_ns = lines.iter().map(end_ns).max().unwrap_or(0);
        let mut shares: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
        (sum.rows, sum.orphans) = (0, 0);
        for line in lines {
            sum.start_ns = sum.start_ns.min(line.start_ns);
            sum.rows += line.rows;
            sum.orphans += line.orphans;
            for (service, spans, errors) in &line.shares {
                let share = shares.entry(service).or_default();
                (share.0, share.1) = (share.0 + spans, share.1 + errors);
            }
        }
        sum.duration_ns = end_ns.saturating_sub(sum.start_ns);
        sum.shares = shares
            .into_iter()
            .map(|(service, (spans, errors))| (service.to_owned(), spans, errors))
            .collect();
        sum
    }

    /// As it is shown.
    pub(crate) fn row(&self) -> TraceRow {
        let services = self.shares.iter().map(|(service, spans, errors)| Share {
            service: service.clone(),
            spans: u64::from(*spans),
            errors: u64::from(*errors),
        });
        TraceRow {
            trace_id: self.trace_id,
            service: self.service.clone(),
            name: self.name.clone(),
            start_ns: self.start_ns,
            duration_ns: self.duration_ns,
            spans: u64::from(self.rows),
            errors: self.shares.iter().map(|(_, _, errors)| u64::from(*errors)).sum(),
            orphans: u64::from(self.orphans),
            rooted: self.rooted,
            services: services.collect(),
        }
    }
}

/// What is looked at of a whole span.
pub(crate) fn part(span: &Span) -> Part<'_> {
    Part {
        id: span.span_id,
        parent: span.parent,
        service: &span.source.service,
        name: &span.name,
        start_ns: span.start_ns,
        duration_ns: span.duration_ns,
        failed: span.status == Status::Error,
    }
}
