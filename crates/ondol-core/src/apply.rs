//! Memory: one fact after the other into the state. No judgement; what a fact means is fixed here and nowhere else.

use alloc::{boxed::Box, sync::Arc};
use core::fmt;

use crate::bounds::{FAILURES_MAX, NOTICES_MAX};
use crate::bug::Bug;
use crate::event::{
    Attempt, Cause, Delivery, Digest, Event, Fact, Finish, Half, Submission, Text, Then, Vouch,
};
use crate::set::StepId;
use crate::state::{
    Direction, Failure, Mode, News, Notice, NoticeState, Phase, Progress, Saga, Status, Vouched, Why,
};

/// A fact that cannot follow from the state: this version of Ondol could not have written this journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Illegal {
    /// Number of the fact that does not fit, from 1.
    pub seq: u64,
    /// What is wrong with it.
    pub why: &'static str,
}

impl fmt::Display for Illegal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {} cannot follow the ones before it: {}", self.seq, self.why)
    }
}

impl core::error::Error for Illegal {}

type Applied = Result<(), &'static str>;

impl Saga {
    /// Remembers one fact.
    ///
    /// # Errors
    ///
    /// [`Illegal`] where the fact cannot follow; the state is then as it was before.
    pub fn apply(&mut self, event: &Event) -> Result<(), Illegal> {
        let seq = self.seq + 1;
        self.record(event).map_err(|why| Illegal { seq, why })?;
        if self.pivot_passed() {
            // Turning back waited for the pivot's outcome; now there is no way back to wait for.
            self.pending = None;
        }
        self.seq = seq;
        self.now_ms = self.now_ms.max(event.at_ms);
        Ok(())
    }

    fn record(&mut self, event: &Event) -> Applied {
        let at_ms = event.at_ms;
        if (self.phase == Phase::New) != matches!(event.fact, Fact::Submitted(_)) {
            return Err("a saga begins with its submission, and is submitted once");
        }
        // What people do to a saga that ended is to have notices sent again.
        if self.phase.ended() && !matches!(event.fact, Fact::Noticed { .. } | Fact::Acted(_)) {
            return Err("the saga has ended");
        }
        match &event.fact {
            Fact::Submitted(submission) => self.submitted(submission, at_ms),
            Fact::Answered { step, holds } => self.answered(*step, *holds),
            Fact::Started { attempt, digest } => self.started(*attempt, *digest),
            Fact::Finished { attempt, finish, then } => self.finished(*attempt, finish, *then, at_ms),
            Fact::Lost { attempt, then } => self.lost(*attempt, *then),
            Fact::Unrendered { step, half, reason, then } => self.unrendered(*step, *half, reason, *then),
            Fact::Withdrawn { step } => self.withdrawn(*step),
            Fact::TurnBackPending(cause) => {
                self.pending = Some(cause.clone());
                Ok(())
            }
            Fact::TurnedBack(cause) => self.turned_back(cause, at_ms),
            Fact::Paused => self.paused(at_ms),
            Fact::Resumed => self.resumed(at_ms),
            // For whoever reads the journal; what the verb did is in the facts behind it.
            Fact::Acted(_) => Ok(()),
            Fact::Retried { step, half } => self.retried(*step, *half, at_ms),
            Fact::Vouched { step, vouch, note } => self.vouched_for(*step, vouch, note, at_ms),
            Fact::Edited { input, note: _ } => {
                self.inputs.push(input.clone());
                Ok(())
            }
            Fact::Completed(output) => {
                self.output = output.clone();
                self.enter(Phase::Completed, News::Completed, at_ms)
            }
            Fact::Compensated => self.enter(Phase::Compensated, News::Compensated, at_ms),
            Fact::Parked => {
                let direction = self.direction().ok_or("only a running saga can be parked")?;
                self.enter(Phase::Parked(direction), News::Parked, at_ms)
            }
            Fact::Noticed { notice, delivery } => self.noticed(*notice, *delivery, at_ms),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "every fact is recorded through one shape")]
    fn submitted(&mut self, submission: &Submission, at_ms: u64) -> Applied {
        self.inputs.push(submission.input.clone());
        self.submission = Some(Arc::new(submission.clone()));
        self.deadline_ms = at_ms.saturating_add(self.plan.timeout_ms());
        self.phase = Phase::Running;
        Ok(())
    }

