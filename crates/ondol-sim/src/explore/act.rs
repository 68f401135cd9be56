//! What may happen next in a world, and what it makes of it.

use std::sync::Arc;

use ondol_core::bounds::PATIENCE_MS;
use ondol_core::{
    Attempt, Half, Input, Mode, Outcome, Phase, Said, Status, StepId, Verb, VerbKind, Wanted, fold,
};

use super::callee::{Reply, Served};
use super::property::{Broken, Property as P, Tally};
use super::world::World;

/// What a 5xx asks for with `Retry-After`, in milliseconds: long enough that the half waits, so that a wait is in every
/// search that has a fault; a timeout in turn is retried at once.
const RETRY_AFTER_MS: u64 = 1_000;

/// One thing that may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// The runner sends a wanted call.
    Send(Attempt),
    /// The runner reports that a call that shall not leave any more has not left.
    Unsent(Attempt),
    /// The runner finds that the request renders differently than before.
    Changed(Attempt),
    /// The current request reaches the service.
    Serve(Attempt, Served),
    /// A request of an attempt that ended reaches the service.
    ServeLate(StepId, Half, Served),
    /// The network doubles the current request.
    Double(Attempt),
    /// The answer reaches the runner.
    Reply(Attempt, Reply),
    /// The runner waits no longer.
    Timeout(Attempt),
    /// A back-off is over.
    Timer,
    /// The forward timeout passes.
    Deadline,
    /// A day passes.
    Day,
    /// Ondol is killed and starts again.
    Crash,
    /// A person acts.
    Person(VerbKind, Option<(StepId, Half)>),
}

impl World {
    /// Everything that may happen now, and whether some of it happens by itself.
    pub(super) fn acts(&self, wanted: &Wanted, tally: &mut Tally) -> Result<Vec<Act>, Broken> {
        let mut acts = Vec::new();
        for call in &wanted.calls {
            self.acts_of_call(call.attempt, call.stop_if_unsent, &mut acts, tally)?;
        }
        if self.next_due_ms().is_some() {
            acts.push(Act::Timer);
        }
        self.people(&mut acts, tally)?;
        let by_itself = acts.iter().any(|act| match act {
            Act::Person(verb, _) => *verb == VerbKind::Resume,
            Act::Changed(_) | Act::Double(_) | Act::Timeout(_) => false,
            Act::Serve(_, served) => !served.fault,
            _ => true,
        });
        if !by_itself {
            let over = self.saga.phase().ended() || matches!(self.saga.phase(), Phase::Parked(_));
            tally.check(P::SomethingCanHappen, over, || format!("{:?} for ever", self.saga.phase()))?;
        }
        self.acts_of_network(&mut acts);
        self.acts_of_time(&mut acts);
        if self.budget.crashes > 0 && !self.saga.phase().ended() {
            acts.push(Act::Crash);
        }
        Ok(acts)
    }

    fn acts_of_call(
        &self,
        attempt: Attempt,
        stop_if_unsent: bool,
        acts: &mut Vec<Act>,
        tally: &mut Tally,
    ) -> Result<(), Broken> {
        let site = self.site(attempt.step);
        let line = site.line(attempt.half);
        if !line.sent {
            acts.push(Act::Send(attempt));
            if stop_if_unsent {
                acts.push(Act::Unsent(attempt));
            } else {
                let decided = self.saga.decide(&Input::Outcome(attempt, Outcome::NotSent), self.now_ms);
                tally.check(P::NotSentCostsNothing, decided.is_empty(), || self.facts(&decided))?;
            }
            if attempt.number > 1 && self.budget.faults > 0 {
                acts.push(Act::Changed(attempt));
            }
        }
        if line.request {
            let options = site.callee.options(attempt.half, self.root.barrier);
            let paid = options.iter().filter(|served| self.budget.faults > 0 || !served.fault);
            acts.extend(paid.map(|served| Act::Serve(attempt, *served)));
            if self.budget.doubles > 0 && !line.late {
                acts.push(Act::Double(attempt));
            }
        }
        if let Some(reply) = line.reply {
            acts.push(Act::Reply(attempt, reply));
        }
        if line.sent && self.budget.timeouts > 0 {
            acts.push(Act::Timeout(attempt));
        }
        Ok(())
    }

