//! Events of the journal: `{seq, at, type, …}`, one type for each fact.

use ondol_core::{
    Attempt, Cause, Delivery, Event as CoreEvent, Fact as CoreFact, Finish, Output, Plan, StepId, Then, Vouch,
};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::schema::{HalfName, TroubleName, VerbName};
use super::{raw, words};
use crate::clock;

/// A past fact.
#[derive(Serialize, ToSchema)]
pub(crate) struct Event<'a> {
    /// Its number in the saga, from 1.
    pub(crate) seq: u64,
    /// When it was recorded.
    pub(crate) at: String,
    #[serde(flatten)]
    pub(crate) fact: Fact<'a>,
}

/// What happened.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Fact<'a> {
    /// The saga was accepted.
    Submitted {
        run: String,
        definition: &'a str,
        version: u32,
        trace_id: String,
        #[schema(value_type = serde_json::Value)]
        input: &'a RawValue,
    },
    /// The condition of a step was answered.
    Answered { step: &'a str, holds: bool },
    /// An attempt was allowed to leave.
    Started {
        step: &'a str,
        #[schema(value_type = HalfName)]
        half: &'static str,
        attempt: u32,
    },
    /// An attempt ended.
    Finished {
        step: &'a str,
        #[schema(value_type = HalfName)]
        half: &'static str,
        attempt: u32,
        /// `done`, `unusable`, `refused` or `unclear`.
        outcome: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<serde_json::Value>)]
        output: Option<&'a RawValue>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
        /// The callee's barrier vouches that this key had no effect and never will.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        sealed: bool,
        #[serde(flatten)]
        then: Follows,
    },
    /// Ondol stopped between an intent and its outcome.
    Lost {
        step: &'a str,
        #[schema(value_type = HalfName)]
        half: &'static str,
        attempt: u32,
        #[serde(flatten)]
        then: Follows,
    },
    /// A request could not be rendered, or would differ from the one sent before. Nothing was sent.
    Unrendered {
        step: &'a str,
        #[schema(value_type = HalfName)]
        half: &'static str,
        reason: &'a str,
        #[serde(flatten)]
        then: Follows,
    },
    /// An action never left, and shall not any more.
    Withdrawn { step: &'a str },
    /// The saga should turn back, and cannot until the pivot's outcome is known.
    TurnBackPending { cause: &'static str },
    /// The saga turned back.
    TurnedBack {
        cause: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        step: Option<&'a str>,
    },
    /// Nothing new starts until it is resumed.
    Paused {},
    /// It goes on.
    Resumed {},
    /// A person acted. What that caused follows, with the same time.
    Acted {
        #[schema(value_type = VerbName)]
        verb: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        step: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<HalfName>)]
        half: Option<&'static str>,
        /// Who they say they are. Nobody verified it.
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<&'a str>,
        #[serde(skip_serializing_if = "str::is_empty")]
        note: &'a str,
        /// The batch that it was part of.
        #[serde(skip_serializing_if = "Option::is_none")]
        batch: Option<&'a str>,
    },
    /// A person had a half tried again.
    Retried {
        step: &'a str,
        #[schema(value_type = HalfName)]
        half: &'static str,
    },
    /// A person vouched for a half.
    Vouched {
        step: &'a str,
        /// `completed`, `not_needed` or `no_effect`.
        vouch: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<serde_json::Value>)]
        output: Option<&'a RawValue>,
        note: &'a str,
    },
    /// A person gave a new input for the halves not yet sent.
    Edited {
        #[schema(value_type = serde_json::Value)]
        input: &'a RawValue,
        note: &'a str,
    },
    /// Every step is done.
    Completed {
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<serde_json::Value>)]
        output: Option<&'a RawValue>,
        #[serde(skip_serializing_if = "Option::is_none")]
        output_error: Option<&'a str>,
    },
    /// Everything is undone.
    Compensated {},
    /// Nothing more happens until a person acts.
    Parked {},
    /// A notice was sent, or not.
    Noticed {
        notice: u16,
        /// `delivered`, `again` or `undelivered`.
        delivery: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        due_at: Option<String>,
    },
}

/// What was decided to follow.
#[derive(Serialize, ToSchema)]
pub(crate) struct Follows {
    /// `settle`: the half has its result; `retry`: it is tried again; `stick`: it needs a person.
    then: &'static str,
    /// When the next attempt may start.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<String>,
    /// Why it needs a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<TroubleName>)]
    trouble: Option<&'static str>,
}

/// The name of a step.
pub(crate) fn step_name(plan: &Plan, step: StepId) -> &str {
    plan.step(step).map_or("?", |step| &step.name)
}

/// The word for why a saga turned back, and the step where it was one.
pub(crate) fn cause<'a>(plan: &'a Plan, cause: &Cause) -> (&'static str, Option<&'a str>) {
    match cause {
        Cause::Step(step) => ("step", Some(step_name(plan, *step))),
        Cause::Timeout => ("timeout", None),
        Cause::Cancelled => ("cancelled", None),
    }
}

impl<'a> Event<'a> {
    pub(crate) fn new(plan: &'a Plan, seq: u64, event: &'a CoreEvent) -> Self {
        Self { seq, at: clock::text(event.at_ms), fact: fact(plan, &event.fact) }
    }
}