    fn answered(&mut self, step: StepId, holds: bool) -> Applied {
        let status = self.status_mut(step)?;
        if *status != Status::Idle {
            return Err("the condition was answered before");
        }
        *status = if holds { Status::Chosen } else { Status::Skipped };
        Ok(())
    }

    fn started(&mut self, attempt: Attempt, digest: Option<Digest>) -> Applied {
        let Attempt { step, half, number } = attempt;
        let input = self.inputs.len().saturating_sub(1) as u8;
        let status = self.status_mut(step)?;
        let progress = match (digest, half, *status) {
            (Some(_), Half::Action, Status::Idle | Status::Chosen)
            | (Some(_), Half::Compensation, Status::Done | Status::Unusable | Status::Unclear) => {
                Progress { input, ..Progress::NEW }
            }
            (Some(_), Half::Action, Status::Acting(p))
            | (Some(_), Half::Compensation, Status::Undoing(p))
                if p.mode == Mode::Unasked =>
            {
                Progress { input, ..p }
            }
            (None, Half::Action, Status::Acting(p)) | (None, Half::Compensation, Status::Undoing(p))
                if matches!(p.mode, Mode::Waiting { .. }) =>
            {
                p
            }
            (
                Some(_) | None,
                Half::Action | Half::Compensation,
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
            ) => return Err("the half was not waiting to be tried"),
        };
        if number != progress.attempt + 1 {
            return Err("attempts are numbered one after the other");
        }
        let progress = Progress {
            attempt: number,
            mode: Mode::InFlight,
            digest: digest.or(progress.digest),
            ..progress
        };
        *status = tried(half, progress);
        Ok(())
    }

    fn finished(&mut self, attempt: Attempt, finish: &Finish, then: Then, at_ms: u64) -> Applied {
        let progress = self.in_flight(attempt)?;
        let Attempt { step, half, number: _ } = attempt;
        let next = match (half, finish, then) {
            (Half::Action, Finish::Done(output), Then::Settle) => {
                self.steps[usize::from(step)].output = Some(output.clone());
                Status::Done
            }
            (Half::Action, Finish::Unusable(_), Then::Settle) => {
                if self.plan.has(Bug::UnusableIsClean) {
                    Status::NoEffect
                } else {
                    Status::Unusable
                }
            }
            (Half::Action, Finish::Refused { sealed, .. }, Then::Settle) => {
                let clean = *sealed || !progress.tainted || self.plan.has(Bug::RefusedAfterUnclearIsClean);
                if clean { Status::NoEffect } else { Status::Unclear }
            }
            (Half::Action, Finish::Unclear(_), Then::Settle) => {
                if self.plan.has(Bug::ExhaustedIsClean) {
                    Status::NoEffect
                } else {
                    Status::Unclear
                }
            }
            (Half::Compensation, Finish::Done(_) | Finish::Unusable(_), Then::Settle) => Status::Undone,
            (Half::Compensation, _, Then::Settle) if self.plan.has(Bug::FailedCompensationIsDone) => {
                Status::Undone
            }
            (Half::Compensation, Finish::Refused { .. } | Finish::Unclear(_), Then::Settle) => {
                return Err("a compensation that failed cannot be settled");
            }
            (_, Finish::Done(_), Then::Retry { .. } | Then::Stick(_))
            | (_, Finish::Unusable(_), Then::Retry { .. }) => {
                return Err("what took effect is not tried again");
            }
            (_, _, Then::Retry { due_ms }) => {
                tried(half, progress.after(finish, at_ms).with(Mode::Waiting { due_ms }))
            }
            (_, _, Then::Stick(trouble)) => {
                tried(half, progress.after(finish, at_ms).with(Mode::Stuck(trouble)))
            }
        };
        *self.status_mut(step)? = next;
        if !matches!(then, Then::Retry { .. }) {
            self.note_failure(step, half, finish);
        }
        Ok(())
    }

