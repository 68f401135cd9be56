//! OTLP, the OpenTelemetry protocol: its messages, what may be in them, and how they become rows.

pub(crate) mod logs;
mod plain;
mod source;
pub(crate) mod spans;
mod tally;
mod values;
pub(crate) mod weight;
mod wire;

pub use opentelemetry_proto::tonic as proto;

pub(crate) use source::source;
pub(crate) use tally::{Rules, Tally};
