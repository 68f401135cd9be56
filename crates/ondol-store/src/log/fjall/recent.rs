//! What was written lately, in memory: the heads that the tables do not have yet, and the newest records.
//!
//! Most sagas begin and end between two settlings. Their heads are written once, as they are then, and whoever tails
//! the log finds their records here.

use super::head::Head;
use crate::log::{Position, StreamId, TAIL_BYTES_MAX, Tailed};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Records after which heads are settled. Opening the log reads as many again: a few hundredths of a second.
pub(super) const SETTLE_RECORDS: usize = 16_384;

/// The same in bytes of records.
pub(super) const SETTLE_BYTES: usize = 16 << 20;

/// Settled heads of open streams kept at most, about 200 bytes each: their next record needs no look at the disk.
const KEPT_MAX: usize = 32_768;

/// Newest records kept for followers, and their bytes: more than a follower that looks once a second misses.
const RECORDS_MAX: usize = 32_768;
const BYTES_MAX: usize = 8 << 20;

/// Shared between the writer, who changes it, and the readers.
#[derive(Clone, Debug)]
pub(super) struct Recent {
    settle_records: usize,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    heads: HashMap<StreamId, Known>,
    /// Records, and their bytes, that the tables do not account for.
    unsettled: (usize, usize),
    records: VecDeque<Tailed>,
    bytes: usize,
    last: u64,
}

/// A head, and how the tables have it.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) head: Head,
    /// Is it newer than in the tables?
    pub(super) unsettled: bool,
    /// Do the tables list the stream as open?
    pub(super) listed: bool,
}

impl Recent {
    /// Begins after position `last`, with everything settled.
    pub(super) fn new(last: u64, settle_records: usize) -> Self {
        Self { settle_records, state: Arc::new(Mutex::new(State { last, ..State::default() })) }
    }

    /// The head of a stream, if it is here.
    pub(super) fn head(&self, stream: &StreamId) -> Option<Known> {
        self.lock().heads.get(stream).cloned()
    }

    /// Is it time to bring the tables up to date, with so much more?
    pub(super) fn is_due(&self, records: usize, bytes: usize) -> bool {
        let (unsettled, unsettled_bytes) = self.lock().unsettled;
        unsettled + records >= self.settle_records || unsettled_bytes + bytes >= SETTLE_BYTES
    }

    /// All heads that the tables do not have.
    pub(super) fn unsettled(&self) -> Vec<(StreamId, Known)> {
        let state = self.lock();
        let unsettled = state.heads.iter().filter(|(_, known)| known.unsettled);
        unsettled.map(|(stream, known)| (stream.clone(), known.clone())).collect()
    }

    /// These became durable. Nothing is forgotten in between: `records` follow those that are here.
    pub(super) fn publish(&self, heads: HashMap<StreamId, Known>, records: Vec<Tailed>) {
        let mut state = self.lock();
        state.heads.extend(heads);
        for record in records {
            state.last = record.position.0;
            let bytes = record.bytes.len();
            state.unsettled.0 += 1;
            state.unsettled.1 += bytes;
            state.bytes += bytes;
            state.records.push_back(record);
        }
        while state.records.len() > RECORDS_MAX || state.bytes > BYTES_MAX {
            let Some(oldest) = state.records.pop_front() else { break };
            state.bytes -= oldest.bytes.len();
        }
    }

    /// The tables have these now; the rest was there before.
    pub(super) fn settled(&self, heads: Vec<(StreamId, Known)>) {
        let mut state = self.lock();
        state.unsettled = (0, 0);
        state.heads.extend(heads);
        state.heads.retain(|_, known| known.listed);
        if state.heads.len() > KEPT_MAX {
            state.heads.clear();
        }
    }

    /// Some streams were forgotten; all heads had been settled.
    pub(super) fn forget(&self) {
        let mut state = self.lock();
        state.heads.clear();
        state.records.clear();
        state.bytes = 0;
    }

    /// A page of the tail, if all of it is here.
    pub(super) fn tail(&self, after: Position, limit: usize) -> Option<Vec<Tailed>> {
        let state = self.lock();
        if after.0 >= state.last {
            return Some(Vec::new());
        }
        let first = state.records.front()?.position.0;
        let skip = usize::try_from((after.0 + 1).checked_sub(first)?).ok()?;
        let mut bytes = 0;
        let fits = |record: &&Tailed| {
            let fits = bytes < TAIL_BYTES_MAX;
            bytes += record.bytes.len();
            fits
        };
        Some(state.records.range(skip..).take(limit).take_while(fits).cloned().collect())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // What is changed under the lock cannot panic half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
