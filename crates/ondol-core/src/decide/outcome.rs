//! What the end of an attempt means for its half (DESIGN §6).

use super::Draft;
use crate::bounds::{PATIENCE_MS, REFUSALS_IN_A_ROW_MAX};
use crate::bug::Bug;
use crate::event::{Attempt, Fact, Finish, Half, Text, Then, Trouble};
use crate::input::Outcome;
use crate::retry::{Retry, chance};
use crate::state::{Direction, Mode, Progress};

/// How hard a half must be tried, by its place in the plan.
enum Place {
    /// An action that can be given up: the saga then turns back.
    Ahead,
    /// The action after which there is no way back.
    Pivot,
    /// An action that must succeed.
    Behind,
    /// A compensation: it must succeed.
    Undoing,
}

impl Draft {
    pub(super) fn outcome(&mut self, attempt: Attempt, outcome: &Outcome) {
        let Some(progress) = self.saga.progress(attempt.step, attempt.half).copied() else { return };
        let current = progress.attempt == attempt.number || self.saga.plan.has(Bug::LateAnswerTaken);
        if progress.mode != Mode::InFlight || !current {
            return;
        }
        if self.saga.paused_at_ms.is_some() && self.saga.plan.has(Bug::PausedForgetsAnswer) {
            return;
        }
        let fact = match outcome {
            Outcome::NotSent => {
                if self.may_withdraw(attempt, &progress) {
                    self.push(Fact::Withdrawn { step: attempt.step });
                }
                return;
            }
            Outcome::Changed(reason) => Fact::Unrendered {
                step: attempt.step,
                half: attempt.half,
                reason: reason.clone(),
                then: self.then_changed(attempt),
            },
            Outcome::Done(output) => {
                Fact::Finished { attempt, finish: Finish::Done(output.clone()), then: Then::Settle }
            }
            Outcome::Unusable(reason) => self.unusable(attempt, reason),
            Outcome::Refused { reason, sealed } => {
                let then = self.then_refused(attempt, &progress, *sealed);
                Fact::Finished {
                    attempt,
                    finish: Finish::Refused { reason: reason.clone(), sealed: *sealed },
                    then,
                }
            }
            Outcome::Unclear { reason, retry_after_ms } => {
                let then = self.then_unclear(attempt, &progress, *retry_after_ms);
                Fact::Finished { attempt, finish: Finish::Unclear(reason.clone()), then }
            }
        };
        self.push(fact);
    }

    /// An action that never left is given up once the saga turned back, or, for a clean pivot, once it should.
    fn may_withdraw(&self, attempt: Attempt, progress: &Progress) -> bool {
        let backward = self.saga.direction() == Some(Direction::Backward);
        let pivot_clean = self.saga.pending.is_some()
            && (!progress.tainted || self.saga.plan.has(Bug::WithdrawnAfterUnclearIsClean));
        attempt.half == Half::Action && (backward || pivot_clean)
    }

    /// Turning back gives up an action that is not sent again; anything else needs a person.
    fn then_changed(&self, attempt: Attempt) -> Then {
        let backward = self.saga.direction() == Some(Direction::Backward);
        if attempt.half == Half::Action && backward {
            Then::Settle
        } else {
            Then::Stick(Trouble::RenderChanged)
        }
    }

    fn place(&self, attempt: Attempt) -> Place {
        match attempt.half {
            Half::Compensation => Place::Undoing,
            Half::Action if self.saga.plan.pivot() == Some(attempt.step) => Place::Pivot,
            Half::Action if self.saga.plan.behind_pivot(attempt.step) => Place::Behind,
            Half::Action => Place::Ahead,
        }
    }

    fn unusable(&self, attempt: Attempt, reason: &Text) -> Fact {
        let finish = Finish::Unusable(reason.clone());
        let then = match self.place(attempt) {
            Place::Ahead | Place::Undoing => Then::Settle,
            Place::Pivot | Place::Behind => Then::Stick(Trouble::Unusable),
        };
        Fact::Finished { attempt, finish, then }
    }

    fn then_refused(&self, attempt: Attempt, progress: &Progress, sealed: bool) -> Then {
        match self.place(attempt) {
            Place::Ahead => Then::Settle,
            Place::Pivot if sealed || !progress.tainted || self.saga.plan.has(Bug::PivotUncleanTurnsBack) => {
                Then::Settle
            }
            Place::Behind if self.saga.plan.has(Bug::BehindPivotTurnsBack) => Then::Settle,
            Place::Behind => Then::Stick(Trouble::Refused),
            Place::Undoing if self.saga.plan.has(Bug::FailedCompensationIsDone) => Then::Settle,
            Place::Pivot | Place::Undoing => {
                if progress.refusals + 1 >= REFUSALS_IN_A_ROW_MAX {
                    Then::Stick(Trouble::RefusedRepeatedly)
                } else {
                    self.again_or_stick(attempt, progress, None)
                }
            }
        }
    }

    fn then_unclear(&self, attempt: Attempt, progress: &Progress, retry_after_ms: Option<u64>) -> Then {
        let turning_back = self.saga.direction() == Some(Direction::Backward);
        match self.place(attempt) {
            // Turning back stops new attempts; this one may have taken effect.
            Place::Ahead | Place::Pivot | Place::Behind if turning_back => Then::Settle,
            Place::Pivot if self.saga.plan.has(Bug::PivotGivesUp) => Then::Settle,
            Place::Ahead => {
                let retry = self.retry(attempt);
                if retry.attempts_max.is_some_and(|max| progress.failures + 1 >= max) {
                    Then::Settle
                } else {
                    self.again(attempt, progress, &retry, retry_after_ms)
                }
            }
            Place::Pivot | Place::Behind | Place::Undoing => {
                self.again_or_stick(attempt, progress, retry_after_ms)
            }
        }
    }

    /// For what may not be given up: again, until its attempts or everybody's patience are used up.
    fn again_or_stick(&self, attempt: Attempt, progress: &Progress, retry_after_ms: Option<u64>) -> Then {
        let retry = self.retry(attempt);
        let since_ms = progress.troubled_since_ms.unwrap_or(self.now_ms);
        let limited = !matches!(self.place(attempt), Place::Pivot);
        if limited && retry.attempts_max.is_some_and(|max| progress.failures + 1 >= max) {
            Then::Stick(Trouble::Exhausted)
        } else if self.now_ms.saturating_sub(since_ms) >= PATIENCE_MS {
            Then::Stick(Trouble::TooLong)
        } else {
            self.again(attempt, progress, &retry, retry_after_ms)
        }
    }

    fn again(
        &self,
        attempt: Attempt,
        progress: &Progress,
        retry: &Retry,
        retry_after_ms: Option<u64>,
    ) -> Then {
        let run = self.saga.submission.as_ref().map_or(0, |submission| submission.run);
        let chance = chance(run, attempt.step, attempt.half == Half::Compensation, attempt.number);
        let delay_ms = retry.delay_ms(progress.failures + 1, chance, retry_after_ms);
        Then::Retry { due_ms: self.now_ms.saturating_add(delay_ms) }
    }

    fn retry(&self, attempt: Attempt) -> Retry {
        let step = self.saga.plan.step(attempt.step);
        match attempt.half {
            Half::Action => step.map_or(Retry::FORWARD, |step| step.action),
            Half::Compensation => step.and_then(|step| step.compensation).unwrap_or(Retry::PERSISTENT),
        }
    }
}
