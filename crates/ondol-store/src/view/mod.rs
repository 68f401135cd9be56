//! A small ordered index beside a log, filled by tailing it.
//!
//! A view is never the truth: it can be dropped at any time and filled again from the log, so it is not
//! synced, not repaired, and never written on the way of an append. Each batch carries the position of the
//! log up to which the view has followed, in the same atomic write; after a crash a view is at most older.
//! It is not for anything that the log has forgotten and that must not be lost.
//!
//! Calls block for about as long as one page takes to read.

mod disk;
mod memory;

use crate::log::Position;
use bytes::Bytes;
use disk::Files;
use memory::Memory;
use std::{
    collections::HashMap,
    error::Error,
    ops::Bound::{self, Excluded, Included, Unbounded},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Why a view could not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("cannot {operation} the view in {path}; a view can always be dropped and filled again: remove its directory and start again", path = path.display())]
pub struct ViewError {
    operation: &'static str,
    path: PathBuf,
    source: Arc<dyn Error + Send + Sync>,
}

/// An ordered map of bytes to bytes that knows how far it has followed its log.
#[derive(Debug)]
pub struct View(Store);

#[derive(Debug)]
enum Store {
    Memory(Memory),
    Files(Files),
}

/// Changes that become visible together. The last change of a key counts.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    changes: Changes,
}

/// The last change of each key: two writes of one key in one batch of the store would have no order.
type Changes = HashMap<Bytes, Option<Bytes>>;

impl Batch {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `key` to `value`. A key has 1 to 65,535 bytes.
    pub fn put(&mut self, key: impl Into<Bytes>, value: impl Into<Bytes>) {
        self.changes.insert(key.into(), Some(value.into()));
    }

    /// Removes `key`, whether it is there or not.
    pub fn delete(&mut self, key: impl Into<Bytes>) {
        self.changes.insert(key.into(), None);
    }
}

/// The way in which [`View::scan`] walks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the smallest key on.
    Forward,
    /// From the largest key on.
    Backward,
}

impl View {
    /// A view that is gone with the process.
    pub fn memory() -> Self {
        Self(Store::Memory(Memory::default()))
    }

    /// Opens the view in `directory`, which belongs to it alone. One that was written with another `schema`,
    /// or that cannot be read, is dropped and starts empty.
    ///
    /// # Errors
    /// When the directory cannot be used even for an empty view.
    pub fn open(directory: &Path, schema: u64) -> Result<Self, ViewError> {
        Ok(Self(Store::Files(Files::open(directory, schema)?)))
    }

    /// How far the view has followed its log: where to tail from. [`Position::START`] when it is empty.
    pub fn position(&self) -> Result<Position, ViewError> {
        match &self.0 {
            Store::Memory(memory) => Ok(memory.position()),
            Store::Files(files) => files.position(),
        }
    }

    /// Makes all changes of `batch` and moves to `position`, or neither.
    pub fn apply(&self, batch: Batch, position: Position) -> Result<(), ViewError> {
        match &self.0 {
            Store::Memory(memory) => memory.apply(batch.changes, position),
            Store::Files(files) => return files.apply(batch.changes, position),
        }
        Ok(())
    }

    /// The value of `key`.
    pub fn get(&self, key: &[u8]) -> Result<Option<Bytes>, ViewError> {
        match &self.0 {
            Store::Memory(memory) => Ok(memory.get(key)),
            Store::Files(files) => files.get(key),
        }
    }

    /// Up to `limit` pairs whose key begins with `prefix`, in the given direction. With `after`, the last key
    /// of the page before, the walk goes on behind it.
    pub fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<(Bytes, Bytes)>, ViewError> {
        match &self.0 {
            Store::Memory(memory) => Ok(memory.scan(prefix, after, direction, limit)),
            Store::Files(files) => files.scan(prefix, after, direction, limit),
        }
    }

    /// Drops everything and starts again from [`Position::START`].
    pub fn clear(&self) -> Result<(), ViewError> {
        match &self.0 {
            Store::Memory(memory) => memory.clear(),
            Store::Files(files) => return files.clear(),
        }
        Ok(())
    }
}

type Range = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// The keys that begin with `prefix` and lie behind `after`; `None` when there can be none.
fn bounds(prefix: &[u8], after: Option<&[u8]>, direction: Direction) -> Option<Range> {
    let all = (Included(prefix.to_vec()), end_of(prefix).map_or(Unbounded, Excluded));
    let Some(after) = after else {
        return Some(all);
    };
    let behind = Excluded(after.to_vec());
    match (direction, after.starts_with(prefix), after < prefix) {
        (Direction::Forward, true, _) => Some((behind, all.1)),
        (Direction::Backward, true, _) => Some((all.0, behind)),
        (Direction::Forward, false, true) | (Direction::Backward, false, false) => Some(all),
        (Direction::Forward, false, false) | (Direction::Backward, false, true) => None,
    }
}

/// The smallest key behind all that begin with `prefix`; there is none when it is all 0xff.
fn end_of(prefix: &[u8]) -> Option<Vec<u8>> {
    let kept = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut end = prefix[..=kept].to_vec();
    end[kept] += 1;
    Some(end)
}
