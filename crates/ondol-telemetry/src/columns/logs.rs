//! Log records as columns.

use std::sync::{Arc, LazyLock};

use arrow_array::types::{Int32Type, TimestampNanosecondType, UInt8Type};
use arrow_array::{
    ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray, TimestampNanosecondArray, UInt8Array,
};
use arrow_schema::{ArrowError, DataType, Field as Column, Schema, TimeUnit};

use super::hex;
use super::maps::{self, Maps};
use super::view::{BadColumn, Sources, map, numbers, words};
use crate::index::{Builder, Folded, attribute, field, word};
use crate::model::{Level, Log, SpanId, TraceId};
use crate::query::{Field, words as words_of};
use crate::rows::{LogChunk, Pairs, Tables};

/// The message, whose pages are small: it is most of what a search reads.
pub(crate) const BODY: &str = "Body";

pub(crate) static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| {
    let column = |name: &str, kind| Column::new(name, kind, false);
    Arc::new(Schema::new(vec![
        column("Timestamp", DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()))),
        column("TraceId", DataType::Utf8),
        column("SpanId", DataType::Utf8),
        column("SeverityText", coded()),
        column("SeverityNumber", DataType::UInt8),
        column("ServiceName", coded()),
        column("ServiceInstance", coded()),
        column("ScopeName", coded()),
        column(BODY, DataType::Utf8),
        column("LogAttributes", maps::kind()),
        column("ResourceAttributes", maps::kind()),
    ]))
});

pub(super) fn coded() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// The rows of a chunk as columns.
pub(crate) fn batch(chunk: &LogChunk, tables: &Tables) -> Result<RecordBatch, ArrowError> {
    let rows = chunk.times.len();
    let times = chunk.times.iter().map(|time| time.cast_signed());
    let (mut attributes, mut resources) = (Maps::new(), Maps::new());
    for row in 0..rows {
        for (name, value) in chunk.attributes.row(row) {
            attributes.push(tables.names.text(name), value);
        }
        attributes.end_row();
        resources.row(&tables.whose(chunk.sources[row]).resource);
    }
    let columns: Vec<ArrayRef> = vec![
        Arc::new(TimestampNanosecondArray::from_iter_values(times).with_timezone("UTC")),
        Arc::new(hex::column(chunk.traces.iter().copied())),
        Arc::new(hex::column(chunk.spans.iter().copied())),
        Arc::new(levels(&chunk.severities)?),
        Arc::new(UInt8Array::from(chunk.severities.clone())),
        Arc::new(by_source(&chunk.sources, tables, |source| &source.service)?),
        Arc::new(by_source(&chunk.sources, tables, |source| &source.instance)?),
        Arc::new(by_name(&chunk.scopes, tables)?),
        Arc::new(chunk.bodies.column()?),
        Arc::new(attributes.finish()),
        Arc::new(resources.finish()),
    ];
    RecordBatch::try_new(Arc::clone(&SCHEMA), columns)
}

fn levels(severities: &[u8]) -> Result<DictionaryArray<Int32Type>, ArrowError> {
    let levels =
        [Level::Unset, Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error, Level::Fatal];
    let names =
        levels.map(|level| if level == Level::Unset { String::new() } else { level.name().to_uppercase() });
    let keys = severities.iter().map(|severity| Level::of(*severity) as i32);
    DictionaryArray::try_new(
        Int32Array::from_iter_values(keys),
        Arc::new(StringArray::from_iter_values(names)),
    )
}

/// A column that follows from who wrote a row.
pub(super) fn by_source<'a>(
    sources: &[u32],
    tables: &'a Tables,
    of: impl Fn(&'a crate::model::Source) -> &'a String,
) -> Result<DictionaryArray<Int32Type>, ArrowError> {
    let texts = StringArray::from_iter_values(tables.sources().iter().map(of));
    DictionaryArray::try_new(
        Int32Array::from_iter_values(sources.iter().map(|number| number.cast_signed())),
        Arc::new(texts),
    )
}

/// A column of names from the tables.
pub(super) fn by_name(numbers: &[u32], tables: &Tables) -> Result<DictionaryArray<Int32Type>, ArrowError> {
    let mut places = std::collections::HashMap::new();
    let mut texts = Vec::new();
    let keys = numbers.iter().map(|number| {
        *places.entry(*number).or_insert_with(|| {
            texts.push(tables.names.text(*number));
            (texts.len() as u32 - 1).cast_signed()
        })
    });
    let keys = Int32Array::from_iter_values(keys.collect::<Vec<_>>());
    DictionaryArray::try_new(keys, Arc::new(StringArray::from_iter_values(texts)))
}

/// Puts the terms of a chunk into an index.
pub(crate) fn index(chunk: &LogChunk, tables: &Tables, builder: &mut Builder, folded: &mut Folded) {
    let fixed = Fixed::new(tables, chunk.scopes.iter().copied(), folded);
    let mut digits = [0; 64];
    for row in 0..chunk.times.len() {
        for one in words_of(folded.fold(chunk.bodies.get(row))) {
            builder.word(word(one));
        }
        if chunk.traces[row] != [0; 16] {
            builder.word(word(hex::digits(chunk.traces[row], &mut digits)));
        }
        builder.field(fixed.levels[Level::of(chunk.severities[row]) as usize]);
        fixed.row(chunk.sources[row], chunk.scopes[row], builder);
        attributes(&chunk.attributes, row, tables, folded, builder);
        fixed.resource(chunk.sources[row], &chunk.attributes, row, tables, builder);
        builder.end_row();
    }
}

