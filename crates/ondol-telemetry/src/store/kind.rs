//! What the store needs to know of a kind of record: spans, log records.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, Schema};
use bytes::Bytes;
use prost::Message;

use super::catalog::{DataFile, Opened};
use super::relations::Relations;
use super::rows::{Hour, Rows};
use super::search;
use super::traces::{Part, TraceLine};
use crate::columns::{BadColumn, Sources, logs, spans};
use crate::error::QueryError;
use crate::index::{Block, Builder, Folded};
use crate::model::{Key, Log, Source, Span, SpanId, Status, TraceId};
use crate::otlp::proto::collector::trace::v1::ExportTraceServiceRequest;
use crate::otlp::proto::trace::v1::ResourceSpans;
use crate::otlp::{self, Rules, Tally};
use crate::query::{Field, Filter, Window};
use crate::rows::{BLOCK, Chunk, LogChunk, SpanChunk, Tables};
use crate::telemetry::Signal;

/// A kind of record that is kept.
pub(crate) trait Kind: Send + Sync + 'static {
    /// Its signal.
    const SIGNAL: Signal;
    /// An export.
    type Request: Send + 'static;
    /// Rows in memory.
    type Chunk: Chunk;

    /// What an export will take in memory once it is read, in bytes.
    fn weight(body: &[u8]) -> usize;
    /// Reads an export.
    fn decode(body: &Bytes) -> Result<Self::Request, String>;
    /// Who wrote its records, and how many each.
    fn sources(request: &Self::Request) -> Vec<(Source, u64)>;
    /// Takes the records of an export into memory.
    fn pour(
        request: &Self::Request,
        rows: &mut Rows<Self::Chunk>,
        relations: &mut Relations,
        rules: Rules,
    ) -> Vec<Tally>;
    /// The columns of its files.
    fn schema() -> Arc<Schema>;
    /// An hour's rows as the batches of a file, a block each, with their index; and the traces.
    fn seal(
        hour: &Hour<Self::Chunk>,
        tables: &Tables,
        each: &mut dyn FnMut(RecordBatch, Block) -> Result<(), ArrowError>,
    ) -> Result<Vec<TraceLine>, ArrowError>;
    /// All rows of a file back into memory, for merging.
    fn load(file: &DataFile, opened: &Opened, rows: &mut Rows<Self::Chunk>) -> Result<(), QueryError>;
}

/// A kind of record that is searched.
pub(crate) trait Searched: Kind {
    /// One record.
    type Record: Clone + Send;

    /// Records of columns that were read.
    fn read(
        batch: &RecordBatch,
        sources: &mut Sources,
        each: &mut dyn FnMut(Self::Record),
    ) -> Result<(), BadColumn>;
    /// The columns that a field is read from.
    fn columns_of(field: &Field) -> &'static [&'static str];
    /// One record of a chunk.
    fn get(chunk: &Self::Chunk, row: usize, tables: &Tables) -> Self::Record;
    /// Does a filter hold for a record of a chunk?
    fn holds_row(filter: &Filter, chunk: &Self::Chunk, row: usize, tables: &Tables) -> bool;
    /// Says of each row of columns that were read whether it is asked for.
    fn judge(
        batch: &RecordBatch,
        asked: (&Filter, Window),
        sources: &mut Sources,
        each: &mut dyn FnMut(bool),
    ) -> Result<(), BadColumn>;
    /// When it was written or began.
    fn time(record: &Self::Record) -> u64;
    /// Its place in the order of all.
    fn key(record: &Self::Record) -> Key;
    /// A record as a row in memory again.
    fn push(record: &Self::Record, rows: &mut Rows<Self::Chunk>);
    /// Puts the terms of a chunk into an index, in the order of its rows.
    fn index(chunk: &Self::Chunk, tables: &Tables, builder: &mut Builder, folded: &mut Folded);
    /// What is looked at of a span; nothing of a log record.
    fn part(record: &Self::Record) -> Option<(TraceId, Part<'_>)>;
}

/// Log records.
pub(crate) enum Logs {}

impl Kind for Logs {
    const SIGNAL: Signal = Signal::Logs;
    type Request = otlp::logs::Export;
    type Chunk = LogChunk;

    fn weight(body: &[u8]) -> usize {
        // It is read where it lies.
        body.len()
    }

    fn decode(body: &Bytes) -> Result<Self::Request, String> {
        otlp::logs::Export::decode(body)
    }

    fn sources(request: &Self::Request) -> Vec<(Source, u64)> {
        request.sources()
    }

    fn pour(
        request: &Self::Request,
        rows: &mut Rows<LogChunk>,
        _: &mut Relations,
        rules: Rules,
    ) -> Vec<Tally> {
        request.pour(rows, rules)
    }

