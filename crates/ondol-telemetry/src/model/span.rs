//! A span: one piece of work of one service within a trace.

use serde::{Deserialize, Serialize};

use super::{Attributes, Source, SpanId, TraceId};

/// One finished piece of work (OpenTelemetry Trace API, "Span").
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The request it belongs to.
    pub trace_id: TraceId,
    /// Its own id.
    pub span_id: SpanId,
    /// The span that caused it; none for a root.
    pub parent: Option<SpanId>,
    /// What it did, such as `POST /charges`.
    pub name: String,
    /// Which side of a call it saw.
    pub kind: Kind,
    /// Who did it.
    pub source: Source,
    /// The instrumentation that recorded it; empty where it did not say.
    pub scope: String,
    /// When it began: nanoseconds since 1970, by its own machine's clock.
    pub start_ns: u64,
    /// How long it took, in nanoseconds.
    pub duration_ns: u64,
    /// How it ended.
    pub status: Status,
    /// What it said about a failure; mostly empty.
    pub status_message: String,
    /// What else is known, by semantic-convention names.
    pub attributes: Attributes,
    /// What happened within it, exceptions among them.
    pub events: Vec<Moment>,
    /// Other spans it has to do with.
    pub links: Vec<Link>,
}

impl Span {
    /// When it ended: nanoseconds since 1970.
    pub const fn end_ns(&self) -> u64 {
        self.start_ns.saturating_add(self.duration_ns)
    }
}

/// Which side of a call a span saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Nobody said.
    Unspecified,
    /// Work inside a service.
    #[default]
    Internal,
    /// A request answered.
    Server,
    /// A request made.
    Client,
    /// A message sent.
    Producer,
    /// A message taken.
    Consumer,
}

/// How a span ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Nobody said; by convention no error.
    #[default]
    Unset,
    /// The service vouches that it went well.
    Ok,
    /// It failed.
    Error,
}

/// Something that happened at one moment of a span (OTLP calls it an event).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// When: nanoseconds since 1970.
    pub time_ns: u64,
    /// What, such as `exception`.
    pub name: String,
    /// What else is known.
    pub attributes: Attributes,
}

/// A span of maybe another trace that this one has to do with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its trace.
    pub trace_id: TraceId,
    /// Its id.
    pub span_id: SpanId,
    /// What they have to do with each other.
    pub attributes: Attributes,
}
