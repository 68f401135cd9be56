//! What is known of one saga.

use alloc::{sync::Arc, vec::Vec};
use core::hash::{Hash, Hasher};

use crate::event::{Cause, Digest, Half, Output, Payload, Submission, Text, Trouble, Vouch};
use crate::plan::Plan;
use crate::set::StepId;

/// Which way a saga goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// Towards completion.
    Forward,
    /// Undoing.
    Backward,
}

/// Where a saga is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Not accepted yet.
    New,
    /// Going forward.
    Running,
    /// Undoing.
    Compensating,
    /// Every step that was not skipped is in effect.
    Completed,
    /// No step that can be undone is in effect.
    Compensated,
    /// A half needs a person, and nothing else is wanted.
    Parked(Direction),
}

impl Phase {
    /// Has the saga reached its end?
    #[must_use]
    pub const fn ended(self) -> bool {
        matches!(self, Self::Completed | Self::Compensated)
    }
}

/// What is being done about one half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Its request must be rendered before the first attempt.
    Unasked,
    /// The current attempt may be on its way.
    InFlight,
    /// The next attempt starts at this time (Unix milliseconds).
    Waiting {
        /// When.
        due_ms: u64,
    },
    /// It needs a person.
    Stuck(Trouble),
}

/// How far one half has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Progress {
    /// The current or last attempt; 0 before the first.
    pub attempt: u32,
    /// Attempts that failed since the half began or was retried by a person; lost ones are not counted.
    pub failures: u32,
    /// How many of the last attempts were refused, one after the other.
    pub refusals: u32,
    /// When the first of `failures` was recorded (Unix milliseconds).
    pub troubled_since_ms: Option<u64>,
    /// May an attempt before the current one have taken effect, or still do so?
    pub tainted: bool,
    /// Could the step's condition not be evaluated? It is then asked again before the half is tried again.
    pub condition_open: bool,
    /// Which input the half is rendered with; see [`Saga::inputs`].
    pub input: u8,
    /// Digest of the request, once it was rendered.
    pub digest: Option<Digest>,
    /// What is being done.
    pub mode: Mode,
}

/// What is known of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Not started.
    Idle,
    /// Its condition holds; it may start.
    Chosen,
    /// Its condition does not hold; it never runs.
    Skipped,
    /// Its action is being tried.
    Acting(Progress),
    /// In effect.
    Done,
    /// In effect, with an output that cannot be used.
    Unusable,
    /// May be in effect.
    Unclear,
    /// Certainly not in effect, and never was.
    NoEffect,
    /// Its compensation is being tried.
    Undoing(Progress),
    /// Undone.
    Undone,
}

/// One step of a running saga.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StepState {
    /// What is known.
    pub status: Status,
    /// What the action answered, JSON.
    pub output: Option<Payload>,
}

/// Why a saga did not simply complete.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Failure {
    /// The step that failed, or that was under way when time ran out. `None` where there was none.
    pub step: Option<StepId>,
    /// Its half.
    pub half: Half,
    /// What kind of failure.
    pub why: Why,
    /// In words.
    pub reason: Text,
}

/// Kind of a [`Failure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Why {
    /// The service said no.
    Refused,
    /// Attempts were used up and nobody knows whether one took effect.
    Unclear,
    /// It took effect, and its output cannot be used.
    Unusable,
    /// Its request could not be rendered.
    ExpressionError,
    /// Its request would differ from the one already sent.
    RenderChanged,
    /// The forward timeout passed.
    Timeout,
    /// A person cancelled, or vouched that the pivot had no effect.
    Cancelled,
}

/// What a person vouched for. Listed on the saga for ever.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Vouched {
    /// The step.
    pub step: StepId,
    /// For what.
    pub vouch: Vouch,
    /// Why, in the person's words.
    pub note: Text,
    /// When (Unix milliseconds).
    pub at_ms: u64,
}

/// What the outside is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum News {
    /// The saga completed.
    Completed,
    /// The saga was undone.
    Compensated,
    /// The saga needs a person.
    Parked,
}

/// Something the outside shall be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Notice {
    /// What.
    pub news: News,
    /// [`Saga::seq`] when it became true: of two notices the one with the higher number is later.
    pub seq: u64,
    /// When it became true (Unix milliseconds): every delivery says the same.
    pub at_ms: u64,
    /// Which input the saga had then, an index of [`Saga::inputs`]: a later edit changes no notice.
    pub input: u8,
    /// Deliveries that failed.
    pub failures: u32,
    /// How it stands.
    pub state: NoticeState,
}

/// How a [`Notice`] stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoticeState {
    /// To be sent at this time (Unix milliseconds).
    Due {
        /// When.
        due_ms: u64,
    },
    /// The receiver has it.
    Delivered,
    /// Nobody took it.
    Undelivered,
}

/// One saga: its plan and everything the journal tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saga {
    pub(crate) plan: Arc<Plan>,
    pub(crate) submission: Option<Arc<Submission>>,
    pub(crate) phase: Phase,
    pub(crate) seq: u64,
    pub(crate) now_ms: u64,
    pub(crate) deadline_ms: u64,
    pub(crate) paused_at_ms: Option<u64>,
    pub(crate) standing_since_ms: Option<u64>,
    pub(crate) pending: Option<Cause>,
    pub(crate) inputs: Vec<Payload>,
    pub(crate) steps: Vec<StepState>,
    pub(crate) failures: Vec<Failure>,
    pub(crate) vouched: Vec<Vouched>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) output: Output,
}

