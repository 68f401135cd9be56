//! Traces and their spans.

use std::collections::BTreeMap;

use ondol_telemetry::model::{Attributes, Span};
use ondol_telemetry::query::{Share, TraceRow};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Moment, QueryHint};

/// A page of traces.
#[derive(Serialize, ToSchema)]
pub(crate) struct TraceList {
    /// The newest first.
    pub(crate) traces: Vec<TraceLine>,
    /// Spans that match, as far as they were counted.
    pub(crate) matched: u64,
    /// Are these all of them?
    pub(crate) exact: bool,
    /// For the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
    /// Parts of the query that probably mean something else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) hints: Vec<QueryHint>,
}

/// One trace without its spans.
#[derive(Serialize, ToSchema)]
#[schema(as = Trace)]
pub(crate) struct TraceLine {
    pub(crate) trace_id: String,
    /// Of the root, else of the earliest span.
    pub(crate) service: String,
    pub(crate) name: String,
    pub(crate) start_ns: Moment,
    pub(crate) duration_ns: u64,
    pub(crate) spans: u64,
    pub(crate) errors: u64,
    /// Spans that name a parent that is not there.
    pub(crate) orphans: u64,
    /// Is there a span without a parent?
    pub(crate) rooted: bool,
    pub(crate) services: Vec<ServiceShare>,
}

/// What one service had to do with a trace.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServiceShare {
    pub(crate) service: String,
    pub(crate) spans: u64,
    pub(crate) errors: u64,
}

/// One trace: its spans and what they say together.
#[derive(Serialize, ToSchema)]
pub(crate) struct WholeTrace {
    pub(crate) trace_id: String,
    /// In the order of their beginning.
    pub(crate) spans: Vec<SpanView>,
    /// The verdict, the failing stage with its reason, retries, the critical path, corrected clocks.
    #[schema(value_type = Object)]
    pub(crate) analysis: Value,
}

/// How a trace differs from ones of the same operation that went well.
#[derive(Serialize, ToSchema)]
pub(crate) struct Compared {
    pub(crate) trace_id: String,
    /// The traces it is compared with.
    pub(crate) healthy: Vec<String>,
    /// Why there is nothing to say, where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why_not: Option<String>,
    /// The weightiest first: what is new, missing, slower, more frequent or failing.
    #[schema(value_type = Vec<Object>)]
    pub(crate) differences: Value,
}

/// A span.
#[derive(Serialize, ToSchema)]
#[schema(as = Span)]
pub(crate) struct SpanView {
    pub(crate) span_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<String>,
    pub(crate) name: String,
    /// `server`, `client`, `internal`, `producer`, `consumer` or `unspecified`.
    #[schema(value_type = String)]
    pub(crate) kind: ondol_telemetry::model::Kind,
    pub(crate) service: String,
    pub(crate) instance: String,
    pub(crate) scope: String,
    pub(crate) start_ns: Moment,
    pub(crate) duration_ns: u64,
    /// `unset`, `ok` or `error`.
    #[schema(value_type = String)]
    pub(crate) status: ondol_telemetry::model::Status,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) status_message: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) resource: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) events: Vec<EventView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) links: Vec<LinkView>,
}

/// Something that happened at one moment of a span.
#[derive(Serialize, ToSchema)]
#[schema(as = SpanEvent)]
pub(crate) struct EventView {
    pub(crate) time_ns: Moment,
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
}

/// A span of maybe another trace that a span has to do with.
#[derive(Serialize, ToSchema)]
#[schema(as = SpanLink)]
pub(crate) struct LinkView {
    pub(crate) trace_id: String,
    pub(crate) span_id: String,
    pub(crate) attributes: BTreeMap<String, String>,
}

/// As an object.
pub(super) fn object(attributes: &Attributes) -> BTreeMap<String, String> {
    attributes.0.iter().cloned().collect()
}

impl From<TraceRow> for TraceLine {
    fn from(row: TraceRow) -> Self {
        let share = |Share { service, spans, errors }| ServiceShare { service, spans, errors };
        Self {
            trace_id: row.trace_id.to_string(),
            service: row.service,
            name: row.name,
            start_ns: Moment(row.start_ns),
            duration_ns: row.duration_ns,
            spans: row.spans,
            errors: row.errors,
            orphans: row.orphans,
            rooted: row.rooted,
            services: row.services.into_iter().map(share).collect(),
        }
    }
}

impl From<Span> for SpanView {
    fn from(span: Span) -> Self {
        let events = span.events.into_iter().map(|event| EventView {
            time_ns: Moment(event.time_ns),
            attributes: object(&event.attributes),
            name: event.name,
        });
        let links = span.links.iter().map(|link| LinkView {
            trace_id: link.trace_id.to_string(),
            span_id: link.span_id.to_string(),
            attributes: object(&link.attributes),
        });
        Self {
            span_id: span.span_id.to_string(),
            parent: span.parent.map(|parent| parent.to_string()),
            name: span.name,
            kind: span.kind,
            resource: object(&span.source.resource),
            service: span.source.service,
            instance: span.source.instance,
            scope: span.scope,
            start_ns: Moment(span.start_ns),
            duration_ns: span.duration_ns,
            status: span.status,
            status_message: span.status_message,
            attributes: object(&span.attributes),
            events: events.collect(),
            links: links.collect(),
        }
    }
}

/// Members that are moments, wherever they are in what `ondol_telemetry` says of a trace.
const MOMENTS: [&str; 4] = ["start_ns", "end_ns", "from_ns", "to_ns"];

/// What `ondol_telemetry` says, with moments as text like everywhere.
pub(crate) fn said(value: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(value).expect("it is plain data");
    moments(&mut value);
    value
}

/// It is nested as deep as the types are, whatever the trace.
fn moments(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(moments),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::Number(number) if MOMENTS.contains(&name.as_str()) => {
                        *member = Value::String(number.to_string());
                    }
                    member => moments(member),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
