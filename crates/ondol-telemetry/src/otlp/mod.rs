//! OTLP, the OpenTelemetry protocol: its messages, and what may be in them.

pub use opentelemetry_proto::tonic as proto;