    fn schema() -> Arc<Schema> {
        Arc::clone(&logs::SCHEMA)
    }

    fn seal(
        hour: &Hour<LogChunk>,
        tables: &Tables,
        each: &mut dyn FnMut(RecordBatch, Block) -> Result<(), ArrowError>,
    ) -> Result<Vec<TraceLine>, ArrowError> {
        let (mut builder, mut folded) = (Builder::default(), Folded::default());
        for chunk in hour.chunks() {
            let rows = chunk.by_source();
            logs::index(chunk, &rows, tables, &mut builder, &mut folded);
            let block = builder.finish(chunk.times.iter().copied());
            each(logs::batch(chunk, &rows, tables)?, block)?;
        }
        Ok(Vec::new())
    }

    fn load(file: &DataFile, opened: &Opened, rows: &mut Rows<LogChunk>) -> Result<(), QueryError> {
        let all: Vec<usize> = (0..file.rows).collect();
        search::read::<Self>(file, opened, None, &all, |record| Self::push(&record, rows))
    }
}

impl Searched for Logs {
    type Record = Log;

    fn read(batch: &RecordBatch, sources: &mut Sources, each: &mut dyn FnMut(Log)) -> Result<(), BadColumn> {
        logs::read(batch, sources, each)
    }

    fn columns_of(field: &Field) -> &'static [&'static str] {
        logs::columns_of(field)
    }

    fn get(chunk: &LogChunk, row: usize, tables: &Tables) -> Log {
        chunk.get(row, tables)
    }

    fn holds_row(filter: &Filter, chunk: &LogChunk, row: usize, tables: &Tables) -> bool {
        filter.holds(&|term| {
            let (test, source) = (&term.test, || tables.whose(chunk.sources[row]));
            match &term.field {
                Field::Text => test.holds_text(chunk.bodies.get(row)),
                Field::Level => test.holds_level(chunk.severities[row]),
                Field::Service => test.holds_name(&source().service),
                Field::Trace if chunk.traces[row] == [0; 16] => false,
                Field::Trace => test.holds_trace(TraceId(chunk.traces[row])),
                Field::Attribute(name) => {
                    let own =
                        chunk.attributes.row(row).filter(|(own, _)| tables.names.text(*own) == name).last();
                    let value = own.map(|(_, value)| value).or_else(|| source().resource.get(name));
                    value.is_some_and(|value| test.holds_value(value))
                }
                Field::Instance | Field::Span | Field::Scope => term.holds_log(&chunk.get(row, tables)),
                Field::Status | Field::Kind | Field::Name | Field::Duration => false,
            }
        })
    }

    fn index(chunk: &LogChunk, tables: &Tables, builder: &mut Builder, folded: &mut Folded) {
        let rows: Vec<usize> = (0..chunk.len()).collect();
        logs::index(chunk, &rows, tables, builder, folded);
    }

    fn part(_: &Log) -> Option<(TraceId, Part<'_>)> {
        None
    }

    fn judge(
        batch: &RecordBatch,
        (filter, window): (&Filter, Window),
        _: &mut Sources,
        each: &mut dyn FnMut(bool),
    ) -> Result<(), BadColumn> {
        let view = logs::View::of(batch)?;
        let said = view.said(filter);
        let asked = |row| window.holds(view.time(row)) && view.holds(filter, &said, row);
        (0..batch.num_rows()).for_each(|row| each(asked(row)));
        Ok(())
    }

    fn time(record: &Log) -> u64 {
        record.time_ns
    }

    fn key(record: &Log) -> Key {
        record.key()
    }

    fn push(record: &Log, rows: &mut Rows<LogChunk>) {
        let source = rows.tables.source(record.source.clone());
        let scope = rows.tables.names.number(&record.scope);
        let (chunk, tables) = rows.chunk(record.time_ns);
        chunk.times.push(record.time_ns);
        chunk.traces.push(record.trace_id.map_or([0; 16], |id| id.0));
        chunk.spans.push(record.span_id.map_or([0; 8], |id| id.0));
        chunk.severities.push(record.severity);
        chunk.sources.push(source);
        chunk.scopes.push(scope);
        chunk.bodies.push(&record.body);
        for (name, value) in &record.attributes.0 {
            chunk.attributes.push(tables.names.number(name), value);
        }
        chunk.attributes.end_row();
        rows.added(record.time_ns);
    }
}

/// Spans.
pub(crate) enum Spans {}

impl Kind for Spans {
    const SIGNAL: Signal = Signal::Traces;
    type Request = ExportTraceServiceRequest;
    type Chunk = SpanChunk;

    fn weight(body: &[u8]) -> usize {
        otlp::weight::weight(body, &otlp::weight::TRACES)
    }