    fn lost(&mut self, attempt: Attempt, then: Then) -> Applied {
        let progress = Progress { tainted: true, ..self.in_flight(attempt)? };
        let forgotten = self.plan.has(Bug::LostIntentIsClean);
        let progress = if forgotten { self.in_flight(attempt)? } else { progress };
        *self.status_mut(attempt.step)? = match (attempt.half, then) {
            (half, Then::Retry { due_ms }) => tried(half, progress.with(Mode::Waiting { due_ms })),
            (Half::Action, Then::Settle) if forgotten => Status::NoEffect,
            (Half::Action, Then::Settle) => Status::Unclear,
            (Half::Compensation, Then::Settle) | (_, Then::Stick(_)) => {
                return Err("a lost attempt is tried again, or is an action that stays unclear");
            }
        };
        Ok(())
    }

    fn unrendered(&mut self, step: StepId, half: Half, reason: &Text, then: Then) -> Applied {
        let conditional = self.plan.step(step).is_some_and(|step| step.condition);
        let status = self.status_mut(step)?;
        let progress = match (half, *status) {
            (Half::Action, Status::Acting(p)) | (Half::Compensation, Status::Undoing(p)) => p,
            (Half::Action, Status::Idle) => Progress { condition_open: conditional, ..Progress::NEW },
            (Half::Action, Status::Chosen)
            | (Half::Compensation, Status::Done | Status::Unusable | Status::Unclear | Status::Skipped) => {
                Progress::NEW
            }
            (
                Half::Action | Half::Compensation,
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
            ) => return Err("no request of this half was asked for"),
        };
        // Only what was rendered before, and so is in flight, can render to another request.
        let in_flight = progress.mode == Mode::InFlight;
        let why = if in_flight { Why::RenderChanged } else { Why::ExpressionError };
        *status = match then {
            Then::Settle if half == Half::Action => given_up(&progress),
            Then::Stick(trouble) => tried(half, progress.with(Mode::Stuck(trouble))),
            Then::Settle | Then::Retry { .. } => return Err("what cannot be rendered is not tried again"),
        };
        self.fail(Failure { step: Some(step), half, why, reason: reason.clone() });
        Ok(())
    }

    fn withdrawn(&mut self, step: StepId) -> Applied {
        let clean_anyway = self.plan.has(Bug::WithdrawnAfterUnclearIsClean);
        let status = self.status_mut(step)?;
        let Status::Acting(progress @ Progress { mode: Mode::InFlight, .. }) = *status else {
            return Err("only an action that was to be sent can be withdrawn");
        };
        *status = if clean_anyway { Status::NoEffect } else { given_up(&progress) };
        Ok(())
    }

    fn turned_back(&mut self, cause: &Cause, at_ms: u64) -> Applied {
        if self.direction() != Some(Direction::Forward) {
            return Err("the saga turned back before");
        }
        let under_way =
            self.plan.ids().find(|&step| !matches!(self.status(step), Status::Done | Status::Skipped));
        let sibling_forgotten = self.plan.has(Bug::SiblingForgotten);
        for state in &mut self.steps {
            if let Status::Acting(progress) = state.status
                && (progress.mode != Mode::InFlight || sibling_forgotten)
            {
                state.status = given_up(&progress);
            }
        }
        let (why, reason) = match cause {
            Cause::Step(_) => (None, ""),
            Cause::Timeout => (Some(Why::Timeout), "the saga's forward timeout passed"),
            Cause::Cancelled => (Some(Why::Cancelled), "a person cancelled the saga"),
        };
        if let Some(why) = why {
            self.fail(Failure { step: under_way, half: Half::Action, why, reason: reason.into() });
        }
        self.pending = None;
        self.phase = Phase::Compensating;
        self.time_stands_or_runs(at_ms);
        Ok(())
    }

    fn paused(&mut self, at_ms: u64) -> Applied {
        if self.paused_at_ms.is_some() {
            return Err("the saga was paused before");
        }
        self.paused_at_ms = Some(at_ms);
        self.time_stands_or_runs(at_ms);
        Ok(())
    }

