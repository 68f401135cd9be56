//! Room for requests that wait for the runner. They are bounded by their bytes, too: a few thousand of a megabyte each
//! would be gigabytes.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes of requests that may wait for the runner: as many as it takes in within a second or so, and a small part of what
/// sagas in memory may have.
pub(crate) const INBOX_BYTES_MAX: usize = 64 << 20;

/// Counted in units of so many bytes; what holds a request together is about one.
const UNIT_BYTES: usize = 1_024;

/// What is left.
#[derive(Clone, Debug)]
pub(crate) struct Rooms(Arc<Semaphore>);

/// Taken by one request for as long as it waits.
#[derive(Debug)]
pub(crate) struct Room {
    _taken: OwnedSemaphorePermit,
}

impl Rooms {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(INBOX_BYTES_MAX / UNIT_BYTES)))
    }

    /// Room for a request of so many bytes, if there is any.
    pub(crate) fn take(&self, bytes: usize) -> Option<Room> {
        let units = u32::try_from(1 + bytes / UNIT_BYTES).ok()?;
        let taken = Arc::clone(&self.0).try_acquire_many_owned(units).ok()?;
        Some(Room { _taken: taken })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_bounded_by_its_bytes() {
        let rooms = Rooms::new();
        let large: Vec<Room> = std::iter::from_fn(|| rooms.take(1 << 20)).collect();
        assert_eq!(large.len(), 63, "what holds them together counts, too");
        assert!(rooms.take(1_000).is_some(), "a small one still fits");
        drop(large);
        assert!(rooms.take(1 << 20).is_some());
        assert!(rooms.take(INBOX_BYTES_MAX + 1).is_none());
    }
}
