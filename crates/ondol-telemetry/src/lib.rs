//! Traces and logs: which request failed, at which stage, in which service, and why.
//!
//! ```text
//! OTLP bytes ─► otlp (decode, bounds) ─► store: segment (fsync) ─► hot rows ─► Parquet ─► merge, retention
//!                                          └──────── queries ◄──────┘            │
//! trace, why, templates (pure) ◄─────────── rows ◄───────────────────────────────┘
//! ```
//!
//! [`Telemetry`] is the handle: what arrives goes in by [`Telemetry::export`], questions are its other methods. They block
//! on files and on the processor, so asynchronous callers put them on a thread for that.
//!
//! It is **not** a server: whoever listens (`ondol-server`) hands over the bytes of a request. It changes **no** saga.

mod columns;
mod error;
pub mod files;
mod index;
pub mod lines;
pub mod model;
pub mod otlp;
pub mod query;
mod rows;
mod store;
mod tail;
mod telemetry;
pub mod templates;
pub mod trace;
pub mod why;

pub use error::{ExportError, OpenError, QueryError};
pub use tail::Batch;
pub use telemetry::{Account, Counted, Exported, Options, Signal, SignalStatus, Telemetry};
