//! Log records out of OTLP.

use std::borrow::Cow;

use super::proto::collector::logs::v1::ExportLogsServiceRequest;
use super::proto::logs::v1::LogRecord;
use super::source::source;
use super::values::{BODY_MAX, NAME_MAX, bounded, cut, text};
use super::{Rules, Tally};
use crate::otlp::tally::Fate;
use crate::rows::LogChunk;
use crate::store::Rows;

/// Takes all records of a request into memory.
pub(crate) fn pour(
    request: &ExportLogsServiceRequest,
    rows: &mut Rows<LogChunk>,
    rules: Rules,
) -> Vec<Tally> {
    let mut tallies = Vec::new();
    for of_resource in &request.resource_logs {
        let source = source(of_resource.resource.as_ref());
        let mut tally = Tally::of(&source);
        let source = rows.tables.source(source);
        for of_scope in &of_resource.scope_logs {
            let scope = of_scope.scope.as_ref().map_or("", |scope| scope.name.as_str());
            let scope = rows.tables.names.number(&cut(Cow::Borrowed(scope), NAME_MAX).0);
            for record in &of_scope.log_records {
                tally.count(one(record, (source, scope), rows, rules));
            }
        }
        tallies.push(tally);
    }
    tallies
}

/// When it was written, else when it was observed, else when it arrived.
const fn time(record: &LogRecord, rules: Rules) -> u64 {
    match (record.time_unix_nano, record.observed_time_unix_nano) {
        (0, 0) => rules.now_ns,
        (0, observed) => observed,
        (written, _) => written,
    }
}

fn one(record: &LogRecord, (source, scope): (u32, u32), rows: &mut Rows<LogChunk>, rules: Rules) -> Fate {
    let time_ns = time(record, rules);
    let fate = rules.judge(time_ns);
    if fate != Fate::Stored {
        return fate;
    }
    let (chunk, tables) = rows.chunk(time_ns);
    chunk.times.push(time_ns);
    chunk.traces.push(record.trace_id.as_slice().try_into().unwrap_or_default());
    chunk.spans.push(record.span_id.as_slice().try_into().unwrap_or_default());
    chunk
        .severities
        .push(u8::try_from(record.severity_number).ok().filter(|number| *number <= 24).unwrap_or(0));
    chunk.sources.push(source);
    chunk.scopes.push(scope);
    chunk.bodies.push(&cut(text(record.body.as_ref()), BODY_MAX).0);
    bounded(&record.attributes, |name, value| chunk.attributes.push(tables.names.number(name), value));
    if !record.event_name.is_empty() {
        chunk.attributes.push(tables.names.number("event.name"), &record.event_name);
    }
    chunk.attributes.end_row();
    rows.added(time_ns);
    Fate::Stored
}
