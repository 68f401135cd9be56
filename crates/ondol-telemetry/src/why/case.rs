//! What a story is told of.

use super::coming::Coming;
use crate::model::Log;
use crate::trace::Tree;

/// All that is known of a request or saga. Every part may be missing.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// What was asked for: the id of a saga, a trace or a request.
    pub id: String,
    /// When it is asked: nanoseconds since 1970.
    pub now_ns: u64,
    /// The saga, if it is one.
    pub saga: Option<Saga>,
    /// Its trace, if there is one.
    pub trace: Option<Tree>,
    /// Log records of the trace, and of the services around that time; in any order.
    pub logs: Vec<Log>,
    /// What is known to be missing.
    pub missing: Missing,
}

/// Telemetry that is known to be missing.
#[derive(Clone, Debug, Default)]
pub struct Missing {
    /// Spans of the services concerned that were not taken.
    pub spans_rejected: u64,
    /// Log records of theirs that were not taken.
    pub logs_rejected: u64,
    /// Services concerned that sent nothing at all at that time.
    pub silent: Vec<String>,
}

/// A saga as its journal tells it.
#[derive(Clone, Debug)]
pub struct Saga {
    /// Its id.
    pub id: String,
    /// The definition it follows.
    pub definition: String,
    /// Where it is.
    pub status: Status,
    /// Its input on one line.
    pub input: String,
    /// When it was asked for: nanoseconds since 1970.
    pub asked_ns: u64,
    /// When it came to its end.
    pub ended_ns: Option<u64>,
    /// Its steps, in the order of the definition.
    pub steps: Vec<Step>,
    /// The first failure that it turned back or stopped for.
    pub failed: Option<Failed>,
    /// What happens next by itself.
    pub next: Option<Next>,
    /// What a person may do now.
    pub allowed: Vec<Allowed>,
}

/// Where a saga is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It goes forward.
    Running,
    /// Every step is done.
    Completed,
    /// It is being undone.
    Compensating,
    /// It was undone.
    Compensated,
    /// It needs a person.
    Parked,
}

/// A step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// The service that it calls.
    pub service: String,
    /// What became of its action.
    pub state: StepState,
    /// What becomes of its effect.
    pub undo: Undo,
    /// Every attempt, in its order.
    pub attempts: Vec<Attempt>,
}

/// What became of a step's action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// It did not begin.
    NotBegun,
    /// Its condition left it out.
    Skipped,
    /// It is being tried.
    Acting,
    /// It needs a person.
    Stuck,
    /// It took effect.
    Done,
    /// It took effect, and its answer cannot be used.
    Unusable,
    /// It certainly had no effect.
    NoEffect,
    /// It may have taken effect.
    Unclear,
}

/// What becomes of a step's effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undo {
    /// It stands, and nothing asks to undo it.
    Stands,
    /// The step has nothing that undoes it.
    Never,
    /// It is being undone, or will be.
    Pending,
    /// Undoing it needs a person.
    Stuck,
    /// It was undone.
    Done,
}

/// Which half of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// What it does.
    Action,
    /// What undoes it.
    Compensation,
}

impl Half {
    /// Its name on the command line and in the attribute `ondol.half`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Compensation => "compensation",
        }
    }
}

/// One try of one half.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Of which half.
    pub half: Half,
    /// Its number, from 1.
    pub number: u32,
    /// When it began: nanoseconds since 1970.
    pub started_ns: u64,
    /// When it ended.
    pub ended_ns: Option<u64>,
    /// How it ended.
    pub outcome: Outcome,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The service did it.
    Done {
        /// It answered from what an earlier attempt had done.
        replayed: bool,
    },
    /// The service said no.
    Refused {
        /// What it answered.
        status: Option<u16>,
        /// In its words.
        reason: String,
    },
    /// Nobody knows whether the service did it.
    Unclear {
        /// Why not.
        doubt: Doubt,
        /// In words.
        reason: String,
    },
    /// The request never left.
    NotSent {
        /// Why not, in words.
        reason: String,
    },
    /// It goes on.
    InFlight,
}

/// Why nobody knows whether a service did what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// No answer came in time.
    Timeout,
    /// The connection broke.
    Reset,
    /// It answered with a status that does not say.
    Status(u16),
    /// Ondol itself stopped before an answer came.
    Stopped,
    /// Something else.
    Other,
}

/// What a saga turned back or stopped for.
#[derive(Clone, Debug)]
pub struct Failed {
    /// The step; none where it was the whole saga.
    pub step: Option<String>,
    /// The service that it calls.
    pub service: Option<String>,
    /// Which half.
    pub half: Half,
    /// What kind of failure.
    pub cause: Cause,
    /// In words.
    pub reason: String,
}

/// What kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The service said no.
    Refused,
    /// The attempts were used up, and nobody knows whether it took effect.
    Unclear,
    /// It took effect, and its answer cannot be used.
    Unusable,
    /// The definition gives no request.
    Expression,
    /// The request would differ from the one sent before.
    RenderChanged,
    /// The saga ran out of time.
    Timeout,
    /// A person cancelled it.
    Cancelled,
}

/// What happens next by itself.
#[derive(Clone, Debug)]
pub struct Next {
    /// When, where that is known: nanoseconds since 1970.
    pub at_ns: Option<u64>,
    /// What.
    pub what: Coming,
}

/// Something that a person may do now.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// What.
    pub verb: Verb,
    /// About which step, where it is about one.
    pub step: Option<String>,
    /// About which half.
    pub half: Option<Half>,
}

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Try the half again.
    Retry,
    /// Vouch that the action took effect.
    Complete,
    /// Vouch that the half is not needed.
    Skip,
    /// Give a new input.
    Edit,
    /// Turn back.
    Cancel,
    /// Start nothing new.
    Pause,
    /// Go on.
    Resume,
    /// Send a notice again.
    Resend,
}

impl Verb {
    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Complete => "complete",
            Self::Skip => "skip",
            Self::Edit => "edit",
            Self::Cancel => "cancel",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Resend => "resend",
        }
    }
}
