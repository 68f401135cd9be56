//! One saga in full: everything the journal tells, as a person or a program wants it.

mod attempts;
mod next;
mod step;

use ondol_core::{
    Allowed, Event, Fact, Failure, Notice, NoticeState, Output, Permit, Phase, Saga as CoreSaga, Vouched,
};
use ondol_engine::{Blueprint, Story};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::event::{self, step_name};
use super::schema::{HalfName, SagaStatus, VerbName};
use super::{raw, words};
use crate::clock;

pub(crate) use next::{Next, coming};
pub(crate) use step::{StepView, progress as step_progress};

/// A saga.
#[derive(Serialize, ToSchema)]
#[schema(as = Saga)]
pub(crate) struct SagaView<'a> {
    /// Its id.
    id: &'a str,
    /// Its run: the first part of every idempotency key, as `run/step/half`.
    run: String,
    /// The definition it follows.
    definition: &'a str,
    /// The version it is pinned to.
    version: u32,
    /// `running`, `compensating`, `parked`, `completed` or `compensated`.
    #[schema(value_type = SagaStatus)]
    status: &'static str,
    /// Does nothing new start until it is resumed?
    paused: bool,
    /// Number of its last event; what `if_seq` is compared with.
    seq: u64,
    /// What it was submitted with, or what a person gave since.
    #[schema(value_type = serde_json::Value)]
    input: &'a RawValue,
    /// What it answers, once it is completed.
    #[schema(value_type = Option<serde_json::Value>)]
    output: Option<&'a RawValue>,
    /// Why the output could not be computed; the saga is completed all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    output_error: Option<&'a str>,
    /// Its steps, in the order of the definition.
    steps: Vec<StepView<'a>>,
    /// The first failure.
    failed: Option<FailureView<'a>>,
    /// Every failure.
    failures: Vec<FailureView<'a>>,
    /// Why it turns back as soon as the pivot allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    turn_back_pending: Option<&'static str>,
    /// What happens next, and when.
    next: Option<Next>,
    /// W3C trace id.
    trace_id: Option<String>,
    /// When it was accepted.
    created_at: String,
    /// When it came to its end.
    ended_at: Option<String>,
    /// When it gives up going forward.
    deadline_at: String,
    /// What a person may do now, and why not.
    allowed: Vec<AllowedView<'a>>,
    /// What people vouched for.
    vouched: Vec<VouchedView<'a>>,
    /// What the outside was, is or shall be told.
    notices: Vec<NoticeView>,
}

/// Something that went wrong.
#[derive(Serialize, ToSchema)]
#[schema(as = Failure)]
pub(crate) struct FailureView<'a> {
    /// The step; absent where it was the whole saga.
    pub(crate) step: Option<&'a str>,
    /// The service it called.
    pub(crate) service: Option<String>,
    /// Which half.
    #[schema(value_type = HalfName)]
    pub(crate) half: &'static str,
    /// `refused`, `unclear`, `unusable`, `expression_error`, `render_changed`, `timeout` or `cancelled`.
    pub(crate) code: &'static str,
    /// In words.
    pub(crate) reason: &'a str,
}

/// A verb, and whether it is allowed now.
#[derive(Serialize, ToSchema)]
#[schema(as = Allowed)]
pub(crate) struct AllowedView<'a> {
    #[schema(value_type = VerbName)]
    verb: &'static str,
    /// The step it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<&'a str>,
    /// The half it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<HalfName>)]
    half: Option<&'static str>,
    /// The number of the notice it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<u16>,
    allowed: bool,
    /// Will it be recorded, and wait for the pivot?
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pending: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// What a person vouched for.
#[derive(Serialize, ToSchema)]
#[schema(as = Vouched)]
pub(crate) struct VouchedView<'a> {
    step: &'a str,
    /// `completed`, `not_needed` or `no_effect`.
    vouch: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    output: Option<&'a RawValue>,
    note: &'a str,
    at: String,
}

/// Something the outside is told.
#[derive(Serialize, ToSchema)]
#[schema(as = Notice)]
pub(crate) struct NoticeView {
    /// Its number on this saga; what `resend` takes.
    number: usize,
    /// `completed`, `compensated` or `parked`.
    news: &'static str,
    /// Number of the event that made it true.
    seq: u64,
    /// Deliveries that failed.
    failures: u32,
    /// `due`, `delivered` or `undelivered`.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<String>,
}

