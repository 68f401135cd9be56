//! Traces: all spans of one, and the newest of which a span matches.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::PoisonError;

use super::catalog::{Catalog, State};
use super::kind::{Searched, Spans};
use super::search::{read, search};
use super::traces::{TraceLine, part};
use crate::error::QueryError;
use crate::model::{Span, TraceId};
use crate::query::{Found, LIMIT_MAX, Query, TraceRow};
use crate::rows::Chunk;

/// All spans of a trace, each once.
pub(crate) fn spans(
    catalog: &Catalog<Spans>,
    trace: TraceId,
    spans_max: usize,
) -> Result<Vec<Span>, QueryError> {
    let state = catalog.snapshot();
    let mut spans = in_memory(&state, trace);
    for file in state.files.iter().filter(|file| file.may_have(trace)) {
        let opened = catalog.open(file)?;
        let Some(line) = line(&opened.side.traces, trace) else { continue };
        if spans.len() + line.rows as usize > spans_max {
            return Err(QueryError::TooLarge { trace_id: trace, spans_max });
        }
        let rows: Vec<usize> = (line.first_row as usize..(line.first_row + line.rows) as usize).collect();
        read::<Spans>(file, &opened, None, &rows, |span| spans.push(span))?;
    }
    // A span that came twice is one; two of one id by client and server (Zipkin) are two.
    let mut seen = HashSet::new();
    spans.retain(|span| seen.insert((span.span_id, span.kind, span.start_ns, span.source.service.clone())));
    spans.sort_by_key(|span| (span.start_ns, Reverse(span.duration_ns)));
    Ok(spans)
}

fn line(lines: &[TraceLine], trace: TraceId) -> Option<&TraceLine> {
    lines.binary_search_by_key(&trace, |line| line.trace_id).ok().map(|at| &lines[at])
}

fn in_memory(state: &State<Spans>, trace: TraceId) -> Vec<Span> {
    let mut spans = Vec::new();
    for generation in &state.generations {
        let rows = generation.rows.read().unwrap_or_else(PoisonError::into_inner);
        for chunk in rows.hours().flat_map(|(_, hour)| hour.chunks()) {
            let here = (0..chunk.len()).filter(|row| chunk.traces[*row] == trace.0);
            spans.extend(here.map(|row| Spans::get(chunk, row, &rows.tables)));
        }
    }
    spans
}

/// The newest traces of which a span matches.
pub(crate) fn rows(
    catalog: &Catalog<Spans>,
    query: &Query,
    spans_max: usize,
) -> Result<Found<TraceRow>, QueryError> {
    // How many spans of a trace match is not known before: ask for more until there are enough traces.
    let mut limit = query.limit.saturating_mul(2).min(LIMIT_MAX);
    let (found, traces) = loop {
        let found = search(catalog, &Query { limit, ..query.clone() })?;
        let mut seen = HashSet::new();
        let traces: Vec<TraceId> = found
            .rows
            .iter()
            .map(|span| span.trace_id)
            .filter(|trace| seen.insert(*trace))
            .take(query.limit)
            .collect();
        if traces.len() == query.limit || found.rows.len() < limit || limit == LIMIT_MAX {
            break (found, traces);
        }
        limit = (limit * 4).min(LIMIT_MAX);
    };
    let state = catalog.snapshot();
    let rows = traces.into_iter().map(|trace| row(catalog, &state, trace, spans_max));
    Ok(Found { rows: rows.collect::<Result<_, _>>()?, matched: found.matched, exact: found.exact })
}

/// A trace that lies in one file is summed up there; of any other the spans are read.
fn row(
    catalog: &Catalog<Spans>,
    state: &State<Spans>,
    trace: TraceId,
    spans_max: usize,
) -> Result<TraceRow, QueryError> {
    let mut lines = Vec::new();
    for file in state.files.iter().filter(|file| file.may_have(trace)) {
        let opened = catalog.open(file)?;
        lines.extend(line(&opened.side.traces, trace).cloned());
    }
    if let ([one], true) = (lines.as_slice(), in_memory(state, trace).is_empty()) {
        return Ok(one.row());
    }
    let spans = spans(catalog, trace, spans_max)?;
    let parts: Vec<_> = spans.iter().map(part).collect();
    Ok(TraceLine::of(trace, 0, &parts).row())
}
