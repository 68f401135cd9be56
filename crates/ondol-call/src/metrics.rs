//! What one target's calls came to. Counters only ever rise, but for the gauges, which say so.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::answer::Try;

/// One target's counters, shared by its pools.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) dispatched: AtomicU64,
    pub(crate) opened: AtomicU64,
    pub(crate) reused: AtomicU64,
    pub(crate) closed: AtomicU64,
    in_flight: AtomicU64,
    not_sent: AtomicU64,
    unclear: AtomicU64,
    answered_2xx: AtomicU64,
    answered_3xx: AtomicU64,
    answered_4xx: AtomicU64,
    answered_5xx: AtomicU64,
    answered_other: AtomicU64,
}

/// One target's counters at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Requests handed to a connection, sent or not.
    pub dispatched: u64,
    /// Calls that left this machine on no endpoint.
    pub not_sent: u64,
    /// Calls whose effect is unknown.
    pub unclear: u64,
    /// Answers 200 to 299.
    pub answered_2xx: u64,
    /// Answers 300 to 399.
    pub answered_3xx: u64,
    /// Answers 400 to 499.
    pub answered_4xx: u64,
    /// Answers 500 to 599.
    pub answered_5xx: u64,
    /// Answers outside 200 to 599.
    pub answered_other: u64,
    /// Connections opened.
    pub connections_opened: u64,
    /// Calls that went over a connection opened for an earlier one.
    pub connections_reused: u64,
    /// Connections closed by either side.
    pub connections_closed: u64,
    /// Calls now in flight, waiting for a place included. A gauge.
    pub in_flight: u64,
}

pub(crate) fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}

impl Counters {
    pub(crate) fn settle(&self, result: &Try) {
        add(match result {
            Try::NotSent(_) => &self.not_sent,
            Try::Unclear(_) => &self.unclear,
            Try::Answered(answer) => match answer.status.as_u16() {
                200..=299 => &self.answered_2xx,
                300..=399 => &self.answered_3xx,
                400..=499 => &self.answered_4xx,
                500..=599 => &self.answered_5xx,
                _ => &self.answered_other,
            },
        });
    }

    /// Counts one call as in flight for as long as the guard lives, also if the call is dropped.
    pub(crate) fn enter(&self) -> InFlight<'_> {
        add(&self.in_flight);
        InFlight(self)
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot {
            dispatched: self.dispatched.load(Relaxed),
            not_sent: self.not_sent.load(Relaxed),
            unclear: self.unclear.load(Relaxed),
            answered_2xx: self.answered_2xx.load(Relaxed),
            answered_3xx: self.answered_3xx.load(Relaxed),
            answered_4xx: self.answered_4xx.load(Relaxed),
            answered_5xx: self.answered_5xx.load(Relaxed),
            answered_other: self.answered_other.load(Relaxed),
            connections_opened: self.opened.load(Relaxed),
            connections_reused: self.reused.load(Relaxed),
            connections_closed: self.closed.load(Relaxed),
            in_flight: self.in_flight.load(Relaxed),
        }
    }
}

pub(crate) struct InFlight<'a>(&'a Counters);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}
