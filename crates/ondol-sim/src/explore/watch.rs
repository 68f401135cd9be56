//! What must hold of each fact, judged by what truly happened.

use ondol_core::{Attempt, Direction, Event, Fact, Finish, Half, Phase, Saga, Status, StepId, Vouch};

use super::property::{Broken, Property as P, Tally};
use super::words::status_word;
use super::world::World;

type Checked = Result<(), Broken>;

fn starts_half(event: &Event, half: Half) -> bool {
    matches!(event.fact, Fact::Started { attempt, .. } if attempt.half == half)
}

impl World {
    /// The facts of one input, as a whole.
    pub(super) fn batch(&self, events: &[Event], tally: &mut Tally) -> Checked {
        let starts = |half| events.iter().find(|event| starts_half(event, half));
        if self.saga.paused_at_ms().is_some() && !events.iter().any(|event| event.fact == Fact::Resumed) {
            let started = starts(Half::Action).or(starts(Half::Compensation));
            tally.check(P::PausedStartsNothing, started.is_none(), || self.facts(started))?;
        }
        match self.saga.phase() {
            Phase::Compensating | Phase::Parked(Direction::Backward) => {
                let started = starts(Half::Action);
                tally.check(P::NoActionAfterTurningBack, started.is_none(), || self.facts(started))
            }
            Phase::Running | Phase::Parked(Direction::Forward)
                if !events.iter().any(|event| matches!(event.fact, Fact::TurnedBack(_))) =>
            {
                let started = starts(Half::Compensation);
                tally.check(P::NoActionAfterTurningBack, started.is_none(), || self.facts(started))
            }
            Phase::Running | Phase::Parked(Direction::Forward) => {
                let turned = events.iter().position(|event| matches!(event.fact, Fact::TurnedBack(_)));
                let started = events.iter().skip(turned.unwrap_or(0)).find(|e| starts_half(e, Half::Action));
                tally.check(P::NoActionAfterTurningBack, started.is_none(), || self.facts(started))
            }
            Phase::New | Phase::Completed | Phase::Compensated => Ok(()),
        }
    }

    /// Before the fact is applied.
    pub(super) fn before(&self, event: &Event, tally: &mut Tally) -> Checked {
        match &event.fact {
            Fact::Started { attempt, .. } => self.before_start(*attempt, tally),
            Fact::TurnedBack(_) => self.before_turning(tally),
            Fact::Submitted(_)
            | Fact::Answered { .. }
            | Fact::Finished { .. }
            | Fact::Lost { .. }
            | Fact::Unrendered { .. }
            | Fact::Withdrawn { .. }
            | Fact::TurnBackPending(_)
            | Fact::Paused
            | Fact::Resumed
            | Fact::Acted(_)
            | Fact::Retried { .. }
            | Fact::Vouched { .. }
            | Fact::Edited { .. }
            | Fact::Completed(_)
            | Fact::Compensated
            | Fact::Parked
            | Fact::Noticed { .. } => Ok(()),
        }
    }

    fn before_start(&self, attempt: Attempt, tally: &mut Tally) -> Checked {
        let Attempt { step, half, number } = attempt;
        let name = self.name(step);
        let status = self.saga.steps()[usize::from(step)].status;
        if status == Status::Skipped {
            tally.check(P::SkippedIsLeftAlone, false, || format!("{half:?} of {name} starts"))?;
        }
        let line = self.site(step).line(half);
        if line.number > 0 || number > 1 {
            tally.check(P::NumberedByOne, number == line.number + 1, || {
                format!("{name}: attempt {number} follows {}", line.number)
            })?;
        }
        if half == Half::Action && self.root.plan.step(step).is_some_and(|step| step.condition) {
            let holds = self.site(step).answered && self.root.truth;
            tally.check(P::ConditionIsAsked, holds, || format!("{name} starts"))?;
        }
        match half {
            Half::Action if number == 1 => self.before_doing(step, tally),
            Half::Action => Ok(()),
            Half::Compensation => self.before_undoing(step, tally),
        }
    }

    fn before_doing(&self, step: StepId, tally: &mut Tally) -> Checked {
        let after = self.root.plan.step(step).map_or(&[][..], |step| &step.after);
        for &before in after {
            let site = self.site(before);
            let status = self.saga.steps()[usize::from(before)].status;
            let done = status == Status::Done && (site.callee.in_effect || site.vouched_action);
            tally.check(P::StartedAfterPredecessors, done || status == Status::Skipped, || {
                format!("{} starts, {} is {}", self.name(step), self.name(before), status_word(status))
            })?;
        }
        Ok(())
    }

