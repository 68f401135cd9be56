//! What only the caller saw of an attempt: the journal has no room for it, and a story is told without it just as well.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use ondol_call::{Sent, Try};
use ondol_core::Attempt;

/// Attempts that ended and whose spans are not made yet: some seconds of them at the most that one core makes. Beyond
/// it the newest are left out, and counted.
const SEEN_MAX: usize = 65_536;

/// The SDK's barrier says with this header that it answers what it stored earlier.
const REPLAYED: &str = "ondol-replayed";

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// When the call began and ended: nanoseconds since 1970. The journal has milliseconds.
    pub(crate) from_ns: u64,
    pub(crate) to_ns: u64,
    /// Who was called, host and port.
    pub(crate) address: Option<String>,
    /// What was answered.
    pub(crate) status: Option<u16>,
    /// The callee's barrier answered what it had stored: the work was done by an earlier attempt.
    pub(crate) replayed: bool,
}

impl Seen {
    /// Of one call.
    pub(crate) fn of(sent: &Sent, (from_ns, to_ns): (u64, u64)) -> Self {
        let (endpoint, answer) = match &sent.result {
            Try::Answered(answer) => (Some(&answer.endpoint), Some(answer)),
            Try::Unclear(unclear) => (Some(&unclear.endpoint), None),
            Try::NotSent(not_sent) => (not_sent.endpoint.as_ref(), None),
        };
        Self {
            from_ns,
            to_ns,
            address: endpoint.map(|endpoint| endpoint.authority().as_str().to_owned()),
            status: answer.map(|answer| answer.status.as_u16()),
            replayed: answer.is_some_and(|answer| answer.headers.contains_key(REPLAYED)),
        }
    }
}

/// What was seen of the attempts that ended lately, until their spans are made.
#[derive(Debug, Default)]
pub(crate) struct Sightings {
    seen: Mutex<HashMap<(u128, Attempt), Seen>>,
    closed: AtomicBool,
    missed: Arc<AtomicU64>,
}

impl Sightings {
    pub(crate) fn put(&self, run: u128, attempt: Attempt, seen: Seen) {
        if self.closed.load(Relaxed) {
            return;
        }
        let mut all = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < SEEN_MAX {
            all.insert((run, attempt), seen);
        } else {
            self.missed.fetch_add(1, Relaxed);
        }
    }

    /// Nobody makes spans of them.
    pub(super) fn close(&self) {
        self.closed.store(true, Relaxed);
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// How many there was no room for.
    pub(super) fn missed(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.missed)
    }

    pub(super) fn take(&self, run: u128, attempt: Attempt) -> Option<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).remove(&(run, attempt))
    }
}
