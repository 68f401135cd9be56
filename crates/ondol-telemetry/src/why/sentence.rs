//! Everything that a story can say, without the words.

use super::case::{Doubt, Half, Verb};
use super::coming::Coming;
use crate::trace::Choice;

/// What a part of a story is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Heading {
    Asked,
    Failing,
    Progress,
    Retried,
    Undone,
    Left,
    Logs,
    Unknown,
    Next,
}

/// How a saga ended or stands, apart from one that a step stopped.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stand {
    Completed,
    Undone,
    Undoing,
    TimedOut,
    Cancelled,
    Parked,
    Running,
}

/// How a saga stands that a step stopped.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stopped {
    Undone,
    Undoing,
    Parked,
    /// It has not succeeded yet.
    HeldUp,
}

/// How a trace went.
#[derive(Clone, Copy, Debug)]
pub(super) enum Went {
    Healthy,
    Repaired,
}

/// A half of a step, and whose it is.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) step: String,
    pub(super) half: Half,
    pub(super) service: String,
}

/// What a service answered.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: Option<u16>,
    /// May be empty.
    pub(super) words: String,
}

/// One sentence, or a few that belong together.
#[derive(Clone, Debug)]
pub(super) enum Sentence {
    Headline(Headline),
    Asked(Asked),
    Progress(Progress),
    Failing(Failing),
    Retried(Retried),
    Left(Left),
    Unknown(Unknown),
    Next(Next),
}

macro_rules! part {
    ($name:ident) => {
        impl From<$name> for Sentence {
            fn from(said: $name) -> Self {
                Self::$name(said)
            }
        }
    };
}

part!(Headline);
part!(Asked);
part!(Progress);
part!(Failing);
part!(Retried);
part!(Left);
part!(Unknown);
part!(Next);

/// What became of it.
#[derive(Clone, Debug)]
pub(super) enum Headline {
    Saga { id: String, definition: String, stand: Stand, took_ns: u64 },
    SagaStopped { id: String, definition: String, stopped: Stopped, part: Part, took_ns: u64 },
    Trace { name: String, service: String, went: Went, took_ns: u64 },
    TraceLogged { name: String, service: String, writer: String, took_ns: u64 },
    TraceFailed { name: String, service: String, culprit: String, took_ns: u64 },
    TraceTolerated { name: String, service: String, culprit: String, took_ns: u64 },
    OnlyLogs { id: String, lines: u64 },
    NothingKnown { id: String },
}

/// What was asked.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    Saga { at_ns: u64, input: String },
    Trace { at_ns: u64, name: String, service: String },
}

/// How far it came.
#[derive(Clone, Debug)]
pub(super) enum Progress {
    Done { steps: Vec<String> },
    Skipped { steps: Vec<String> },
    NotBegun { steps: Vec<String> },
    NoEffect { steps: Vec<String> },
    InFlight { part: Part, attempt: u32, since_ns: u64 },
    Through { services: Vec<String>, spans: u64, errors: u64 },
    Slowest { service: String, name: String, took_ns: u64, whole_ns: u64 },
}

/// What failed.
#[derive(Clone, Debug)]
pub(super) enum Failing {
    Span { service: String, name: String },
    Refused { service: String, answer: Answer },
    Failed { service: String, answer: Answer },
    MayHaveDone { service: String },
    AnswerLost { service: String, reason: String },
    NotReached { service: String, reason: String },
    NoSpan { service: String, reason: String },
    Slow { service: String, reason: String, late_ns: u64 },
    Own { service: String, reason: String },
    Unclear { service: String, doubt: Doubt, reason: String },
    Unusable { service: String, reason: String },
    Expression { reason: String },
    RenderChanged { reason: String },
    TimedOut { reason: String },
    Cancelled { reason: String },
    Deeper { service: String, name: String, reason: String },
    Chosen { choice: Choice, others: u64 },
}

/// What was tried again.
#[derive(Clone, Debug)]
pub(super) enum Retried {
    Ok { part: Part, attempts: u64, reason: String },
    InVain { part: Part, attempts: u64, reason: String },
    Open { part: Part, attempts: u64, reason: String },
    Waiting { part: Part, attempts: u64, reason: String },
    CameBack { part: Part, attempts: u64, reason: String },
    LostThenReplayed { part: Part, doubt: Doubt, reason: String },
    LostThenAnswered { part: Part, doubt: Doubt, reason: String },
    CallOk { caller: String, called: String, name: String, attempts: u64, reason: String },
    CallInVain { caller: String, called: String, name: String, attempts: u64, reason: String },
    CallReplayed { caller: String, called: String, name: String, reason: String },
}

/// What was undone, and what is left.
#[derive(Clone, Debug)]
pub(super) enum Left {
    Undone { steps: Vec<String> },
    NeverUndone { steps: Vec<String> },
    MayBeInEffect { steps: Vec<String> },
    UndoPending { steps: Vec<String> },
    UndoStuck { steps: Vec<String> },
    Nothing,
    Then { what: Coming, at_ns: Option<u64> },
}

/// What is not known, and what was corrected.
#[derive(Clone, Debug)]
pub(super) enum Unknown {
    NoTrace,
    NoLogs,
    Unrooted,
    Orphans { count: u64 },
    Cycles { count: u64 },
    Shifted { service: String, by_ns: i64 },
    ShiftedMore { count: u64 },
    Duplicates { count: u64 },
    Rejected { spans: u64, logs: u64 },
    Silent { services: Vec<String> },
}

/// What to do.
#[derive(Clone, Debug)]
pub(super) enum Next {
    Deed { verb: Verb },
    SubmitAgain,
    Nothing,
    GoesOn,
    CheckUp { service: String },
    CheckTelemetry { service: String },
    ReadLogs { service: String },
    FindSlow { service: String },
    CheckNetwork { service: String },
    CheckId { id: String },
}
