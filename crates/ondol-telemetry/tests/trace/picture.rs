//! Spans from a picture, one line a span, what it causes indented below it:
//!
//! ```text
//! 1 | gateway | GET /book     | server | 0..100 | http.response.status_code=500
//!   2 | gateway | POST /charges | client | 10..90 | error: no answer within 80 ms; peer.service=payment
//! ```
//!
//! Times are milliseconds. The last column may be left out; it holds attributes, `ok`, `error`, `error: MESSAGE`,
//! `thrown TYPE: MESSAGE` (an exception event), `^9` (a parent by id).

use ondol_telemetry::model::{Attributes, Kind, Moment, Source, Span, SpanId, Status, TraceId};

/// 2026-11-23 09:00:00 UTC.
pub(crate) const EPOCH_NS: u64 = 1_795_424_400_000_000_000;
const MS: u64 = 1_000_000;

pub(crate) fn id(number: u64) -> SpanId {
    SpanId(number.to_be_bytes())
}

pub(crate) fn number(id: SpanId) -> u64 {
    u64::from_be_bytes(id.0)
}

pub(crate) fn at_ms(ms: u64) -> u64 {
    EPOCH_NS + ms * MS
}

pub(crate) fn spans(picture: &str) -> Vec<Span> {
    let mut above: Vec<(usize, SpanId)> = Vec::new();
    let mut spans = Vec::new();
    for line in picture.lines().filter(|line| !line.trim().is_empty()) {
        let indent = line.len() - line.trim_start().len();
        above.retain(|(known, _)| *known < indent);
        let span = span(line, above.last().map(|(_, parent)| *parent));
        above.push((indent, span.span_id));
        spans.push(span);
    }
    spans
}

fn span(line: &str, parent: Option<SpanId>) -> Span {
    let parts: Vec<&str> = line.split('|').map(str::trim).collect();
    let [number, service, name, kind, times] = parts[..5] else { panic!("five columns: {line}") };
    let (from, to) = times.split_once("..").expect("from..to");
    let [from, to]: [u64; 2] = [from, to].map(|ms| ms.parse().expect("milliseconds"));
    let mut span = Span {
        trace_id: TraceId([7; 16]),
        span_id: id(number.parse().expect("a number")),
        parent,
        name: name.to_owned(),
        kind: kind_of(kind),
        source: Source { service: service.to_owned(), ..Source::default() },
        scope: String::new(),
        start_ns: at_ms(from),
        duration_ns: (to - from) * MS,
        status: Status::Unset,
        status_message: String::new(),
        attributes: Attributes::default(),
        events: Vec::new(),
        links: Vec::new(),
    };
    let said = parts.get(5).copied().unwrap_or_default();
    let mut pairs = Vec::new();
    for said in said.split(';').map(str::trim).filter(|said| !said.is_empty()) {
        say(&mut span, said, &mut pairs);
    }
    span.attributes = Attributes::from_pairs(pairs);
    span
}

fn say(span: &mut Span, said: &str, pairs: &mut Vec<(String, String)>) {
    if let Some(parent) = said.strip_prefix('^') {
        span.parent = Some(id(parent.parse().expect("an id")));
    } else if let Some(thrown) = said.strip_prefix("thrown ") {
        let (kind, message) = thrown.split_once(": ").unwrap_or((thrown, ""));
        let pairs = [("exception.type", kind), ("exception.message", message)];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let attributes = Attributes::from_pairs(pairs);
        span.events.push(Moment { time_ns: span.end_ns(), name: "exception".to_owned(), attributes });
    } else if said == "ok" {
        span.status = Status::Ok;
    } else if let Some(message) = said.strip_prefix("error:") {
        span.status = Status::Error;
        message.trim().clone_into(&mut span.status_message);
    } else if said == "error" {
        span.status = Status::Error;
    } else {
        let (name, value) = said.split_once('=').unwrap_or_else(|| panic!("what is `{said}`?"));
        pairs.push((name.to_owned(), value.to_owned()));
    }
}

fn kind_of(word: &str) -> Kind {
    match word {
        "internal" => Kind::Internal,
        "server" => Kind::Server,
        "client" => Kind::Client,
        "producer" => Kind::Producer,
        "consumer" => Kind::Consumer,
        "-" => Kind::Unspecified,
        other => panic!("no kind is `{other}`"),
    }
}
