//! One step: what is known of it, what is being done, and every attempt.

use ondol_core::{Half, Mode, Progress, Saga, Status, StepId, bounds::TROUBLE_SHOWN_MS};
use ondol_engine::Story;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::attempts::{self, AttemptView};
use crate::clock;
use crate::wire::schema::{HalfName, TroubleName};
use crate::wire::{raw, words};

/// One step.
#[derive(Serialize, ToSchema)]
#[schema(as = Step)]
pub(crate) struct StepView<'a> {
    name: &'a str,
    /// The service its action calls.
    service: String,
    /// Is there no way back after it?
    pivot: bool,
    /// Can it be undone?
    undoable: bool,
    /// The steps it waits for.
    after: Vec<&'a str>,
    /// `waiting`, `skipped`, `acting`, `done`, `unusable`, `unclear`, `no_effect`, `undoing` or `undone`.
    status: &'static str,
    /// What is being done, while a half is being tried.
    progress: Option<ProgressView>,
    attempts: Vec<AttemptView<'a>>,
    /// What the action answered.
    #[schema(value_type = Option<serde_json::Value>)]
    output: Option<&'a RawValue>,
    /// What went wrong last, as long as that matters: not of a step that is done, undone, left out or not begun.
    error: Option<String>,
}

/// How far a half has come.
#[derive(Serialize, ToSchema)]
#[schema(as = Progress)]
pub(crate) struct ProgressView {
    #[schema(value_type = HalfName)]
    half: &'static str,
    /// The current or last attempt; 0 before the first.
    attempt: u32,
    /// Attempts that failed since the half began or a person had it tried again.
    failures: u32,
    /// `starting`, `in_flight`, `waiting` or `stuck`.
    mode: &'static str,
    /// When the next attempt starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<String>,
    /// Why it needs a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<TroubleName>)]
    trouble: Option<&'static str>,
    /// Does it need a person, or has it been failing for a quarter of an hour?
    stuck: bool,
}

pub(super) fn views(story: &Story, now_ms: u64) -> Vec<StepView<'_>> {
    let attempts = attempts::of_steps(story.saga.steps().len(), &story.events);
    let steps = story.saga.plan().ids().zip(attempts);
    steps.map(|(step, attempts)| view(story, step, attempts, now_ms)).collect()
}

fn view<'a>(story: &'a Story, step: StepId, attempts: Vec<AttemptView<'a>>, now_ms: u64) -> StepView<'a> {
    let saga = &story.saga;
    let declared = &saga.plan().steps()[usize::from(step)];
    let state = &saga.steps()[usize::from(step)];
    let output = match state.status {
        Status::Skipped => Some(RawValue::NULL),
        _ => state.output.as_ref().map(|output| raw(output)),
    };
    let name = |id: &StepId| &*saga.plan().steps()[usize::from(*id)].name;
    StepView {
        name: &declared.name,
        service: story.blueprint.service(step, Half::Action).to_string(),
        pivot: declared.pivot,
        undoable: declared.compensation.is_some(),
        after: declared.after.iter().map(name).collect(),
        status: status(state.status),
        progress: progress(state.status).map(|(half, progress)| ProgressView::new(half, progress, now_ms)),
        error: error(saga, step, &attempts),
        attempts,
        output,
    }
}

const fn status(status: Status) -> &'static str {
    match status {
        Status::Idle | Status::Chosen => "waiting",
        Status::Skipped => "skipped",
        Status::Acting(_) => "acting",
        Status::Done => "done",
        Status::Unusable => "unusable",
        Status::Unclear => "unclear",
        Status::NoEffect => "no_effect",
        Status::Undoing(_) => "undoing",
        Status::Undone => "undone",
    }
}

/// The half that is being tried, and how far it has come.
pub(crate) const fn progress(status: Status) -> Option<(Half, Progress)> {
    match status {
        Status::Acting(progress) => Some((Half::Action, progress)),
        Status::Undoing(progress) => Some((Half::Compensation, progress)),
        Status::Idle
        | Status::Chosen
        | Status::Skipped
        | Status::Done
        | Status::Unusable
        | Status::Unclear
        | Status::NoEffect
        | Status::Undone => None,
    }
}

impl ProgressView {
    fn new(half: Half, progress: Progress, now_ms: u64) -> Self {
        let (mode, due_at, trouble) = match progress.mode {
            Mode::Unasked => ("starting", None, None),
            Mode::InFlight => ("in_flight", None, None),
            Mode::Waiting { due_ms } => ("waiting", Some(clock::text(due_ms)), None),
            Mode::Stuck(trouble) => ("stuck", None, Some(words::trouble(trouble))),
        };
        let long = |since_ms| now_ms.saturating_sub(since_ms) >= TROUBLE_SHOWN_MS;
        Self {
            half: words::half(half),
            attempt: progress.attempt,
            failures: progress.failures,
            mode,
            due_at,
            trouble,
            stuck: trouble.is_some() || progress.troubled_since_ms.is_some_and(long),
        }
    }
}

/// What the last failed attempt said, or the failure that the step is listed with.
fn error(saga: &Saga, step: StepId, attempts: &[AttemptView<'_>]) -> Option<String> {
    match saga.steps()[usize::from(step)].status {
        Status::Idle | Status::Chosen | Status::Skipped | Status::Done | Status::Undone => return None,
        Status::Acting(_) | Status::Unusable | Status::Unclear | Status::NoEffect | Status::Undoing(_) => {}
    }
    let listed = || saga.failures().iter().rev().find(|failure| failure.step == Some(step));
    match attempts.last().and_then(AttemptView::reason) {
        Some(reason) => Some(reason.to_owned()),
        None => listed().map(|failure| failure.reason.to_string()),
    }
}
