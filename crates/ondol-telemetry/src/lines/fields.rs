//! Names with values, from JSON or logfmt, as a record: those that everybody has under some name, and attributes.

use super::clean;
use super::severity::{numbered, severity};
use super::stamp::{self, Here};
use super::{ATTRIBUTES_MAX, DROPPED, Line};
use crate::model::{Attributes, SpanId, TraceId};

/// A value, as it was written.
pub(super) enum Value {
    Text(String),
    Number(f64, String),
    /// Anything else, as JSON.
    Other(String),
}

impl Value {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) | Self::Number(_, text) | Self::Other(text) => text,
        }
    }
}

/// A record as it comes together. Of two names for one thing the first that has a sensible value holds; the others stay
/// attributes.
pub(super) struct Fields {
    here: Here,
    time_ns: Option<u64>,
    severity: Option<u8>,
    trace_id: Option<TraceId>,
    span_id: Option<SpanId>,
    scope: Option<String>,
    body: Option<String>,
    attributes: Vec<(String, String)>,
    dropped: usize,
}

impl Fields {
    pub(super) fn new(here: Here) -> Self {
        Self {
            here,
            time_ns: None,
            severity: None,
            trace_id: None,
            span_id: None,
            scope: None,
            body: None,
            attributes: Vec::new(),
            dropped: 0,
        }
    }

    /// Takes a value under the name that it has: `traceId`, `trace_id` and `trace.id` are the same.
    pub(super) fn put(&mut self, name: &str, value: Value) {
        if self.is_known(name, &value) {
            return;
        }
        if self.attributes.len() < ATTRIBUTES_MAX {
            self.attributes.push((name.to_owned(), value.into_text()));
        } else {
            self.dropped += 1;
        }
    }

    fn is_known(&mut self, name: &str, value: &Value) -> bool {
        let mut folded =
            name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase() as char);
        let folded: String = folded.by_ref().take(16).collect();
        match (folded.as_str(), value) {
            ("time" | "ts" | "timestamp" | "datetime" | "asctime", Value::Text(text)) => {
                let numbered = || text.parse().ok().and_then(stamp::number);
                fill(&mut self.time_ns, stamp::whole(text, self.here).or_else(numbered))
            }
            ("time" | "ts" | "timestamp", Value::Number(number, _)) => {
                fill(&mut self.time_ns, stamp::number(*number))
            }
            ("level" | "severity" | "lvl" | "loglevel" | "levelname" | "severitytext", Value::Text(text)) => {
                fill(&mut self.severity, severity(text))
            }
            #[expect(clippy::cast_sign_loss, reason = "a number below zero becomes 0, which is no level")]
            ("level", Value::Number(number, _)) => fill(&mut self.severity, numbered(*number as u64)),
            ("msg" | "message" | "body", Value::Text(text)) => {
                fill(&mut self.body, Some(clean::colourless(text.clone())))
            }
            ("traceid" | "oteltraceid", Value::Text(text)) => {
                let id = text.parse::<TraceId>().ok();
                fill(&mut self.trace_id, id.filter(|id| id.0 != [0; 16]))
            }
            ("spanid" | "otelspanid", Value::Text(text)) => {
                let id = text.parse::<SpanId>().ok();
                fill(&mut self.span_id, id.filter(|id| id.0 != [0; 8]))
            }
            ("logger" | "loggername" | "target", Value::Text(text)) => {
                fill(&mut self.scope, Some(text.clone()))
            }
            _ => false,
        }
    }

    /// Is it a log record by its names, rather than any names with values?
    pub(super) fn speaks(&self) -> bool {
        self.body.is_some() || self.severity.is_some() || self.time_ns.is_some()
    }

    /// The record; `raw` is its message where it has none.
    pub(super) fn finish(mut self, raw: &str) -> Line {
        if self.dropped > 0 {
            self.attributes.push((DROPPED.to_owned(), self.dropped.to_string()));
        }
        Line {
            time_ns: self.time_ns.unwrap_or(self.here.now_ns),
            severity: self.severity.unwrap_or(0),
            trace_id: self.trace_id,
            span_id: self.span_id,
            scope: self.scope.unwrap_or_default(),
            body: self.body.unwrap_or_else(|| raw.to_owned()),
            attributes: Attributes::from_pairs(self.attributes),
        }
    }
}

/// Fills what is empty. Was it?
fn fill<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    let fills = place.is_none() && value.is_some();
    if fills {
        *place = value;
    }
    fills
}
