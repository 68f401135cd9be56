//! The handle: exports in, answers out.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

use crate::error::{ExportError, OpenError, QueryError};
use crate::model::{Log, Source, Span, TraceId};
use crate::query::{
    Around, Count, Found, FoundTraces, LIMIT_MAX, Page, Query, ServiceMap, Start, TracePlace, Window,
};
use crate::store::{
    Lane, Logs, Metrics, Shared, Spans, around, counts, map, newest, page, records, search, status, trace,
};
use crate::tail::{Batch, Tail};

/// What telemetry speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Of these, segments: what is not yet in files, in bytes.
    pub segments: u64,
    /// What records not yet in files take in memory, in bytes.
    pub memory: u64,
    /// When the oldest record was written: nanoseconds since 1970.
    pub oldest_ns: Option<u64>,
    /// At the present rate, for how many days `bytes_max` and `age_max` let records be kept.
    pub holds_days: Option<f64>,
}

impl Counted {
    /// Adds what another count says.
    pub(crate) const fn add(&mut self, other: Self) {
        self.received += other.received;
        self.stored += other.stored;
        self.duplicates += other.duplicates;
        self.rejected += other.rejected;
    }
}

/// Takes telemetry in and answers questions. Cheap to clone; all clones are one store, which is closed with the last.
#[derive(Clone)]
pub struct Telemetry {
    inner: Arc<Inner>,
}

struct Inner {
    traces: Lane<Spans>,
    logs: Lane<Logs>,
    metrics: Lane<Metrics>,
    shared: Arc<Shared>,
    tail: Tail,
}

/// The most spans of one trace that an answer holds: ten times what anybody can look at.
const SPANS_MAX: usize = 500_000;

