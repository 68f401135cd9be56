//! What must hold in every state, judged by what truly happened.

use ondol_core::{Attempt, Half, Input, Mode, Outcome, Phase, Status, StepId, Wanted};

use super::property::{Broken, Property as P, Tally};
use super::root::Barrier;
use super::world::World;

type Checked = Result<(), Broken>;

impl World {
    pub(super) fn truth(&self, wanted: &Wanted, tally: &mut Tally) -> Checked {
        match self.saga.phase() {
            Phase::Completed => self.completed(tally)?,
            Phase::Compensated => self.compensated(tally)?,
            Phase::New | Phase::Running | Phase::Compensating | Phase::Parked(_) => {}
        }
        if matches!(self.saga.phase(), Phase::Compensating | Phase::Compensated) {
            self.no_pivot(tally)?;
            let explained = !self.saga.failures().is_empty();
            tally.check(P::TurningBackIsExplained, explained, || "nothing failed".into())?;
        }
        if self.saga.pending().is_some() {
            let open = self.root.plan.pivot().is_some_and(|p| matches!(self.status(p), Status::Acting(_)));
            tally.check(P::PendingWhileOpen, open, || format!("{:?}", self.saga.pending()))?;
        }
        self.no_effect(tally)?;
        self.skipped(wanted, tally)?;
        self.wanted_fits(wanted, tally)?;
        self.wakes(wanted, tally)?;
        let idle = self.saga.decide(&Input::Timer, self.now_ms);
        tally.check(P::StateIsSettled, idle.is_empty(), || self.facts(&idle))?;
        self.late_answers(tally)
    }

    fn completed(&self, tally: &mut Tally) -> Checked {
        for step in self.root.plan.ids() {
            let (site, status) = (self.site(step), self.status(step));
            let holds = status == Status::Skipped || site.vouched_action || site.callee.in_effect;
            tally.check(P::CompletedIsInEffect, holds, || format!("{} is not", self.name(step)))?;
        }
        Ok(())
    }

    fn compensated(&self, tally: &mut Tally) -> Checked {
        for step in self.root.plan.ids() {
            let site = self.site(step);
            let pivot = self.root.plan.pivot() == Some(step);
            if !(self.undoable(step) || pivot) || site.vouched_undoing || site.vouched_action && pivot {
                continue;
            }
            let name = self.name(step);
            tally.check(P::CompensatedIsGone, !site.callee.in_effect, || format!("{name} is in effect"))?;
            if self.root.barrier == Barrier::On && (site.action.request || site.action.late) {
                let stays = !site.callee.open(Barrier::On);
                tally
                    .check(P::CompensatedStaysGone, stays, || format!("a request of {name} is on its way"))?;
            }
        }
        Ok(())
    }

    fn no_pivot(&self, tally: &mut Tally) -> Checked {
        let Some(pivot) = self.root.plan.pivot() else { return Ok(()) };
        let site = self.site(pivot);
        let gone = !(site.callee.in_effect || self.may_come(pivot));
        tally.check(P::PivotClosesTheWayBack, gone || site.vouched_action, || {
            format!("the pivot {} may be in effect", self.name(pivot))
        })
    }

    fn no_effect(&self, tally: &mut Tally) -> Checked {
        for step in self.root.plan.ids() {
            let site = self.site(step);
            if self.status(step) != Status::NoEffect || site.vouched_action {
                continue;
            }
            let gone = !(site.callee.in_effect || self.may_come(step));
            tally.check(P::NoEffectIsTrue, gone, || self.name(step).into())?;
        }
        Ok(())
    }

    fn skipped(&self, wanted: &Wanted, tally: &mut Tally) -> Checked {
        for step in self.root.plan.ids().filter(|&step| self.status(step) == Status::Skipped) {
            let called = wanted.calls.iter().any(|call| call.attempt.step == step);
            let ever = self.site(step).action.number > 0 || self.site(step).compensation.number > 0;
            tally.check(P::SkippedIsLeftAlone, !called && !ever, || {
                format!("{} is called", self.name(step))
            })?;
        }
        Ok(())
    }

    fn wanted_fits(&self, wanted: &Wanted, tally: &mut Tally) -> Checked {
        let rests = self.saga.phase().ended() || matches!(self.saga.phase(), Phase::Parked(_));
        tally.check(P::WantedFits, !rests || wanted.is_empty(), || {
            format!("{:?} wants {wanted:?}", self.saga.phase())
        })?;
        for (at, call) in wanted.calls.iter().enumerate() {
            let Attempt { step, half, number } = call.attempt;
            let mode = self.saga.progress(step, half).map(|progress| (progress.mode, progress.attempt));
            let once = !wanted.calls[..at].iter().any(|c| (c.attempt.step, c.attempt.half) == (step, half));
            tally.check(P::WantedFits, once && mode == Some((Mode::InFlight, number)), || {
                format!("{:?} is wanted, its half is {mode:?}", call.attempt)
            })?;
        }
        Ok(())
    }

    /// The earliest time at which something waits to be tried again.
    pub(super) fn next_due_ms(&self) -> Option<u64> {
        let due = |step: StepId| match self.status(step) {
            Status::Acting(progress) | Status::Undoing(progress) => match progress.mode {
                Mode::Waiting { due_ms } => Some(due_ms),
                Mode::Unasked | Mode::InFlight | Mode::Stuck(_) => None,
            },
            _ => None,
        };
        if self.saga.paused_at_ms().is_some() { None } else { self.root.plan.ids().filter_map(due).min() }
    }

    fn wakes(&self, wanted: &Wanted, tally: &mut Tally) -> Checked {
        let pivot = self.root.plan.pivot().map(|pivot| self.status(pivot));
        let bound = self.saga.phase() == Phase::Running
            && self.saga.paused_at_ms().is_none()
            && self.saga.pending().is_none()
            && pivot != Some(Status::Done);
        let deadline_ms = bound.then_some(self.saga.deadline_ms());
        for at_ms in [self.next_due_ms(), deadline_ms].into_iter().flatten() {
            tally.check(P::WakesInTime, wanted.wake_at_ms.is_some_and(|wake_ms| wake_ms <= at_ms), || {
                format!("wakes at {:?}, due at {at_ms}", wanted.wake_at_ms)
            })?;
        }
        Ok(())
    }

    /// An answer to an attempt that ended may arrive at any time.
    fn late_answers(&self, tally: &mut Tally) -> Checked {
        for step in self.root.plan.ids() {
            for half in [Half::Action, Half::Compensation] {
                let line = self.site(step).line(half);
                let in_flight = matches!(
                    self.saga.progress(step, half), Some(progress) if progress.mode == Mode::InFlight
                );
                let ended = line.number.saturating_sub(u32::from(in_flight));
                if ended == 0 {
                    continue;
                }
                let attempt = Attempt { step, half, number: ended };
                let done = Outcome::Done(b"{}".as_slice().into());
                let decided = self.saga.decide(&Input::Outcome(attempt, done), self.now_ms);
                tally.check(P::LateChangesNothing, decided.is_empty(), || {
                    format!("a late answer to {} gives {}", self.attempt(attempt), self.facts(&decided))
                })?;
            }
        }
        Ok(())
    }

    pub(super) fn status(&self, step: StepId) -> Status {
        self.saga.steps()[usize::from(step)].status
    }
}
