//! Judgement: what an input means, given what is known. Changes nothing; its result is what to remember.

mod outcome;
mod verb;

use alloc::vec::Vec;

use crate::bounds::NOTICE_RETRY_MS;
use crate::bug::Bug;
use crate::event::{Attempt, Cause, Delivery, Event, Fact, Half, Output, Then, Trouble};
use crate::input::{Answer, Input, Question};
use crate::set::StepId;
use crate::state::{Direction, Mode, NoticeState, Phase, Saga, Status};

impl Saga {
    /// Turns an input into the facts to record, in order. Late, repeated and forbidden inputs yield none.
    ///
    /// `now_ms` is the wall clock (Unix milliseconds); a clock that went back counts as standing still.
    #[must_use]
    pub fn decide(&self, input: &Input, now_ms: u64) -> Vec<Event> {
        let mut draft =
            Draft { saga: self.clone(), events: Vec::new(), now_ms: now_ms.max(self.now_ms), sound: true };
        draft.take(input);
        draft.advance();
        draft.events
    }
}

/// A saga run a few facts into the future: facts are found by applying the ones before.
struct Draft {
    saga: Saga,
    events: Vec<Event>,
    now_ms: u64,
    /// False once a fact did not apply. Cannot happen but with a deliberate bug; the fact is kept so that whoever folds it sees it.
    sound: bool,
}

impl Draft {
    fn push(&mut self, fact: Fact) {
        if !self.sound {
            return;
        }
        let event = Event { at_ms: self.now_ms, fact };
        self.sound = self.saga.apply(&event).is_ok();
        debug_assert!(self.sound || cfg!(feature = "bugs"), "decided a fact that does not apply: {event:?}");
        self.events.push(event);
    }

    fn take(&mut self, input: &Input) {
        match input {
            Input::Submit(submission) => {
                if self.saga.phase == Phase::New {
                    self.push(Fact::Submitted(submission.clone()));
                }
            }
            Input::Outcome(attempt, outcome) => self.outcome(*attempt, outcome),
            Input::Answer(question, answer) => self.answer(*question, answer),
            Input::Timer => {}
            Input::Restarted => self.restarted(),
            Input::Verb(verb) => self.verb(verb, None),
            Input::Signed(verb, said) => self.verb(verb, Some(said)),
            Input::Notice { notice, delivered } => self.notice(*notice, *delivered),
        }
    }

    /// What follows from the state as it is now, whatever led to it.
    fn advance(&mut self) {
        if self.saga.direction().is_none() {
            return;
        }
        self.turn_back();
        self.start_due();
        self.end();
    }

    fn answer(&mut self, question: Question, answer: &Answer) {
        if !self.saga.questions().contains(&question) {
            return;
        }
        match (question, answer) {
            (Question::Condition(step), Answer::Holds(holds)) => {
                self.push(Fact::Answered { step, holds: *holds });
            }
            (Question::Request(step, half), Answer::Rendered(digest)) => {
                let attempt = Attempt { step, half, number: 1 };
                self.push(Fact::Started { attempt, digest: Some(*digest) });
            }
            (Question::Output, Answer::Output(output)) => {
                self.push(Fact::Completed(Output::Some(output.clone())));
            }
            (Question::Condition(step), Answer::Failed(reason)) => {
                let then = self.then_unrendered(step, Half::Action);
                self.push(Fact::Unrendered { step, half: Half::Action, reason: reason.clone(), then });
            }
            (Question::Request(step, half), Answer::Failed(reason)) => {
                let then = self.then_unrendered(step, half);
                self.push(Fact::Unrendered { step, half, reason: reason.clone(), then });
            }
            (Question::Output, Answer::Failed(reason)) => {
                self.push(Fact::Completed(Output::Error(reason.clone())));
            }
            // An answer to something that was not asked.
            (
                Question::Condition(_) | Question::Request(..) | Question::Output,
                Answer::Holds(_) | Answer::Rendered(_) | Answer::Output(_),
            ) => {}
        }
    }

    /// Up to the pivot a request that cannot be rendered is a step refused unsent; elsewhere there is no way but a person.
    fn then_unrendered(&self, step: StepId, half: Half) -> Then {
        let no_way_back = half == Half::Compensation || self.saga.plan.behind_pivot(step);
        if no_way_back { Then::Stick(Trouble::ExpressionError) } else { Then::Settle }
    }