impl<'a> SagaView<'a> {
    /// What a story tells. `now_ms` decides only what is *shown* as stuck.
    pub(crate) fn new(story: &'a Story, now_ms: u64) -> Self {
        let Story { saga, events, blueprint, .. } = story;
        let submission = saga.submission();
        let (output, output_error) = event::output(saga.output());
        let failures: Vec<_> =
            saga.failures().iter().map(|failure| FailureView::new(saga, blueprint, failure)).collect();
        Self {
            id: story.id.as_str(),
            run: event::run(submission.map_or(0, |submission| submission.run)),
            definition: &blueprint.name,
            version: blueprint.version,
            status: words::phase(saga.phase()),
            paused: saga.paused_at_ms().is_some(),
            seq: saga.seq(),
            input: saga.inputs().last().map_or(RawValue::NULL, |input| raw(input)),
            output,
            output_error,
            steps: step::views(story, now_ms),
            failed: saga.failures().first().map(|failure| FailureView::new(saga, blueprint, failure)),
            failures,
            turn_back_pending: saga.pending().map(|cause| event::cause(saga.plan(), cause).0),
            next: Next::of(saga, blueprint),
            trace_id: submission.map(|submission| event::trace_id(submission.run, submission.trace)),
            created_at: clock::text(events.first().map_or(0, |event| event.at_ms)),
            ended_at: ended_ms(saga.phase(), events).map(clock::text),
            deadline_at: clock::text(saga.deadline_ms()),
            allowed: saga.allowed().into_iter().map(|allowed| AllowedView::new(saga, &allowed)).collect(),
            vouched: saga.vouched().iter().map(|vouched| VouchedView::new(saga, vouched)).collect(),
            notices: saga.notices().iter().enumerate().map(NoticeView::new).collect(),
        }
    }
}

/// When a saga came to its end; notices may follow that.
pub(crate) fn ended_ms(phase: Phase, events: &[Event]) -> Option<u64> {
    let ends = |event: &&Event| matches!(event.fact, Fact::Completed(_) | Fact::Compensated);
    phase.ended().then(|| events.iter().rev().find(ends).map(|event| event.at_ms)).flatten()
}

impl<'a> FailureView<'a> {
    pub(crate) fn new(saga: &'a CoreSaga, blueprint: &Blueprint, failure: &'a Failure) -> Self {
        Self {
            step: failure.step.map(|step| step_name(saga.plan(), step)),
            service: failure.step.map(|step| blueprint.service(step, failure.half).to_string()),
            half: words::half(failure.half),
            code: words::why(failure.why),
            reason: &failure.reason,
        }
    }
}

impl<'a> AllowedView<'a> {
    fn new(saga: &'a CoreSaga, allowed: &Allowed) -> Self {
        Self {
            verb: words::verb(allowed.verb),
            step: allowed.half.map(|(step, _)| step_name(saga.plan(), step)),
            half: allowed.half.map(|(_, half)| words::half(half)),
            notice: allowed.notice,
            allowed: allowed.verdict.is_ok(),
            pending: allowed.verdict == Ok(Permit::Pending),
            reason: allowed.verdict.err(),
        }
    }
}

impl<'a> VouchedView<'a> {
    fn new(saga: &'a CoreSaga, vouched: &'a Vouched) -> Self {
        let (vouch, output) = event::vouched(&vouched.vouch);
        let step = step_name(saga.plan(), vouched.step);
        Self { step, vouch, output, note: &vouched.note, at: clock::text(vouched.at_ms) }
    }
}

impl NoticeView {
    fn new((number, notice): (usize, &Notice)) -> Self {
        let (state, due_at) = match notice.state {
            NoticeState::Due { due_ms } => ("due", Some(clock::text(due_ms))),
            NoticeState::Delivered => ("delivered", None),
            NoticeState::Undelivered => ("undelivered", None),
        };
        Self {
            number,
            news: words::news(notice.news),
            seq: notice.seq,
            failures: notice.failures,
            state,
            due_at,
        }
    }
}

/// The output of a completed saga, for shorter answers.
pub(crate) fn output_of(output: &Output) -> Option<&RawValue> {
    event::output(output).0
}
