//! What a person may do now, and why not. The one place that knows; console, CLI and API only show it.

use alloc::vec::Vec;

use crate::bounds::EDITS_MAX;
use crate::event::{Half, Trouble};
use crate::input::Verb;
use crate::set::StepId;
use crate::state::{Direction, Mode, NoticeState, Phase, Progress, Saga, Status};

/// The kinds of [`Verb`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VerbKind {
    /// [`Verb::Pause`]
    Pause,
    /// [`Verb::Resume`]
    Resume,
    /// [`Verb::Cancel`]
    Cancel,
    /// [`Verb::Retry`]
    Retry,
    /// [`Verb::Complete`]
    Complete,
    /// [`Verb::Skip`]
    Skip,
    /// [`Verb::Resend`]
    Resend,
    /// [`Verb::Edit`]
    Edit,
}

/// May this be done, and if not, why not?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// The verb.
    pub verb: VerbKind,
    /// The half it is about, where it is about one.
    pub half: Option<(StepId, Half)>,
    /// The notice it is about, where it is about one.
    pub notice: Option<u16>,
    /// The reason, where it may not be done.
    pub verdict: Result<Permit, &'static str>,
}

/// What a permitted verb does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permit {
    /// It takes effect at once.
    Now,
    /// It is recorded, and takes effect if the pivot turns out not to.
    Pending,
}

type Verdict = Result<Permit, &'static str>;

impl Saga {
    /// Every verb, with its verdict: those about the saga, then those about each half that is being tried, then sending
    /// each notice that nobody took yet.
    #[must_use]
    pub fn allowed(&self) -> Vec<Allowed> {
        let whole = |verb, verdict| Allowed { verb, half: None, notice: None, verdict };
        let mut all = alloc::vec![
            whole(VerbKind::Pause, self.may_pause()),
            whole(VerbKind::Resume, self.may_resume()),
            whole(VerbKind::Cancel, self.may_cancel()),
            whole(VerbKind::Edit, self.may_edit()),
        ];
        for step in self.plan.ids() {
            let half = match self.status(step) {
                Status::Acting(_) => Half::Action,
                Status::Undoing(_) => Half::Compensation,
                Status::Idle
                | Status::Chosen
                | Status::Skipped
                | Status::Done
                | Status::Unusable
                | Status::Unclear
                | Status::NoEffect
                | Status::Undone => continue,
            };
            let about = |verb, verdict| Allowed { verb, half: Some((step, half)), notice: None, verdict };
            all.push(about(VerbKind::Retry, self.may_retry(step, half)));
            all.push(about(VerbKind::Complete, self.may_complete(step)));
            all.push(about(VerbKind::Skip, self.may_skip(step, half)));
        }
        let open = self.notices.iter().zip(0..).filter(|(notice, _)| notice.state != NoticeState::Delivered);
        all.extend(open.map(|(_, notice)| Allowed {
            verb: VerbKind::Resend,
            half: None,
            notice: Some(notice),
            verdict: self.may_resend(notice),
        }));
        all
    }

