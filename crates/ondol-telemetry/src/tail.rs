//! Log records as they come, for whoever watches: bounded by batches and by bytes, since one slow watcher holds all.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::broadcast;

use crate::model::Log;

/// Batches that a watcher may be behind before it misses some.
const BATCHES: usize = 64;

/// Bytes of exports, as they came, of which watchers have not seen all; a record takes some times its bytes.
const BYTES: usize = 16 << 20;

/// What one export brought.
#[derive(Debug)]
pub struct Batch {
    /// Its records; none where watchers are too far behind to be told.
    pub logs: Vec<Log>,
    bytes: usize,
    held: Arc<AtomicUsize>,
}

impl Batch {
    /// Is it one that there was no room for?
    pub fn is_missed(&self) -> bool {
        self.bytes == 0
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Where batches are put for all who watch.
#[derive(Debug)]
pub(crate) struct Tail {
    sender: broadcast::Sender<Arc<Batch>>,
    held: Arc<AtomicUsize>,
}

impl Tail {
    pub(crate) fn new() -> Self {
        Self { sender: broadcast::channel(BATCHES).0, held: Arc::default() }
    }

    pub(crate) fn watch(&self) -> broadcast::Receiver<Arc<Batch>> {
        self.sender.subscribe()
    }

    pub(crate) fn is_watched(&self) -> bool {
        self.sender.receiver_count() > 0
    }

    /// Puts what an export of so many bytes brought, if there is room for it.
    pub(crate) fn put(&self, bytes: usize, logs: impl FnOnce() -> Vec<Log>) {
        let taken = |held: usize| (held < BYTES).then_some(held + bytes);
        let room = self.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).is_ok();
        let (logs, bytes) = if room { (logs(), bytes) } else { (Vec::new(), 0) };
        // Nobody watches any more: nothing to do.
        let _ = self.sender.send(Arc::new(Batch { logs, bytes, held: Arc::clone(&self.held) }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watcher_that_does_not_look_costs_no_more_than_so_much() {
        let tail = Tail::new();
        let mut watcher = tail.watch();
        for _ in 0..4 {
            tail.put(BYTES / 2 + 1, Vec::new);
        }
        let missed: Vec<bool> =
            std::iter::from_fn(|| watcher.try_recv().ok()).map(|batch| batch.is_missed()).collect();
        assert_eq!(missed, [false, false, true, true]);
        tail.put(1, Vec::new);
        assert!(!watcher.try_recv().unwrap().is_missed(), "what was seen is free again");
    }
}
