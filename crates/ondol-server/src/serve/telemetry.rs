//! Opening the store of telemetry. Sagas go on without it.

use std::path::Path;
use std::sync::Arc;

use ondol_engine::Handle;
use ondol_telemetry::{Options, Telemetry};

use crate::clock;
use crate::problem::chain;
use crate::spans::{Made, Sightings};

/// Where telemetry is kept, inside the data directory.
const TELEMETRY: &str = "telemetry";

/// How far the spans of sagas have followed the log, beside what they are kept in: dropped together, both begin anew.
const CURSOR: &str = "sagas.cursor";

/// Opens it; opening blocks while segments are read again.
pub(super) async fn open(data: &Path) -> Option<Telemetry> {
    let options = Options::new(data.join(TELEMETRY), clock::wall_ns);
    let opened = tokio::task::spawn_blocking(move || Telemetry::open(options)).await;
    match opened {
        Ok(Ok(telemetry)) => Some(telemetry),
        Ok(Err(error)) => {
            tracing::error!(error = %chain(&error), "telemetry cannot be kept; sagas go on without it");
            None
        }
        Err(error) => {
            tracing::error!(%error, "opening the store of telemetry failed; sagas go on without it");
            None
        }
    }
}

/// What Ondol's own telemetry is made of.
pub(super) fn made(
    (telemetry, sightings): (Telemetry, Arc<Sightings>),
    engine: Handle,
    options: &super::Options,
) -> Made {
    let cursor = options.data.join(TELEMETRY).join(CURSOR);
    Made { telemetry, engine, sightings, cursor, lines: options.own_lines.clone() }
}
