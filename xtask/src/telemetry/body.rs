//! Bodies of exports, right ones and wrong ones, sent as bytes over HTTP/1.1.

use crate::error::Error;
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longest wait for an answer.
const ANSWER_MAX: Duration = Duration::from_mins(1);

/// What came back.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) status: u16,
    /// The head, in lower case.
    pub(super) head: String,
    pub(super) body: String,
}

impl Said {
    /// The first words, for people.
    pub(super) fn short(&self) -> String {
        format!("{} {}", self.status, self.body.chars().take(160).collect::<String>())
    }
}

/// Posts bytes; `encoding` is a content coding or nothing.
///
/// # Errors
/// If there is no answer.
pub(super) fn post(
    to: SocketAddr,
    path: &str,
    kind: &str,
    encoding: &str,
    body: &[u8],
) -> Result<Said, Error> {
    let failed = |error: std::io::Error| Error::Http {
        request: format!("POST http://{to}{path}"),
        why: error.to_string(),
    };
    let coding =
        if encoding.is_empty() { String::new() } else { format!("content-encoding: {encoding}\r\n") };
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {to}\r\ncontent-type: {kind}\r\n{coding}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(to).map_err(failed)?;
    stream.set_read_timeout(Some(ANSWER_MAX)).map_err(failed)?;
    stream.write_all(head.as_bytes()).map_err(failed)?;
    // A server may answer and close before it has read all; what it said counts.
    let written = stream.write_all(body);
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    if answer.is_empty() {
        written.and(read.map(drop)).map_err(failed)?;
    }
    let text = String::from_utf8_lossy(&answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Ok(Said { status, head: head.to_ascii_lowercase(), body: body.to_owned() })
}

/// Posts JSON.
///
/// # Errors
/// If there is no answer.
pub(super) fn post_json(to: SocketAddr, path: &str, body: &Value) -> Result<Said, Error> {
    post(to, path, "application/json", "", body.to_string().as_bytes())
}

/// An attribute with a text.
pub(super) fn attribute(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

fn resource(service: &str) -> Value {
    json!({ "attributes": [attribute("service.name", service), attribute("service.instance.id", "one")] })
}

/// An export of spans.
pub(super) fn traces(service: &str, spans: &[Value]) -> Value {
    json!({ "resourceSpans": [{ "resource": resource(service), "scopeSpans": [{ "spans": spans }] }] })
}

/// An export of log records.
pub(super) fn logs(service: &str, records: &[Value]) -> Value {
    json!({ "resourceLogs": [{ "resource": resource(service), "scopeLogs": [{ "logRecords": records }] }] })
}

/// A span of one millisecond.
pub(super) fn span(trace: &str, id: u64, parent: Option<u64>, start_ns: u64, attributes: &[Value]) -> Value {
    json!({
        "traceId": trace, "spanId": format!("{id:016x}"),
        "parentSpanId": parent.map_or(String::new(), |parent| format!("{parent:016x}")),
        "name": "work", "kind": 1, "attributes": attributes,
        "startTimeUnixNano": start_ns.to_string(), "endTimeUnixNano": (start_ns + 1_000_000).to_string(),
    })
}

/// A log record.
pub(super) fn log(time_ns: u64, body: &str, attributes: &[Value]) -> Value {
    json!({ "timeUnixNano": time_ns.to_string(), "severityNumber": 9, "body": { "stringValue": body }, "attributes": attributes })
}
