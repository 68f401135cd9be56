//! The words of the log: plain values without behaviour.

use super::LogError;
use bytes::Bytes;
use std::{fmt, sync::Arc};

/// The longest stream id in bytes: a 128-character name with a short prefix for its kind fits.
pub const STREAM_ID_BYTES_MAX: usize = 160;

/// The name of a stream: 1 to [`STREAM_ID_BYTES_MAX`] bytes of any value, ordered bytewise. A clone is cheap.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(Arc<[u8]>);

impl StreamId {
    /// Makes an id of `bytes`.
    ///
    /// # Errors
    /// [`LogError::StreamId`] when it is empty or longer than [`STREAM_ID_BYTES_MAX`].
    pub fn new(bytes: impl AsRef<[u8]>) -> Result<Self, LogError> {
        let bytes = bytes.as_ref();
        if bytes.is_empty() || bytes.len() > STREAM_ID_BYTES_MAX {
            return Err(LogError::StreamId { length: bytes.len() });
        }
        Ok(Self(bytes.into()))
    }

    /// The bytes of the id.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for StreamId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0.escape_ascii())
    }
}

/// A place in the commit order of a log. Positions are given without gaps from 1; 0 is before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

impl Position {
    /// Before the first record: where a reader of everything starts.
    pub const START: Self = Self(0);
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// One record to append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it goes.
    pub stream: StreamId,
    /// How many records the stream must already hold, which is also the `seq` of this one. 0: the stream
    /// must be new.
    pub expected_seq: u64,
    /// The record, at most [`RECORD_BYTES_MAX`](super::RECORD_BYTES_MAX) bytes.
    pub bytes: Bytes,
    /// What the stream is after this record.
    pub mark: Mark,
}

/// Whether a stream still has something to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Listed by [`Log::open_streams`](super::Log::open_streams), and never forgotten.
    Open {
        /// Opaque to the log and given back with the stream, such as the time at which it wants attention.
        hint: u64,
    },
    /// No longer listed; may be forgotten. A later record may open it again.
    Closed,
}

/// What became of one [`Entry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// On stable storage, at this place of the commit order.
    Durable(Position),
    /// Not written: the stream did not hold `expected_seq` records.
    Conflict {
        /// How many it holds.
        actual_seq: u64,
    },
    /// Not written: the log has another owner now.
    Fenced {
        /// The epoch of that owner.
        epoch: u64,
    },
}

/// What became of one stream to be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgotten {
    /// Its records are gone.
    Dropped {
        /// How many there were.
        records: u64,
    },
    /// Nothing was done: the stream is open.
    Open,
    /// Nothing was done: there is no such stream.
    Absent,
    /// Nothing was done: the log has another owner now.
    Fenced {
        /// The epoch of that owner.
        epoch: u64,
    },
}

/// A record as [`Log::read`](super::Log::read) gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its place in its stream, from 0.
    pub seq: u64,
    /// Its place in the commit order.
    pub position: Position,
    /// What was appended.
    pub bytes: Bytes,
}

/// A record as [`Log::tail`](super::Log::tail) gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tailed {
    /// Its place in the commit order: the cursor to go on from.
    pub position: Position,
    /// The stream it belongs to.
    pub stream: StreamId,
    /// Its place in its stream, from 0.
    pub seq: u64,
    /// What was appended.
    pub bytes: Bytes,
}

/// A stream that is not closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenStream {
    /// Its name.
    pub stream: StreamId,
    /// How many records it holds: the `expected_seq` of its next entry.
    pub seq: u64,
    /// The hint of its last record.
    pub hint: u64,
}

/// The room left where a log is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Free bytes, without the ballast.
    pub free_bytes: u64,
    /// Whether there is enough to take on new work. Work already accepted goes on regardless.
    pub accepting: bool,
}