    fn resumed(&mut self, at_ms: u64) -> Applied {
        self.paused_at_ms.take().ok_or("the saga was not paused")?;
        self.time_stands_or_runs(at_ms);
        Ok(())
    }

    /// The forward timeout is for what services need, not for how long a person takes: it stands still while the saga is
    /// paused, and while it is parked on its way forward.
    fn time_stands_or_runs(&mut self, at_ms: u64) {
        let stands = self.paused_at_ms.is_some() || self.phase == Phase::Parked(Direction::Forward);
        if stands {
            self.standing_since_ms.get_or_insert(at_ms);
        } else if let Some(since_ms) = self.standing_since_ms.take() {
            self.deadline_ms = self.deadline_ms.saturating_add(at_ms.saturating_sub(since_ms));
        }
    }

    fn retried(&mut self, step: StepId, half: Half, at_ms: u64) -> Applied {
        let progress = *self.progress(step, half).ok_or("the half is not being tried")?;
        let mode = match progress.mode {
            Mode::Unasked | Mode::InFlight => return Err("the half is being tried already"),
            Mode::Waiting { .. } | Mode::Stuck(_) if progress.digest.is_none() => Mode::Unasked,
            Mode::Waiting { .. } | Mode::Stuck(_) => Mode::Waiting { due_ms: at_ms },
        };
        let fresh = Progress { failures: 0, refusals: 0, troubled_since_ms: None, mode, ..progress };
        *self.status_mut(step)? = if fresh.condition_open { Status::Idle } else { tried(half, fresh) };
        self.unpark(at_ms);
        Ok(())
    }

    fn vouched_for(&mut self, step: StepId, vouch: &Vouch, note: &Text, at_ms: u64) -> Applied {
        let next = match (vouch, self.status_mut(step)?) {
            (Vouch::Completed(_), Status::Acting(_)) => Status::Done,
            (Vouch::NoEffect, Status::Acting(_)) => Status::NoEffect,
            (Vouch::NotNeeded, Status::Undoing(_)) => Status::Undone,
            (
                Vouch::Completed(_) | Vouch::NoEffect | Vouch::NotNeeded,
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
            ) => return Err("there is nothing to vouch for"),
        };
        let state = &mut self.steps[usize::from(step)];
        state.status = next;
        match vouch {
            Vouch::Completed(output) => state.output = Some(output.clone()),
            Vouch::NotNeeded => {}
            // The saga now turns back, and this is why.
            Vouch::NoEffect => {
                let (half, why) = (Half::Action, Why::Cancelled);
                self.fail(Failure { step: Some(step), half, why, reason: note.clone() });
            }
        }
        self.vouched.push(Vouched { step, vouch: vouch.clone(), note: note.clone(), at_ms });
        self.unpark(at_ms);
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "every fact is recorded through one shape")]
    fn enter(&mut self, phase: Phase, news: News, at_ms: u64) -> Applied {
        self.phase = phase;
        self.time_stands_or_runs(at_ms);
        let notify = self.plan.notify();
        let tell = match news {
            News::Completed => notify.completed,
            News::Compensated => notify.compensated,
            News::Parked => notify.parked,
        };
        if tell && self.notices.len() < NOTICES_MAX {
            let state = NoticeState::Due { due_ms: at_ms };
            let input = self.inputs.len().saturating_sub(1) as u8;
            self.notices.push(Notice { news, seq: self.seq + 1, at_ms, input, failures: 0, state });
        }
        Ok(())
    }

    fn noticed(&mut self, notice: u16, delivery: Delivery, at_ms: u64) -> Applied {
        let notice = self.notices.get_mut(usize::from(notice)).ok_or("there is no such notice")?;
        notice.state = match (delivery, notice.state) {
            (Delivery::Delivered, _) => NoticeState::Delivered,
            (Delivery::Undelivered, _) => NoticeState::Undelivered,
            // What failed is repeated later. What is due at once was asked for by a person, and nothing failed.
            (Delivery::Again { due_ms }, _) if due_ms > at_ms => {
                notice.failures = notice.failures.saturating_add(1);
                NoticeState::Due { due_ms }
            }
            (Delivery::Again { due_ms }, NoticeState::Due { due_ms: before_ms }) => {
                NoticeState::Due { due_ms: due_ms.min(before_ms) }
            }
            (Delivery::Again { due_ms }, NoticeState::Delivered | NoticeState::Undelivered) => {
                NoticeState::Due { due_ms }
            }
        };
        Ok(())
    }

    fn in_flight(&self, attempt: Attempt) -> Result<Progress, &'static str> {
        match self.progress(attempt.step, attempt.half) {
            Some(p) if p.mode == Mode::InFlight && p.attempt == attempt.number => Ok(*p),
            Some(_) | None => Err("this attempt was not in flight"),
        }
    }

    fn status_mut(&mut self, step: StepId) -> Result<&mut Status, &'static str> {
        self.steps.get_mut(usize::from(step)).map(|s| &mut s.status).ok_or("the plan has no such step")
    }

    fn unpark(&mut self, at_ms: u64) {
        self.phase = match self.phase {
            Phase::Parked(Direction::Forward) => Phase::Running,
            Phase::Parked(Direction::Backward) => Phase::Compensating,
            phase @ (Phase::New
            | Phase::Running
            | Phase::Compensating
            | Phase::Completed
            | Phase::Compensated) => phase,
        };
        self.time_stands_or_runs(at_ms);
    }

    fn note_failure(&mut self, step: StepId, half: Half, finish: &Finish) {
        let (why, reason) = match finish {
            Finish::Done(_) => return,
            Finish::Unusable(_) if half == Half::Compensation => return,
            Finish::Unusable(reason) => (Why::Unusable, reason),
            Finish::Refused { reason, .. } => (Why::Refused, reason),
            Finish::Unclear(reason) => (Why::Unclear, reason),
        };
        self.fail(Failure { step: Some(step), half, why, reason: reason.clone() });
    }

    fn fail(&mut self, failure: Failure) {
        if self.failures.len() < FAILURES_MAX {
            self.failures.push(failure);
        }
    }
}

