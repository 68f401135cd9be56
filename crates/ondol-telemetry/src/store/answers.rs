//! The smaller answers: the lines around one, the map, how much there is.

use std::sync::PoisonError;

use bytes::Bytes;

use super::catalog::Catalog;
use super::file;
use super::kind::{Kind, Logs, Searched, Spans};
use super::lane::Lane;
use super::recover::Rebuilt;
use super::relations::Relations;
use super::rows::Rows;
use super::search::search_from;
use crate::error::QueryError;
use crate::model::{Key, Log, Source};
use crate::otlp::Rules;
use crate::query::{Around, Field, Filter, Mark, Order, Query, ServiceMap, Start, Term, Test, Window};
use crate::rows::Chunk;
use crate::telemetry::{Options, SignalStatus};

/// How far away from a line its neighbours are looked for, in nanoseconds: an hour.
const NEAR_NS: u64 = 3_600_000_000_000;

/// A line of a source and the lines before and after it, of the same instance. Of several at that time it is the one with
/// this digest; without one the last. Where there is none, the lines around the moment.
pub(crate) fn around(
    catalog: &Catalog<Logs>,
    source: &Source,
    (time_ns, digest): (u64, Option<u64>),
    lines: usize,
) -> Result<Around, QueryError> {
    let ask = |of: &Source, (from_ns, to_ns): (u64, u64), limit: usize, start: Start| {
        let query = Query { filter: written_by(of), window: Window { from_ns, to_ns }, limit, count: false };
        let mut rows = search_from(catalog, &query, start)?.rows;
        rows.truncate(limit);
        Ok::<_, QueryError>(rows)
    };
    let next_ns = time_ns.saturating_add(1);
    // Behind all with a greater digest: the first is the line, if there is such a line.
    let greater = digest.and_then(|digest| Some(Key { time_ns, digest: digest.checked_add(1)? }));
    let start = Start { after: greater.map(|key| Mark { key, shown: u64::MAX }), ..Start::default() };
    let line = ask(source, (time_ns, next_ns), 1, start)?.pop();
    let line = line.filter(|line| digest.is_none_or(|digest| line.key().digest == digest));
    let key = line.as_ref().map_or(Key { time_ns, digest: digest.unwrap_or(0) }, Log::key);
    let source = line.as_ref().map_or(source, |line| &line.source);
    // Lines that say the same cannot be told apart: this is the first of them, and the others stand before it.
    let start = |order, shown| Start { order, after: Some(Mark { key, shown }) };
    let near = (time_ns.saturating_sub(NEAR_NS), next_ns);
    let mut before = ask(source, near, lines, start(Order::NewestFirst, 1))?;
    before.reverse();
    let near = (time_ns, time_ns.saturating_add(NEAR_NS));
    let after = ask(source, near, lines, start(Order::OldestFirst, u64::MAX))?;
    Ok(Around { before, line, after })
}

/// Written by this instance; by any of the service where it is not said.
fn written_by(source: &Source) -> Filter {
    let is = |field, value: &str| Filter::Term(Term { field, test: Test::Is(value.to_ascii_lowercase()) });
    let mut terms = vec![is(Field::Service, &source.service)];
    if !source.instance.is_empty() {
        terms.push(is(Field::Instance, &source.instance));
    }
    Filter::And(terms)
}

/// Services and calls of a window.
pub(crate) fn map(lane: &Lane<Spans>, window: Window) -> Result<ServiceMap, QueryError> {
    let (state, mut sum) = lane.figures();
    for file in &state.files {
        let (from, to) = file::span_of(file.name.hour);
        if from < window.to_ns && window.from_ns < to {
            sum.merge(&lane.catalog.open(file)?.side.figures);
        }
    }
    Ok(sum.map(window))
}

/// The log records of an export, for a live tail.
pub(crate) fn records(body: &Bytes, rules: Rules) -> Vec<Log> {
    let Ok(request) = Logs::decode(body) else { return Vec::new() };
    let mut rows = Rows::default();
    Logs::pour(&request, &mut rows, &mut Relations::default(), rules);
    let chunks = rows.hours().flat_map(|(_, hour)| hour.chunks());
    chunks.flat_map(|chunk| (0..chunk.len()).map(|row| Logs::get(chunk, row, &rows.tables))).collect()
}

/// How a signal is kept.
pub(crate) fn status<K: Rebuilt>(lane: &Lane<K>, options: &Options) -> SignalStatus {
    let state = lane.catalog.snapshot();
    let mut status = SignalStatus { memory: lane.memory() as u64, ..SignalStatus::default() };
    let mut span = None::<(u64, u64)>;
    let mut widen = |from: u64, to: u64| {
        span = Some(span.map_or((from, to), |(first, last)| (first.min(from), last.max(to))));
    };
    for file in &state.files {
        status.files += 1;
        status.records += file.rows as u64;
        status.bytes += file.bytes;
        widen(file.min_ns, file.max_ns);
    }
    for generation in &state.generations {
        let rows = generation.rows.read().unwrap_or_else(PoisonError::into_inner);
        status.records += rows.count() as u64;
        for (hour, _) in rows.hours() {
            let (from, to) = file::span_of(hour);
            widen(from, to);
        }
    }
    status.segments = lane.segments();
    status.bytes += status.segments;
    status.oldest_ns = span.map(|(from, _)| from);
    let age_days = options.age_max.as_secs_f64() / 86_400.0;
    status.holds_days = span.filter(|_| status.bytes > 0).map(|(from, to)| {
        let days = (to.saturating_sub(from) as f64 / 86_400e9).max(1.0 / 24.0);
        (options.bytes_max as f64 / (status.bytes as f64 / days)).min(age_days)
    });
    status
}
