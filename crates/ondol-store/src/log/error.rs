//! Everything a log may answer instead of what it was asked for.

use super::{FORMAT_VERSION, Position, RECORD_BYTES_MAX, STREAM_ID_BYTES_MAX};
use std::{error::Error, path::PathBuf, sync::Arc};

/// The cause below a [`LogError`], shared by all callers that wait for the same write.
pub(crate) type Source = Arc<dyn Error + Send + Sync>;

/// Why a log could not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LogError {
    /// Another process, or another handle of this one, owns the directory.
    #[error(
        "cannot open the data directory {path}: it is in use by {holder}; stop that one or choose another directory",
        path = path.display()
    )]
    Locked {
        /// The data directory.
        path: PathBuf,
        /// Who holds it, as it wrote itself down.
        holder: String,
    },
    /// The directory was written by a version of this program that is newer, or by something else.
    #[error(
        "cannot open the data directory {path}: its format is {found} and this program reads version {FORMAT_VERSION}; \
         start the program that wrote it, or choose another directory",
        path = path.display()
    )]
    Format {
        /// The data directory.
        path: PathBuf,
        /// What its format file says.
        found: String,
    },
    /// The log could not be opened.
    #[error("cannot open the log in {path}; check that the disk is healthy and writable, then start again", path = path.display())]
    Open {
        /// The data directory.
        path: PathBuf,
        /// Why.
        source: Source,
    },
    /// The log could not be opened, and there is hardly any room where it is kept.
    #[error(
        "cannot open the log in {path}: no space is left, only {free_bytes} bytes; free some, then start again",
        path = path.display()
    )]
    Full {
        /// The data directory.
        path: PathBuf,
        /// What is left.
        free_bytes: u64,
        /// What failed for it.
        source: Source,
    },
    /// A write failed half way: what it carried may or may not be there.
    #[error(
        "a write to the log failed, so its outcome is unknown; open the log again and read back what is there"
    )]
    Unknown {
        /// Why.
        source: Source,
    },
    /// An earlier write failed, or the log is closing; this request did nothing.
    #[error("the log refuses all work since an earlier write failed; close it and open it again")]
    Poisoned,
    /// Reading failed; nothing was changed.
    #[error("cannot {operation}; check that the disk is healthy, then try again")]
    Io {
        /// What was being done.
        operation: &'static str,
        /// Why.
        source: Source,
    },
    /// The records after a cursor have been forgotten.
    #[error("the log no longer has the records after this cursor; start again from position {oldest}")]
    Gone {
        /// The oldest position that is kept, or the next one to be given when none is.
        oldest: Position,
    },
    /// A record over the bound; nothing of its append was written.
    #[error("a record of {length} bytes is over the bound of {RECORD_BYTES_MAX}; split it")]
    TooLarge {
        /// Its length in bytes.
        length: usize,
    },
    /// A stream id outside its bounds.
    #[error("a stream id of {length} bytes is not between 1 and {STREAM_ID_BYTES_MAX}")]
    StreamId {
        /// Its length in bytes.
        length: usize,
    },
}

impl LogError {
    pub(crate) fn io(operation: &'static str, source: impl Error + Send + Sync + 'static) -> Self {
        Self::Io { operation, source: Arc::new(source) }
    }

    pub(crate) fn unknown(source: impl Error + Send + Sync + 'static) -> Self {
        Self::Unknown { source: Arc::new(source) }
    }
}
