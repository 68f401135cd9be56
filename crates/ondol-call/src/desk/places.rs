//! Places among a target's calls in flight: the throttle's decisions, and who waits for one.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::{Desk, State};
use crate::clock;
use crate::policy::moment::Moment;
use crate::policy::rate::TooEarly;
use crate::policy::settings;
use crate::policy::throttle::{self, Enter, Left, Throttle};

pub use crate::policy::throttle::Lane;

/// How many calls wait for a place, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// As the target's settings say.
    Settings,
    /// Whoever calls bounds how many there are; each waits for this long.
    Own(Duration),
}

/// A limit turned a call away.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum Rejected {
    #[error(
        "no place is free among {limit} calls in flight, and {queued} wait already (throttle.max, throttle.queue)"
    )]
    Throttle { limit: u32, queued: usize },
    #[error(
        "no place became free among {limit} calls in flight within {waited_ms} ms (throttle.max, throttle.wait)"
    )]
    Waited { limit: u32, waited_ms: u64 },
    #[error(transparent)]
    Rate(#[from] TooEarly),
}

impl Rejected {
    pub(crate) const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Rate(early) => Some(early.wait),
            Self::Throttle { .. } | Self::Waited { .. } => None,
        }
    }
}

/// One throttle and its queue.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) throttle: Throttle,
    pub(super) queue: Queue,
}

impl Gate {
    pub(super) fn new(settings: settings::Throttle) -> Self {
        Self { throttle: Throttle::new(settings), queue: Queue::default() }
    }
}

/// Who waits for a place; undoing first.
#[derive(Debug, Default)]
pub(super) struct Queue {
    forward: VecDeque<oneshot::Sender<Place>>,
    undoing: VecDeque<oneshot::Sender<Place>>,
}

impl Queue {
    /// How many wait still.
    pub(super) fn waiting(&self) -> usize {
        self.forward.iter().chain(&self.undoing).filter(|waiting| !waiting.is_closed()).count()
    }

    fn is_empty(&self) -> bool {
        self.forward.is_empty() && self.undoing.is_empty()
    }

    /// Forgets those who wait no longer, or were dropped.
    fn prune(&mut self) {
        self.forward.retain(|waiting| !waiting.is_closed());
        self.undoing.retain(|waiting| !waiting.is_closed());
    }

    fn of(&mut self, lane: Lane) -> &mut VecDeque<oneshot::Sender<Place>> {
        match lane {
            Lane::Forward => &mut self.forward,
            Lane::Undoing => &mut self.undoing,
        }
    }
}

/// A place; given back with what came of the call, or by being dropped, which says nothing of the target.
#[derive(Debug)]
#[must_use]
pub(crate) struct Place {
    desk: Arc<Desk>,
    gate: usize,
    generation: u64,
    /// None once it was given back.
    held: Option<throttle::Place>,
}

impl Desk {
    /// A place among the calls in flight, now or after some waiting.
    pub(crate) async fn enter(
        self: &Arc<Self>,
        operation: Option<usize>,
        (lane, patience): (Lane, Patience),
        deadline: Option<Instant>,
    ) -> Result<Place, Rejected> {
        let (receiver, limit, wait) = {
            let now = self.now();
            let mut state = self.lock();
            let (at, generation) = (state.counts(operation).gate, state.generation);
            let gate = &mut state.gates[at];
            let mut enters = gate.throttle.try_enter(now, lane, gate.queue.of(lane).len());
            if let (Enter::Full { .. }, Patience::Settings) = (enters, patience) {
                gate.queue.prune();
                enters = gate.throttle.try_enter(now, lane, gate.queue.of(lane).len());
            }
            let wait = match (enters, patience) {
                (Enter::Go(place), _) => return Ok(self.place(place, at, generation)),
                (Enter::Full { limit, queued }, Patience::Settings) => {
                    return Err(Rejected::Throttle { limit, queued });
                }
                (Enter::Full { .. } | Enter::Wait(_), Patience::Own(wait)) | (Enter::Wait(wait), _) => wait,
            };
            let (sender, receiver) = oneshot::channel();
            gate.queue.of(lane).push_back(sender);
            (receiver, gate.throttle.limit(), wait)
        };
        let until = clock::after(clock::now(), wait);
        let until = deadline.map_or(until, |deadline| deadline.min(until));
        match timeout_at(until, receiver).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(Rejected::Waited { limit, waited_ms: clock::millis(wait) }),
        }
    }

    fn place(self: &Arc<Self>, place: throttle::Place, gate: usize, generation: u64) -> Place {
        Place { desk: Arc::clone(self), gate, generation, held: Some(place) }
    }

    /// Gives free places to those who wait. What nobody waits for any more is returned, to be dropped, and so given
    /// on, without the lock.
    fn admit_waiting(self: &Arc<Self>, state: &mut State, at: usize, now: Moment) -> Option<Place> {
        let generation = state.generation;
        let gate = &mut state.gates[at];
        for lane in [Lane::Undoing, Lane::Forward] {
            while !gate.queue.of(lane).is_empty() {
                let Enter::Go(place) = gate.throttle.try_enter(now, lane, 0) else { break };
                let mut place = Some(self.place(place, at, generation));
                while let Some(given) = place.take() {
                    let Some(waiting) = gate.queue.of(lane).pop_front() else { return Some(given) };
                    place = waiting.send(given).err();
                }
            }
        }
        None
    }
}

impl Place {
    /// Leaves with what the call said of the target.
    pub(crate) fn leave(mut self, left: Left) {
        self.give_back(left);
    }

    fn give_back(&mut self, left: Left) {
        let Some(place) = self.held.take() else { return };
        let now = self.desk.now();
        let refused = {
            let mut state = self.desk.lock();
            if state.generation != self.generation {
                return;
            }
            let gate = &mut state.gates[self.gate];
            gate.throttle.left(now, place, left);
            if gate.queue.is_empty() { None } else { self.desk.admit_waiting(&mut state, self.gate, now) }
        };
        drop(refused);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.give_back(Left::Other);
    }
}