impl Telemetry {
    /// Opens the folder, and takes back what was acknowledged but not yet in files.
    ///
    /// # Errors
    /// [`OpenError`]: the folder cannot be used. Files that are damaged are set aside and said, and do not stop it.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let shared = Arc::new(Shared::new(options));
        shared.ledger.load(&shared.options.data);
        let inner = Inner {
            traces: Lane::open(Arc::clone(&shared))?,
            logs: Lane::open(Arc::clone(&shared))?,
            metrics: Lane::open(Arc::clone(&shared))?,
            shared,
            tail: Tail::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Takes the body of an OTLP export request: protobuf, decompressed. Done when it is durable and can be found.
    ///
    /// # Errors
    /// [`ExportError`]: nothing of it was taken.
    pub async fn export(&self, signal: Signal, body: Bytes) -> Result<Exported, ExportError> {
        match signal {
            Signal::Traces => self.inner.traces.export(body).await,
            Signal::Metrics => self.inner.metrics.export(body).await,
            Signal::Logs if !self.inner.tail.is_watched() => self.inner.logs.export(body).await,
            Signal::Logs => {
                let exported = self.inner.logs.export(body.clone()).await?;
                if exported.accepted > 0 {
                    self.inner.tail.put(body.len(), || records(&body, self.inner.shared.rules()));
                }
                Ok(exported)
            }
        }
    }

    /// Makes files of all that is in memory. Nothing needs it but those who read the files.
    pub async fn flush(&self) {
        self.inner.traces.flush().await;
        self.inner.logs.flush().await;
        self.inner.metrics.flush().await;
    }

    /// All spans of a trace, each once, in the order of their beginning; empty where it is not known.
    pub fn trace(&self, trace_id: TraceId) -> Result<Vec<Span>, QueryError> {
        settled(|| trace::spans(&self.inner.traces.catalog, trace_id, SPANS_MAX))
    }

    /// Spans that match.
    pub fn spans(&self, query: &Query) -> Result<Found<Span>, QueryError> {
        settled(|| search(&self.inner.traces.catalog, &bounded(query)))
    }

    /// Spans that match, from a place on.
    pub fn spans_page(&self, query: &Query, start: Start) -> Result<Page<Span>, QueryError> {
        settled(|| page(&self.inner.traces.catalog, &bounded(query), start))
    }

    /// Traces of which a span matches, the newest such span first. `after`: where the page before ended, of the same query.
    pub fn traces(&self, query: &Query, after: Option<TracePlace>) -> Result<FoundTraces, QueryError> {
        settled(|| newest(&self.inner.traces.catalog, &bounded(query), after, SPANS_MAX))
    }

    /// Log records that match.
    pub fn logs(&self, query: &Query) -> Result<Found<Log>, QueryError> {
        settled(|| search(&self.inner.logs.catalog, &bounded(query)))
    }

    /// Log records that match, from a place on.
    pub fn logs_page(&self, query: &Query, start: Start) -> Result<Page<Log>, QueryError> {
        settled(|| page(&self.inner.logs.catalog, &bounded(query), start))
    }

    /// How many log records match in each step of time, oldest first; steps without any are there, too. `limit` and
    /// `count` of the query are not looked at.
    ///
    /// # Errors
    /// [`QueryError::Steps`]: the window touches more than [`crate::query::STEPS_MAX`] steps.
    pub fn counts(&self, query: &Query, step_ns: u64) -> Result<Vec<Count>, QueryError> {
        settled(|| counts(&self.inner.logs.catalog, query, step_ns.max(1)))
    }

    /// A line that a source wrote, and the lines that the same instance wrote before and after it, at most `lines` each
    /// and within an hour. `at` is when it was written, and where several were at that nanosecond, the digest of its
    /// [`crate::model::Key`]; without one it is the last of them in the order of keys. An empty instance is any.
    pub fn around(
        &self,
        source: &Source,
        at: (u64, Option<u64>),
        lines: usize,
    ) -> Result<Around, QueryError> {
        settled(|| around(&self.inner.logs.catalog, source, at, lines.min(LIMIT_MAX)))
    }

    /// Services and who calls whom, from the spans of a window, by whole minutes.
    pub fn map(&self, window: Window) -> Result<ServiceMap, QueryError> {
        settled(|| map(&self.inner.traces, window))
    }

    /// The delivery ledger, by service, instance and signal. It is kept over restarts; a kill may cost it what came in the
    /// last five seconds (the records themselves are kept).
    pub fn ledger(&self) -> Vec<Account> {
        self.inner.shared.ledger.accounts()
    }

    /// How a signal is kept.
    pub fn status(&self, signal: Signal) -> SignalStatus {
        let options = &self.inner.shared.options;
        match signal {
            Signal::Traces => status(&self.inner.traces, options),
            Signal::Logs => status(&self.inner.logs, options),
            Signal::Metrics => status(&self.inner.metrics, options),
        }
    }

    /// Log records as they come, for a live tail: batches of what was just made durable. A receiver that is slow misses
    /// some and is told how many, and so are all where one is slow and batches are large.
    pub fn tail(&self) -> broadcast::Receiver<Arc<Batch>> {
        self.inner.tail.watch()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.save_ledger();
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry").field("data", &self.inner.shared.options.data).finish_non_exhaustive()
    }
}

fn bounded(query: &Query) -> Query {
    Query { limit: query.limit.clamp(1, LIMIT_MAX), ..query.clone() }
}

/// How often a question is asked anew because a file of its snapshot was merged or deleted meanwhile. Merges are seconds
/// apart, so a second time is rare.
const ANEW: usize = 3;

/// Asks again where a file went away between the snapshot and the reading: what it held is in another one now, or gone
/// by age.
fn settled<T>(mut ask: impl FnMut() -> Result<T, QueryError>) -> Result<T, QueryError> {
    for _ in 0..ANEW {
        match ask() {
            Err(QueryError::File { path, .. }) if !path.exists() => {}
            answer => return answer,
        }
    }
    ask()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_asked_anew_where_its_file_went_away() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("there");
        std::fs::write(&there, "").unwrap();
        // Asked so often, and with this answer, where so many files went away, or where it is there and damaged.
        for (gone, file, asked, answered) in
            [(0, "gone", 1, true), (2, "gone", 3, true), (9, "gone", 4, false), (1, "there", 1, false)]
        {
            let mut times = 0;
            let answer = settled(|| {
                times += 1;
                let source = Box::new(std::io::Error::other("unreadable"));
                if times > gone {
                    Ok(())
                } else {
                    Err(QueryError::File { path: folder.path().join(file), source })
                }
            });
            assert_eq!((times, answer.is_ok()), (asked, answered), "{gone} {file}");
        }
    }
}
