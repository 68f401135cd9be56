//! A view in memory.

use super::{Changes, Direction, bounds};
use crate::log::Position;
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

#[derive(Debug, Default)]
pub(super) struct Memory(RwLock<Content>);

#[derive(Debug, Default)]
struct Content {
    position: Position,
    pairs: BTreeMap<Bytes, Bytes>,
}

impl Memory {
    pub(super) fn position(&self) -> Position {
        self.read().position
    }

    pub(super) fn apply(&self, changes: Changes, position: Position) {
        let mut content = self.write();
        for (key, value) in changes {
            match value {
                Some(value) => content.pairs.insert(key, value),
                None => content.pairs.remove(&key),
            };
        }
        content.position = position;
    }

    pub(super) fn get(&self, key: &[u8]) -> Option<Bytes> {
        self.read().pairs.get(key).cloned()
    }

    pub(super) fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        direction: Direction,
        limit: usize,
    ) -> Vec<(Bytes, Bytes)> {
        let Some(range) = bounds(prefix, after, direction) else {
            return Vec::new();
        };
        let content = self.read();
        let range = (range.0.as_ref().map(Vec::as_slice), range.1.as_ref().map(Vec::as_slice));
        let pairs = content.pairs.range::<[u8], (Bound<&[u8]>, Bound<&[u8]>)>(range);
        let pairs = pairs.map(|(key, value)| (key.clone(), value.clone()));
        match direction {
            Direction::Forward => pairs.take(limit).collect(),
            Direction::Backward => pairs.rev().take(limit).collect(),
        }
    }

    pub(super) fn clear(&self) {
        *self.write() = Content::default();
    }

    // No code panics while it holds the lock, so a poisoned one still guards whole data.
    fn read(&self) -> RwLockReadGuard<'_, Content> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Content> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