impl Progress {
    /// A half that was not tried yet.
    const NEW: Self = Self {
        attempt: 0,
        failures: 0,
        refusals: 0,
        troubled_since_ms: None,
        tainted: false,
        condition_open: false,
        input: 0,
        digest: None,
        mode: Mode::Unasked,
    };

    const fn with(self, mode: Mode) -> Self {
        Self { mode, ..self }
    }

    /// The same half after an attempt that did not settle it.
    fn after(self, finish: &Finish, at_ms: u64) -> Self {
        let (tainted, refusals) = match finish {
            Finish::Refused { sealed: true, .. } => (false, self.refusals + 1),
            Finish::Refused { sealed: false, .. } => (self.tainted, self.refusals + 1),
            Finish::Done(_) | Finish::Unusable(_) | Finish::Unclear(_) => (true, 0),
        };
        let troubled_since_ms = self.troubled_since_ms.or(Some(at_ms));
        Self { failures: self.failures + 1, refusals, tainted, troubled_since_ms, ..self }
    }
}

/// An action that is not tried any more: unclear if an attempt may have taken effect, else without effect.
const fn given_up(progress: &Progress) -> Status {
    if progress.tainted { Status::Unclear } else { Status::NoEffect }
}

const fn tried(half: Half, progress: Progress) -> Status {
    match half {
        Half::Action => Status::Acting(progress),
        Half::Compensation => Status::Undoing(progress),
    }
}

/// Folds a whole journal.
///
/// # Errors
///
/// [`Illegal`] with the first event that does not fit.
pub fn fold<'a>(
    plan: Arc<crate::plan::Plan>,
    events: impl IntoIterator<Item = &'a Event>,
) -> Result<Saga, Box<Illegal>> {
    let mut saga = Saga::new(plan);
    for event in events {
        saga.apply(event)?;
    }
    Ok(saga)
}
