//! The smaller answers: the lines around one, the map, how much there is.

use std::sync::PoisonError;

use bytes::Bytes;

use super::catalog::Catalog;
use super::figures::Figures;
use super::file;
use super::kind::{Kind, Logs, Searched, Spans};
use super::lane::Lane;
use super::recover::Rebuilt;
use super::relations::Relations;
use super::rows::Rows;
use super::search::search;
use crate::error::QueryError;
use crate::model::Log;
use crate::otlp::Rules;
use crate::query::{Around, Field, Filter, Query, ServiceMap, Term, Test, Window};
use crate::rows::Chunk;
use crate::telemetry::{Options, SignalStatus};

/// How far away from a line its neighbours are looked for, in nanoseconds: an hour.
const NEAR_NS: u64 = 3_600_000_000_000;

/// Windows in which neighbours are looked for, one after the other, until there are enough.
const WIDENING: [u64; 3] = [1_000_000_000, 60_000_000_000, NEAR_NS];

/// The lines before and after one of the same instance.
pub(crate) fn around(catalog: &Catalog<Logs>, log: &Log, lines: usize) -> Result<Around, QueryError> {
    let is = |field, value: &str| Filter::Term(Term { field, test: Test::Is(value.to_ascii_lowercase()) });
    let mut filter = vec![is(Field::Service, &log.source.service)];
    if !log.source.instance.is_empty() {
        filter.push(is(Field::Instance, &log.source.instance));
    }
    let filter = Filter::And(filter);
    let ask = |window: Window, limit: usize| {
        search(catalog, &Query { filter: filter.clone(), window, limit, count: false })
    };
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for near in WIDENING {
        let window = Window { from_ns: log.time_ns.saturating_sub(near), to_ns: log.time_ns + 1 };
        before = ask(window, lines + 1)?.rows;
        before.retain(|other| other != log);
        if before.len() >= lines {
            break;
        }
    }
    for near in WIDENING {
        let window = Window { from_ns: log.time_ns + 1, to_ns: log.time_ns.saturating_add(near) };
        after = ask(window, crate::query::LIMIT_MAX)?.rows;
        if after.len() >= lines {
            break;
        }
    }
    before.truncate(lines);
    before.reverse();
    after.reverse();
    after.truncate(lines);
    Ok(Around { before, after })
}

/// Services and calls of a window.
pub(crate) fn map(lane: &Lane<Spans>, window: Window) -> Result<ServiceMap, QueryError> {
    let state = lane.catalog.snapshot();
    let mut sum = Figures::default();
    for file in &state.files {
        let (from, to) = file::span_of(file.name.hour);
        if from < window.to_ns && window.from_ns < to {
            sum.merge(&lane.catalog.open(file)?.side.figures);
        }
    }
    for generation in &state.generations {
        sum.merge(&generation.figures.lock().unwrap_or_else(PoisonError::into_inner));
    }
    sum.merge(&lane.relations().figures());
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
