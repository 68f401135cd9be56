//! Log records as columns.

use std::sync::{Arc, LazyLock};

use arrow_array::types::{Int32Type, TimestampNanosecondType};
use arrow_array::{
    ArrayRef, DictionaryArray, Int32Array, MapArray, PrimitiveArray, RecordBatch, StringArray,
    TimestampNanosecondArray, UInt8Array,
};
use arrow_schema::{ArrowError, DataType, Field as Column, Schema, TimeUnit};

use super::hex;
use super::maps::{self, Maps};
use super::said::Said;
use super::view::{BadColumn, Sources, Words, map, numbers, words};
use crate::index::{Builder, Folded, attribute, field, word};
use crate::model::{Level, Log, SpanId, TraceId};
use crate::query::{Field, Filter};
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

/// Rows of a chunk as columns.
pub(crate) fn batch(chunk: &LogChunk, rows: &[usize], tables: &Tables) -> Result<RecordBatch, ArrowError> {
    let mut attributes = Maps::new();
    for row in rows {
        for (name, value) in chunk.attributes.row(*row) {
            attributes.push(tables.names.text(name), value);
        }
        attributes.end_row();
    }
    let times = rows.iter().map(|row| chunk.times[*row].cast_signed());
    let severities: Vec<u8> = rows.iter().map(|row| chunk.severities[*row]).collect();
    let sources: Vec<u32> = rows.iter().map(|row| chunk.sources[*row]).collect();
    let scopes: Vec<u32> = rows.iter().map(|row| chunk.scopes[*row]).collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(TimestampNanosecondArray::from_iter_values(times).with_timezone("UTC")),
        Arc::new(hex::column(rows.iter().map(|row| chunk.traces[*row]))),
        Arc::new(hex::column(rows.iter().map(|row| chunk.spans[*row]))),
        Arc::new(levels(&severities)?),
        Arc::new(UInt8Array::from(severities)),
        Arc::new(by_source(&sources, tables, |source| &source.service)?),
        Arc::new(by_source(&sources, tables, |source| &source.instance)?),
        Arc::new(by_name(&scopes, tables)?),
        Arc::new(chunk.bodies.column(rows)),
        Arc::new(attributes.finish()),
        Arc::new(maps::resources(sources.into_iter(), tables)?),
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
    let mut places = foldhash::HashMap::default();
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

/// Puts the terms of rows into an index.
pub(crate) fn index(
    chunk: &LogChunk,
    rows: &[usize],
    tables: &Tables,
    builder: &mut Builder,
    folded: &mut Folded,
) {
    let fixed = Fixed::new(tables, chunk.scopes.iter().copied(), folded);
    let mut digits = [0; 64];
    for row in rows.iter().copied() {
        builder.text(folded.fold(chunk.bodies.get(row)));
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
    scopes: foldhash::HashMap<u32, u64>,
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
        let mut of_scopes = foldhash::HashMap::default();
        for scope in scopes {
            of_scopes.entry(scope).or_insert_with(|| term(Field::Scope, tables.names.text(scope), folded));
        }
        Self {
            levels: levels.map(|level| term(Field::Level, level.name(), folded)),
            services: sources.iter().map(|source| term(Field::Service, &source.service, folded)).collect(),
            instances: sources.iter().map(|source| term(Field::Instance, &source.instance, folded)).collect(),
            resources,
            scopes: of_scopes,
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

/// The columns that were read of a batch; what was not read is empty.
pub(crate) struct View<'a> {
    times: Option<&'a PrimitiveArray<TimestampNanosecondType>>,
    traces: Option<Words<'a>>,
    spans: Option<Words<'a>>,
    severities: Option<&'a UInt8Array>,
    services: Option<Words<'a>>,
    instances: Option<Words<'a>>,
    scopes: Option<Words<'a>>,
    bodies: Option<Words<'a>>,
    attributes: Option<&'a MapArray>,
    resources: Option<&'a MapArray>,
}

impl<'a> View<'a> {
    pub(crate) fn of(batch: &'a RecordBatch) -> Result<Self, BadColumn> {
        Ok(Self {
            times: numbers(batch, "Timestamp")?,
            traces: words(batch, "TraceId")?,
            spans: words(batch, "SpanId")?,
            severities: numbers(batch, "SeverityNumber")?,
            services: words(batch, "ServiceName")?,
            instances: words(batch, "ServiceInstance")?,
            scopes: words(batch, "ScopeName")?,
            bodies: words(batch, BODY)?,
            attributes: map(batch, "LogAttributes")?,
            resources: map(batch, "ResourceAttributes")?,
        })
    }

    pub(crate) fn time(&self, row: usize) -> u64 {
        self.times.map_or(0, |column| column.value(row).cast_unsigned())
    }

    fn trace(&self, row: usize) -> Option<TraceId> {
        TraceId::from_bytes(&hex::id::<16>(text(self.traces.as_ref(), row)))
    }

    fn span(&self, row: usize) -> Option<SpanId> {
        SpanId::from_bytes(&hex::id::<8>(text(self.spans.as_ref(), row)))
    }

    fn severity(&self, row: usize) -> u8 {
        self.severities.map_or(0, |column| column.value(row))
    }

    /// Which messages say what a filter asks of messages.
    pub(crate) fn said(&self, filter: &'a Filter) -> Said<'a> {
        match &self.bodies {
            Some(Words::Plain(bodies)) => Said::of(bodies, filter),
            Some(Words::Coded(..)) | None => Said::default(),
        }
    }

    /// Does a filter hold for a row? As [`Filter::holds_log`], without making a record of it.
    pub(crate) fn holds(&self, filter: &Filter, said: &Said<'_>, row: usize) -> bool {
        filter.holds(&|term| {
            let test = &term.test;
            match &term.field {
                Field::Text if let Some(rows) = said.rows(test) => rows[row],
                Field::Text => test.holds_text(text(self.bodies.as_ref(), row)),
                Field::Level => test.holds_level(self.severity(row)),
                Field::Trace => self.trace(row).is_some_and(|id| test.holds_trace(id)),
                Field::Span => self.span(row).is_some_and(|id| test.holds_span_id(id)),
                Field::Scope => test.holds_name(text(self.scopes.as_ref(), row)),
                Field::Service => test.holds_name(text(self.services.as_ref(), row)),
                Field::Instance => test.holds_name(text(self.instances.as_ref(), row)),
                Field::Attribute(name) => {
                    let value = |column: Option<&'a MapArray>| maps::value(column?, row, name);
                    let value = value(self.attributes).or_else(|| value(self.resources));
                    value.is_some_and(|value| test.holds_value(value))
                }
                Field::Status | Field::Kind | Field::Name | Field::Duration => false,
            }
        })
    }

    fn get(&self, row: usize, sources: &mut Sources) -> Result<Log, BadColumn> {
        let (service, instance) = (text(self.services.as_ref(), row), text(self.instances.as_ref(), row));
        let attributes = self.attributes.map(|column| maps::attributes(column, row)).transpose()?;
        Ok(Log {
            time_ns: self.time(row),
            trace_id: self.trace(row),
            span_id: self.span(row),
            severity: self.severity(row),
            source: sources.get((service, instance), self.resources, row)?,
            scope: text(self.scopes.as_ref(), row).to_owned(),
            body: text(self.bodies.as_ref(), row).to_owned(),
            attributes: attributes.unwrap_or_default(),
        })
    }
}

fn text<'a>(column: Option<&Words<'a>>, row: usize) -> &'a str {
    column.map_or("", |column| column.get(row))
}

/// Log records of columns that were read.
pub(crate) fn read(
    batch: &RecordBatch,
    sources: &mut Sources,
    mut each: impl FnMut(Log),
) -> Result<(), BadColumn> {
    let view = View::of(batch)?;
    (0..batch.num_rows()).try_for_each(|row| {
        each(view.get(row, sources)?);
        Ok(())
    })
}
