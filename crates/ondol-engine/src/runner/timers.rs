//! What is due when. Ordered by monotonic time, so that a clock that is set moves nothing.

use std::collections::{BTreeSet, HashMap};

use crate::id::SagaId;

/// One due time a saga at most; the earliest fires first, equal ones by name.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    due: BTreeSet<(u64, SagaId)>,
    of: HashMap<SagaId, Due>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Due {
    mono_ms: u64,
    wall_ms: u64,
}

impl Timers {
    /// Sets, replaces or clears the saga's due time: (monotonic, wall) milliseconds.
    pub(crate) fn set(&mut self, id: &SagaId, due: Option<(u64, u64)>) {
        let due = due.map(|(mono_ms, wall_ms)| Due { mono_ms, wall_ms });
        let before = self.of.get(id).copied();
        // The same moment, reckoned again a little later, keeps its place.
        if before.map(|due| due.wall_ms) == due.map(|due| due.wall_ms) {
            return;
        }
        if let Some(before) = before {
            self.of.remove(id);
            self.due.remove(&(before.mono_ms, id.clone()));
        }
        if let Some(due) = due {
            self.of.insert(id.clone(), due);
            self.due.insert((due.mono_ms, id.clone()));
        }
    }

    /// The next saga that is due, and the wall-clock time that has come with it.
    pub(crate) fn pop(&mut self, mono_ms: u64) -> Option<(SagaId, u64)> {
        if self.due.first()?.0 > mono_ms {
            return None;
        }
        let (_, id) = self.due.pop_first()?;
        let due = self.of.remove(&id)?;
        Some((id, due.wall_ms))
    }

    /// When the saga is due (monotonic milliseconds).
    pub(crate) fn of(&self, id: &SagaId) -> Option<u64> {
        self.of.get(id).map(|due| due.mono_ms)
    }

    /// When the next one is due (monotonic milliseconds).
    pub(crate) fn next_ms(&self) -> Option<u64> {
        self.due.first().map(|(due_ms, _)| *due_ms)
    }
}
