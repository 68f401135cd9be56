//! A view in files: a store of its own, so that neither its writes nor its failures reach the log.

use super::{Changes, Direction, ViewError, bounds};
use crate::log::Position;
use bytes::Bytes;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

/// Blocks kept from the disk.
const CACHE_BYTES: u64 = 8 << 20;

/// New pairs gathered before they are written in sorted order. Keys come in any order, so each time most of what is there is
/// merged with them: the larger, the seldomer.
const BUFFER_BYTES: u64 = 16 << 20;

/// What fjall asks at least; a view's journal is small change.
const JOURNAL_BYTES_MAX: u64 = 64 << 20;

/// Open files of the store.
const FILES_MAX: usize = 100;

/// One thread is enough: nobody waits for a view.
const WORKERS: usize = 1;

const META_POSITION: &str = "position";
const META_SCHEMA: &str = "schema";

#[derive(Debug)]
pub(super) struct Files {
    path: PathBuf,
    schema: u64,
    /// `None` after a write failed, since a store refuses all work from then on. The next call opens it again.
    tables: RwLock<Option<Tables>>,
}

struct Tables {
    pairs: Keyspace,
    meta: Keyspace,
    database: Database,
}

impl std::fmt::Debug for Tables {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Tables").finish_non_exhaustive()
    }
}

impl Files {
    pub(super) fn open(path: &Path, schema: u64) -> Result<Self, ViewError> {
        match Tables::opened(path, schema) {
            Ok(tables) => Ok(Self { path: path.to_owned(), schema, tables: RwLock::new(Some(tables)) }),
            Err(error) => {
                Err(ViewError { operation: "open", path: path.to_owned(), source: Arc::new(error) })
            }
        }
    }

    pub(super) fn position(&self) -> Result<Position, ViewError> {
        self.with("read", |tables| Ok(Position(tables.number(META_POSITION)?.unwrap_or(0))))
    }

    pub(super) fn apply(&self, changes: Changes, position: Position) -> Result<(), ViewError> {
        let written = self.with("write", |tables| {
            let mut batch = tables.database.batch().durability(Some(PersistMode::Buffer));
            for (key, value) in changes {
                match value {
                    Some(value) => batch.insert(&tables.pairs, key, value),
                    None => batch.remove(&tables.pairs, key),
                }
            }
            batch.insert(&tables.meta, META_POSITION, position.0.to_be_bytes());
            batch.commit()
        });
        if written.is_err() {
            *self.tables.write().unwrap_or_else(PoisonError::into_inner) = None;
        }
        written
    }

    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Bytes>, ViewError> {
        self.with("read", |tables| Ok(tables.pairs.get(key)?.map(Bytes::from)))
    }

    pub(super) fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, ViewError> {
        let Some(range) = bounds(prefix, after, direction) else {
            return Ok(Vec::new());
        };
        self.with("read", |tables| {
            let pairs = tables.pairs.range(range);
            let pair = |item: fjall::Guard| item.into_inner().map(|(key, value)| (key.into(), value.into()));
            match direction {
                Direction::Forward => pairs.take(limit).map(pair).collect(),
                Direction::Backward => pairs.rev().take(limit).map(pair).collect(),
            }
        })
    }

    pub(super) fn clear(&self) -> Result<(), ViewError> {
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        *tables = None;
        let created = Tables::create(&self.path, self.schema).map_err(|error| self.failed("clear", error))?;
        *tables = Some(created);
        Ok(())
    }

    fn with<T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Tables) -> fjall::Result<T>,
    ) -> Result<T, ViewError> {
        self.open_again().map_err(|error| self.failed(operation, error))?;
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        let absent = || fjall::Error::Io(io::Error::other("a write to the view has just failed"));
        let worked = tables.as_ref().ok_or_else(absent).and_then(work);
        worked.map_err(|error| self.failed(operation, error))
    }

    /// Opens what a failed write closed.
    fn open_again(&self) -> fjall::Result<()> {
        if self.tables.read().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Ok(());
        }
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        if tables.is_none() {
            *tables = Some(Tables::opened(&self.path, self.schema)?);
        }
        Ok(())
    }

    fn failed(&self, operation: &'static str, error: fjall::Error) -> ViewError {
        ViewError { operation, path: self.path.clone(), source: Arc::new(error) }
    }
}

impl Tables {
    /// What is there, or an empty store where that has another schema or cannot be read.
    fn opened(path: &Path, schema: u64) -> fjall::Result<Self> {
        match Self::open(path) {
            Ok(tables) if tables.number(META_SCHEMA).ok().flatten() == Some(schema) => Ok(tables),
            Err(fjall::Error::Locked) => Err(fjall::Error::Locked),
            Ok(other) => {
                drop(other);
                Self::create(path, schema)
            }
            Err(_) => Self::create(path, schema),
        }
    }

    fn open(path: &Path) -> fjall::Result<Self> {
        let database = Database::builder(path)
            .cache_size(CACHE_BYTES)
            .max_journaling_size(JOURNAL_BYTES_MAX)
            .max_cached_files(Some(FILES_MAX))
            .worker_threads(WORKERS)
            .manual_journal_persist(true)
            .open()?;
        let options = || KeyspaceCreateOptions::default().max_memtable_size(BUFFER_BYTES);
        let (pairs, meta) = (database.keyspace("pairs", options)?, database.keyspace("meta", options)?);
        Ok(Self { pairs, meta, database })
    }

    /// Removes what is there and starts empty. The schema is written last: without it a view does not count.
    fn create(path: &Path, schema: u64) -> fjall::Result<Self> {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
        let tables = Self::open(path)?;
        let mut batch = tables.database.batch().durability(Some(PersistMode::Buffer));
        batch.insert(&tables.meta, META_SCHEMA, schema.to_be_bytes());
        batch.commit()?;
        Ok(tables)
    }

    fn number(&self, key: &str) -> fjall::Result<Option<u64>> {
        let value = self.meta.get(key)?;
        Ok(value.and_then(|value| value.as_ref().try_into().ok()).map(u64::from_be_bytes))
    }
}