    /// May this verb be done now?
    ///
    /// # Errors
    ///
    /// Why not, in words for the person who asked.
    pub fn permits(&self, verb: &Verb) -> Result<Permit, &'static str> {
        match verb {
            Verb::Pause => self.may_pause(),
            Verb::Resume => self.may_resume(),
            Verb::Cancel => self.may_cancel(),
            Verb::Retry(step, half) => self.may_retry(*step, *half),
            Verb::Complete { step, .. } => self.may_complete(*step),
            Verb::Skip { step, half, .. } => self.may_skip(*step, *half),
            Verb::Resend(notice) => self.may_resend(*notice),
            Verb::Edit { .. } => self.may_edit(),
        }
    }

    fn open(&self) -> Result<(), &'static str> {
        match self.phase {
            Phase::New => Err("the saga was not submitted yet"),
            Phase::Completed => Err("the saga is completed"),
            Phase::Compensated => Err("the saga is compensated: everything was undone"),
            Phase::Running | Phase::Compensating | Phase::Parked(_) => Ok(()),
        }
    }

    fn may_pause(&self) -> Verdict {
        self.open()?;
        if self.paused_at_ms.is_some() { Err("the saga is paused already") } else { Ok(Permit::Now) }
    }

    fn may_resume(&self) -> Verdict {
        self.open()?;
        if self.paused_at_ms.is_none() { Err("the saga is not paused") } else { Ok(Permit::Now) }
    }

    fn may_cancel(&self) -> Verdict {
        self.open()?;
        if self.direction() == Some(Direction::Backward) {
            return Err("the saga is turning back already");
        }
        if self.pivot_passed() {
            return Err("the pivot took effect; there is no way back, only forward");
        }
        if self.all_done() {
            return Err("every step is done; the saga is about to complete");
        }
        if !self.pivot_open() {
            return Ok(Permit::Now);
        }
        if self.pending.is_some() {
            return Err("turning back is pending already: it waits for the pivot's outcome");
        }
        Ok(Permit::Pending)
    }

    fn may_edit(&self) -> Verdict {
        self.open()?;
        if self.inputs.len() > EDITS_MAX {
            return Err("the saga's input was edited as often as is kept");
        }
        if self.plan.ids().any(|step| self.unsent(step)) {
            Ok(Permit::Now)
        } else {
            Err("every half that this saga needs was sent already, with the input it had")
        }
    }

    /// Has this step a half that may still be rendered for the first time?
    fn unsent(&self, step: StepId) -> bool {
        let may_be_undone = self.undoable(step) && !self.pivot_passed();
        match self.status(step) {
            Status::Idle | Status::Chosen => self.direction() == Some(Direction::Forward),
            Status::Acting(progress) => progress.digest.is_none() || may_be_undone,
            Status::Done | Status::Unclear | Status::Unusable => may_be_undone,
            Status::Undoing(progress) => progress.digest.is_none(),
            Status::Skipped | Status::NoEffect | Status::Undone => false,
        }
    }

    fn may_retry(&self, step: StepId, half: Half) -> Verdict {
        self.resting(step, half)?;
        Ok(Permit::Now)
    }

    fn may_complete(&self, step: StepId) -> Verdict {
        self.resting(step, Half::Action)?;
        Ok(Permit::Now)
    }

    fn may_skip(&self, step: StepId, half: Half) -> Verdict {
        let progress = self.resting(step, half)?;
        match half {
            Half::Action if self.plan.pivot() != Some(step) => {
                Err("an action is not skipped; `complete` it, or `cancel` the saga before the pivot")
            }
            Half::Action if progress.mode == Mode::Stuck(Trouble::Unusable) => {
                Err("the pivot took effect; `complete` it with the output it should have had")
            }
            Half::Action | Half::Compensation => Ok(Permit::Now),
        }
    }

    fn may_resend(&self, notice: u16) -> Verdict {
        match self.notices.get(usize::from(notice)).map(|notice| notice.state) {
            None => Err("the saga has no such notice"),
            Some(NoticeState::Delivered) => Err("the notice was delivered"),
            Some(NoticeState::Due { .. } | NoticeState::Undelivered) => Ok(Permit::Now),
        }
    }

    /// A half that is stuck or waits for its next attempt: no request of it is on its way that Ondol waits for.
    fn resting(&self, step: StepId, half: Half) -> Result<&Progress, &'static str> {
        self.open()?;
        let progress = self.progress(step, half).ok_or("this half of the step is not being tried")?;
        match progress.mode {
            Mode::Stuck(_) | Mode::Waiting { .. } => Ok(progress),
            Mode::InFlight => Err("a request is on its way; wait for its answer or its timeout"),
            Mode::Unasked => Err("the half is about to start"),
        }
    }
}