    fn decode(body: &Bytes) -> Result<Self::Request, String> {
        ExportTraceServiceRequest::decode(body.clone()).map_err(|error| error.to_string())
    }

    fn sources(request: &Self::Request) -> Vec<(Source, u64)> {
        let count = |of: &ResourceSpans| of.scope_spans.iter().map(|of| of.spans.len() as u64).sum();
        request.resource_spans.iter().map(|of| (otlp::source(of.resource.as_ref()), count(of))).collect()
    }

    fn pour(
        request: &Self::Request,
        rows: &mut Rows<SpanChunk>,
        relations: &mut Relations,
        rules: Rules,
    ) -> Vec<Tally> {
        otlp::spans::pour(request, rows, relations, rules)
    }

    fn schema() -> Arc<Schema> {
        Arc::clone(&spans::SCHEMA)
    }

    fn seal(
        hour: &Hour<SpanChunk>,
        tables: &Tables,
        each: &mut dyn FnMut(RecordBatch, Block) -> Result<(), ArrowError>,
    ) -> Result<Vec<TraceLine>, ArrowError> {
        let chunks: Vec<&SpanChunk> = hour.chunks().collect();
        let rows = once(&chunks, by_trace(&chunks), tables);
        let (mut builder, mut folded) = (Builder::default(), Folded::default());
        for block in rows.chunks(BLOCK) {
            spans::index(&chunks, block, tables, &mut builder, &mut folded);
            let times = block.iter().map(|(chunk, row)| chunks[*chunk as usize].starts[*row as usize]);
            each(spans::batch(&chunks, block, tables)?, builder.finish(times))?;
        }
        Ok(lines(&chunks, &rows, tables))
    }

    fn load(file: &DataFile, opened: &Opened, rows: &mut Rows<SpanChunk>) -> Result<(), QueryError> {
        let all: Vec<usize> = (0..file.rows).collect();
        search::read::<Self>(file, opened, None, &all, |record| Self::push(&record, rows))
    }
}

impl Searched for Spans {
    type Record = Span;

    fn read(batch: &RecordBatch, sources: &mut Sources, each: &mut dyn FnMut(Span)) -> Result<(), BadColumn> {
        spans::read(batch, sources, each)
    }

    fn columns_of(field: &Field) -> &'static [&'static str] {
        spans::columns_of(field)
    }

    fn get(chunk: &SpanChunk, row: usize, tables: &Tables) -> Span {
        chunk.get(row, tables)
    }

    fn holds_row(filter: &Filter, chunk: &SpanChunk, row: usize, tables: &Tables) -> bool {
        filter.holds(&|term| {
            let (test, source) = (&term.test, || tables.whose(chunk.sources[row]));
            match &term.field {
                Field::Status => test.holds_status(chunk.statuses[row]),
                Field::Service => test.holds_name(&source().service),
                Field::Name => test.holds_name(tables.names.text(chunk.names[row])),
                Field::Duration => test.holds_number(chunk.durations[row] as f64),
                Field::Trace => test.holds_trace(TraceId(chunk.traces[row])),
                Field::Span => test.holds_span_id(SpanId(chunk.ids[row])),
                Field::Kind => test.holds_kind(chunk.kinds[row]),
                Field::Level => false,
                Field::Attribute(name) => {
                    let own =
                        chunk.attributes.row(row).filter(|(own, _)| tables.names.text(*own) == name).last();
                    let value = own.map(|(_, value)| value).or_else(|| source().resource.get(name));
                    value.is_some_and(|value| test.holds_value(value))
                }
                Field::Text | Field::Instance | Field::Scope => term.holds_span(&chunk.get(row, tables)),
            }
        })
    }

    fn index(chunk: &SpanChunk, tables: &Tables, builder: &mut Builder, folded: &mut Folded) {
        let rows: Vec<spans::Place> = (0..chunk.len() as u32).map(|row| (0, row)).collect();
        spans::index(&[chunk], &rows, tables, builder, folded);
    }

    fn part(record: &Span) -> Option<(TraceId, Part<'_>)> {
        Some((record.trace_id, super::traces::part(record)))
    }

    fn judge(
        batch: &RecordBatch,
        (filter, window): (&Filter, Window),
        sources: &mut Sources,
        each: &mut dyn FnMut(bool),
    ) -> Result<(), BadColumn> {
        let asked = |span: &Span| window.holds(span.start_ns) && filter.holds_span(span);
        spans::read(batch, sources, |span| each(asked(&span)))
    }

    fn time(record: &Span) -> u64 {
        record.start_ns
    }

    fn key(record: &Span) -> Key {
        record.key()
    }

    fn push(record: &Span, rows: &mut Rows<SpanChunk>) {
        let source = rows.tables.source(record.source.clone());
        let scope = rows.tables.names.number(&record.scope);
        let (chunk, tables) = rows.chunk(record.start_ns);
        let row = chunk.starts.len() as u32;
        chunk.starts.push(record.start_ns);
        chunk.durations.push(record.duration_ns);
        chunk.traces.push(record.trace_id.0);
        chunk.ids.push(record.span_id.0);
        chunk.parents.push(record.parent.map_or([0; 8], |id| id.0));
        chunk.names.push(tables.names.number(&record.name));
        chunk.kinds.push(record.kind);
        chunk.statuses.push(record.status);
        chunk.sources.push(source);
        chunk.scopes.push(scope);
        chunk.messages.push(&record.status_message);
        for (name, value) in &record.attributes.0 {
            chunk.attributes.push(tables.names.number(name), value);
        }
        chunk.attributes.end_row();
        if !record.events.is_empty() || !record.links.is_empty() {
            let extras = crate::rows::Extras { events: record.events.clone(), links: record.links.clone() };
            chunk.extras.push((row, extras));
        }
        rows.added(record.start_ns);
    }
}

