//! The embedded log: an LSM store (fjall) behind one writer thread.
//!
//! Appends wait in a bounded queue. The writer takes all that wait, checks them, writes them as one batch
//! and syncs once (group commit), then answers. Reads run on a few threads of their own, so that no
//! asynchronous caller ever blocks on the disk.
//!
//! ```text
//! DIR/lock      who owns the directory
//! DIR/format    the version of everything below
//! DIR/ballast   space that is given back when the disk is full
//! DIR/log/      the store: records, order, open, closed, meta (see `tables`)
//! ```

mod batch;
mod directory;
mod keys;
mod query;
mod readers;
mod room;
mod tables;
mod torn;
mod writer;

use super::{
    Appended, Entry, Forgotten, Log, LogError, LogFuture, OpenStream, Position, RECORD_BYTES_MAX, Record,
    Space, StreamId, Tailed,
};
use directory::Directory;
pub use directory::FORMAT_VERSION;
use readers::Readers;
use room::Room;
pub use room::{BALLAST_BYTES, BALLAST_RELEASE_BELOW_BYTES, FREE_BYTES_MIN};
use std::{path::Path, sync::Arc};
use tables::Tables;
use writer::{Command, Writer};

/// How much memory the log may use. The defaults suit a small server.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Bytes of blocks kept from the disk, shared by all reads.
    pub cache_bytes: u64,
    /// Bytes of new records gathered before they are written in sorted order; up to four times as many are
    /// held while the disk is behind. Fixed when the log is created.
    pub write_buffer_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { cache_bytes: 16 << 20, write_buffer_bytes: 8 << 20 }
    }
}

/// A [`Log`] in a directory of the local disk. Dropping it waits until the directory is free again.
pub struct FjallLog {
    epoch: u64,
    // Declared before what they use: the threads end first, the lock goes last.
    writer: writer::Handle,
    readers: Readers,
    room: Arc<Room>,
    _directory: Directory,
}

impl FjallLog {
    /// Opens or creates the log in `directory` and takes the next epoch. Blocks while the store recovers.
    ///
    /// # Errors
    /// [`LogError::Locked`] when the directory has an owner, [`LogError::Format`] when it was not written by
    /// this version or an older one, [`LogError::Open`] for everything else.
    pub fn open(directory: &Path, options: Options) -> Result<Self, LogError> {
        let failed = |source| LogError::Open { path: directory.to_owned(), source };
        let owned = Directory::open(directory)?;
        let room = Arc::new(Room::open(directory).map_err(|error| failed(Arc::new(error)))?);
        room.settle();
        let tables = Tables::open(&owned.log(), options).map_err(|error| failed(Arc::new(error)))?;
        let start = tables.start().map_err(|error| failed(Arc::new(error)))?;
        let poisoned = writer::Poison::default();
        let writer = Writer::new(tables.clone(), start, Arc::clone(&room), poisoned.clone())
            .start()
            .map_err(|error| failed(Arc::new(error)))?;
        let readers = Readers::start(&tables, &poisoned).map_err(|error| failed(Arc::new(error)))?;
        Ok(Self { epoch: start.epoch, writer, readers, room, _directory: owned })
    }
}

impl std::fmt::Debug for FjallLog {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("FjallLog").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

impl Log for FjallLog {
    fn epoch(&self) -> u64 {
        self.epoch
    }

    fn append(&self, epoch: u64, entries: Vec<Entry>) -> LogFuture<'_, Vec<Appended>> {
        Box::pin(async move {
            if let Some(long) = entries.iter().find(|entry| entry.bytes.len() > RECORD_BYTES_MAX) {
                return Err(LogError::TooLarge { length: long.bytes.len() });
            }
            self.writer.ask(|answer| Command::Append(writer::Append { epoch, entries, answer })).await
        })
    }

    fn read<'a>(&'a self, stream: &'a StreamId, from_seq: u64) -> LogFuture<'a, Vec<Record>> {
        let stream = stream.clone();
        Box::pin(self.readers.ask(move |tables| query::read(tables, &stream, from_seq)))
    }

    fn tail(&self, after: Position, limit: usize) -> LogFuture<'_, Vec<Tailed>> {
        Box::pin(self.readers.ask(move |tables| query::tail(tables, after, limit)))
    }

    fn open_streams<'a>(
        &'a self,
        after: Option<&'a StreamId>,
        limit: usize,
    ) -> LogFuture<'a, Vec<OpenStream>> {
        let after = after.cloned();
        Box::pin(self.readers.ask(move |tables| query::open_streams(tables, after.as_ref(), limit)))
    }

    fn forget(&self, epoch: u64, streams: Vec<StreamId>) -> LogFuture<'_, Vec<Forgotten>> {
        Box::pin(self.writer.ask(move |answer| Command::Forget(writer::Forget { epoch, streams, answer })))
    }

    fn space(&self) -> Space {
        self.room.space()
    }
}