    fn acts_of_network(&self, acts: &mut Vec<Act>) {
        if self.budget.late == 0 {
            return;
        }
        for step in self.root.plan.ids() {
            for half in [Half::Action, Half::Compensation] {
                let site = self.site(step);
                if site.line(half).late {
                    // A late answer is ignored, so that a fault would only spend the budget.
                    let options = site.callee.options(half, self.root.barrier).iter();
                    let sound = options.filter(|served| !served.fault);
                    acts.extend(sound.map(|served| Act::ServeLate(step, half, *served)));
                }
            }
        }
    }

    fn acts_of_time(&self, acts: &mut Vec<Act>) {
        let going = !self.saga.phase().ended();
        if self.budget.jumps == 0 || !going {
            return;
        }
        if self.now_ms < self.saga.deadline_ms() {
            acts.push(Act::Deadline);
        }
        let troubled = self.root.plan.ids().any(|step| match self.status(step) {
            Status::Acting(progress) | Status::Undoing(progress) => {
                !matches!(progress.mode, Mode::Stuck(_))
                    && progress.troubled_since_ms.is_some_and(|since| self.now_ms - since < PATIENCE_MS)
            }
            _ => false,
        });
        if troubled {
            acts.push(Act::Day);
        }
    }

    fn people(&self, acts: &mut Vec<Act>, tally: &mut Tally) -> Result<(), Broken> {
        if self.budget.verbs == 0
            && self.saga.paused_at_ms().is_none()
            && !matches!(self.saga.phase(), Phase::Parked(_))
        {
            return Ok(());
        }
        let mut helped = false;
        for allowed in self.saga.allowed() {
            if allowed.verb == VerbKind::Edit {
                continue;
            }
            let act = Act::Person(allowed.verb, allowed.half);
            let decided = self.saga.decide(&Input::Verb(verb(allowed.verb, allowed.half)), self.now_ms);
            tally.check(P::VerbsKeepTheirWord, allowed.verdict.is_ok() != decided.is_empty(), || {
                format!("{:?} is {:?}, decides {}", allowed.verb, allowed.verdict, self.facts(&decided))
            })?;
            helped |= allowed.half.is_some() && allowed.verdict.is_ok();
            let free = allowed.verb == VerbKind::Resume;
            if allowed.verdict.is_ok() && (free || self.budget.verbs > 0) {
                acts.push(act);
            }
        }
        if matches!(self.saga.phase(), Phase::Parked(_)) {
            tally.check(P::ParkedCanBeHelped, helped, || "nobody may do anything".into())?;
        }
        Ok(())
    }

