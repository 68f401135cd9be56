//! Records read from lines, as an OTLP request: they go in by the same door as everybody else's.

use bytes::Bytes;
use prost::Message as _;

use super::Line;
use crate::model::{Attributes, Level, Source};
use crate::otlp::proto::collector::logs::v1::ExportLogsServiceRequest;
use crate::otlp::proto::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use crate::otlp::proto::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use crate::otlp::proto::resource::v1::Resource;

/// The lines of one source, read at `observed_ns` (nanoseconds since 1970). The same lines read at the same time are the
/// same bytes. `more` are attributes that all of them have.
pub fn otlp(source: &Source, observed_ns: u64, lines: Vec<Line>, more: &[(&str, &str)]) -> Bytes {
    let mut scope_logs: Vec<ScopeLogs> = Vec::new();
    for line in lines {
        let scope = InstrumentationScope { name: line.scope.clone(), ..InstrumentationScope::default() };
        let record = record(line, observed_ns, more);
        match scope_logs.last_mut().filter(|last| last.scope.as_ref() == Some(&scope)) {
            Some(last) => last.log_records.push(record),
            None => scope_logs.push(ScopeLogs {
                scope: Some(scope),
                log_records: vec![record],
                ..ScopeLogs::default()
            }),
        }
    }
    let of_resource =
        ResourceLogs { resource: Some(resource(source)), scope_logs, ..ResourceLogs::default() };
    ExportLogsServiceRequest { resource_logs: vec![of_resource] }.encode_to_vec().into()
}

fn record(line: Line, observed_ns: u64, more: &[(&str, &str)]) -> LogRecord {
    let Line { time_ns, severity, trace_id, span_id, scope: _, body, attributes } = line;
    let mut attributes = pairs(attributes);
    attributes.extend(more.iter().map(|(name, value)| pair((*name).to_owned(), (*value).to_owned())));
    let level = Level::of(severity);
    LogRecord {
        time_unix_nano: time_ns,
        observed_time_unix_nano: observed_ns,
        severity_number: severity.into(),
        severity_text: if level == Level::Unset { String::new() } else { level.name().to_ascii_uppercase() },
        body: Some(text(body)),
        attributes,
        trace_id: trace_id.map(|id| id.0.to_vec()).unwrap_or_default(),
        span_id: span_id.map(|id| id.0.to_vec()).unwrap_or_default(),
        ..LogRecord::default()
    }
}

fn resource(source: &Source) -> Resource {
    let mut attributes = pairs(Attributes::clone(&source.resource));
    for (name, value) in [("service.name", &source.service), ("service.instance.id", &source.instance)] {
        attributes.push(pair(name.to_owned(), value.clone()));
    }
    Resource { attributes, ..Resource::default() }
}

fn pairs(attributes: Attributes) -> Vec<KeyValue> {
    attributes.0.into_iter().map(|(name, value)| pair(name, value)).collect()
}

fn pair(key: String, value: String) -> KeyValue {
    KeyValue { key, value: Some(text(value)), ..KeyValue::default() }
}

const fn text(text: String) -> AnyValue {
    AnyValue { value: Some(any_value::Value::StringValue(text)) }
}
