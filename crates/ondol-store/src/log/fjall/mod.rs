//! The embedded log: an LSM store (fjall) behind one writer thread.
//!
//! Appends wait in a bounded queue. The writer takes all that wait, checks them, writes them as one batch
//! and syncs once (group commit), then answers. Only the records themselves are written with each batch; where each
//! stream stands is kept in memory and *settled* from time to time, and found again from the records when the log is
//! opened (see `keys`). Reads run on a few threads of their own, so that no asynchronous caller ever blocks on the disk.
//!
//! ```text
//! DIR/lock      who owns the directory
//! DIR/format    the version of everything below
//! DIR/ballast   space that is given back when the disk is full
//! DIR/log/      the store: order, heads, runs, open, meta (see `keys`)
//! ```

mod batch;
mod directory;
mod head;
mod keys;
mod query;
mod readers;
mod recent;
mod room;
mod tables;
mod torn;
mod writer;

use super::{
    Appended, Entry, Forgotten, Log, LogError, LogFuture, OpenStream, Position, RECORD_BYTES_MAX, Record,
    Space, StreamId, Tailed, error::Source,
};
use directory::Directory;
pub use directory::FORMAT_VERSION;
use readers::Readers;
use recent::Recent;
use room::Room;
pub use room::{BALLAST_BYTES, BALLAST_RELEASE_BELOW_BYTES, FREE_BYTES_MIN};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tables::Tables;
use writer::{Command, Writer};

/// How much memory the log may use. The defaults suit a small server.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Bytes of blocks kept from the disk, shared by all reads.
    pub cache_bytes: u64,
    /// Bytes of new records gathered before they are written in sorted order; up to four times as many are
    /// held while the disk is behind. Each time makes a file that stays as long as its records, and the store looks at all
    /// its files whenever it makes one: with 8 MiB, a million records of 64 KiB took it a minute of every two.
    /// Fixed when the log is created.
    pub write_buffer_bytes: u64,
    /// Records after which the places of streams are settled. Opening the log reads as many again.
    pub settle_records: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { cache_bytes: 16 << 20, write_buffer_bytes: 32 << 20, settle_records: recent::SETTLE_RECORDS }
    }
}

/// A [`Log`] in a directory of the local disk. Dropping it waits until the directory is free again.
pub struct FjallLog {
    epoch: u64,
    opened: Opened,
    // Declared before what they use: the threads end first, the lock goes last.
    writer: writer::Handle,
    readers: Readers,
    recent: Recent,
    poison: writer::Poison,
    room: Arc<Room>,
    _directory: Directory,
}

impl FjallLog {
    /// Opens or creates the log in `directory` and takes the next epoch. Blocks while the store recovers.
    ///
    /// # Errors
    /// [`LogError::Locked`] when the directory has an owner, [`LogError::Format`] when it was not written by
    /// this version or an older one, [`LogError::Full`] when there is no room, [`LogError::Open`] for everything else.
    pub fn open(directory: &Path, options: Options) -> Result<Self, LogError> {
        let path = directory.to_owned();
        let failed = |source: Source| LogError::Open { path: path.clone(), source };
        let owned = Directory::open(directory)?;
        let room = Arc::new(Room::open(directory).map_err(|error| failed(Arc::new(error)))?);
        room.settle();
        Self::open_in(owned, &room, options).map_err(|source| {
            let Space { free_bytes, accepting } = room.space();
            // The store does not say what its worker failed of, and on a full disk that is what people must know.
            if accepting { failed(source) } else { LogError::Full { path: path.clone(), free_bytes, source } }
        })
    }

    fn open_in(owned: Directory, room: &Arc<Room>, options: Options) -> Result<Self, Source> {
        let source = |error: fjall::Error| Arc::new(error) as Source;
        let (tables, torn) = Tables::open(&owned.log(), options).map_err(source)?;
        let start = tables.start().map_err(|error| Arc::new(error) as Source)?;
        let poison = writer::Poison::default();
        let recent = Recent::new(start.last, options.settle_records);
        let opened = Opened { last: Position(start.last), torn };
        let writer = Writer::new(tables.clone(), recent.clone(), start, Arc::clone(room), poison.clone());
        let writer = writer.start().map_err(|error| Arc::new(error) as Source)?;
        let readers = Readers::start(&tables, &poison).map_err(|error| Arc::new(error) as Source)?;
        let room = Arc::clone(room);
        Ok(Self { epoch: start.epoch, opened, writer, readers, recent, poison, room, _directory: owned })
    }
}

/// What was found when a log was opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The position of the last record. Whoever has seen a later one knows that the disk lost what had been durable.
    pub last: Position,
    /// Where the end of the journal was put, if it was torn: a batch that the disk has only in part. Nobody was told that
    /// it is durable, unless it was damaged later.
    pub torn: Option<PathBuf>,
}

impl FjallLog {
    /// What was found when the log was opened.
    pub fn opened(&self) -> &Opened {
        &self.opened
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
        let (stream, recent) = (stream.clone(), self.recent.clone());
        Box::pin(self.readers.ask(move |tables| query::read(tables, &recent, &stream, from_seq)))
    }

    fn tail(&self, after: Position, limit: usize) -> LogFuture<'_, Vec<Tailed>> {
        Box::pin(async move {
            self.poison.check()?;
            match self.recent.tail(after, limit) {
                Some(page) => Ok(page),
                None => self.readers.ask(move |tables| query::tail(tables, after, limit)).await,
            }
        })
    }

    fn open_streams<'a>(
        &'a self,
        after: Option<&'a StreamId>,
        limit: usize,
    ) -> LogFuture<'a, Vec<OpenStream>> {
        let after = after.cloned();
        Box::pin(async move {
            self.writer.ask(Command::Settle).await?;
            self.readers.ask(move |tables| query::open_streams(tables, after.as_ref(), limit)).await
        })
    }

    fn forget(&self, epoch: u64, streams: Vec<StreamId>) -> LogFuture<'_, Vec<Forgotten>> {
        Box::pin(self.writer.ask(move |answer| Command::Forget(writer::Forget { epoch, streams, answer })))
    }

    fn space(&self) -> Space {
        self.room.space()
    }
}