/// By what changes: two runs of different plans rarely meet in one table, and a plan is long.
impl Hash for Saga {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { plan: _, submission: _, phase, seq, now_ms, deadline_ms, paused_at_ms, .. } = self;
        (phase, seq, now_ms, deadline_ms, paused_at_ms, &self.pending, &self.steps).hash(state);
    }
}

impl Saga {
    /// A saga that nobody submitted yet.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        let idle = StepState { status: Status::Idle, output: None };
        let steps = alloc::vec![idle; plan.steps().len()];
        Self {
            plan,
            submission: None,
            phase: Phase::New,
            seq: 0,
            now_ms: 0,
            deadline_ms: 0,
            paused_at_ms: None,
            standing_since_ms: None,
            pending: None,
            inputs: Vec::new(),
            steps,
            failures: Vec::new(),
            vouched: Vec::new(),
            notices: Vec::new(),
            output: Output::None,
        }
    }

    /// Its plan.
    #[must_use]
    pub const fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// What it was accepted with; `None` before that.
    #[must_use]
    pub fn submission(&self) -> Option<&Submission> {
        self.submission.as_deref()
    }

    /// Where it is.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// Number of facts so far; the sequence number of the last one.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// When the last fact was recorded (Unix milliseconds).
    #[must_use]
    pub const fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// When it gives up going forward (Unix milliseconds); later by the time it stands still.
    #[must_use]
    pub const fn deadline_ms(&self) -> u64 {
        self.deadline_ms
    }

    /// Since when the forward timeout stands still (Unix milliseconds): the saga is paused, or parked on its way forward.
    #[must_use]
    pub const fn standing_since_ms(&self) -> Option<u64> {
        self.standing_since_ms
    }

    /// Since when it is paused (Unix milliseconds).
    #[must_use]
    pub const fn paused_at_ms(&self) -> Option<u64> {
        self.paused_at_ms
    }

    /// Why it should turn back as soon as the pivot allows it.
    #[must_use]
    pub const fn pending(&self) -> Option<&Cause> {
        self.pending.as_ref()
    }

    /// Its inputs: the one it was submitted with, then each edit. [`Progress::input`] is an index into it.
    #[must_use]
    pub fn inputs(&self) -> &[Payload] {
        &self.inputs
    }

    /// Its steps, in the order of the plan.
    #[must_use]
    pub fn steps(&self) -> &[StepState] {
        &self.steps
    }

    /// What went wrong, first failure first; at most [`crate::bounds::FAILURES_MAX`].
    #[must_use]
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// What people vouched for.
    #[must_use]
    pub fn vouched(&self) -> &[Vouched] {
        &self.vouched
    }

    /// What the outside was, is or shall be told.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The output of a completed saga.
    #[must_use]
    pub const fn output(&self) -> &Output {
        &self.output
    }

    /// Input for the half: the one it was first rendered with, or the newest where it was not rendered yet.
    #[must_use]
    pub fn input_of(&self, step: StepId, half: Half) -> Option<&Payload> {
        match self.progress(step, half) {
            Some(progress) if progress.digest.is_some() => self.inputs.get(usize::from(progress.input)),
            Some(_) | None => self.inputs.last(),
        }
    }

    /// How far a half has come, while it is being tried.
    #[must_use]
    pub fn progress(&self, step: StepId, half: Half) -> Option<&Progress> {
        match (&self.steps.get(usize::from(step))?.status, half) {
            (Status::Acting(progress), Half::Action) | (Status::Undoing(progress), Half::Compensation) => {
                Some(progress)
            }
            (
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
                Half::Action | Half::Compensation,
            ) => None,
        }
    }

    pub(crate) fn status(&self, step: StepId) -> Status {
        self.steps[usize::from(step)].status
    }

    pub(crate) fn direction(&self) -> Option<Direction> {
        match self.phase {
            Phase::Running | Phase::Parked(Direction::Forward) => Some(Direction::Forward),
            Phase::Compensating | Phase::Parked(Direction::Backward) => Some(Direction::Backward),
            Phase::New | Phase::Completed | Phase::Compensated => None,
        }
    }

    /// Is the pivot's outcome open: its intent durable and its result not known?
    pub(crate) fn pivot_open(&self) -> bool {
        self.plan
            .pivot()
            .is_some_and(|pivot| matches!(self.status(pivot), Status::Acting(p) if p.attempt > 0))
    }

    /// Did the pivot take effect?
    pub(crate) fn pivot_passed(&self) -> bool {
        self.plan.pivot().is_some_and(|pivot| matches!(self.status(pivot), Status::Done))
    }

    /// Is there nothing left of this step that would have to be undone before its ancestors are?
    pub(crate) fn settled(&self, step: StepId) -> bool {
        match self.status(step) {
            Status::Idle | Status::Chosen | Status::Skipped | Status::NoEffect | Status::Undone => true,
            Status::Done | Status::Unusable | Status::Unclear => !self.undoable(step),
            Status::Acting(_) | Status::Undoing(_) => false,
        }
    }

    pub(crate) fn undoable(&self, step: StepId) -> bool {
        self.plan.step(step).is_some_and(|step| step.compensation.is_some())
    }
}
