//! Where telemetry is kept, if it can be. A store that cannot be opened stops no saga: the server goes on and says so.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ondol_telemetry::{Options, Telemetry};

use crate::clock;
use crate::problem::chain;
use crate::serve::TelemetryOptions;

/// Its folder, inside the data directory.
const FOLDER: &str = "telemetry";

/// How far log files were read, inside that folder.
const OFFSETS: &str = "offsets.json";

/// Where it is written down how far log files were read.
pub(crate) fn offsets(data: &Path) -> PathBuf {
    data.join(FOLDER).join(OFFSETS)
}

/// The store, or why there is none.
#[derive(Clone)]
pub(crate) enum Store {
    /// It is open.
    Open(Telemetry),
    /// It could not be opened.
    Away(Arc<str>),
}

impl Store {
    /// Opens it in the data directory; what was acknowledged and is not in files yet is read back first.
    pub(crate) async fn in_directory(data: &Path, asked: TelemetryOptions) -> Self {
        let mut options = Options::new(data.join(FOLDER), clock::wall_ns);
        options.age_max = asked.age_max;
        options.bytes_max = asked.bytes_max;
        options.memory_max = asked.memory_max;
        let folder = options.data.clone();
        let opened = tokio::task::spawn_blocking(move || Telemetry::open(options)).await;
        let why = match opened {
            Ok(Ok(telemetry)) => return Self::Open(telemetry),
            Ok(Err(error)) => chain(&error),
            Err(_panic) => "opening it failed, which is a bug in Ondol".to_owned(),
        };
        tracing::error!(
            folder = %folder.display(), %why,
            "telemetry cannot be kept, and traces and logs are refused; sagas go on. Mend it and start again"
        );
        Self::Away(why.into())
    }

    /// The store.
    ///
    /// # Errors
    /// Why there is none, as a sentence.
    pub(crate) fn open(&self) -> Result<&Telemetry, String> {
        match self {
            Self::Open(telemetry) => Ok(telemetry),
            Self::Away(why) => Err(format!("telemetry is not kept: {why}; mend it and start Ondol again")),
        }
    }
}
