//! How much may be in hand at once. What is over is pushed back: senders keep it and come again.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::refused::{Fate, Refused};

/// Requests in hand at once. Most wait for a common fsync; a service has one under way for each signal.
const REQUESTS_MAX: usize = 1_024;

/// Bytes of bodies in hand at once: four of the largest, or some hundred usual ones of 512 KiB. With the store's own budget it
/// is what telemetry may take.
const BYTES_MAX: usize = 64 << 20;

/// Bytes are counted in pieces of this size, as a semaphore counts to 2^32 at most.
const PIECE: usize = 1 << 10;

/// The places there are.
pub(super) struct Budget {
    requests: Arc<Semaphore>,
    pieces: Arc<Semaphore>,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self {
            requests: Arc::new(Semaphore::new(REQUESTS_MAX)),
            pieces: Arc::new(Semaphore::new(BYTES_MAX / PIECE)),
        }
    }

    /// A place for a request.
    pub(super) fn admit(&self) -> Result<Held, Refused> {
        let Ok(request) = Arc::clone(&self.requests).try_acquire_owned() else {
            return Err(Refused::new(Fate::Busy, format!("{REQUESTS_MAX} exports are in hand")));
        };
        Ok(Held { _request: request, budget: Arc::clone(&self.pieces), pieces: None })
    }
}

/// What one request holds. Dropped, it is free again.
pub(super) struct Held {
    _request: OwnedSemaphorePermit,
    budget: Arc<Semaphore>,
    pieces: Option<OwnedSemaphorePermit>,
}

impl Held {
    /// It holds this many bytes now.
    pub(super) fn set(&mut self, bytes: usize) -> Result<(), Refused> {
        let held = self.pieces.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let wanted = bytes.div_ceil(PIECE);
        if wanted < held {
            let surplus = self.pieces.as_mut().and_then(|pieces| pieces.split(held - wanted));
            drop(surplus);
        } else if wanted > held {
            let more = u32::try_from(wanted - held).unwrap_or(u32::MAX);
            let Ok(more) = Arc::clone(&self.budget).try_acquire_many_owned(more) else {
                let why = format!("exports in hand have {} MiB together", BYTES_MAX >> 20);
                return Err(Refused::new(Fate::Busy, why));
            };
            match &mut self.pieces {
                Some(pieces) => pieces.merge(more),
                none => *none = Some(more),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_in_hand_are_bounded_and_given_back() {
        let budget = Budget::new();
        let mut first = budget.admit().expect("a place");
        let mut second = budget.admit().expect("a place");
        first.set(BYTES_MAX - PIECE).expect("room");
        second.set(1).expect("room for a piece");
        second.set(PIECE + 1).expect_err("no room for two");
        first.set(BYTES_MAX / 2).expect("less");
        second.set(BYTES_MAX / 2).expect("room again");
        drop((first, second));
        assert_eq!(budget.pieces.available_permits(), BYTES_MAX / PIECE);
        assert_eq!(budget.requests.available_permits(), REQUESTS_MAX);
    }

    #[test]
    fn requests_in_hand_are_bounded() {
        let budget = Budget::new();
        let held: Vec<Held> = (0..REQUESTS_MAX).map(|_| budget.admit().expect("a place")).collect();
        assert_eq!(budget.admit().err().map(|refused| refused.fate()), Some(Fate::Busy));
        drop(held);
        budget.admit().expect("a place again");
    }
}
