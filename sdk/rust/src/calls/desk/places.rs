//! Places among a target's calls in flight: the throttle's decisions, and who waits for one.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use ondol_call::policy::moment::Moment;
use ondol_call::policy::throttle::{self, Enter, Lane, Left};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::{Desk, Limit, State};

/// Who waits for a place; the throttle bounds how many. Compensations go first.
#[derive(Debug, Default)]
pub(super) struct Queue {
    forward: VecDeque<oneshot::Sender<Place>>,
    undoing: VecDeque<oneshot::Sender<Place>>,
}

impl Queue {
    fn of(&mut self, lane: Lane) -> &mut VecDeque<oneshot::Sender<Place>> {
        match lane {
            Lane::Forward => &mut self.forward,
            Lane::Undoing => &mut self.undoing,
        }
    }

    /// How many really wait in `lane`: those who gave up meanwhile take nobody's turn.
    fn waiting(&mut self, lane: Lane) -> usize {
        let queue = self.of(lane);
        queue.retain(|waiting| !waiting.is_closed());
        queue.len()
    }
}

/// A place; given back with what came of the attempt, or by being dropped, which says nothing of the target.
#[derive(Debug)]
#[must_use]
pub(in super::super) struct Place {
    desk: Arc<Desk>,
    /// None once it was given back.
    place: Option<throttle::Place>,
}

impl Desk {
    /// A place among the calls in flight, now or after some waiting, but no longer than what `remains` of the call.
    pub(in super::super) async fn enter(
        self: &Arc<Self>,
        lane: Lane,
        remains: Duration,
    ) -> Result<Place, Limit> {
        let (receiver, in_flight_max, wait) = {
            let now = self.now();
            let mut state = self.lock();
            let queued = state.queue.waiting(lane);
            let wait = match state.throttle.try_enter(now, lane, queued) {
                Enter::Go(place) => return Ok(self.place(place)),
                Enter::Full { limit, queued } => return Err(Limit::Full { in_flight_max: limit, queued }),
                Enter::Wait(wait) => wait.min(remains),
            };
            let (sender, receiver) = oneshot::channel();
            state.queue.of(lane).push_back(sender);
            (receiver, state.throttle.limit(), wait)
        };
        match timeout(wait, receiver).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(Limit::Waited { in_flight_max, waited: wait }),
        }
    }

    fn place(self: &Arc<Self>, place: throttle::Place) -> Place {
        Place { desk: Arc::clone(self), place: Some(place) }
    }

    /// Gives free places to those who wait. One that nobody took is returned, to be dropped without the lock.
    fn admit_waiting(self: &Arc<Self>, state: &mut State, now: Moment) -> Option<Place> {
        for lane in [Lane::Undoing, Lane::Forward] {
            while state.queue.waiting(lane) > 0 {
                let Enter::Go(place) = state.throttle.try_enter(now, lane, 0) else { break };
                let mut place = self.place(place);
                loop {
                    let Some(waiting) = state.queue.of(lane).pop_front() else { return Some(place) };
                    match waiting.send(place) {
                        Ok(()) => break,
                        Err(refused) => place = refused,
                    }
                }
            }
        }
        None
    }
}

impl Place {
    /// Leaves with what the attempt said of the target.
    pub(in super::super) fn leave(mut self, left: Left) {
        self.give_back(left);
    }

    fn give_back(&mut self, left: Left) {
        let Some(place) = self.place.take() else { return };
        let now = self.desk.now();
        let refused = {
            let mut state = self.desk.lock();
            state.throttle.left(now, place, left);
            self.desk.admit_waiting(&mut state, now)
        };
        drop(refused);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.give_back(Left::Other);
    }
}
