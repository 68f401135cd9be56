//! Spans as columns.

use std::sync::{Arc, LazyLock};

use arrow_array::types::{Int32Type, TimestampNanosecondType, UInt64Type};
use arrow_array::{
    ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray, TimestampNanosecondArray, UInt64Array,
};
use arrow_schema::{ArrowError, DataType, Field as Column, Schema, TimeUnit};

use super::hex;
use super::logs::{Fixed, attributes as attribute_terms, by_name, by_source, coded};
use super::maps::{self, Maps};
use super::view::{BadColumn, Sources, Words, map, numbers, words};
use crate::index::{Builder, Folded, field, word};
use crate::model::{Kind, Link, Moment, Span, SpanId, Status, TraceId};
use crate::query::Field;
use crate::rows::{SpanChunk, Tables};

pub(crate) static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| {
    let column = |name: &str, kind| Column::new(name, kind, false);
    Arc::new(Schema::new(vec![
        column("Timestamp", DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()))),
        column("TraceId", DataType::Utf8),
        column("SpanId", DataType::Utf8),
        column("ParentSpanId", DataType::Utf8),
        column("SpanName", coded()),
        column("SpanKind", coded()),
        column("ServiceName", coded()),
        column("ServiceInstance", coded()),
        column("ScopeName", coded()),
        column("Duration", DataType::UInt64),
        column("StatusCode", coded()),
        column("StatusMessage", DataType::Utf8),
        column("SpanAttributes", maps::kind()),
        column("ResourceAttributes", maps::kind()),
        // Lists in lists are read by few engines alike; JSON is read by all.
        column("Events", DataType::Utf8),
        column("Links", DataType::Utf8),
    ]))
});

/// A row of a chunk.
pub(crate) type Place = (u32, u32);

/// The names of kinds and statuses, as the exporter writes them.
const KINDS: [&str; 6] = ["Unspecified", "Internal", "Server", "Client", "Producer", "Consumer"];
const STATUSES: [&str; 3] = ["Unset", "Ok", "Error"];

/// Rows of chunks, in the order given, as columns.
pub(crate) fn batch(
    chunks: &[&SpanChunk],
    rows: &[Place],
    tables: &Tables,
) -> Result<RecordBatch, ArrowError> {
    let at = |(chunk, row): &Place| (chunks[*chunk as usize], *row as usize);
    let all = || rows.iter().map(at);
    let mut attributes = Maps::new();
    for (chunk, row) in all() {
        for (name, value) in chunk.attributes.row(row) {
            attributes.push(tables.names.text(name), value);
        }
        attributes.end_row();
    }
    let sources: Vec<u32> = all().map(|(chunk, row)| chunk.sources[row]).collect();
    let column =
        |of: fn(&SpanChunk) -> &Vec<u32>| all().map(|(chunk, row)| of(chunk)[row]).collect::<Vec<_>>();
    let times = all().map(|(chunk, row)| chunk.starts[row].cast_signed());
    let columns: Vec<ArrayRef> = vec![
        Arc::new(TimestampNanosecondArray::from_iter_values(times).with_timezone("UTC")),
        Arc::new(hex::column(all().map(|(chunk, row)| chunk.traces[row]))),
        Arc::new(hex::column(all().map(|(chunk, row)| chunk.ids[row]))),
        Arc::new(hex::column(all().map(|(chunk, row)| chunk.parents[row]))),
        Arc::new(by_name(&column(|chunk| &chunk.names), tables)?),
        Arc::new(closed(&KINDS, all().map(|(chunk, row)| chunk.kinds[row] as i32))?),
        Arc::new(by_source(&sources, tables, |source| &source.service)?),
        Arc::new(by_source(&sources, tables, |source| &source.instance)?),
        Arc::new(by_name(&column(|chunk| &chunk.scopes), tables)?),
        Arc::new(UInt64Array::from_iter_values(all().map(|(chunk, row)| chunk.durations[row]))),
        Arc::new(closed(&STATUSES, all().map(|(chunk, row)| chunk.statuses[row] as i32))?),
        Arc::new(StringArray::from_iter_values(all().map(|(chunk, row)| chunk.messages.get(row)))),
        Arc::new(attributes.finish()),
        Arc::new(maps::resources(sources.into_iter(), tables)?),
        Arc::new(StringArray::from_iter_values(
            all().map(|(chunk, row)| json(chunk.extras(row).map(|extras| &extras.events))),
        )),
        Arc::new(StringArray::from_iter_values(
            all().map(|(chunk, row)| json(chunk.extras(row).map(|extras| &extras.links))),
        )),
    ];
    RecordBatch::try_new(Arc::clone(&SCHEMA), columns)
}

fn closed(names: &[&str], keys: impl Iterator<Item = i32>) -> Result<DictionaryArray<Int32Type>, ArrowError> {
    let texts = StringArray::from_iter_values(names);
    DictionaryArray::try_new(Int32Array::from_iter_values(keys), Arc::new(texts))
}

fn json<T: serde::Serialize>(list: Option<&Vec<T>>) -> String {
    match list {
        Some(list) if !list.is_empty() => serde_json::to_string(list).expect("plain data is JSON"),
        _ => String::new(),
    }
}