fn fact<'a>(plan: &'a Plan, fact: &'a CoreFact) -> Fact<'a> {
    let name = |step: &StepId| step_name(plan, *step);
    match fact {
        CoreFact::Submitted(submission) => Fact::Submitted {
            run: run(submission.run),
            definition: &submission.definition,
            version: submission.version,
            trace_id: trace_id(submission.run, submission.trace),
            input: raw(&submission.input),
        },
        CoreFact::Answered { step, holds } => Fact::Answered { step: name(step), holds: *holds },
        CoreFact::Started { attempt, digest: _ } => Fact::Started {
            step: name(&attempt.step),
            half: words::half(attempt.half),
            attempt: attempt.number,
        },
        CoreFact::Finished { attempt, finish, then } => finished(plan, *attempt, finish, *then),
        CoreFact::Lost { attempt, then } => Fact::Lost {
            step: name(&attempt.step),
            half: words::half(attempt.half),
            attempt: attempt.number,
            then: follows(*then),
        },
        CoreFact::Unrendered { step, half, reason, then } => {
            Fact::Unrendered { step: name(step), half: words::half(*half), reason, then: follows(*then) }
        }
        CoreFact::Withdrawn { step } => Fact::Withdrawn { step: name(step) },
        CoreFact::TurnBackPending(why) => Fact::TurnBackPending { cause: cause(plan, why).0 },
        CoreFact::TurnedBack(why) => {
            let (cause, step) = cause(plan, why);
            Fact::TurnedBack { cause, step }
        }
        CoreFact::Paused => Fact::Paused {},
        CoreFact::Resumed => Fact::Resumed {},
        CoreFact::Acted(act) => Fact::Acted {
            verb: words::verb(act.verb),
            step: act.half.map(|(step, _)| step_name(plan, step)),
            half: act.half.map(|(_, half)| words::half(half)),
            by: act.said.by.as_deref(),
            note: &act.said.note,
            batch: act.said.batch.as_deref(),
        },
        CoreFact::Retried { step, half } => Fact::Retried { step: name(step), half: words::half(*half) },
        CoreFact::Vouched { step, vouch, note } => {
            let (vouch, output) = vouched(vouch);
            Fact::Vouched { step: name(step), vouch, output, note }
        }
        CoreFact::Edited { input, note } => Fact::Edited { input: raw(input), note },
        CoreFact::Completed(output) => {
            let (output, output_error) = self::output(output);
            Fact::Completed { output, output_error }
        }
        CoreFact::Compensated => Fact::Compensated {},
        CoreFact::Parked => Fact::Parked {},
        CoreFact::Noticed { notice, delivery } => {
            let (delivery, due_at) = match delivery {
                Delivery::Delivered => ("delivered", None),
                Delivery::Again { due_ms } => ("again", Some(clock::text(*due_ms))),
                Delivery::Undelivered => ("undelivered", None),
            };
            Fact::Noticed { notice: *notice, delivery, due_at }
        }
    }
}

fn finished<'a>(plan: &'a Plan, attempt: Attempt, finish: &'a Finish, then: Then) -> Fact<'a> {
    let Ended { outcome, output, reason, sealed } = ended(finish);
    Fact::Finished {
        step: step_name(plan, attempt.step),
        half: words::half(attempt.half),
        attempt: attempt.number,
        outcome,
        output,
        reason,
        sealed,
        then: follows(then),
    }
}

/// How an attempt ended, in words.
pub(crate) struct Ended<'a> {
    pub(crate) outcome: &'static str,
    pub(crate) output: Option<&'a RawValue>,
    pub(crate) reason: Option<&'a str>,
    pub(crate) sealed: bool,
}

pub(crate) fn ended(finish: &Finish) -> Ended<'_> {
    let (outcome, output, reason, sealed) = match finish {
        Finish::Done(output) => ("done", Some(raw(output)), None, false),
        Finish::Unusable(reason) => ("unusable", None, Some(&**reason), false),
        Finish::Refused { reason, sealed } => ("refused", None, Some(&**reason), *sealed),
        Finish::Unclear(reason) => ("unclear", None, Some(&**reason), false),
    };
    Ended { outcome, output, reason, sealed }
}

pub(crate) fn follows(then: Then) -> Follows {
    match then {
        Then::Settle => Follows { then: "settle", due_at: None, trouble: None },
        Then::Retry { due_ms } => Follows { then: "retry", due_at: Some(clock::text(due_ms)), trouble: None },
        Then::Stick(trouble) => {
            Follows { then: "stick", due_at: None, trouble: Some(words::trouble(trouble)) }
        }
    }
}

/// What a person vouched for, in words.
pub(crate) fn vouched(vouch: &Vouch) -> (&'static str, Option<&RawValue>) {
    match vouch {
        Vouch::Completed(output) => ("completed", Some(raw(output))),
        Vouch::NotNeeded => ("not_needed", None),
        Vouch::NoEffect => ("no_effect", None),
    }
}

/// A saga's output, or why it has none.
pub(crate) fn output(output: &Output) -> (Option<&RawValue>, Option<&str>) {
    match output {
        Output::None => (None, None),
        Output::Some(output) => (Some(raw(output)), None),
        Output::Error(reason) => (None, Some(reason)),
    }
}

/// A run as it stands in idempotency keys and expressions: a ULID.
pub(crate) fn run(run: u128) -> String {
    ulid::Ulid(run).to_string()
}

/// The W3C trace id: the client's, or where it sent none, the run.
pub(crate) fn trace_id(run: u128, trace: (u128, u64)) -> String {
    format!("{:032x}", if trace.0 == 0 { run } else { trace.0 })
}
