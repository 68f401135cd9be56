//! Ondol's own telemetry: spans of its sagas and calls, in the same traces as the services' own, and its log.
//!
//! ```text
//! journal ─► follow (a cursor of its own) ─► saga (pure) ─┐
//! proxied call ─► calls (bounded queue) ──────────────────┼─► otlp ─► Telemetry::export
//! tracing, WARN and above ─► logs (bounded queue) ────────┘
//! ```
//!
//! A saga's spans are a function of its journal, and their ids of its run: after a crash the same spans come again,
//! and the store knows them. A span is exported when it has ended; what goes on still is shown by [`saga::of`], which
//! is why a transaction that stands still is seen while it does.

mod cursor;
mod follow;
mod otlp;
mod reason;
pub(crate) mod saga;
mod seen;

pub(crate) use follow::follow;
pub(crate) use seen::{Seen, Sightings};

use std::sync::Arc;

use ondol_telemetry::model::{Attributes, Source};

/// Ondol's name among the services.
pub(crate) const SERVICE: &str = "ondol";

/// Who writes Ondol's own records. One name for every start, so that a span that comes again is the same one.
pub(crate) fn source() -> Source {
    let resource = [("service.version", env!("CARGO_PKG_VERSION")), ("telemetry.sdk.name", "ondol")];
    let resource = resource.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Source {
        service: SERVICE.to_owned(),
        instance: SERVICE.to_owned(),
        resource: Arc::new(Attributes::from_pairs(resource.to_vec())),
    }
}
