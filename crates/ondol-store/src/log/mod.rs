//! The seam of storage: many small append-only streams of records that share one commit order.
//!
//! A *stream* is a named sequence of records; a *record* is opaque bytes. Every record has a place in
//! its stream (`seq`, from 0) and a place in the commit order of the whole log ([`Position`], from 1).
//! A stream is *open* while its last record was marked [`Mark::Open`]; only a closed one can be
//! forgotten.
//!
//! It is not for queries (build a [`View`](crate::view::View) by tailing) and it does not know what a
//! record means.
//!
//! # What an implementation promises
//! * An append that is answered [`Appended::Durable`] survives any crash.
//! * A single [`Entry`] is atomic. Several entries are not: after a crash, entries that were not yet
//!   answered may be there up to any point of the commit order, or not at all.
//! * Readers see only durable records, and [`Log::tail`] never shows a position before all smaller ones.
//! * After [`LogError::Unknown`] the log refuses everything with [`LogError::Poisoned`]; drop it and
//!   open it again, then read back what is there.
//!
//! [`conformance`] checks all of this against any implementation.

pub mod conformance;
mod error;
mod fjall;
mod memory;
mod types;

pub use error::LogError;
pub use fjall::{
    BALLAST_BYTES, BALLAST_RELEASE_BELOW_BYTES, FORMAT_VERSION, FREE_BYTES_MIN, FjallLog,
    Opened as FjallOpened, Options as FjallOptions,
};
pub use memory::{Disk, Faults, MemoryLog, Options as MemoryOptions};
use std::{future::Future, pin::Pin};
pub use types::{
    Appended, Entry, Forgotten, Mark, OpenStream, Position, Record, STREAM_ID_BYTES_MAX, Space, StreamId,
    Tailed,
};

/// The largest single record, in bytes: above the largest body a service may answer (1 MiB) with room
/// for several of them in one record.
pub const RECORD_BYTES_MAX: usize = 8 << 20;

/// [`Log::tail`] stops a page once it holds this many bytes, so that a follower of large records needs
/// little memory. A page with any record in it has at least one.
pub const TAIL_BYTES_MAX: usize = 4 << 20;

/// What every asynchronous operation of a [`Log`] returns. Nothing happens before it is first polled; an
/// append that is dropped half way may still become durable.
pub type LogFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, LogError>> + Send + 'a>>;

/// Durable streams with one commit order and one owner at a time.
pub trait Log: Send + Sync + 'static {
    /// The epoch this handle took when it was opened: one more than any before it.
    fn epoch(&self) -> u64;

    /// Appends `entries` in order and answers one [`Appended`] for each once they are durable. A conflict
    /// changes nothing and does not fail its neighbours. Entries of one stream apply in order, so two
    /// entries for a new stream expect 0 and 1.
    ///
    /// # Errors
    /// [`LogError::Unknown`] when the write failed (the entries may or may not be there after reopening),
    /// [`LogError::Poisoned`] after such a failure, [`LogError::TooLarge`] for a record over
    /// [`RECORD_BYTES_MAX`], [`LogError::Io`] when a look-up failed and nothing was written.
    fn append(&self, epoch: u64, entries: Vec<Entry>) -> LogFuture<'_, Vec<Appended>>;

    /// All records of `stream` with `seq >= from_seq`, in order; empty for a stream that does not exist.
    fn read<'a>(&'a self, stream: &'a StreamId, from_seq: u64) -> LogFuture<'a, Vec<Record>>;

    /// Up to `limit` records with a position greater than `after`, in commit order. A page may be shorter
    /// than `limit` (see [`TAIL_BYTES_MAX`]); only an empty page means that the end is reached. Forgotten
    /// records are skipped.
    ///
    /// # Errors
    /// [`LogError::Gone`] when records between `after` and the oldest kept one have been forgotten.
    fn tail(&self, after: Position, limit: usize) -> LogFuture<'_, Vec<Tailed>>;

    /// Up to `limit` open streams with an id greater than `after`, ordered by id.
    fn open_streams<'a>(
        &'a self,
        after: Option<&'a StreamId>,
        limit: usize,
    ) -> LogFuture<'a, Vec<OpenStream>>;

    /// Drops all records of each of `streams` that is closed. Afterwards the id is free again.
    /// All of them are one write, and appends wait behind it: hundreds at a time are right.
    ///
    /// # Errors
    /// As [`Log::append`].
    fn forget(&self, epoch: u64, streams: Vec<StreamId>) -> LogFuture<'_, Vec<Forgotten>>;

    /// The room left where the log is kept. Cheap enough to ask before every acceptance of new work; the
    /// log itself never refuses an append for it.
    fn space(&self) -> Space;
}
