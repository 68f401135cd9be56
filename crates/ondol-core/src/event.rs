//! Past facts. What is in the journal happened; nothing in it asks for anything.

use alloc::{boxed::Box, sync::Arc};

use crate::allowed::VerbKind;
use crate::set::StepId;

/// JSON bytes that pass through untouched.
pub type Payload = Arc<[u8]>;

/// A short text for people.
pub type Text = Arc<str>;

/// Digest of a rendered request; two renderings with one digest are the same request.
pub type Digest = u128;

/// Which half of a step a call runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Half {
    /// What the step does.
    Action,
    /// What undoes it.
    Compensation,
}

/// Names one attempt at one half of one step. (run, step, half) is the idempotency key, the same for every attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Attempt {
    /// The step.
    pub step: StepId,
    /// The half.
    pub half: Half,
    /// Numbered from 1.
    pub number: u32,
}

/// A fact and when it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    /// Wall-clock milliseconds since the Unix epoch; never less than that of the event before.
    pub at_ms: u64,
    /// What happened.
    pub fact: Fact,
}

/// What a saga was accepted with. The core reads `run` and `input`; the rest is carried for whoever reads the journal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Submission {
    /// Minted by the server for this run; part of every idempotency key and of every draw of chance.
    pub run: u128,
    /// Name of the definition.
    pub definition: Text,
    /// Version of the definition this saga is pinned to.
    pub version: u32,
    /// Digest of the request that submitted it, to tell a repeat from another request with the same id.
    pub request: Digest,
    /// W3C trace id and parent span id of the caller, zero where there was none.
    pub trace: (u128, u64),
    /// The input, JSON.
    pub input: Payload,
}

/// How an attempt ended, as far as the answer tells.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Finish {
    /// It took effect; this is its output.
    Done(Payload),
    /// It took effect, and its output cannot be used.
    Unusable(Text),
    /// The service said no. `sealed`: its barrier vouches that this key had no effect and never will.
    Refused {
        /// What the service said.
        reason: Text,
        /// Does the callee's barrier vouch for it?
        sealed: bool,
    },
    /// It may have taken effect, or may still.
    Unclear(Text),
}

/// What was decided to follow from the end of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Then {
    /// Nothing more is tried: the half has its result.
    Settle,
    /// It is tried again, not before this time (Unix milliseconds).
    Retry {
        /// When the next attempt may start.
        due_ms: u64,
    },
    /// It needs a person.
    Stick(Trouble),
}

/// Why a half needs a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Trouble {
    /// It must succeed, since there is no way back, and was refused.
    Refused,
    /// It was refused several times in a row.
    RefusedRepeatedly,
    /// Its attempts are used up.
    Exhausted,
    /// It failed for longer than anybody should wait.
    TooLong,
    /// It took effect, but later steps need an output that cannot be used.
    Unusable,
    /// Its request cannot be rendered.
    ExpressionError,
    /// Its request would differ from the one already sent under the same key.
    RenderChanged,
}

/// Why a saga turned back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// This step failed.
    Step(StepId),
    /// The forward timeout passed.
    Timeout,
    /// A person asked for it.
    Cancelled,
}

/// What a person vouches for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Vouch {
    /// The action took effect, with this output.
    Completed(Payload),
    /// The compensation is not needed.
    NotNeeded,
    /// The action had no effect and never will.
    NoEffect,
}

/// What a person said of a verb. Carried for whoever reads the journal; nothing follows from it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Said {
    /// Who they say they are. Nobody verified it.
    pub by: Option<Text>,
    /// Why, in their words; may be empty.
    pub note: Text,
    /// The batch that the verb was part of.
    pub batch: Option<Text>,
}

/// A person's verb.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Act {
    /// What they did.
    pub verb: VerbKind,
    /// The half it was about, where it was about one.
    pub half: Option<(StepId, Half)>,
    /// Who it was, and why.
    pub said: Said,
}

/// How a completed saga's output came out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Output {
    /// The definition has none.
    None,
    /// This, JSON.
    Some(Payload),
    /// It could not be computed; the saga is completed all the same.
    Error(Text),
}

/// How a notice fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// The receiver has it.
    Delivered,
    /// It is sent again at this time (Unix milliseconds).
    Again {
        /// When.
        due_ms: u64,
    },
    /// Nobody took it; a person may send it again.
    Undelivered,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// The saga was accepted. Always the first fact.
    Submitted(Box<Submission>),
    /// The condition of a step was answered.
    Answered {
        /// The step.
        step: StepId,
        /// Shall it run?
        holds: bool,
    },
    /// An attempt was allowed to leave. Durable before its request is sent.
    Started {
        /// Which.
        attempt: Attempt,
        /// The request's digest: given when the half is first sent, absent later, since it must not differ.
        digest: Option<Digest>,
    },
    /// An attempt ended.
    Finished {
        /// Which.
        attempt: Attempt,
        /// How.
        finish: Finish,
        /// What follows.
        then: Then,
    },
    /// Ondol stopped between an intent and its outcome; the request may have been sent.
    Lost {
        /// Which.
        attempt: Attempt,
        /// What follows.
        then: Then,
    },
    /// A half could not be rendered, or would render to another request than before. Nothing was sent.
    Unrendered {
        /// The step.
        step: StepId,
        /// The half.
        half: Half,
        /// What was wrong, and where.
        reason: Text,
        /// What follows.
        then: Then,
    },
    /// An action that waited for its target never left, and shall not any more.
    Withdrawn {
        /// The step.
        step: StepId,
    },
    /// The saga should turn back, and cannot until the pivot's outcome is known.
    TurnBackPending(Cause),
    /// The saga turned back: from here on everything that may have taken effect is undone.
    TurnedBack(Cause),
    /// Nothing new starts until it is resumed.
    Paused,
    /// It goes on; the forward timeout moves by the time it stood still.
    Resumed,
    /// A person acted. The facts that their verb caused follow it, in the same batch.
    Acted(Box<Act>),
    /// A person had a half tried again.
    Retried {
        /// The step.
        step: StepId,
        /// The half.
        half: Half,
    },
    /// A person vouched for a half.
    Vouched {
        /// The step.
        step: StepId,
        /// For what.
        vouch: Vouch,
        /// Why, in the person's words.
        note: Text,
    },
    /// A person gave a new input for the halves not yet sent.
    Edited {
        /// The new input, JSON.
        input: Payload,
        /// Why, in the person's words.
        note: Text,
    },
    /// Every step is done.
    Completed(Output),
    /// Everything is undone.
    Compensated,
    /// Nothing more happens until a person acts. On the way forward the timeout stands still until then.
    Parked,
    /// A notice was sent, or not.
    Noticed {
        /// Number of the notice on this saga, from 0.
        notice: u16,
        /// How it fared.
        delivery: Delivery,
    },
}
