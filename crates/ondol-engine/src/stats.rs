//! Counters of the engine. Written by the runner, read by whoever shows them.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use ondol_core::{Outcome, Phase};

use crate::caller::Notified;

/// Counters since the start, and gauges of now.
#[derive(Debug, Default)]
pub struct Stats {
    submitted: AtomicU64,
    completed: AtomicU64,
    compensated: AtomicU64,
    parked: AtomicU64,
    refused: AtomicU64,
    illegal: AtomicU64,
    outcomes: [AtomicU64; 5],
    notices: [AtomicU64; 3],
    in_memory: AtomicU64,
    live_bytes: AtomicU64,
    appending: AtomicU64,
    unrecovered: AtomicU64,
    reopened: AtomicU64,
}

/// What [`Stats`] showed at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Sagas accepted.
    pub submitted: u64,
    /// Sagas completed.
    pub completed: u64,
    /// Sagas undone.
    pub compensated: u64,
    /// Times a saga was parked.
    pub parked: u64,
    /// Submissions refused for want of room.
    pub refused: u64,
    /// Sagas whose journal cannot be read.
    pub illegal: u64,
    /// Attempts by outcome: not sent, done, unusable, refused, unclear.
    pub outcomes: [u64; 5],
    /// Notices by how they fared: delivered, failed, not sent.
    pub notices: [u64; 3],
    /// Sagas in memory, awake or asleep.
    pub in_memory: u64,
    /// Bytes of the sagas that are awake, roughly.
    pub live_bytes: u64,
    /// Sagas whose append is under way.
    pub appending: u64,
    /// Sagas that were in flight at the last start and are not read back yet.
    pub unrecovered: u64,
    /// Times the store was opened again after a failed write.
    pub reopened: u64,
}

impl Stats {
    /// What they show now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let all = |counters: &[AtomicU64; 5]| counters.each_ref().map(|counter| counter.load(Relaxed));
        Snapshot {
            submitted: self.submitted.load(Relaxed),
            completed: self.completed.load(Relaxed),
            compensated: self.compensated.load(Relaxed),
            parked: self.parked.load(Relaxed),
            refused: self.refused.load(Relaxed),
            illegal: self.illegal.load(Relaxed),
            outcomes: all(&self.outcomes),
            notices: self.notices.each_ref().map(|counter| counter.load(Relaxed)),
            in_memory: self.in_memory.load(Relaxed),
            live_bytes: self.live_bytes.load(Relaxed),
            appending: self.appending.load(Relaxed),
            unrecovered: self.unrecovered.load(Relaxed),
            reopened: self.reopened.load(Relaxed),
        }
    }

    pub(crate) fn entered(&self, before: Phase, after: Phase) {
        if before == after {
            return;
        }
        if before == Phase::New {
            self.submitted.fetch_add(1, Relaxed);
        }
        match after {
            Phase::New | Phase::Running | Phase::Compensating => {}
            Phase::Completed => drop(self.completed.fetch_add(1, Relaxed)),
            Phase::Compensated => drop(self.compensated.fetch_add(1, Relaxed)),
            Phase::Parked(_) => drop(self.parked.fetch_add(1, Relaxed)),
        }
    }

    pub(crate) fn outcome(&self, outcome: &Outcome) {
        let at = match outcome {
            Outcome::NotSent => 0,
            Outcome::Done(_) => 1,
            Outcome::Unusable(_) => 2,
            Outcome::Refused { .. } | Outcome::Changed(_) => 3,
            Outcome::Unclear { .. } => 4,
        };
        self.outcomes[at].fetch_add(1, Relaxed);
    }

    pub(crate) fn notified(&self, fared: Notified) {
        let at = match fared {
            Notified::Delivered => 0,
            Notified::Failed => 1,
            Notified::NotSent => 2,
        };
        self.notices[at].fetch_add(1, Relaxed);
    }

    pub(crate) fn refused(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    pub(crate) fn illegal(&self, sagas: usize) {
        self.illegal.store(sagas as u64, Relaxed);
    }

    pub(crate) fn reopened(&self) {
        self.reopened.fetch_add(1, Relaxed);
    }

    pub(crate) fn gauges(&self, in_memory: usize, live_bytes: usize, appending: usize, unrecovered: usize) {
        self.in_memory.store(in_memory as u64, Relaxed);
        self.live_bytes.store(live_bytes as u64, Relaxed);
        self.appending.store(appending as u64, Relaxed);
        self.unrecovered.store(unrecovered as u64, Relaxed);
    }
}
