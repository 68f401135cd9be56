//! One trace: all its spans, or what they sum up to.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::PoisonError;

use super::catalog::{Catalog, State};
use super::kind::{Searched, Spans};
use super::search::read;
use super::traces::{TraceLine, part};
use crate::error::QueryError;
use crate::model::{Span, TraceId};
use crate::query::TraceRow;
use crate::rows::Chunk;

/// What a trace is summed up from.
const SUMMED: [&str; 9] = [
    "Timestamp",
    "TraceId",
    "SpanId",
    "ParentSpanId",
    "SpanName",
    "SpanKind",
    "ServiceName",
    "Duration",
    "StatusCode",
];

/// All spans of a trace, each once.
pub(crate) fn spans(
    catalog: &Catalog<Spans>,
    trace: TraceId,
    spans_max: usize,
) -> Result<Vec<Span>, QueryError> {
    read_all((catalog, &catalog.snapshot()), trace, None, spans_max)
}

fn read_all(
    (catalog, state): (&Catalog<Spans>, &State<Spans>),
    trace: TraceId,
    columns: Option<&[&str]>,
    spans_max: usize,
) -> Result<Vec<Span>, QueryError> {
    let mut spans = Vec::new();
    // In the order of arrival: of a span that came again the first stays.
    let mut files: Vec<_> = state.files.iter().filter(|file| file.may_have(trace)).collect();
    files.sort_by_key(|file| file.name.first);
    for file in files {
        let opened = catalog.open(file)?;
        let Some(line) = line(&opened.side.traces, trace) else { continue };
        if spans.len() + line.rows as usize > spans_max {
            return Err(QueryError::TooLarge { trace_id: trace, spans_max });
        }
        let rows: Vec<usize> = (line.first_row as usize..(line.first_row + line.rows) as usize).collect();
        read::<Spans>(file, &opened, columns, &rows, |span| spans.push(span))?;
    }
    spans.extend(in_memory(state, trace));
    if spans.len() > spans_max {
        return Err(QueryError::TooLarge { trace_id: trace, spans_max });
    }
    // Two of one id by client and server (Zipkin) are two.
    let mut seen = HashSet::new();
    spans.retain(|span| seen.insert((span.span_id, span.kind, span.source.service.clone())));
    spans.sort_by_key(|span| (span.start_ns, Reverse(span.duration_ns)));
    Ok(spans)
}

/// What a file says of a trace; `lines` are all of the file.
pub(super) fn line(lines: &[TraceLine], trace: TraceId) -> Option<&TraceLine> {
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

/// A trace that lies in one file is summed up there; of any other the spans are read. `fresh`: some of them are in memory.
pub(super) fn row(
    (catalog, state): (&Catalog<Spans>, &State<Spans>),
    (trace, fresh): (TraceId, bool),
    spans_max: usize,
) -> Result<TraceRow, QueryError> {
    let mut lines = Vec::new();
    for file in state.files.iter().filter(|file| file.may_have(trace)) {
        let opened = catalog.open(file)?;
        lines.extend(line(&opened.side.traces, trace).cloned());
    }
    if let ([one], false) = (lines.as_slice(), fresh) {
        return Ok(one.row());
    }
    match read_all((catalog, state), trace, Some(&SUMMED), spans_max) {
        Ok(spans) => Ok(TraceLine::of(trace, 0, &spans.iter().map(part).collect::<Vec<_>>()).row()),
        // One trace that is too large to be shown must not hide the others.
        Err(QueryError::TooLarge { .. }) if !lines.is_empty() => Ok(TraceLine::added(&lines).row()),
        Err(error) => Err(error),
    }
}