/// Puts the terms of rows into an index.
pub(crate) fn index(
    chunks: &[&SpanChunk],
    rows: &[Place],
    tables: &Tables,
    builder: &mut Builder,
    folded: &mut Folded,
) {
    let scopes = rows.iter().map(|(chunk, row)| chunks[*chunk as usize].scopes[*row as usize]);
    let fixed = Fixed::new(tables, scopes, folded);
    let mut term = |of: &Field, value: &str| field(of, folded.fold(value)).unwrap_or(0);
    let kinds = KINDS.map(|name| term(&Field::Kind, name));
    let statuses = STATUSES.map(|name| term(&Field::Status, name));
    let mut digits = [0; 64];
    for (chunk, row) in rows {
        let (chunk, row) = (chunks[*chunk as usize], *row as usize);
        let name = tables.names.text(chunk.names[row]);
        for text in [name, chunk.messages.get(row)] {
            builder.text(folded.fold(text));
        }
        builder.word(word(hex::digits(chunk.traces[row], &mut digits)));
        if let Some(term) = field(&Field::Name, folded.fold(name)) {
            builder.field(term);
        }
        builder.field(kinds[chunk.kinds[row] as usize]);
        builder.field(statuses[chunk.statuses[row] as usize]);
        fixed.row(chunk.sources[row], chunk.scopes[row], builder);
        attribute_terms(&chunk.attributes, row, tables, folded, builder);
        fixed.resource(chunk.sources[row], &chunk.attributes, row, tables, builder);
        builder.end_row();
    }
}

/// The columns that a field is read from.
pub(crate) fn columns_of(of: &Field) -> &'static [&'static str] {
    match of {
        Field::Text => &["SpanName", "StatusMessage"],
        Field::Service => &["ServiceName"],
        Field::Instance => &["ServiceInstance"],
        Field::Status => &["StatusCode"],
        Field::Kind => &["SpanKind"],
        Field::Name => &["SpanName"],
        Field::Duration => &["Duration"],
        Field::Trace => &["TraceId"],
        Field::Span => &["SpanId"],
        Field::Scope => &["ScopeName"],
        Field::Attribute(_) => &["SpanAttributes", "ResourceAttributes"],
        Field::Level => &[],
    }
}

/// Spans of columns that were read; what was not read is empty.
pub(crate) fn read(
    batch: &RecordBatch,
    sources: &mut Sources,
    mut each: impl FnMut(Span),
) -> Result<(), BadColumn> {
    let times = numbers::<TimestampNanosecondType>(batch, "Timestamp")?;
    let durations = numbers::<UInt64Type>(batch, "Duration")?;
    let of = |name| words(batch, name);
    let (traces, ids, parents) = (of("TraceId")?, of("SpanId")?, of("ParentSpanId")?);
    let (names, kinds, scopes) = (of("SpanName")?, of("SpanKind")?, of("ScopeName")?);
    let (services, instances) = (of("ServiceName")?, of("ServiceInstance")?);
    let (statuses, messages) = (of("StatusCode")?, of("StatusMessage")?);
    let (events, links) = (of("Events")?, of("Links")?);
    let (attributes, resources) = (map(batch, "SpanAttributes")?, map(batch, "ResourceAttributes")?);
    for row in 0..batch.num_rows() {
        let text =
            |column: &Option<Words<'_>>| column.as_ref().map_or("", |column| column.get(row)).to_owned();
        each(Span {
            trace_id: TraceId(traces.as_ref().map_or([0; 16], |column| hex::id(column.get(row)))),
            span_id: SpanId(ids.as_ref().map_or([0; 8], |column| hex::id(column.get(row)))),
            parent: parents.as_ref().and_then(|column| SpanId::from_bytes(&hex::id::<8>(column.get(row)))),
            name: text(&names),
            kind: kind(&text(&kinds)),
            source: sources.get((&text(&services), &text(&instances)), resources, row)?,
            scope: text(&scopes),
            start_ns: times.map_or(0, |column| column.value(row).cast_unsigned()),
            duration_ns: durations.map_or(0, |column| column.value(row)),
            status: status(&text(&statuses)),
            status_message: text(&messages),
            attributes: attributes
                .map(|column| maps::attributes(column, row))
                .transpose()?
                .unwrap_or_default(),
            events: parsed::<Moment>("Events", &text(&events))?,
            links: parsed::<Link>("Links", &text(&links))?,
        });
    }
    Ok(())
}

/// When each span of columns that were read began, and its trace.
pub(crate) fn places(batch: &RecordBatch, mut each: impl FnMut(u64, TraceId)) -> Result<(), BadColumn> {
    let times = numbers::<TimestampNanosecondType>(batch, "Timestamp")?.ok_or(BadColumn("Timestamp"))?;
    let traces = words(batch, "TraceId")?.ok_or(BadColumn("TraceId"))?;
    for (row, time) in times.values().iter().enumerate() {
        each(time.cast_unsigned(), TraceId(hex::id(traces.get(row))));
    }
    Ok(())
}

fn parsed<T: serde::de::DeserializeOwned>(name: &'static str, json: &str) -> Result<Vec<T>, BadColumn> {
    if json.is_empty() {
        return Ok(Vec::new());
    }
    serde_json::from_str(json).map_err(|_| BadColumn(name))
}

fn kind(name: &str) -> Kind {
    const ALL: [Kind; 6] =
        [Kind::Unspecified, Kind::Internal, Kind::Server, Kind::Client, Kind::Producer, Kind::Consumer];
    KINDS.iter().position(|known| *known == name).map_or(Kind::Unspecified, |at| ALL[at])
}

fn status(name: &str) -> Status {
    const ALL: [Status; 3] = [Status::Unset, Status::Ok, Status::Error];
    STATUSES.iter().position(|known| *known == name).map_or(Status::Unset, |at| ALL[at])
}
