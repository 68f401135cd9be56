//! What telemetry says, as plain data: a span, a log record, and where they come from.
//!
//! These are what queries answer with and what the pure parts (`trace`, `why`, `query`) work on. They are neither the
//! wire's types (OTLP) nor the store's (Arrow).

mod attributes;
mod ids;
mod key;
mod log;
mod span;

pub use attributes::{Attributes, Source};
pub use ids::{BadId, SpanId, TraceId};
pub use key::Key;
pub use log::{Level, Log};
pub use span::{Kind, Link, Moment, Span, Status};