    fn before_undoing(&self, step: StepId, tally: &mut Tally) -> Checked {
        for of in self.root.plan.descendants(step).iter() {
            let site = self.site(of);
            let status = self.saga.steps()[usize::from(of)].status;
            let at_rest = !matches!(status, Status::Acting(_) | Status::Undoing(_));
            let present = site.callee.in_effect || self.may_come(of);
            let gone = !present || !self.undoable(of) || site.vouched_undoing;
            tally.check(P::UndoneAfterDescendants, at_rest && gone, || {
                format!("undoing of {} starts, {} is {}", self.name(step), self.name(of), status_word(status))
            })?;
        }
        Ok(())
    }

    fn before_turning(&self, tally: &mut Tally) -> Checked {
        let Some(pivot) = self.root.plan.pivot() else { return Ok(()) };
        let status = self.saga.steps()[usize::from(pivot)].status;
        let closed = matches!(status, Status::Idle | Status::NoEffect);
        tally.check(P::PivotOpenNeverTurns, closed, || {
            format!("turning back while the pivot {} is {}", self.name(pivot), status_word(status))
        })
    }

    /// After the fact was applied.
    pub(super) fn after(&mut self, before: &Saga, event: &Event, tally: &mut Tally) -> Checked {
        match &event.fact {
            Fact::Started { attempt, .. } => self.after_start(*attempt, tally)?,
            Fact::Finished { attempt, finish, .. } if attempt.half == Half::Action => {
                let site = self.site_mut(attempt.step);
                site.unclear = match finish {
                    Finish::Unclear(_) | Finish::Unusable(_) => true,
                    Finish::Refused { sealed: true, .. } => false,
                    Finish::Refused { sealed: false, .. } | Finish::Done(_) => site.unclear,
                };
            }
            Fact::Lost { attempt, .. } if attempt.half == Half::Action => {
                self.site_mut(attempt.step).unclear = true;
            }
            Fact::Vouched { step, vouch, .. } => {
                let site = self.site_mut(*step);
                match vouch {
                    Vouch::Completed(_) | Vouch::NoEffect => site.vouched_action = true,
                    Vouch::NotNeeded => site.vouched_undoing = true,
                }
            }
            Fact::Answered { step, .. } => self.site_mut(*step).answered = true,
            Fact::Submitted(_)
            | Fact::Finished { .. }
            | Fact::Lost { .. }
            | Fact::Unrendered { .. }
            | Fact::Withdrawn { .. }
            | Fact::TurnBackPending(_)
            | Fact::TurnedBack(_)
            | Fact::Paused
            | Fact::Resumed
            | Fact::Acted(_)
            | Fact::Retried { .. }
            | Fact::Edited { .. }
            | Fact::Completed(_)
            | Fact::Compensated
            | Fact::Parked
            | Fact::Noticed { .. } => {}
        }
        self.knowledge(before, tally)
    }

    fn after_start(&mut self, attempt: Attempt, tally: &mut Tally) -> Checked {
        let Attempt { step, half, number } = attempt;
        let digest = self.saga.progress(step, half).and_then(|progress| progress.digest);
        let late_exists = self.root.budget.late > 0;
        let line = self.site_mut(step).line_mut(half);
        let first = line.digest.or(digest);
        line.digest = first;
        // Whatever is still in the network of the attempt before is late from now on.
        line.late |= line.request && late_exists;
        (line.number, line.sent, line.request, line.reply) = (number, false, false, None);
        if number == 1 && digest.is_some() {
            return Ok(());
        }
        tally.check(P::SameRequest, digest.is_some() && digest == first, || {
            format!("attempt {number} carries {digest:?}, the first {first:?}")
        })
    }

    /// An action that was unclear may only be known to have no effect if a barrier or a person said so.
    fn knowledge(&self, before: &Saga, tally: &mut Tally) -> Checked {
        for step in self.root.plan.ids() {
            let at = usize::from(step);
            let (was, is) = (before.steps()[at].status, self.saga.steps()[at].status);
            let site = self.site(step);
            let settled = matches!(was, Status::Acting(_)) && !matches!(is, Status::Acting(_));
            if settled && site.unclear && !site.vouched_action {
                tally.check(P::KnowledgeNeverImproves, is != Status::NoEffect, || {
                    format!("{} was unclear and is now without effect", self.name(step))
                })?;
            }
        }
        Ok(())
    }
}
