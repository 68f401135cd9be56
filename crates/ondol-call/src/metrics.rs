//! What one target's calls came to: rate, errors and duration of calls, and what they cost in attempts, counted apart.
//! Counters only ever rise, but for the gauges, which say so.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use crate::answer::Try;
use crate::body::AnswerBody;
use crate::call::{CallError, FallbackKind};

/// Upper bounds of the buckets of durations, in milliseconds: near services answer in single ones, and nobody waits for
/// longer than the default deadline.
pub const DURATION_BUCKETS_MS: [u64; 13] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

/// One target's counters, shared by its pools.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) dispatched: AtomicU64,
    pub(crate) opened: AtomicU64,
    pub(crate) reused: AtomicU64,
    pub(crate) closed: AtomicU64,
    retries: AtomicU64,
    hedges: AtomicU64,
    in_flight: AtomicU64,
    not_sent: AtomicU64,
    unclear: AtomicU64,
    rejected: AtomicU64,
    answered_2xx: AtomicU64,
    answered_3xx: AtomicU64,
    answered_4xx: AtomicU64,
    answered_5xx: AtomicU64,
    answered_other: AtomicU64,
    fallbacks: [AtomicU64; FallbackKind::ALL.len()],
    durations: [AtomicU64; DURATION_BUCKETS_MS.len()],
    duration_count: AtomicU64,
    duration_us: AtomicU64,
}

/// One target's counters at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Attempts: requests handed to a connection, sent or not.
    pub dispatched: u64,
    /// Attempts that were made because an earlier one of the same call had failed.
    pub retries: u64,
    /// Attempts that were made because an earlier one of the same call was slow.
    pub hedges: u64,
    /// Calls that left this machine on no endpoint.
    pub not_sent: u64,
    /// Calls whose effect is unknown.
    pub unclear: u64,
    /// Calls that a limit of this caller turned away, or whose deadline had passed.
    pub rejected: u64,
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
    /// Calls that got another answer than the service's own, by kind, in the order of [`FallbackKind::ALL`].
    pub fallbacks: [u64; FallbackKind::ALL.len()],
    /// Calls by duration, to the head of the answer: how many took no longer than each of [`DURATION_BUCKETS_MS`].
    pub durations: [u64; DURATION_BUCKETS_MS.len()],
    /// Calls that ended.
    pub duration_count: u64,
    /// What they took together, in microseconds.
    pub duration_us: u64,
    /// Connections opened.
    pub connections_opened: u64,
    /// Attempts that went over a connection opened for an earlier one.
    pub connections_reused: u64,
    /// Connections closed by either side.
    pub connections_closed: u64,
    /// Calls now in flight, waiting for a place included. A gauge.
    pub in_flight: u64,
}

/// What a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Answered(u16),
    NotSent,
    Unclear,
    Rejected,
    Fallback(FallbackKind),
}

impl Ending {
    pub(crate) fn of(
        result: &Result<http::Response<AnswerBody>, CallError>,
        fallback: Option<FallbackKind>,
    ) -> Self {
        match (fallback, result) {
            (Some(kind), _) => Self::Fallback(kind),
            (None, Ok(answer)) => Self::Answered(answer.status().as_u16()),
            (None, Err(CallError::NotSent { .. })) => Self::NotSent,
            (None, Err(CallError::Unclear { .. })) => Self::Unclear,
            (None, Err(CallError::Rejected { .. } | CallError::Expired)) => Self::Rejected,
        }
    }
}

impl From<&Try> for Ending {
    fn from(result: &Try) -> Self {
        match result {
            Try::NotSent(_) => Self::NotSent,
            Try::Unclear(_) => Self::Unclear,
            Try::Answered(answer) => Self::Answered(answer.status.as_u16()),
        }
    }
}

pub(crate) fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}

impl Counters {
    pub(crate) fn settle(&self, ending: Ending, took: Duration) {
        add(match ending {
            Ending::NotSent => &self.not_sent,
            Ending::Unclear => &self.unclear,
            Ending::Rejected => &self.rejected,
            Ending::Fallback(kind) => &self.fallbacks[kind as usize],
            Ending::Answered(status) => match status {
                200..=299 => &self.answered_2xx,
                300..=399 => &self.answered_3xx,
                400..=499 => &self.answered_4xx,
                500..=599 => &self.answered_5xx,
                _ => &self.answered_other,
            },
        });
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        // Each call is in one bucket here; a snapshot adds them up.
        if let Some(bucket) = DURATION_BUCKETS_MS.iter().position(|bound_ms| us <= bound_ms * 1_000) {
            add(&self.durations[bucket]);
        }
        add(&self.duration_count);
        self.duration_us.fetch_add(us, Relaxed);
    }

    pub(crate) fn retried(&self) {
        add(&self.retries);
    }

    pub(crate) fn hedged(&self) {
        add(&self.hedges);
    }

    /// Counts one call as in flight for as long as the guard lives, also if the call is dropped.
    pub(crate) fn enter(&self) -> InFlight<'_> {
        add(&self.in_flight);
        InFlight(self)
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut durations = self.durations.each_ref().map(|count| count.load(Relaxed));
        for bucket in 1..durations.len() {
            durations[bucket] += durations[bucket - 1];
        }
        Snapshot {
            dispatched: self.dispatched.load(Relaxed),
            retries: self.retries.load(Relaxed),
            hedges: self.hedges.load(Relaxed),
            not_sent: self.not_sent.load(Relaxed),
            unclear: self.unclear.load(Relaxed),
            rejected: self.rejected.load(Relaxed),
            answered_2xx: self.answered_2xx.load(Relaxed),
            answered_3xx: self.answered_3xx.load(Relaxed),
            answered_4xx: self.answered_4xx.load(Relaxed),
            answered_5xx: self.answered_5xx.load(Relaxed),
            answered_other: self.answered_other.load(Relaxed),
            fallbacks: self.fallbacks.each_ref().map(|count| count.load(Relaxed)),
            durations,
            duration_count: self.duration_count.load(Relaxed),
            duration_us: self.duration_us.load(Relaxed),
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