    /// The world after something happened.
    pub(super) fn act(&self, act: Act, tally: &mut Tally) -> Result<Self, Broken> {
        let mut next = self.clone();
        match act {
            Act::Send(attempt) => {
                let line = next.site_mut(attempt.step).line_mut(attempt.half);
                (line.sent, line.request) = (true, true);
            }
            Act::Unsent(attempt) => {
                let decided = next.feed(&Input::Outcome(attempt, Outcome::NotSent), tally)?;
                tally.check(P::NotSentCostsNothing, decided > 0, || "it stays wanted for ever".into())?;
            }
            Act::Changed(attempt) => {
                next.budget.faults -= 1;
                next.answered(attempt, Outcome::Changed("render_changed".into()), tally)?;
            }
            Act::Serve(attempt, served) => {
                let site = next.site_mut(attempt.step);
                site.callee.serve(attempt.half, served);
                let line = site.line_mut(attempt.half);
                (line.request, line.reply) = (false, Some(served.reply));
                next.budget.faults -= u8::from(served.fault);
            }
            Act::ServeLate(step, half, served) => {
                let site = next.site_mut(step);
                site.callee.serve(half, served);
                site.line_mut(half).late = false;
                next.budget.late -= 1;
            }
            Act::Double(attempt) => {
                next.budget.doubles -= 1;
                next.site_mut(attempt.step).line_mut(attempt.half).late = true;
            }
            Act::Reply(attempt, reply) => next.answered(attempt, outcome(reply), tally)?,
            Act::Timeout(attempt) => {
                next.budget.timeouts -= 1;
                let unclear = Outcome::Unclear { reason: "no answer".into(), retry_after_ms: None };
                next.answered(attempt, unclear, tally)?;
            }
            Act::Timer => {
                next.now_ms = next.now_ms.max(next.next_due_ms().unwrap_or(0));
                next.feed(&Input::Timer, tally)?;
            }
            Act::Deadline => {
                next.budget.jumps -= 1;
                next.now_ms = next.saga.deadline_ms();
                next.feed(&Input::Timer, tally)?;
            }
            Act::Day => {
                next.budget.jumps -= 1;
                next.now_ms += PATIENCE_MS;
                next.feed(&Input::Timer, tally)?;
            }
            Act::Crash => next.crash(tally)?,
            Act::Person(kind, half) => {
                next.budget.verbs -= u8::from(kind != VerbKind::Resume);
                let said = Said { by: Some("ann".into()), ..Said::default() };
                next.feed(&Input::Signed(verb(kind, half), said), tally)?;
            }
        }
        Ok(next)
    }

    /// The first answer to a call in flight is recorded; the same again is late.
    fn answered(&mut self, attempt: Attempt, outcome: Outcome, tally: &mut Tally) -> Result<(), Broken> {
        let input = Input::Outcome(attempt, outcome);
        let decided = self.feed(&input, tally)?;
        tally.check(P::AnswerIsRecorded, decided > 0, || {
            format!("the answer to {} decided nothing", self.attempt(attempt))
        })?;
        let again = self.saga.decide(&input, self.now_ms);
        tally.check(P::LateChangesNothing, again.is_empty(), || {
            format!("a repeat decides {}", self.facts(&again))
        })
    }

    fn crash(&mut self, tally: &mut Tally) -> Result<(), Broken> {
        self.budget.crashes -= 1;
        let folded = fold(Arc::clone(&self.root.plan), self.journal.events());
        let same = folded.as_ref() == Ok(&self.saga);
        tally.check(P::FoldIsLive, same, || format!("{folded:?} is not {:?}", self.saga))?;
        for site in &mut self.sites {
            for half in [Half::Action, Half::Compensation] {
                let line = site.line_mut(half);
                (line.sent, line.reply) = (false, None);
            }
        }
        self.feed(&Input::Restarted, tally)?;
        Ok(())
    }
}

fn outcome(reply: Reply) -> Outcome {
    match reply {
        Reply::Done => Outcome::Done(b"{}".as_slice().into()),
        Reply::Unusable => Outcome::Unusable("not JSON".into()),
        Reply::Refused => Outcome::Refused { reason: "4xx".into(), sealed: false },
        Reply::Sealed => Outcome::Refused { reason: "409 compensated".into(), sealed: true },
        Reply::Unclear => Outcome::Unclear { reason: "5xx".into(), retry_after_ms: Some(RETRY_AFTER_MS) },
    }
}

fn verb(kind: VerbKind, half: Option<(StepId, Half)>) -> Verb {
    let (step, half) = half.unwrap_or((0, Half::Action));
    match kind {
        VerbKind::Pause => Verb::Pause,
        VerbKind::Resume => Verb::Resume,
        VerbKind::Cancel => Verb::Cancel,
        VerbKind::Retry => Verb::Retry(step, half),
        VerbKind::Complete => {
            Verb::Complete { step, output: b"{}".as_slice().into(), note: "by hand".into() }
        }
        VerbKind::Skip => Verb::Skip { step, half, note: "by hand".into() },
        VerbKind::Resend => Verb::Resend(0),
        VerbKind::Edit => Verb::Edit { input: b"{}".as_slice().into(), note: "by hand".into() },
    }
}
