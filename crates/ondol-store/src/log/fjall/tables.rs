//! The keyspaces of the store and how they are configured; [`super::keys`] says what is in them.
//!
//! Memory is bounded: a shared cache, and per keyspace one write buffer with at most three more waiting to
//! be written out.

use super::{Options, keys, query::QueryError, torn};
use crate::log::{Mark, StreamId};
use fjall::{
    AbstractTree, CompressionType, Database, Keyspace, KeyspaceCreateOptions, KvSeparationOptions,
    OwnedWriteBatch, PersistMode,
};
use std::{path::Path, thread::sleep, time::Duration};

/// Buffers of the keyspaces with small entries; they fill many times slower than the records'.
const SMALL_BUFFER_BYTES: u64 = 4 << 20;

/// Records over this many bytes are kept apart from their keys and are not rewritten when keys are sorted.
const SEPARATED_FROM_BYTES: u32 = 1 << 10;

/// Journal files are dropped once what they hold has been sorted; this bounds how much disk they take, and how much a
/// start reads again: 64 MiB is well under a second. It is also the least that fjall takes.
const JOURNAL_BYTES_MAX: u64 = 64 << 20;

/// Open files of the store; well below the usual limit of 1,024 for a process.
const FILES_MAX: usize = 300;

/// Threads of the store. With more than one, all but one spin while that one merges, which costs a small
/// machine more than it gains.
const WORKERS: usize = 1;

/// How far the worker may be behind. The store itself halts a commit at four waiting buffers or 30 unmerged
/// files, for 100 ms at a time and even when its worker has died; waiting here, before that, is finer and
/// notices.
const WAITING_BUFFERS_MAX: usize = 1;
const UNMERGED_FILES_MAX: usize = 20;

/// How often to look whether there is room again.
const ROOM_POLL: Duration = Duration::from_millis(1);

const META_EPOCH: &str = "epoch";
const META_LAST: &str = "last";
pub(super) const META_OLDEST: &str = "oldest";

/// Where a stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// How many records the stream holds.
    pub(super) seq: u64,
    /// `None`: the stream does not exist.
    pub(super) mark: Option<Mark>,
}

/// Where the log stands when it is opened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub(super) epoch: u64,
    pub(super) last: u64,
    pub(super) oldest: u64,
}

/// Cheap handles to the keyspaces.
#[derive(Clone)]
pub(super) struct Tables {
    pub(super) records: Keyspace,
    pub(super) order: Keyspace,
    pub(super) open: Keyspace,
    pub(super) closed: Keyspace,
    pub(super) meta: Keyspace,
    pub(super) database: Database,
    write_buffer_bytes: u64,
}

impl Tables {
    pub(super) fn open(path: &Path, options: Options) -> fjall::Result<Self> {
        let database = open_database(path, options)?;
        let small = || KeyspaceCreateOptions::default().max_memtable_size(SMALL_BUFFER_BYTES);
        let tables = Self {
            records: database.keyspace("records", || {
                KeyspaceCreateOptions::default()
                    .max_memtable_size(options.write_buffer_bytes)
                    .with_kv_separation(Some(
                        KvSeparationOptions::default().separation_threshold(SEPARATED_FROM_BYTES),
                    ))
                    .expect_point_read_hits(true)
            })?,
            order: database.keyspace("order", || small().expect_point_read_hits(true))?,
            open: database.keyspace("open", small)?,
            closed: database.keyspace("closed", small)?,
            meta: database.keyspace("meta", small)?,
            database,
            write_buffer_bytes: options.write_buffer_bytes,
        };
        tables.rewrite_recovered()?;
        Ok(tables)
    }

    /// Takes the next epoch, durably, and finds where the log stands.
    pub(super) fn start(&self) -> Result<Start, QueryError> {
        let start = Start {
            epoch: self.number(META_EPOCH)?.unwrap_or(0) + 1,
            last: self.number(META_LAST)?.unwrap_or(0),
            oldest: self.number(META_OLDEST)?.unwrap_or(1),
        };
        let mut batch = self.batch();
        batch.insert(&self.meta, META_EPOCH, start.epoch.to_be_bytes());
        batch.commit()?;
        Ok(start)
    }

