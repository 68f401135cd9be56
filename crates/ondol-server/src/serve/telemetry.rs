//! Opening the store of telemetry. Sagas go on without it.

use std::path::{Path, PathBuf};

use ondol_telemetry::{Options, Telemetry};

use crate::clock;
use crate::problem::chain;

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

/// Where the cursor of the spans is.
pub(super) fn cursor(data: &Path) -> PathBuf {
    data.join(TELEMETRY).join(CURSOR)
}
