//! Our own records as OTLP bytes: they go in by the same door as everybody else's.

use bytes::Bytes;
use ondol_telemetry::model::{Attributes, Kind, Log, Source, Span, SpanId, Status};
use ondol_telemetry::otlp::proto::collector::logs::v1::ExportLogsServiceRequest;
use ondol_telemetry::otlp::proto::collector::trace::v1::ExportTraceServiceRequest;
use ondol_telemetry::otlp::proto::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use ondol_telemetry::otlp::proto::logs::v1 as logs;
use ondol_telemetry::otlp::proto::resource::v1::Resource;
use ondol_telemetry::otlp::proto::trace::v1 as trace;
use prost::Message as _;

/// Attributes that the semantic conventions have as whole numbers.
const NUMBERS: [&str; 6] = [
    "http.request.resend_count",
    "http.response.status_code",
    "ondol.attempt",
    "ondol.attempts",
    "server.port",
    "ondol.retries",
];

/// Spans of one source.
pub(super) fn traces(source: &Source, spans: Vec<Span>) -> Bytes {
    let scope = scope(spans.first().map_or("", |span| &span.scope));
    let spans = spans.into_iter().map(span).collect();
    let scope_spans = vec![trace::ScopeSpans { scope: Some(scope), spans, schema_url: String::new() }];
    let resource_spans =
        trace::ResourceSpans { resource: Some(resource(source)), scope_spans, schema_url: String::new() };
    ExportTraceServiceRequest { resource_spans: vec![resource_spans] }.encode_to_vec().into()
}

fn span(span: Span) -> trace::Span {
    let events = span.events.into_iter().map(|moment| trace::span::Event {
        time_unix_nano: moment.time_ns,
        name: moment.name,
        attributes: pairs(moment.attributes),
        dropped_attributes_count: 0,
    });
    trace::Span {
        trace_id: span.trace_id.0.to_vec(),
        span_id: span.span_id.0.to_vec(),
        parent_span_id: id(span.parent),
        end_time_unix_nano: span.start_ns.saturating_add(span.duration_ns),
        start_time_unix_nano: span.start_ns,
        name: span.name,
        kind: kind(span.kind).into(),
        attributes: pairs(span.attributes),
        events: events.collect(),
        status: Some(trace::Status { message: span.status_message, code: status(span.status).into() }),
        ..trace::Span::default()
    }
}

const fn kind(kind: Kind) -> trace::span::SpanKind {
    match kind {
        Kind::Unspecified => trace::span::SpanKind::Unspecified,
        Kind::Internal => trace::span::SpanKind::Internal,
        Kind::Server => trace::span::SpanKind::Server,
        Kind::Client => trace::span::SpanKind::Client,
        Kind::Producer => trace::span::SpanKind::Producer,
        Kind::Consumer => trace::span::SpanKind::Consumer,
    }
}

const fn status(status: Status) -> trace::status::StatusCode {
    match status {
        Status::Unset => trace::status::StatusCode::Unset,
        Status::Ok => trace::status::StatusCode::Ok,
        Status::Error => trace::status::StatusCode::Error,
    }
}

/// Log records of one source.
pub(super) fn logs(source: &Source, records: Vec<Log>) -> Bytes {
    let scope = scope("ondol");
    let log_records = records.into_iter().map(log).collect();
    let scope_logs = vec![logs::ScopeLogs { scope: Some(scope), log_records, schema_url: String::new() }];
    let resource_logs =
        logs::ResourceLogs { resource: Some(resource(source)), scope_logs, schema_url: String::new() };
    ExportLogsServiceRequest { resource_logs: vec![resource_logs] }.encode_to_vec().into()
}

fn log(log: Log) -> logs::LogRecord {
    logs::LogRecord {
        time_unix_nano: log.time_ns,
        observed_time_unix_nano: log.time_ns,
        severity_number: log.severity.into(),
        severity_text: log.level().name().to_ascii_uppercase(),
        body: Some(text(log.body)),
        attributes: pairs(log.attributes),
        trace_id: log.trace_id.map(|id| id.0.to_vec()).unwrap_or_default(),
        span_id: id(log.span_id),
        ..logs::LogRecord::default()
    }
}

fn scope(name: &str) -> InstrumentationScope {
    InstrumentationScope { name: name.to_owned(), ..InstrumentationScope::default() }
}

fn resource(source: &Source) -> Resource {
    let mut attributes = pairs(Attributes::clone(&source.resource));
    for (name, value) in [("service.name", &source.service), ("service.instance.id", &source.instance)] {
        attributes.push(pair(name.to_owned(), value.clone()));
    }
    Resource { attributes, ..Resource::default() }
}

fn id(id: Option<SpanId>) -> Vec<u8> {
    id.map(|id| id.0.to_vec()).unwrap_or_default()
}

fn pairs(attributes: Attributes) -> Vec<KeyValue> {
    attributes.0.into_iter().map(|(name, value)| pair(name, value)).collect()
}

fn pair(key: String, value: String) -> KeyValue {
    let number = NUMBERS.contains(&key.as_str()).then(|| value.parse().ok()).flatten();
    let value = match number {
        Some(number) => AnyValue { value: Some(any_value::Value::IntValue(number)) },
        None => text(value),
    };
    KeyValue { key, value: Some(value), ..KeyValue::default() }
}

const fn text(text: String) -> AnyValue {
    AnyValue { value: Some(any_value::Value::StringValue(text)) }
}