    /// A batch that is synced when it is committed.
    pub(super) fn batch(&self) -> OwnedWriteBatch {
        self.database.batch().durability(Some(PersistMode::SyncData))
    }

    pub(super) fn set_last(&self, batch: &mut OwnedWriteBatch, last: u64) {
        batch.insert(&self.meta, META_LAST, last.to_be_bytes());
    }

    pub(super) fn set_oldest(&self, batch: &mut OwnedWriteBatch, oldest: u64) {
        batch.insert(&self.meta, META_OLDEST, oldest.to_be_bytes());
    }

    pub(super) fn head(&self, stream: &StreamId) -> Result<Head, QueryError> {
        if let Some(value) = self.open.get(stream.as_bytes())? {
            let (seq, hint) = keys::parse_open(&value)?;
            return Ok(Head { seq, mark: Some(Mark::Open { hint }) });
        }
        if let Some(value) = self.closed.get(stream.as_bytes())? {
            return Ok(Head { seq: keys::parse_number(&value)?, mark: Some(Mark::Closed) });
        }
        Ok(Head { seq: 0, mark: None })
    }

    /// Hands full buffers to the worker and blocks while that is too far behind. The store would let a buffer
    /// grow for as long as its worker is busy; here it never grows by more than one batch.
    ///
    /// # Errors
    /// When the worker has given up and there never will be room.
    pub(super) fn make_room(&self) -> fjall::Result<()> {
        for table in self.all() {
            let small = table.id() != self.records.id();
            let buffer_bytes = if small { SMALL_BUFFER_BYTES } else { self.write_buffer_bytes };
            self.wait_while(|| table.l0_table_count() > UNMERGED_FILES_MAX)?;
            if table.tree.active_memtable().size() > buffer_bytes {
                self.wait_while(|| table.sealed_memtable_count() > WAITING_BUFFERS_MAX)?;
                table.rotate_memtable()?;
            }
        }
        Ok(())
    }

    /// Writes out and syncs what was recovered from the journal. After a failed sync the operating system may
    /// show bytes that never reached the disk and never will; this log is about to act on them.
    fn rewrite_recovered(&self) -> fjall::Result<()> {
        for table in self.all() {
            table.rotate_memtable()?;
        }
        for table in self.all() {
            self.wait_while(|| table.sealed_memtable_count() > 0)?;
        }
        Ok(())
    }

    fn wait_while(&self, behind: impl Fn() -> bool) -> fjall::Result<()> {
        while behind() {
            // An error when the worker has failed, since that poisons the store.
            self.database.persist(PersistMode::Buffer)?;
            sleep(ROOM_POLL);
        }
        Ok(())
    }

    fn number(&self, key: &str) -> Result<Option<u64>, QueryError> {
        let value = self.meta.get(key)?;
        Ok(value.map(|value| keys::parse_number(&value)).transpose()?)
    }

    fn all(&self) -> [&Keyspace; 5] {
        [&self.records, &self.order, &self.open, &self.closed, &self.meta]
    }
}

/// Opens the store, without the last batch of its journal where that is torn.
fn open_database(path: &Path, options: Options) -> fjall::Result<Database> {
    let open = || {
        Database::builder(path)
            .cache_size(options.cache_bytes)
            .max_journaling_size(JOURNAL_BYTES_MAX)
            .max_cached_files(Some(FILES_MAX))
            .worker_threads(WORKERS)
            // Records are compressed when they are sorted, not while their callers wait. Recovery compresses
            // again to compare checksums, so a journal would also depend on the compressor's version.
            .journal_compression(CompressionType::None)
            // Each batch says itself how durable it is.
            .manual_journal_persist(true)
            .open()
    };
    let damaged = match open() {
        Err(error) if torn::is_torn(&error) => error,
        opened => return opened,
    };
    let Some(cut) = torn::cut_last_batch(path)? else { return Err(damaged) };
    if let Ok(database) = open() {
        return Ok(database);
    }
    cut.undo()?;
    Err(damaged)
}