/// All rows, trace by trace in the order of their first spans, so that a trace is one range of rows.
fn by_trace(chunks: &[&SpanChunk]) -> Vec<spans::Place> {
    let mut first: HashMap<[u8; 16], u64, foldhash::fast::RandomState> = HashMap::default();
    for chunk in chunks {
        for (trace, start) in chunk.traces.iter().zip(&chunk.starts) {
            first.entry(*trace).and_modify(|first| *first = (*first).min(*start)).or_insert(*start);
        }
    }
    let mut rows: Vec<(u64, [u8; 16], u64, spans::Place)> =
        Vec::with_capacity(chunks.iter().map(|of| of.len()).sum());
    for (number, chunk) in chunks.iter().enumerate() {
        for (row, (trace, start)) in chunk.traces.iter().zip(&chunk.starts).enumerate() {
            rows.push((first[trace], *trace, *start, (number as u32, row as u32)));
        }
    }
    rows.sort_unstable();
    rows.into_iter().map(|(.., place)| place).collect()
}

/// Of rows that lie trace by trace, each span once. One that came again more than two generations later was not known, and
/// meets the first when their files are merged; that one stays, as in the view of a trace.
fn once(chunks: &[&SpanChunk], mut rows: Vec<spans::Place>, tables: &Tables) -> Vec<spans::Place> {
    let at = |(chunk, row): spans::Place| (chunks[chunk as usize], row as usize);
    let trace = |place: &spans::Place| chunks[place.0 as usize].traces[place.1 as usize];
    let (mut again, mut ids) = (HashSet::new(), Vec::new());
    for rows in rows.chunk_by(|left, right| trace(left) == trace(right)) {
        ids.clear();
        ids.extend(rows.iter().map(|place| (chunks[place.0 as usize].ids[place.1 as usize], *place)));
        // By id, then in the order of arrival.
        ids.sort_unstable();
        for same in ids.chunk_by(|left, right| left.0 == right.0).filter(|same| same.len() > 1) {
            let mut known = HashSet::new();
            again.extend(same.iter().map(|(_, place)| *place).filter(|place| {
                let (chunk, row) = at(*place);
                !known.insert((chunk.kinds[row], &tables.whose(chunk.sources[row]).service))
            }));
        }
    }
    if !again.is_empty() {
        rows.retain(|place| !again.contains(place));
    }
    rows
}

/// The traces of rows that lie trace by trace, by id.
fn lines(chunks: &[&SpanChunk], rows: &[spans::Place], tables: &Tables) -> Vec<TraceLine> {
    let trace = |(chunk, row): &spans::Place| chunks[*chunk as usize].traces[*row as usize];
    let mut lines = Vec::new();
    let mut first_row = 0;
    for rows in rows.chunk_by(|left, right| trace(left) == trace(right)) {
        let part = |(chunk, row): &spans::Place| {
            let (chunk, row) = (chunks[*chunk as usize], *row as usize);
            Part {
                id: SpanId(chunk.ids[row]),
                parent: SpanId::from_bytes(&chunk.parents[row]),
                service: &tables.whose(chunk.sources[row]).service,
                name: tables.names.text(chunk.names[row]),
                start_ns: chunk.starts[row],
                duration_ns: chunk.durations[row],
                failed: chunk.statuses[row] == Status::Error,
            }
        };
        lines.push(TraceLine::of(
            TraceId(trace(&rows[0])),
            first_row,
            &rows.iter().map(part).collect::<Vec<_>>(),
        ));
        first_row += rows.len() as u32;
    }
    lines.sort_unstable_by_key(|line| line.trace_id);
    lines
}
