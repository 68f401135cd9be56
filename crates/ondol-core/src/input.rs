//! What may cause events. An input is a claim by the outside; only what `decide` makes of it is a fact.

use alloc::boxed::Box;

use crate::allowed::VerbKind;
use crate::event::{Attempt, Digest, Half, Payload, Said, Submission, Text};
use crate::set::StepId;

/// Something happened outside, or time passed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// Somebody wants this saga run. The first input.
    Submit(Box<Submission>),
    /// An attempt came to an end.
    Outcome(Attempt, Outcome),
    /// A question was answered.
    Answer(Question, Answer),
    /// Time passed. Carries nothing: what is due follows from `now`.
    Timer,
    /// The process that had calls in flight is gone; every intent without an outcome may have been sent.
    Restarted,
    /// A person acts.
    Verb(Verb),
    /// A person acts, and the journal is to tell who it was and why.
    Signed(Verb, Said),
    /// A notice came to an end.
    Notice {
        /// Number of the notice on this saga.
        notice: u16,
        /// Did the receiver take it?
        delivered: bool,
    },
}

/// How a try of one attempt ended (DESIGN §6).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It certainly never left this machine. No attempt was made, and none is counted.
    NotSent,
    /// 2xx: it took effect, and this is the output.
    Done(Payload),
    /// 2xx: it took effect, and its body is not JSON or over the limit.
    Unusable(Text),
    /// The service said no.
    Refused {
        /// What it said.
        reason: Text,
        /// Does the callee's barrier vouch that this key had no effect and never will?
        sealed: bool,
    },
    /// Nobody knows whether it took effect.
    Unclear {
        /// What was seen.
        reason: Text,
        /// When the service asked to be called again, in milliseconds from now.
        retry_after_ms: Option<u64>,
    },
    /// Rendering gave another request than the one already sent under this key. Nothing was sent.
    Changed(Text),
}

/// What only the outside can compute. Asked once; the answer is an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Question {
    /// Does the condition of this step hold?
    Condition(StepId),
    /// What is the digest of the request of this half?
    Request(StepId, Half),
    /// What is the saga's output?
    Output,
}

/// The answer to a [`Question`]. An answer of another kind than the question asks is ignored.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// To `Condition`.
    Holds(bool),
    /// To `Request`.
    Rendered(Digest),
    /// To `Output`.
    Output(Payload),
    /// To each of them: the expression cannot be evaluated, for this reason.
    Failed(Text),
}

/// What a person may do to a saga.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Nothing new starts, in either direction.
    Pause,
    /// Go on.
    Resume,
    /// Turn back.
    Cancel,
    /// Try this half again, now, with its attempts beginning again.
    Retry(StepId, Half),
    /// The action of this step took effect, with this output: the person vouches for it.
    Complete {
        /// The step.
        step: StepId,
        /// The output later steps shall see, JSON.
        output: Payload,
        /// Why.
        note: Text,
    },
    /// This half is not needed: a compensation need not run, or the pivot had no effect and never will.
    Skip {
        /// The step.
        step: StepId,
        /// The half.
        half: Half,
        /// Why.
        note: Text,
    },
    /// Send a notice again that was not delivered, or send it now where it is due later.
    Resend(u16),
    /// Use this input for the halves not yet sent.
    Edit {
        /// The new input, JSON.
        input: Payload,
        /// Why.
        note: Text,
    },
}

impl Verb {
    /// What kind of verb it is.
    #[must_use]
    pub const fn kind(&self) -> VerbKind {
        match self {
            Self::Pause => VerbKind::Pause,
            Self::Resume => VerbKind::Resume,
            Self::Cancel => VerbKind::Cancel,
            Self::Retry(..) => VerbKind::Retry,
            Self::Complete { .. } => VerbKind::Complete,
            Self::Skip { .. } => VerbKind::Skip,
            Self::Resend(_) => VerbKind::Resend,
            Self::Edit { .. } => VerbKind::Edit,
        }
    }

    /// The half it is about, where it is about one.
    #[must_use]
    pub const fn half(&self) -> Option<(StepId, Half)> {
        match self {
            Self::Retry(step, half) | Self::Skip { step, half, .. } => Some((*step, *half)),
            Self::Complete { step, .. } => Some((*step, Half::Action)),
            Self::Pause | Self::Resume | Self::Cancel | Self::Resend(_) | Self::Edit { .. } => None,
        }
    }
}
