//! The handle: exports in, answers out.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

use crate::error::{ExportError, OpenError, QueryError};
use crate::model::{Log, Span, TraceId};
use crate::query::{Around, Count, Found, Query, ServiceMap, TraceRow, Window};

/// What telemetry speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Signal {
    /// Spans.
    Traces,
    /// Log records.
    Logs,
    /// Metrics: counted and kept as they came.
    Metrics,
}

impl Signal {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Traces, Self::Logs, Self::Metrics];

    /// Its name in paths, files and words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Logs => "logs",
            Self::Metrics => "metrics",
        }
    }
}

/// How telemetry is kept.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its folder.
    pub data: PathBuf,
    /// Reads the wall clock: nanoseconds since 1970.
    pub wall_ns: fn() -> u64,
    /// The most memory that records not yet in files may take, in bytes. Above it exports are pushed back.
    pub memory_max: usize,
    /// Records older than this are deleted, by whole hours.
    pub age_max: Duration,
    /// The oldest hours of a signal are deleted when its files are larger than this, in bytes.
    pub bytes_max: u64,
    /// Exports are refused while the disk has less free than this, in bytes: sagas need it more.
    pub free_min: u64,
}

impl Options {
    /// The defaults, in a folder.
    pub fn new(data: PathBuf, wall_ns: fn() -> u64) -> Self {
        Self {
            data,
            wall_ns,
            memory_max: 256 << 20,
            age_max: Duration::from_hours(7 * 24),
            bytes_max: 8 << 30,
            free_min: 512 << 20,
        }
    }
}

/// What became of an export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Records that are durable now.
    pub accepted: u64,
    /// Records that were here before: the same batch came again.
    pub duplicates: u64,
    /// Records that were not taken.
    pub rejected: u64,
    /// Why they were not, for `partial_success`.
    pub message: String,
}

/// The delivery ledger of one instance of a service: "no logs" is never confused with "logs lost".
#[derive(Clone, Debug, Serialize)]
pub struct Account {
    /// The service.
    pub service: String,
    /// The instance.
    pub instance: String,
    /// Of what.
    pub signal: Signal,
    /// How many of each fate.
    #[serde(flatten)]
    pub counted: Counted,
    /// When something last came: nanoseconds since 1970.
    pub last_ns: u64,
}

/// Records by fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// All that came.
    pub received: u64,
    /// Kept.
    pub stored: u64,
    /// Here before.
    pub duplicates: u64,
    /// Not taken, for what they are: too old, in the future, without an id.
    pub rejected: u64,
}

/// How a signal is kept.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SignalStatus {
    /// Records in memory and in files.
    pub records: u64,
    /// Files.
    pub files: u64,
    /// What they take on disk, side-cars and segments too, in bytes.
    pub bytes: u64,
    /// What records not yet in files take in memory, in bytes.
    pub memory: u64,
    /// When the oldest record was written: nanoseconds since 1970.
    pub oldest_ns: Option<u64>,
    /// At the present rate, for how many days `bytes_max` and `age_max` let records be kept.
    pub holds_days: Option<f64>,
}

/// Takes telemetry in and answers questions. Cheap to clone; all clones are one store.
#[derive(Clone, Debug)]
pub struct Telemetry {
    #[expect(dead_code, reason = "the store comes next")]
    options: Arc<Options>,
}

#[expect(clippy::unused_async, clippy::unused_self, reason = "the store comes next")]
impl Telemetry {
    /// Opens the folder, and takes back what was acknowledged but not yet in files.
    ///
    /// # Errors
    /// [`OpenError`]: the folder cannot be used. Files that are damaged are set aside and said, and do not stop it.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        Ok(Self { options: Arc::new(options) })
    }

    /// Takes the body of an OTLP export request: protobuf, decompressed. Done when it is durable.
    ///
    /// # Errors
    /// [`ExportError`]: nothing of it was taken.
    pub async fn export(&self, signal: Signal, body: Bytes) -> Result<Exported, ExportError> {
        let _ = (signal, body);
        Ok(Exported::default())
    }

    /// All spans of a trace, each once, in the order of their beginning; empty where it is not known.
    pub fn trace(&self, trace_id: TraceId) -> Result<Vec<Span>, QueryError> {
        let _ = trace_id;
        Ok(Vec::new())
    }

    /// Spans that match.
    pub fn spans(&self, query: &Query) -> Result<Found<Span>, QueryError> {
        let _ = query;
        Ok(Found { rows: Vec::new(), matched: 0, exact: true })
    }

    /// Traces of which a span matches, the newest such span first. `matched` counts the spans.
    pub fn traces(&self, query: &Query) -> Result<Found<TraceRow>, QueryError> {
        let _ = query;
        Ok(Found { rows: Vec::new(), matched: 0, exact: true })
    }

    /// Log records that match.
    pub fn logs(&self, query: &Query) -> Result<Found<Log>, QueryError> {
        let _ = query;
        Ok(Found { rows: Vec::new(), matched: 0, exact: true })
    }

    /// How many log records match in each step of time, oldest first; steps without any are there, too. `limit` and
    /// `count` of the query are not looked at.
    pub fn counts(&self, query: &Query, step_ns: u64) -> Result<Vec<Count>, QueryError> {
        let _ = (query, step_ns);
        Ok(Vec::new())
    }

    /// The lines that the same instance wrote before and after a record, at most `lines` each.
    pub fn around(&self, log: &Log, lines: usize) -> Result<Around, QueryError> {
        let _ = (log, lines);
        Ok(Around { before: Vec::new(), after: Vec::new() })
    }

    /// Services and who calls whom, from the spans of a window.
    pub fn map(&self, window: Window) -> Result<ServiceMap, QueryError> {
        let _ = window;
        Ok(ServiceMap::default())
    }

    /// The delivery ledger, by service, instance and signal.
    pub fn ledger(&self) -> Vec<Account> {
        Vec::new()
    }

    /// How a signal is kept.
    pub fn status(&self, signal: Signal) -> SignalStatus {
        let _ = signal;
        SignalStatus::default()
    }

    /// Log records as they come, for a live tail: batches of what was just made durable. A receiver that is slow misses
    /// some and is told how many.
    pub fn tail(&self) -> tokio::sync::broadcast::Receiver<Arc<Vec<Log>>> {
        tokio::sync::broadcast::channel(1).1
    }
}
