//! Log records out of OTLP.

use std::borrow::Cow;

use bytes::Bytes;
use prost::Message as _;

use super::plain::{self, Record};
use super::proto::collector::logs::v1::ExportLogsServiceRequest;
use super::proto::logs::v1::ResourceLogs;
use super::source::source;
use super::values::{BODY_MAX, NAME_MAX, bounded, cut, pairs};
use super::{Rules, Tally, weight};
use crate::model::Source;
use crate::otlp::tally::Fate;
use crate::rows::LogChunk;
use crate::store::Rows;

/// An export of log records.
#[derive(Debug)]
pub(crate) enum Export {
    /// Read in place: checked, and kept as it came.
    Plain(Bytes),
    /// With something in it that only the generated code reads.
    Built(ExportLogsServiceRequest),
}

/// The most that the generated code may take for an export: nobody sends what needs it on purpose.
const BUILT_MAX: usize = 32 << 20;

/// Why a record that was checked can be read again.
const CHECKED: &str = "it was checked when it came, and bytes do not change";

impl Export {
    /// Reads an export.
    pub(crate) fn decode(body: &Bytes) -> Result<Self, String> {
        if plain::check(body).is_ok() {
            return Ok(Self::Plain(body.clone()));
        }
        if weight::weight(body, &weight::LOGS) > BUILT_MAX {
            return Err(format!("it would take more than {} MiB; send less at once", BUILT_MAX >> 20));
        }
        let built = ExportLogsServiceRequest::decode(body.clone());
        built.map(Self::Built).map_err(|error| error.to_string())
    }

    /// Who wrote its records, and how many each.
    pub(crate) fn sources(&self) -> Vec<(Source, u64)> {
        match self {
            Self::Plain(body) => {
                let resources = plain::resources(body).map(|of| of.expect(CHECKED));
                let count = |of: &plain::OfResource<'_>| {
                    let records = |of| plain::records(&of).count() as u64;
                    plain::scopes(of).map(|of| records(of.expect(CHECKED))).sum()
                };
                resources.map(|of| (source(of.resource.as_ref()), count(&of))).collect()
            }
            Self::Built(request) => {
                let count =
                    |of: &ResourceLogs| of.scope_logs.iter().map(|of| of.log_records.len() as u64).sum();
                request.resource_logs.iter().map(|of| (source(of.resource.as_ref()), count(of))).collect()
            }
        }
    }

    /// Takes all its records into memory.
    pub(crate) fn pour(&self, rows: &mut Rows<LogChunk>, rules: Rules) -> Vec<Tally> {
        match self {
            Self::Plain(body) => pour_plain(body, rows, rules),
            Self::Built(request) => pour_built(request, rows, rules),
        }
    }
}

fn pour_plain(export: &[u8], rows: &mut Rows<LogChunk>, rules: Rules) -> Vec<Tally> {
    let (mut tallies, mut pairs) = (Vec::new(), plain::Pairs::new());
    for of_resource in plain::resources(export) {
        let of_resource = of_resource.expect(CHECKED);
        let (mut tally, source) = begin(source(of_resource.resource.as_ref()), rows);
        for of_scope in plain::scopes(&of_resource) {
            let of_scope = of_scope.expect(CHECKED);
            let scope = number(&of_scope.name, rows);
            for message in plain::records(&of_scope) {
                let record = plain::record(message.expect(CHECKED), &mut pairs).expect(CHECKED);
                tally.count(one(&record, pairs.drain(..), (source, scope), rows, rules));
            }
        }
        tallies.push(tally);
    }
    tallies
}

fn pour_built(request: &ExportLogsServiceRequest, rows: &mut Rows<LogChunk>, rules: Rules) -> Vec<Tally> {
    let mut tallies = Vec::new();
    for of_resource in &request.resource_logs {
        let (mut tally, source) = begin(source(of_resource.resource.as_ref()), rows);
        for of_scope in &of_resource.scope_logs {
            let scope = number(of_scope.scope.as_ref().map_or("", |scope| scope.name.as_str()), rows);
            for record in &of_scope.log_records {
                let attributes = pairs(&record.attributes);
                tally.count(one(&Record::from(record), attributes, (source, scope), rows, rules));
            }
        }
        tallies.push(tally);
    }
    tallies
}

/// A tally, and the place of a source in the tables.
fn begin(source: Source, rows: &mut Rows<LogChunk>) -> (Tally, u32) {
    (Tally::of(&source), rows.tables.source(source))
}

/// The place of a scope in the tables.
fn number(scope: &str, rows: &mut Rows<LogChunk>) -> u32 {
    rows.tables.names.number(&cut(Cow::Borrowed(scope), NAME_MAX).0)
}

/// When it was written, else when it was observed, else when it arrived.
const fn time(record: &Record<'_>, rules: Rules) -> u64 {
    match (record.written_ns, record.observed_ns) {
        (0, 0) => rules.now_ns,
        (0, observed) => observed,
        (written, _) => written,
    }
}

fn one<'a>(
    record: &Record<'_>,
    attributes: impl Iterator<Item = (&'a str, Cow<'a, str>)>,
    (source, scope): (u32, u32),
    rows: &mut Rows<LogChunk>,
    rules: Rules,
) -> Fate {
    let time_ns = time(record, rules);
    let fate = rules.judge(time_ns);
    if fate != Fate::Stored {
        return fate;
    }
    let (chunk, tables) = rows.chunk(time_ns);
    chunk.times.push(time_ns);
    chunk.traces.push(record.trace.try_into().unwrap_or_default());
    chunk.spans.push(record.span.try_into().unwrap_or_default());
    chunk.severities.push(u8::try_from(record.severity).ok().filter(|number| *number <= 24).unwrap_or(0));
    chunk.sources.push(source);
    chunk.scopes.push(scope);
    chunk.bodies.push(&cut(Cow::Borrowed(&record.body), BODY_MAX).0);
    bounded(attributes, |name, value| chunk.attributes.push(tables.names.number(name), value));
    if !record.event.is_empty() {
        chunk.attributes.push(tables.names.number("event.name"), record.event);
    }
    chunk.attributes.end_row();
    rows.added(time_ns);
    Fate::Stored
}

#[cfg(test)]
mod tests;
