//! Did a span fail, and what does it say of it?
//!
//! By its status; where nobody set one, by the semantic conventions: a server fails from 500 on, a client from 400 on; a
//! server fails by the codes of gRPC that speak of itself, a client by any but OK; `error.type`; an exception.

use serde::Serialize;

use super::names::{self, first};
use crate::model::{Kind, Moment, Span, Status};

/// So many characters of a reason are kept: a line that a person reads.
pub const REASON_MAX: usize = 300;

/// Why a span counts as failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// By what sign.
    #[serde(flatten)]
    pub sign: Sign,
    /// In the span's own words, one line of at most [`REASON_MAX`] characters; never empty.
    pub reason: String,
    /// Was it time that ran out?
    pub timeout: bool,
    /// Was it the network: nothing says that the other side saw anything?
    pub network: bool,
}

/// By what a span counts as failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "sign", content = "value", rename_all = "snake_case")]
pub enum Sign {
    /// The service answered this HTTP status.
    Http(u16),
    /// The service answered this gRPC status.
    Grpc(u8),
    /// This kind of error.
    ErrorType(String),
    /// An exception of this type.
    Exception(String),
    /// The span's status, and nothing else.
    Status,
}

/// Names of gRPC's status codes, by number.
const GRPC: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];
/// With these a gRPC server says that it failed itself (semantic conventions for gRPC).
const GRPC_SERVER_FAULTS: [u8; 6] = [2, 4, 12, 13, 14, 15];
/// A gRPC client gives itself these when nothing came back.
const GRPC_TIMEOUT: u8 = 4;
const GRPC_UNAVAILABLE: u8 = 14;

const TIMEOUT_WORDS: [&str; 9] = [
    "timeout",
    "timed out",
    "time out",
    "timedout",
    "deadline",
    "no answer within",
    "etimedout",
    "took too long",
    "stopped for",
];
const NETWORK_WORDS: [&str; 20] = [
    "connection refused",
    "econnrefused",
    "connection reset",
    "econnreset",
    "connection closed",
    "connection aborted",
    "connection failed",
    "connection lost",
    "connection_lost",
    "connectexception",
    "connect error",
    "broken pipe",
    "epipe",
    "unreachable",
    "enotfound",
    "name or service not known",
    "no such host",
    "dns",
    "socket hang up",
    "unexpected end of file",
];

/// Why a span counts as failed; nothing where it does not.
pub fn fault(span: &Span) -> Option<Fault> {
    let sign = sign(span)?;
    let reason = reason(span, &sign);
    let kind = first(span, &names::ERROR_TYPE).unwrap_or_default();
    let said = format!("{kind} {reason}").to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    // A status that came is an answer, whatever words came with it; 504 and its like are judged with the callee's span.
    let answered = matches!(sign, Sign::Http(_));
    let timeout = match sign {
        Sign::Grpc(code) => code == GRPC_TIMEOUT,
        _ => !answered && says(&TIMEOUT_WORDS),
    };
    let network = match sign {
        Sign::Grpc(code) => code == GRPC_UNAVAILABLE,
        _ => !answered && !timeout && says(&NETWORK_WORDS),
    };
    Some(Fault { sign, reason, timeout, network })
}

/// What HTTP status a span bears.
pub(super) fn http_status(span: &Span) -> Option<u16> {
    first(span, &names::HTTP_STATUS)?.parse().ok().filter(|status| (100..=599).contains(status))
}

/// What gRPC status a span bears.
pub(super) fn grpc_status(span: &Span) -> Option<u8> {
    let text = first(span, &names::GRPC_STATUS)?;
    let named = || GRPC.iter().position(|name| name.eq_ignore_ascii_case(text)).map(|code| code as u8);
    text.parse().ok().or_else(named).filter(|&code| usize::from(code) < GRPC.len())
}

fn sign(span: &Span) -> Option<Sign> {
    if span.status == Status::Ok {
        return None;
    }
    let failed = span.status == Status::Error || first(span, &names::ERROR) == Some("true");
    let server = matches!(span.kind, Kind::Server | Kind::Consumer);
    let http = http_status(span);
    let grpc = grpc_status(span);
    if let Some(status) = http {
        let from = if span.kind == Kind::Client || failed { 400 } else { 500 };
        if status >= from {
            return Some(Sign::Http(status));
        }
    }
    if let Some(code) = grpc {
        let fails = if server && !failed { GRPC_SERVER_FAULTS.contains(&code) } else { code != 0 };
        if fails {
            return Some(Sign::Grpc(code));
        }
    }
    if let Some(kind) = first(span, &names::ERROR_TYPE) {
        return Some(Sign::ErrorType(kind.to_owned()));
    }
    // An exception that was answered for is no failure: the status of the answer says so.
    let answered = http.is_some() || grpc.is_some();
    if let Some(exception) = exception(span).filter(|_| failed || !answered) {
        let kind = exception.attributes.get("exception.type").unwrap_or_default();
        return Some(Sign::Exception(kind.to_owned()));
    }
    failed.then_some(Sign::Status)
}

/// The last exception that left the span. `exception.escaped` is false for one that was caught.
fn exception(span: &Span) -> Option<&Moment> {
    let left = |moment: &&Moment| {
        moment.name == "exception" && moment.attributes.get("exception.escaped") != Some("false")
    };
    span.events.iter().rev().find(left)
}

fn reason(span: &Span, sign: &Sign) -> String {
    let thrown = exception(span).map(|moment| {
        let [kind, message] = ["exception.type", "exception.message"]
            .map(|name| moment.attributes.get(name).unwrap_or_default());
        match (kind, message) {
            ("", message) => message.to_owned(),
            (kind, "") => kind.to_owned(),
            (kind, message) => format!("{kind}: {message}"),
        }
    });
    let said = Some(span.status_message.clone())
        .filter(|said| !said.is_empty())
        .or(thrown)
        .filter(|said| !said.trim().is_empty())
        .or_else(|| first(span, &names::ERROR_MESSAGE).map(str::to_owned));
    let by_sign = || match sign {
        Sign::Http(status) => format!("HTTP {status}"),
        Sign::Grpc(code) => format!("gRPC {}", GRPC[usize::from(*code)]),
        Sign::ErrorType(kind) => kind.clone(),
        Sign::Exception(_) => "exception".to_owned(),
        Sign::Status => "error".to_owned(),
    };
    let line = one_line(&said.unwrap_or_else(by_sign));
    if line.is_empty() { by_sign() } else { line }
}

/// A text as one line of at most [`REASON_MAX`] characters, without control characters.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::new();
    let mut length = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        for c in word.chars() {
            if length >= REASON_MAX {
                line.push('…');
                return line;
            }
            line.push(c);
            length += 1;
        }
    }
    line
}