/// The terms of the attributes of a row.
pub(super) fn attributes(
    pairs: &Pairs,
    row: usize,
    tables: &Tables,
    folded: &mut Folded,
    builder: &mut Builder,
) {
    for (name, value) in pairs.row(row) {
        if let Some(term) = attribute(tables.names.text(name), folded.fold(value)) {
            builder.word(term);
        }
    }
}

/// Terms that many rows share, made once.
pub(super) struct Fixed {
    levels: [u64; 7],
    services: Vec<u64>,
    instances: Vec<u64>,
    resources: Vec<Vec<(String, u64)>>,
    scopes: std::collections::HashMap<u32, u64>,
}

impl Fixed {
    pub(super) fn new(tables: &Tables, scopes: impl Iterator<Item = u32>, folded: &mut Folded) -> Self {
        let levels =
            [Level::Unset, Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error, Level::Fatal];
        let term = |of: Field, value: &str, folded: &mut Folded| {
            // Names are at most as long as a term may be, or are not looked for by the index.
            field(&of, folded.fold(value)).unwrap_or(0)
        };
        let sources = tables.sources();
        let mut resources = Vec::with_capacity(sources.len());
        for source in sources {
            let pairs = source.resource.0.iter();
            let terms =
                pairs.filter_map(|(name, value)| Some((name.clone(), attribute(name, folded.fold(value))?)));
            resources.push(terms.collect());
        }
        Self {
            levels: levels.map(|level| term(Field::Level, level.name(), folded)),
            services: sources.iter().map(|source| term(Field::Service, &source.service, folded)).collect(),
            instances: sources.iter().map(|source| term(Field::Instance, &source.instance, folded)).collect(),
            resources,
            scopes: scopes
                .map(|scope| (scope, term(Field::Scope, tables.names.text(scope), folded)))
                .collect(),
        }
    }

    pub(super) fn row(&self, source: u32, scope: u32, builder: &mut Builder) {
        builder.field(self.services[source as usize]);
        builder.word(self.instances[source as usize]);
        builder.word(self.scopes[&scope]);
    }

    /// The attributes of the resource, but for those of which the row has its own.
    pub(super) fn resource(
        &self,
        source: u32,
        own: &Pairs,
        row: usize,
        tables: &Tables,
        builder: &mut Builder,
    ) {
        for (name, term) in &self.resources[source as usize] {
            if !own.row(row).any(|(own, _)| tables.names.text(own) == name) {
                builder.word(*term);
            }
        }
    }
}

/// The columns that a field is read from.
pub(crate) fn columns_of(of: &Field) -> &'static [&'static str] {
    match of {
        Field::Text => &[BODY],
        Field::Service => &["ServiceName"],
        Field::Instance => &["ServiceInstance"],
        Field::Level => &["SeverityNumber"],
        Field::Trace => &["TraceId"],
        Field::Span => &["SpanId"],
        Field::Scope => &["ScopeName"],
        Field::Attribute(_) => &["LogAttributes", "ResourceAttributes"],
        Field::Status | Field::Kind | Field::Name | Field::Duration => &[],
    }
}

/// Log records of columns that were read; what was not read is empty.
pub(crate) fn read(
    batch: &RecordBatch,
    sources: &mut Sources,
    mut each: impl FnMut(Log),
) -> Result<(), BadColumn> {
    let times = numbers::<TimestampNanosecondType>(batch, "Timestamp")?;
    let (traces, spans) = (words(batch, "TraceId")?, words(batch, "SpanId")?);
    let severities = numbers::<UInt8Type>(batch, "SeverityNumber")?;
    let (services, instances) = (words(batch, "ServiceName")?, words(batch, "ServiceInstance")?);
    let (scopes, bodies) = (words(batch, "ScopeName")?, words(batch, BODY)?);
    let (attributes, resources) = (map(batch, "LogAttributes")?, map(batch, "ResourceAttributes")?);
    for row in 0..batch.num_rows() {
        let text = |column: &Option<super::view::Words<'_>>| {
            column.as_ref().map_or("", |column| column.get(row)).to_owned()
        };
        each(Log {
            time_ns: times.map_or(0, |column| column.value(row).cast_unsigned()),
            trace_id: traces.as_ref().and_then(|column| TraceId::from_bytes(&hex::id::<16>(column.get(row)))),
            span_id: spans.as_ref().and_then(|column| SpanId::from_bytes(&hex::id::<8>(column.get(row)))),
            severity: severities.map_or(0, |column| column.value(row)),
            source: sources.get((&text(&services), &text(&instances)), resources, row)?,
            scope: text(&scopes),
            body: text(&bodies),
            attributes: attributes
                .map(|column| maps::attributes(column, row))
                .transpose()?
                .unwrap_or_default(),
        });
    }
    Ok(())
}
