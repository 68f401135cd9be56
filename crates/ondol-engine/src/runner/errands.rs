//! One errand after the other, for one saga.

use std::sync::Arc;

use ondol_core::Input;

use super::intake::{settled, submitted};
use super::live::{Errand, Live, Progress, Reply, Slot, Turn, Work, is_wanted};
use super::{Grant, Runner};
use crate::caller::{Came, Reach};
use crate::error::SubmitError;
use crate::handle::{Acted, Reached};
use crate::id::SagaId;
use crate::meant;

/// A saga whose next timer is at least this far away, in milliseconds, leaves memory: reading it back costs less than
/// keeping it that long.
const SLEEP_AFTER_MS: u64 = 1_000;

impl Runner {
    /// Brings what is under way in line with what is wanted, and does errands, until an append must be waited for.
    pub(super) fn drive(&mut self, id: SagaId, mut live: Box<Live>) {
        while live.staged.is_none() {
            self.reconcile(&id, &mut live);
            let Some(errand) = live.errands.pop_front() else { break };
            self.run(&id, &mut live, errand);
        }
        #[cfg(feature = "bugs")]
        self.run_ahead(&id, &mut live);
        self.rest(id, live);
    }

    /// The deliberate bug: acts on what is only staged.
    #[cfg(feature = "bugs")]
    fn run_ahead(&mut self, id: &SagaId, live: &mut Live) {
        let Some(staged) = &live.staged else { return };
        if self.options.bug != Some(crate::options::Bug::SendBeforeAppend) {
            return;
        }
        let durable = std::mem::replace(&mut live.saga, staged.saga.clone());
        self.reconcile(id, live);
        // What is only staged is not woken: its timer would fire again and again until the append is durable.
        self.timers.set(id, None);
        while let Some(at) = live.errands.iter().position(|errand| matches!(errand, Errand::Granted(..))) {
            if let Some(Errand::Granted(work, grant)) = live.errands.remove(at) {
                self.send(id, live, work, grant);
            }
        }
        live.saga = durable;
    }

    fn run(&mut self, id: &SagaId, live: &mut Live, errand: Errand) {
        match errand {
            Errand::Input { input, not_before_ms } => self.feed(id, live, &input, not_before_ms),
            Errand::Granted(work, grant) => self.send(id, live, work, grant),
            Errand::Verb(request, _room, reply) => {
                match meant::verb(&live.saga, &live.blueprint.name, &request) {
                    Ok((input, permit)) => {
                        let transition = live.transition(id, &input, self.now_ms, &self.secrets);
                        let acted = Acted { seq: transition.saga.seq(), permit };
                        if transition.events.is_empty() {
                            let _ = reply.send(Ok(acted));
                        } else {
                            self.stage(id, live, transition, Some(Reply::Acted(acted, reply)));
                        }
                    }
                    Err(error) => drop(reply.send(Err(error))),
                }
            }
            Errand::Repeat(digest, reply) => {
                let same = live.saga.submission().is_some_and(|submission| submission.request == digest);
                let answer = if same {
                    Ok(submitted(live, false))
                } else {
                    Err(SubmitError::IdTaken { id: id.to_string() })
                };
                let _ = reply.send(answer);
            }
            Errand::Watch(reply) => self.watchers.add(id, reply),
        }
    }

    fn feed(&mut self, id: &SagaId, live: &mut Live, input: &Input, not_before_ms: u64) {
        live.floor_ms = live.floor_ms.max(not_before_ms);
        // What came of a delivery is recorded now. The next one has the same number, so it must not be taken for this
        // one, which is no longer under way.
        if let Input::Notice { notice, .. } = input {
            live.work.retain(|underway| underway.work != Work::Notice(*notice));
        }
        let transition = live.transition(id, input, self.now_ms.max(not_before_ms), &self.secrets);
        // Whatever else was decided, a call that did not leave and is still wanted waits in line again.
        let unsent = match input {
            Input::Outcome(attempt, _) if is_wanted(&transition.saga, *attempt) => Some(*attempt),
            _ => None,
        };
        if !transition.events.is_empty() {
            self.stage(id, live, transition, None);
        }
        if let Some(attempt) = unsent {
            let work = Work::Call(attempt);
            match live.progress_of(work) {
                Some(Progress::Back(Turn::Last)) => self.line_up(id, live, work),
                Some(Progress::Back(Turn::First) | Progress::Lined(_) | Progress::Sent) | None => {
                    self.line_up_again(id, live, work);
                }
            }
        }
    }

    /// A call came back.
    pub(super) fn called(&mut self, id: SagaId, work: Work, grant: Grant, came: Came) {
        self.on_their_way -= 1;
        let Work::Call(attempt) = work else { return };
        let Came { outcome, reach } = came;
        self.stats.outcome(&outcome);
        self.learn(grant, reach);
        if let Some(mut live) = self.take_live(&id) {
            if live.progress_of(work).is_some() {
                let turn = if reach == Reach::Deferred { Turn::Last } else { Turn::First };
                live.set_progress(work, Progress::Back(turn), self.mono_ms);
                let input = Input::Outcome(attempt, outcome);
                live.errands.push_back(Errand::Input { input, not_before_ms: 0 });
            }
            self.drive(id, live);
        }
        self.deliver_granted();
    }

    /// Tells a target whether it was reached, and lets go what may go now.
    pub(super) fn learn(&mut self, grant: Grant, reach: Reach) {
        let Grant { target: name, leave } = grant;
        let mono_ms = self.mono_ms;
        if let Some(target) = self.targets.get_mut(&name) {
            let was_up = target.is_up();
            match reach {
                Reach::Reached => target.answered(leave, mono_ms),
                Reach::Unreachable => target.unreachable(leave, mono_ms),
                Reach::Untold => target.crowded(leave, mono_ms),
                Reach::Deferred => target.released(leave, mono_ms),
            }
            match (was_up, target.is_up()) {
                (true, false) => {
                    tracing::warn!(target_name = %name, waiting = target.waiting(), "cannot be reached; its calls wait for one probe");
                }
                (false, true) => {
                    tracing::info!(target_name = %name, waiting = target.waiting(), "is back; its calls return on a ramp");
                }
                (true, true) | (false, false) => {}
            }
        }
        self.pump(&name);
    }

    /// Keeps the saga in memory, or puts it to sleep, or lets it go.
    fn rest(&mut self, id: SagaId, live: Box<Live>) {
        if settled(live.saga.phase()) && live.staged.is_none() {
            for watcher in self.watchers.take(&id) {
                let reached = Reached { saga: live.saga.clone(), blueprint: Arc::clone(&live.blueprint) };
                let _ = watcher.send(Some(reached));
            }
        }
        if !live.may_sleep() || !live.work.is_empty() {
            return self.put_back(id, live);
        }
        match self.timers.of(&id) {
            // Ended, parked or paused: only a person or a repeat brings it back, and the log has it all.
            None => {}
            Some(due_ms) if due_ms >= self.mono_ms + SLEEP_AFTER_MS => {
                self.slots.insert(id, Slot::Asleep { lined: Vec::new() });
            }
            Some(_) => self.put_back(id, live),
        }
    }
}
