//! Rows as the bytes of an export request, grouped by who wrote them, as a collector sends them.

use std::collections::BTreeMap;

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message as _;

use super::Pass;
use crate::nezha::{Day, LogRow, Pod, SpanRow};

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Spans.
    Traces,
    /// Log records.
    Logs,
}

/// One export request.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Of what.
    pub signal: Signal,
    /// How many spans or log records.
    pub records: u64,
    /// From 0, in the order in which batches were made.
    pub number: u64,
    /// The request's protobuf.
    pub bytes: Bytes,
}

/// Sizes of batches, one after the other: what SDKs (512) and collectors (up to 8,192, mostly 2,048) send by default.
const SIZES: [usize; 3] = [512, 1_024, 2_048];

/// Makes the batches of a signal, pass after pass.
#[derive(Debug)]
pub struct Batches<'a> {
    day: &'a Day,
    signal: Signal,
    passes: std::vec::IntoIter<Pass>,
    pass: Option<Pass>,
    /// The next row of the pass.
    at: usize,
    made: u64,
    /// Records still to be sent.
    left: u64,
}

impl<'a> Batches<'a> {
    /// At most `records` of a signal, from as many passes as are given.
    pub fn new(day: &'a Day, signal: Signal, passes: Vec<Pass>, records: u64) -> Self {
        let mut passes = passes.into_iter();
        let pass = passes.next();
        Self { day, signal, passes, pass, at: 0, made: 0, left: records }
    }

    fn rows(&self) -> usize {
        match self.signal {
            Signal::Traces => self.day.spans.len(),
            Signal::Logs => self.day.logs.len(),
        }
    }
}

impl Iterator for Batches<'_> {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let rows = self.rows();
        if self.at == rows {
            self.pass = self.passes.next();
            self.at = 0;
        }
        let pass = self.pass.filter(|_| self.left > 0 && rows > 0)?;
        let size = SIZES[self.made as usize % SIZES.len()].min(rows - self.at);
        let size = size.min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let range = self.at..self.at + size;
        let bytes = match self.signal {
            Signal::Traces => traces(self.day, &self.day.spans[range], pass).encode_to_vec(),
            Signal::Logs => logs(self.day, &self.day.logs[range], pass).encode_to_vec(),
        };
        let number = self.made;
        (self.at, self.made, self.left) = (self.at + size, self.made + 1, self.left - size as u64);
        Some(Batch { signal: self.signal, records: size as u64, number, bytes: bytes.into() })
    }
}

fn traces(day: &Day, rows: &[SpanRow], pass: Pass) -> ExportTraceServiceRequest {
    let mut by_pod: BTreeMap<u32, Vec<Span>> = BTreeMap::new();
    for row in rows {
        by_pod.entry(row.pod).or_default().push(Span {
            trace_id: id(&pass.trace(row.trace).to_be_bytes()),
            span_id: id(&pass.span(row.id).to_be_bytes()),
            parent_span_id: row.parent.map_or_else(Vec::new, |parent| id(&pass.span(parent).to_be_bytes())),
            name: day.names[row.name as usize].clone(),
            start_time_unix_nano: pass.time(row.start_ns),
            end_time_unix_nano: pass.time(row.end_ns),
            ..Span::default()
        });
    }
    let of_pod = |(pod, spans)| ResourceSpans {
        resource: Some(resource(day.pod(pod))),
        scope_spans: vec![ScopeSpans { scope: Some(scope()), spans, ..ScopeSpans::default() }],
        ..ResourceSpans::default()
    };
    ExportTraceServiceRequest { resource_spans: by_pod.into_iter().map(of_pod).collect() }
}

fn logs(day: &Day, rows: &[LogRow], pass: Pass) -> ExportLogsServiceRequest {
    let mut by_pod: BTreeMap<u32, Vec<LogRecord>> = BTreeMap::new();
    for row in rows {
        by_pod.entry(row.pod).or_default().push(LogRecord {
            time_unix_nano: pass.time(row.time_ns),
            observed_time_unix_nano: pass.time(row.time_ns),
            severity_number: row.severity.number(),
            severity_text: row.severity.word().to_owned(),
            body: Some(text(pass.body(row))),
            trace_id: id(&pass.trace(row.trace).to_be_bytes()),
            span_id: id(&pass.span(row.span).to_be_bytes()),
            ..LogRecord::default()
        });
    }
    let of_pod = |(pod, log_records)| ResourceLogs {
        resource: Some(resource(day.pod(pod))),
        scope_logs: vec![ScopeLogs { scope: Some(scope()), log_records, ..ScopeLogs::default() }],
        ..ResourceLogs::default()
    };
    ExportLogsServiceRequest { resource_logs: by_pod.into_iter().map(of_pod).collect() }
}

/// By OpenTelemetry's semantic conventions.
fn resource(pod: &Pod) -> Resource {
    let pairs =
        [("service.name", &pod.service), ("service.instance.id", &pod.name), ("host.name", &pod.node)];
    let known = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    let attribute = |(key, value): (&str, &String)| KeyValue {
        key: key.to_owned(),
        value: Some(text(value.clone())),
        ..KeyValue::default()
    };
    Resource { attributes: known.map(attribute).collect(), ..Resource::default() }
}

fn scope() -> InstrumentationScope {
    InstrumentationScope { name: "train-ticket".to_owned(), ..InstrumentationScope::default() }
}

fn text(text: String) -> AnyValue {
    AnyValue { value: Some(Value::StringValue(text)) }
}

/// OTLP leaves an id that is not there empty.
fn id(bytes: &[u8]) -> Vec<u8> {
    if bytes.iter().all(|byte| *byte == 0) { Vec::new() } else { bytes.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nezha::Severity;

    fn day(logs: u64) -> Day {
        let pod = Pod { name: "a-1-2".to_owned(), service: "a".to_owned(), node: "n".to_owned() };
        let log = |time_ns| LogRow {
            time_ns,
            pod: 0,
            trace: 7,
            span: 8,
            severity: Severity::Warn,
            body: format!("{time_ns}"),
        };
        Day { pods: vec![pod], names: Vec::new(), spans: Vec::new(), logs: (1..=logs).map(log).collect() }
    }

    #[test]
    fn every_row_of_every_pass_is_in_one_batch() {
        let day = day(700);
        let passes = vec![Pass::numbered(0, 0), Pass::numbered(8, 1)];
        let table = [(u64::MAX, vec![512, 188, 700]), (900, vec![512, 188, 200]), (0, vec![])];
        for (records, expected) in table {
            let batches: Vec<_> = Batches::new(&day, Signal::Logs, passes.clone(), records).collect();
            assert_eq!(batches.iter().map(|batch| batch.records).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn a_row_is_a_record_of_its_pod() {
        let batch =
            Batches::new(&day(1), Signal::Logs, vec![Pass::numbered(0, 0)], 1).next().expect("one batch");
        let request = ExportLogsServiceRequest::decode(batch.bytes).expect("protobuf");
        let of_pod = &request.resource_logs[0];
        let attributes = &of_pod.resource.as_ref().expect("a resource").attributes;
        let keys: Vec<_> = attributes.iter().map(|attribute| attribute.key.as_str()).collect();
        assert_eq!(keys, ["service.name", "service.instance.id", "host.name"]);
        let record = &of_pod.scope_logs[0].log_records[0];
        assert_eq!((record.severity_number, record.trace_id.len(), record.span_id.len()), (13, 16, 8));
    }
}
