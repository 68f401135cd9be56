//! The keyspaces of the store and how they are configured; [`super::keys`] says what is in them.
//!
//! Memory is bounded: a shared cache, and per keyspace one write buffer with at most three more waiting to
//! be written out.

use super::{Options, head::Head, keys, query::QueryError, recent::Known, torn};
use crate::log::StreamId;
use fjall::{
    AbstractTree, CompressionType, Database, Keyspace, KeyspaceCreateOptions, KvSeparationOptions,
    OwnedWriteBatch, PersistMode,
};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    thread::sleep,
    time::Duration,
};

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
const META_SETTLED: &str = "settled";
pub(super) const META_OLDEST: &str = "oldest";

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
    pub(super) order: Keyspace,
    pub(super) heads: Keyspace,
    pub(super) runs: Keyspace,
    pub(super) open: Keyspace,
    pub(super) meta: Keyspace,
    pub(super) database: Database,
    write_buffer_bytes: u64,
}

impl Tables {
    /// Opens or creates the store. Returns also where the end of a torn journal was put.
    pub(super) fn open(path: &Path, options: Options) -> fjall::Result<(Self, Option<PathBuf>)> {
        let (database, torn) = open_database(path, options)?;
        let small = || KeyspaceCreateOptions::default().max_memtable_size(SMALL_BUFFER_BYTES);
        let tables = Self {
            order: database.keyspace("order", || {
                KeyspaceCreateOptions::default()
                    .max_memtable_size(options.write_buffer_bytes)
                    .with_kv_separation(Some(
                        KvSeparationOptions::default().separation_threshold(SEPARATED_FROM_BYTES),
                    ))
                    .expect_point_read_hits(true)
            })?,
            heads: database.keyspace("heads", small)?,
            runs: database.keyspace("runs", small)?,
            open: database.keyspace("open", small)?,
            meta: database.keyspace("meta", small)?,
            database,
            write_buffer_bytes: options.write_buffer_bytes,
        };
        tables.rewrite_recovered()?;
        Ok((tables, torn))
    }

    /// Takes the next epoch, durably, and finds where the log stands: where the heads were settled, and what was
    /// written since.
    pub(super) fn start(&self) -> Result<Start, QueryError> {
        let epoch = self.number(META_EPOCH)?.unwrap_or(0) + 1;
        let oldest = self.number(META_OLDEST)?.unwrap_or(1);
        let mut last = self.number(META_SETTLED)?.unwrap_or(0);
        let mut heads: HashMap<StreamId, Known> = HashMap::new();
        for item in self.order.range((last + 1).to_be_bytes()..) {
            let (key, value) = item.into_inner()?;
            last = keys::parse_number(&key)?;
            let placed = keys::parse_placed(&value.into())?;
            if !heads.contains_key(&placed.stream) {
                let head = self.head(&placed.stream)?;
                let listed = head.open_hint().is_some();
                heads.insert(placed.stream.clone(), Known { head, unsettled: true, listed });
            }
            let known = heads.get_mut(&placed.stream).expect("it was inserted above");
            if known.head.seq != placed.seq {
                return Err(QueryError::Corrupt(keys::Corrupt("place of a record in its stream")));
            }
            known.head.push(last, placed.mark);
        }
        let mut batch = self.batch();
        self.settle(&mut batch, &mut heads.into_iter().collect(), last);
        batch.insert(&self.meta, META_EPOCH, epoch.to_be_bytes());
        batch.commit()?;
        Ok(Start { epoch, last, oldest })
    }

    /// Adds to `batch` what makes the tables account for every record up to `last`; `heads` are all that they do not
    /// have. They are left as the tables will have them.
    pub(super) fn settle(&self, batch: &mut OwnedWriteBatch, heads: &mut Vec<(StreamId, Known)>, last: u64) {
        for (stream, known) in heads {
            let Some(mark) = known.head.mark else { continue };
            while let Some((first_seq, run)) = known.head.split_run() {
                batch.insert(&self.runs, keys::run(stream, first_seq), keys::positions(&run));
            }
            batch.insert(&self.heads, stream.as_bytes(), keys::head(&known.head, mark));
            match (known.head.open_hint(), known.listed) {
                (Some(hint), _) => {
                    batch.insert(&self.open, stream.as_bytes(), keys::open(known.head.seq, hint));
                }
                (None, true) => batch.remove(&self.open, stream.as_bytes()),
                (None, false) => {}
            }
            known.listed = known.head.open_hint().is_some();
            known.unsettled = false;
        }
        batch.insert(&self.meta, META_SETTLED, last.to_be_bytes());
    }

    /// A batch that is synced when it is committed.
    pub(super) fn batch(&self) -> OwnedWriteBatch {
        self.database.batch().durability(Some(PersistMode::SyncData))
    }

    pub(super) fn set_oldest(&self, batch: &mut OwnedWriteBatch, oldest: u64) {
        batch.insert(&self.meta, META_OLDEST, oldest.to_be_bytes());
    }

    /// The head of a stream, as far as it was settled.
    pub(super) fn head(&self, stream: &StreamId) -> Result<Head, QueryError> {
        let value = self.heads.get(stream.as_bytes())?;
        Ok(value.map(|value| keys::parse_head(&value)).transpose()?.unwrap_or_default())
    }

    /// Hands full buffers to the worker and blocks while that is too far behind. The store would let a buffer
    /// grow for as long as its worker is busy; here it never grows by more than one batch.
    ///
    /// # Errors
    /// When the worker has given up and there never will be room.
    pub(super) fn make_room(&self) -> fjall::Result<()> {
        for table in self.all() {
            let small = table.id() != self.order.id();
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
        [&self.order, &self.heads, &self.runs, &self.open, &self.meta]
    }
}

/// Opens the store, without the last batch of its journal where that is torn; that is kept in the file that is returned.
fn open_database(path: &Path, options: Options) -> fjall::Result<(Database, Option<PathBuf>)> {
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
    let unfinished = torn::check(path)?;
    let damaged = match open() {
        Err(error) if torn::is_torn(&error) => error,
        opened => return opened.map(|database| (database, unfinished)),
    };
    let Some(cut) = torn::cut_last_batch(path)? else { return Err(damaged) };
    if let Ok(database) = open() {
        return Ok((database, Some(cut.kept())));
    }
    cut.undo()?;
    Err(damaged)
}