    /// Every intent without an outcome may have been sent.
    fn restarted(&mut self) {
        let lost: Vec<Attempt> = self.saga.wanted().calls.iter().map(|call| call.attempt).collect();
        for attempt in lost {
            let over = attempt.half == Half::Action && self.saga.direction() == Some(Direction::Backward);
            let then = if over { Then::Settle } else { Then::Retry { due_ms: self.now_ms } };
            self.push(Fact::Lost { attempt, then });
        }
    }

    fn notice(&mut self, notice: u16, delivered: bool) {
        let Some(known) = self.saga.notices.get(usize::from(notice)) else { return };
        if !matches!(known.state, NoticeState::Due { .. }) {
            return;
        }
        let delivery = if delivered {
            Delivery::Delivered
        } else {
            match NOTICE_RETRY_MS.get(known.failures as usize) {
                Some(after_ms) => Delivery::Again { due_ms: self.now_ms.saturating_add(*after_ms) },
                None => Delivery::Undelivered,
            }
        };
        self.push(Fact::Noticed { notice, delivery });
    }

    /// Turns back where a step failed or time ran out, unless the pivot forbids it.
    fn turn_back(&mut self) {
        if self.saga.phase != Phase::Running || self.saga.all_done() {
            return;
        }
        if self.saga.pivot_passed() && !self.saga.plan.has(Bug::BehindPivotTurnsBack) {
            return;
        }
        let failed = |&step: &StepId| {
            matches!(self.saga.status(step), Status::NoEffect | Status::Unclear | Status::Unusable)
        };
        if self.saga.pivot_open() {
            let late = self.late();
            if late && self.saga.plan.has(Bug::PivotTimesOut) {
                self.push(Fact::TurnedBack(Cause::Timeout));
            } else if late && self.saga.pending.is_none() {
                self.push(Fact::TurnBackPending(Cause::Timeout));
            }
        } else if let Some(cause) = self.saga.pending.clone() {
            self.push(Fact::TurnedBack(cause));
        } else if let Some(step) = self.saga.plan.ids().find(failed) {
            self.push(Fact::TurnedBack(Cause::Step(step)));
        } else if self.late() {
            self.push(Fact::TurnedBack(Cause::Timeout));
        }
    }

    fn late(&self) -> bool {
        self.saga.paused_at_ms.is_none() && self.now_ms >= self.saga.deadline_ms
    }

    /// Starts the attempts whose back-off is over.
    fn start_due(&mut self) {
        if self.saga.paused_at_ms.is_some() {
            return;
        }
        for step in self.saga.plan.ids() {
            let (half, progress) = match self.saga.status(step) {
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
            if let Mode::Waiting { due_ms } = progress.mode
                && due_ms <= self.now_ms
            {
                let attempt = Attempt { step, half, number: progress.attempt + 1 };
                self.push(Fact::Started { attempt, digest: None });
            }
        }
    }

    /// Ends or parks a saga that wants nothing more.
    fn end(&mut self) {
        let Some(direction) = self.saga.direction() else { return };
        if self.saga.all_done() {
            if !self.saga.plan.output() {
                self.push(Fact::Completed(Output::None));
            }
            return;
        }
        if self.busy() || self.saga.startable().next().is_some() {
            return;
        }
        let stuck = self.modes().any(|mode| matches!(mode, Mode::Stuck(_)));
        if stuck && !self.saga.plan.has(Bug::StuckEndsCompensated) {
            if !matches!(self.saga.phase, Phase::Parked(_)) {
                self.push(Fact::Parked);
            }
        } else if direction == Direction::Backward {
            self.push(Fact::Compensated);
        }
    }

    fn busy(&self) -> bool {
        let sibling_counts = !self.saga.plan.has(Bug::EndedWithSiblingInFlight)
            || self.saga.direction() == Some(Direction::Forward);
        self.modes().any(|mode| match mode {
            Mode::InFlight => sibling_counts,
            Mode::Unasked | Mode::Waiting { .. } => true,
            Mode::Stuck(_) => false,
        })
    }

    fn modes(&self) -> impl Iterator<Item = Mode> + '_ {
        self.saga.steps.iter().filter_map(|state| match state.status {
            Status::Acting(progress) | Status::Undoing(progress) => Some(progress.mode),
            Status::Idle
            | Status::Chosen
            | Status::Skipped
            | Status::Done
            | Status::Unusable
            | Status::Unclear
            | Status::NoEffect
            | Status::Undone => None,
        })
    }
}
