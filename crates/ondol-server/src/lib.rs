//! The HTTP edge, and the one place that wires all parts: engine, store, caller, lists.
//!
//! [`serve()`] runs a server. Inside, each request goes `guard` → `api` → engine or lists → `wire`; refusals are
//! [`problem`]s. What the engine wants sent goes through `outbound`.
//!
//! It holds **no** rule of a saga: what is allowed, what follows, what is retried is the core's to say. It does not touch
//! the journal but to read it, and to keep its own tombstones and batches beside the sagas.

mod admit;
mod api;
mod app;
mod batch;
mod clock;
mod digest;
mod dropped;
mod files;
mod guard;
mod listing;
mod metrics;
mod needs;
mod otlp;
mod outbound;
pub mod problem;
mod proxy;
mod secrets;
mod serve;
mod spans;
mod spread;
mod system;
mod telemetry;
mod traceparent;
mod why;
mod wire;

pub use serve::{
    Bound, Listen, Options, ServeError, Signal, SignalSender, Signals, TelemetryOptions, runtime, serve,
};
pub use spans::{OwnLines, OwnLog, own_log};
