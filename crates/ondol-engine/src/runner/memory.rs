//! Which sagas are in memory. All that have something on its way; of the others as many as there is room for.

use super::Runner;
use super::live::{Live, Slot};
use crate::id::SagaId;

impl Runner {
    /// Takes a slot out to work on it; [`Self::put_back`] or a new slot follows.
    pub(super) fn take(&mut self, id: &SagaId) -> Option<Slot> {
        let mut slot = self.slots.remove(id)?;
        if let Slot::Live(live) = &mut slot {
            self.live_bytes = self.live_bytes.saturating_sub(live.weight());
            if let Some(turn) = live.idle.take() {
                self.idle.remove(&turn);
            }
        }
        Some(slot)
    }

    /// Takes a saga out if it is in memory; any other slot stays as it is.
    pub(super) fn take_live(&mut self, id: &SagaId) -> Option<Box<Live>> {
        let Some(Slot::Live(_)) = self.slots.get(id) else { return None };
        match self.take(id) {
            Some(Slot::Live(live)) => Some(live),
            Some(Slot::Loading { .. } | Slot::Asleep { .. }) | None => None,
        }
    }

    pub(super) fn put_back(&mut self, id: SagaId, mut live: Box<Live>) {
        self.live_bytes += live.weight();
        if live.may_sleep() {
            self.turn += 1;
            live.idle = Some(self.turn);
            self.idle.insert(self.turn, id.clone());
        }
        self.slots.insert(id, Slot::Live(live));
    }

    /// While there are too many bytes in memory, those leave it that only wait, the longest idle ones first. Their places
    /// in line and their timers stay, and bring them back.
    pub(super) fn evict(&mut self) {
        while self.live_bytes >= self.options.live_bytes_max {
            let Some((_, id)) = self.idle.pop_first() else { break };
            if let Some(live) = self.take_live(&id) {
                self.slots.insert(id, Slot::Asleep { lined: live.work });
            }
        }
    }
}
