//! What should be in flight: a function of the state alone, so that a crash loses nothing.

use alloc::vec::Vec;

use crate::bug::Bug;
use crate::event::{Attempt, Half};
use crate::input::Question;
use crate::set::StepId;
use crate::state::{Direction, Mode, NoticeState, Phase, Saga, Status};

/// One call that should be in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// Which attempt.
    pub attempt: Attempt,
    /// If it has not left yet, it shall not any more: report it as not sent.
    pub stop_if_unsent: bool,
}

/// One notice that should be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NoticeDue {
    /// Its number on this saga.
    pub notice: u16,
    /// Not before this time (Unix milliseconds).
    pub due_ms: u64,
}

/// Everything one saga wants of the outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// Calls that should be in flight.
    pub calls: Vec<Call>,
    /// Questions that should be answered.
    pub questions: Vec<Question>,
    /// Notices that should be sent, each when it is due.
    pub notices: Vec<NoticeDue>,
    /// When to feed a timer, at the latest (Unix milliseconds). Does not cover notices.
    pub wake_at_ms: Option<u64>,
}

impl Wanted {
    /// Is nothing wanted, now or later?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
            && self.questions.is_empty()
            && self.notices.is_empty()
            && self.wake_at_ms.is_none()
    }
}

impl Saga {
    /// What should be in flight in this state.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        let live = !self.phase.ended() && self.phase != Phase::New;
        Wanted {
            calls: if live { self.calls() } else { Vec::new() },
            questions: if live { self.questions() } else { Vec::new() },
            notices: self.notices_due(),
            wake_at_ms: if live { self.wake_at_ms() } else { None },
        }
    }

    fn calls(&self) -> Vec<Call> {
        let backward = self.direction() == Some(Direction::Backward);
        let mut calls = Vec::new();
        for step in self.plan.ids() {
            let (half, progress) = match self.status(step) {
                Status::Acting(progress) => (Half::Action, progress),
                Status::Undoing(progress) => (Half::Compensation, progress),
                Status::Idle
                | Status::Chosen
                | Status::Skipped
                | Status::Done
                | Status::Unusable
                | Status::Unclear
                | Status::NoEffect
                | Status::Undone => continue,
            };
            if progress.mode == Mode::InFlight {
                let pivot_may_stop = self.pending.is_some() && !progress.tainted;
                calls.push(Call {
                    attempt: Attempt { step, half, number: progress.attempt },
                    stop_if_unsent: half == Half::Action && (backward || pivot_may_stop),
                });
            }
        }
        calls
    }

    /// Questions of halves that may start, and of the output. While paused nothing starts, so nothing is asked.
    pub(crate) fn questions(&self) -> Vec<Question> {
        if self.all_done() {
            return if self.plan.output() { alloc::vec![Question::Output] } else { Vec::new() };
        }
        if self.paused_at_ms.is_some() {
            return Vec::new();
        }
        self.startable().collect()
    }

    /// What could start now, were the saga not paused.
    pub(crate) fn startable(&self) -> impl Iterator<Item = Question> + '_ {
        self.plan.ids().filter_map(|step| self.startable_half(step))
    }

    fn startable_half(&self, step: StepId) -> Option<Question> {
        match (self.phase, self.status(step)) {
            (Phase::Running | Phase::Compensating, Status::Acting(p)) if p.mode == Mode::Unasked => {
                Some(Question::Request(step, Half::Action))
            }
            (Phase::Running | Phase::Compensating, Status::Undoing(p)) if p.mode == Mode::Unasked => {
                Some(Question::Request(step, Half::Compensation))
            }
            (Phase::Running, Status::Idle | Status::Chosen) => self.startable_action(step),
            (Phase::Compensating, Status::Idle | Status::Chosen)
                if self.plan.has(Bug::StartsWhileTurningBack) =>
            {
                self.startable_action(step)
            }
            (Phase::Compensating, Status::Done | Status::Unusable | Status::Unclear) => (self.undoable(step)
                && self.descendants_settled(step))
            .then_some(Question::Request(step, Half::Compensation)),
            (Phase::Compensating, Status::Skipped) if self.plan.has(Bug::SkippedIsCompensated) => {
                self.undoable(step).then_some(Question::Request(step, Half::Compensation))
            }
            (
                Phase::New
                | Phase::Running
                | Phase::Compensating
                | Phase::Completed
                | Phase::Compensated
                | Phase::Parked(_),
                Status::Idle
                | Status::Chosen
                | Status::Skipped
                | Status::Acting(_)
                | Status::Done
                | Status::Unusable
                | Status::Unclear
                | Status::NoEffect
                | Status::Undoing(_)
                | Status::Undone,
            ) => None,
        }
    }

    fn startable_action(&self, step: StepId) -> Option<Question> {
        let declared = self.plan.step(step)?;
        let skipped_will_do = !self.plan.has(Bug::SkippedBlocks);
        let done = |&before: &StepId| match self.status(before) {
            Status::Done => true,
            Status::Skipped => skipped_will_do,
            Status::Idle
            | Status::Chosen
            | Status::Acting(_)
            | Status::Unusable
            | Status::Unclear
            | Status::NoEffect
            | Status::Undoing(_)
            | Status::Undone => false,
        };
        if !declared.after.iter().all(done) && !self.plan.has(Bug::StartsBeforePredecessors) {
            return None;
        }
        if declared.condition && self.status(step) == Status::Idle {
            return Some(Question::Condition(step));
        }
        Some(Question::Request(step, Half::Action))
    }

    /// An ancestor waits for all its descendants, also past those that have nothing to undo.
    fn descendants_settled(&self, step: StepId) -> bool {
        if self.plan.has(Bug::AncestorUndoneFirst) {
            return true;
        }
        if self.plan.has(Bug::OnlySuccessorsWaitedFor) {
            let follows = |of: &StepId| self.plan.step(*of).is_some_and(|s| s.after.contains(&step));
            return self.plan.ids().filter(follows).all(|of| self.settled(of));
        }
        self.plan.descendants(step).iter().all(|of| self.settled(of))
    }

    /// Is every step in effect, or skipped, with no way but forward left?
    pub(crate) fn all_done(&self) -> bool {
        self.direction() == Some(Direction::Forward)
            && self.steps.iter().all(|s| matches!(s.status, Status::Done | Status::Skipped))
    }

    fn notices_due(&self) -> Vec<NoticeDue> {
        let due = |(at, notice): (usize, &crate::state::Notice)| match notice.state {
            NoticeState::Due { due_ms } => Some(NoticeDue { notice: at as u16, due_ms }),
            NoticeState::Delivered | NoticeState::Undelivered => None,
        };
        self.notices.iter().enumerate().filter_map(due).collect()
    }

    fn wake_at_ms(&self) -> Option<u64> {
        if self.paused_at_ms.is_some() {
            return None;
        }
        let waiting = self.steps.iter().filter_map(|state| match state.status {
            Status::Acting(p) | Status::Undoing(p) => match p.mode {
                Mode::Waiting { due_ms } => Some(due_ms),
                Mode::Unasked | Mode::InFlight | Mode::Stuck(_) => None,
            },
            Status::Idle
            | Status::Chosen
            | Status::Skipped
            | Status::Done
            | Status::Unusable
            | Status::Unclear
            | Status::NoEffect
            | Status::Undone => None,
        });
        let counting = self.phase == Phase::Running
            && self.pending.is_none()
            && !self.pivot_passed()
            && !self.all_done();
        waiting.chain(counting.then_some(self.deadline_ms)).min()
    }
}
