//! What can go wrong.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::model::TraceId;

/// The store of telemetry could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// A file or folder could not be read or written.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was tried, as a verb.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// An export was not taken. Nothing of it is kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// It is no OTLP; sending it again is of no use.
    #[error("the body is no OTLP {signal} request: {reason}")]
    Malformed {
        /// `traces`, `logs` or `metrics`.
        signal: &'static str,
        /// What is wrong with it, and where.
        reason: String,
    },
    /// There is no room now; the sender should send it again after a while.
    #[error("telemetry is not taken for now: {reason}; send it again after {} s", retry_after.as_secs().max(1))]
    Busy {
        /// Why.
        reason: String,
        /// When to try again.
        retry_after: Duration,
    },
    /// The disk refuses. The sender should send it again after a while.
    #[error("telemetry could not be written and is not taken")]
    Disk {
        /// What the disk said.
        source: io::Error,
        /// When to try again.
        retry_after: Duration,
    },
}

/// A question could not be answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// A file could not be read. What the other files hold is not shown without a word.
    #[error("cannot read {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A trace has more spans than one answer holds.
    #[error("trace {trace_id} has over {spans_max} spans")]
    TooLarge {
        /// Which.
        trace_id: TraceId,
        /// How many an answer holds.
        spans_max: usize,
    },
    /// A histogram has more steps than one answer holds.
    #[error("the window touches {steps} steps; at most {steps_max} are counted")]
    Steps {
        /// How many it has.
        steps: u64,
        /// How many an answer holds.
        steps_max: u64,
    },
}
