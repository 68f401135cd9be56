//! Exports for tests, and a store in a folder of its own.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use ondol_telemetry::otlp::proto::collector::logs::v1::ExportLogsServiceRequest;
use ondol_telemetry::otlp::proto::collector::trace::v1::ExportTraceServiceRequest;
use ondol_telemetry::otlp::proto::common::v1::any_value::Value;
use ondol_telemetry::otlp::proto::common::v1::{AnyValue, KeyValue};
use ondol_telemetry::otlp::proto::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use ondol_telemetry::otlp::proto::resource::v1::Resource;
use ondol_telemetry::otlp::proto::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use ondol_telemetry::query::{Filter, Query, Window};
use ondol_telemetry::{Options, Telemetry};
use prost::Message;

/// A quarter to some hour in 2026, so that tests cross hours.
pub(crate) const START: u64 =
    1_790_000_100_000_000_000 / 3_600_000_000_000 * 3_600_000_000_000 + 2_700_000_000_000;

pub(crate) const SECOND: u64 = 1_000_000_000;

static NOW: AtomicU64 = AtomicU64::new(START + 7_200 * SECOND);

pub(crate) fn now() -> u64 {
    NOW.load(Ordering::Relaxed)
}

pub(crate) fn open(folder: &Path) -> Telemetry {
    open_with(folder, |_| ())
}

pub(crate) fn open_with(folder: &Path, change: impl FnOnce(&mut Options)) -> Telemetry {
    let mut options = Options::new(folder.to_owned(), now);
    options.free_min = 0;
    change(&mut options);
    Telemetry::open(options).unwrap()
}

fn pair((key, value): &(&str, &str)) -> KeyValue {
    let value = Some(AnyValue { value: Some(Value::StringValue((*value).to_owned())) });
    KeyValue { key: (*key).to_owned(), value, ..Default::default() }
}

fn resource(service: &str, instance: &str) -> Resource {
    let pairs = [("service.name", service), ("service.instance.id", instance), ("host.name", "h1")];
    Resource { attributes: pairs.iter().map(pair).collect(), ..Default::default() }
}

pub(crate) fn log(time_ns: u64, severity: i32, body: &str, attributes: &[(&str, &str)]) -> LogRecord {
    LogRecord {
        time_unix_nano: time_ns,
        severity_number: severity,
        body: Some(AnyValue { value: Some(Value::StringValue(body.to_owned())) }),
        attributes: attributes.iter().map(pair).collect(),
        ..Default::default()
    }
}

pub(crate) fn logs(service: &str, instance: &str, log_records: Vec<LogRecord>) -> Bytes {
    let scope_logs = vec![ScopeLogs { log_records, ..Default::default() }];
    let of = ResourceLogs { resource: Some(resource(service, instance)), scope_logs, ..Default::default() };
    ExportLogsServiceRequest { resource_logs: vec![of] }.encode_to_vec().into()
}

pub(crate) fn span(trace: u8, id: u8, parent: u8, name: &str, start_ns: u64, ms: u64, failed: bool) -> Span {
    Span {
        trace_id: vec![trace; 16],
        span_id: vec![id; 8],
        parent_span_id: if parent == 0 { Vec::new() } else { vec![parent; 8] },
        name: name.to_owned(),
        kind: 2,
        start_time_unix_nano: start_ns,
        end_time_unix_nano: start_ns + ms * 1_000_000,
        status: failed.then(|| Status { code: 2, message: "it broke".to_owned() }),
        ..Default::default()
    }
}

pub(crate) fn spans(service: &str, spans: Vec<Span>) -> Bytes {
    let scope_spans = vec![ScopeSpans { spans, ..Default::default() }];
    let of = ResourceSpans { resource: Some(resource(service, "1")), scope_spans, ..Default::default() };
    ExportTraceServiceRequest { resource_spans: vec![of] }.encode_to_vec().into()
}

pub(crate) fn ask(filter: &str, limit: usize) -> Query {
    Query { filter: Filter::parse(filter).unwrap(), window: Window::EVER, limit, count: true }
}
