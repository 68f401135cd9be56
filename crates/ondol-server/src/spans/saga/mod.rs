//! A saga as spans: its own, one for each half, one for each attempt. A function of its events.

mod end;
mod shape;

use std::sync::Arc;

use ondol_core::{Attempt, Cause, Event, Fact, Half, Output, StepId, Submission, Text, Then, Vouch};
use ondol_engine::{Blueprint, SagaId, Story};
use ondol_telemetry::model::{Attributes, Moment, Source, Span, SpanId, TraceId};

use super::Seen;
use crate::clock;
use crate::outbound::trace;
use crate::wire::event::{cause, step_name, vouched};
use crate::wire::words;
pub(crate) use end::held_back;
use end::{End, GIVEN_UP, LOST, NOT_SENT, VOUCHED, WITHDRAWN, close, finished, running, see};

/// Marks a span that has not ended.
pub(crate) const RUNNING: &str = "ondol.running";

/// Moments of one span. A step that is tried for days has its newest ones left out; its attempts are spans of their own.
const MOMENTS_MAX: usize = 128;

/// An attempt that left this much later than it was allowed to waited for its target, and not just for its turn.
const WAITED_MS: u64 = 100;

const NS_OF_MS: u64 = 1_000_000;

/// A saga's spans, as far as its events were taken.
#[derive(Debug)]
pub(crate) struct Fold {
    id: SagaId,
    blueprint: Arc<Blueprint>,
    source: Arc<Source>,
    run: u128,
    trace_id: TraceId,
    parent: Option<SpanId>,
    begun_ms: u64,
    moments: Vec<Moment>,
    halves: Vec<OpenHalf>,
    /// Why it turned back, or needs a person: the first failure that nothing repaired, and its step.
    failed: Option<(Option<StepId>, String)>,
    ended: bool,
}

/// A half that was begun and has not ended.
#[derive(Debug)]
struct OpenHalf {
    step: StepId,
    half: Half,
    begun_ms: u64,
    moments: Vec<Moment>,
    attempt: Option<OpenAttempt>,
    attempts: u32,
    /// What the last attempt that failed said.
    reason: Option<Text>,
}

#[derive(Clone, Copy, Debug)]
struct OpenAttempt {
    number: u32,
    begun_ms: u64,
}
/// Everything a story tells, what goes on still among it, up to `now_ms`.
pub(crate) fn of(story: &Story, source: &Arc<Source>, now_ms: u64) -> Vec<Span> {
    let Some(submission) = story.saga.submission() else { return Vec::new() };
    let begun_ms = story.events.first().map_or(now_ms, |event| event.at_ms);
    let mut fold = Fold::new(&story.id, submission, (&story.blueprint, source), begun_ms);
    let mut spans = Vec::new();
    for event in &story.events {
        fold.take(event, None, &mut spans);
    }
    fold.running(now_ms, &mut spans);
    spans
}

impl Fold {
    pub(crate) fn new(
        id: &SagaId,
        submission: &Submission,
        (blueprint, source): (&Arc<Blueprint>, &Arc<Source>),
        begun_ms: u64,
    ) -> Self {
        let Submission { run, trace: submitted, .. } = *submission;
        Self {
            id: id.clone(),
            blueprint: Arc::clone(blueprint),
            source: Arc::clone(source),
            run,
            trace_id: TraceId(trace::trace_id(run, submitted).to_be_bytes()),
            parent: SpanId::from_bytes(&submitted.1.to_be_bytes()).filter(|_| submitted.0 != 0),
            begun_ms,
            moments: Vec::new(),
            halves: Vec::new(),
            failed: None,
            ended: false,
        }
    }

    /// Its run, by which its attempts are known.
    pub(super) const fn run(&self) -> u128 {
        self.run
    }

    /// Nothing more will come of it.
    pub(super) const fn ended(&self) -> bool {
        self.ended
    }

    /// Takes an event; what ended with it is added to `spans`. `seen`: what was seen of an attempt that ended.
    pub(crate) fn take(&mut self, event: &Event, seen: Option<&Seen>, spans: &mut Vec<Span>) {
        let at_ms = event.at_ms;
        match &event.fact {
            // What a person's verb caused follows it, and is told.
            Fact::Submitted(_) | Fact::Acted(_) | Fact::Noticed { .. } => {}
            Fact::Answered { step, holds } => {
                let pairs = [("ondol.step", self.name(*step)), ("ondol.holds", holds.to_string())];
                self.note(at_ms, "condition answered", pairs);
            }
            Fact::Started { attempt, digest: _ } => {
                let half = self.half(attempt.step, attempt.half, at_ms);
                half.attempts = half.attempts.max(attempt.number);
                half.attempt = Some(OpenAttempt { number: attempt.number, begun_ms: at_ms });
            }
            Fact::Finished { attempt, finish, then } => {
                let end = finished(finish);
                self.end_attempt(attempt.step, attempt.half, (at_ms, seen), &end, spans);
                self.then((attempt.step, attempt.half), *then, at_ms, &end, spans);
            }
            Fact::Lost { attempt: Attempt { step, half, number: _ }, then } => {
                self.end_attempt(*step, *half, (at_ms, None), &LOST, spans);
                self.then((*step, *half), *then, at_ms, &LOST, spans);
            }
            Fact::Unrendered { step, half, reason, then } => {
                let end = End { reason: Some(reason), ..NOT_SENT };
                self.half(*step, *half, at_ms);
                self.end_attempt(*step, *half, (at_ms, None), &end, spans);
                self.then((*step, *half), *then, at_ms, &end, spans);
            }
            Fact::Withdrawn { step } => {
                self.end_attempt(*step, Half::Action, (at_ms, None), &WITHDRAWN, spans);
                self.end_half((*step, Half::Action), at_ms, &WITHDRAWN, spans);
            }
            Fact::TurnBackPending(why) => {
                self.note(at_ms, "turning back waits for the pivot", cause_pairs(&self.blueprint, why));
            }
            Fact::TurnedBack(why) => self.turned_back(why, at_ms, spans),
            Fact::Vouched { step, vouch, note } => self.vouched(*step, vouch, note, at_ms, spans),
            Fact::Retried { step, half } => {
                self.half(*step, *half, at_ms).note(at_ms, "tried again by a person", []);
            }
            Fact::Edited { input: _, note } => {
                self.note(at_ms, "input changed by a person", [("ondol.note", note.to_string())]);
            }
            Fact::Paused => self.note(at_ms, "paused by a person", []),
            Fact::Resumed => self.note(at_ms, "resumed by a person", []),
            Fact::Parked => self.note(at_ms, "parked: needs a person", []),
            Fact::Completed(output) => self.end(at_ms, output_error(output), "completed", spans),
            Fact::Compensated => self.end(at_ms, None, "compensated", spans),
        }
    }

    /// What has not ended, up to `now_ms`.
    pub(crate) fn running(&self, now_ms: u64, spans: &mut Vec<Span>) {
        if self.ended {
            return;
        }
        for half in &self.halves {
            if let Some(attempt) = half.attempt {
                spans.push(running(self.attempt_span(half, attempt, (attempt.begun_ms, now_ms)), None));
            }
            // What the last attempt said is why it is not done yet.
            spans.push(running(self.half_span(half, now_ms), half.reason.as_deref()));
        }
        spans.push(running(self.saga_span(now_ms), self.failure()));
    }

    fn failure(&self) -> Option<&str> {
        self.failed.as_ref().map(|(_, reason)| &**reason)
    }

    fn fail(&mut self, step: StepId, reason: &str) {
        let name = self.name(step);
        self.failed.get_or_insert_with(|| (Some(step), format!("{name}: {reason}")));
    }

    fn name(&self, step: StepId) -> String {
        step_name(self.blueprint.definition.plan(), step).to_owned()
    }

    fn note<const N: usize>(&mut self, at_ms: u64, name: &str, pairs: [(&str, String); N]) {
        note(&mut self.moments, at_ms, name, pairs);
    }

    /// The half that is open, or a new one.
    fn half(&mut self, step: StepId, half: Half, at_ms: u64) -> &mut OpenHalf {
        let known = self.halves.iter().position(|open| (open.step, open.half) == (step, half));
        let at = known.unwrap_or_else(|| {
            let open = OpenHalf {
                step,
                half,
                begun_ms: at_ms,
                moments: Vec::new(),
                attempt: None,
                attempts: 0,
                reason: None,
            };
            self.halves.push(open);
            self.halves.len() - 1
        });
        &mut self.halves[at]
    }

    fn end_attempt(
        &mut self,
        step: StepId,
        half: Half,
        (at_ms, seen): (u64, Option<&Seen>),
        end: &End<'_>,
        spans: &mut Vec<Span>,
    ) {
        let Some(at) = self.halves.iter().position(|open| (open.step, open.half) == (step, half)) else {
            return;
        };
        let open = &mut self.halves[at];
        if end.failed {
            open.reason = end.reason.map(Into::into).or_else(|| open.reason.take());
        }
        let Some(attempt) = open.attempt.take() else { return };
        let mut span = self.attempt_span(&self.halves[at], attempt, (attempt.begun_ms, at_ms));
        if end.answered {
            // The journal's clock has milliseconds: it ended within this one, and no earlier than its callee.
            span.duration_ns += NS_OF_MS - 1;
        }
        let mut pairs = std::mem::take(&mut span.attributes).0;
        if let Some(seen) = seen {
            let allowed_ns = span.start_ns;
            see(&mut span, &mut pairs, seen);
            let waited_ms = (span.start_ns - allowed_ns) / NS_OF_MS;
            if waited_ms >= WAITED_MS {
                let pairs = [("ondol.waited_ms", waited_ms.to_string())];
                self.halves[at].note(
                    span.start_ns / NS_OF_MS,
                    "held back: its target had to be reached",
                    pairs,
                );
            }
        }
        close(&mut span, pairs, end);
        spans.push(span);
    }

    fn then(
        &mut self,
        (step, half): (StepId, Half),
        then: Then,
        at_ms: u64,
        end: &End<'_>,
        spans: &mut Vec<Span>,
    ) {
        let reason = end.reason.unwrap_or(end.outcome).to_owned();
        match then {
            Then::Settle => {
                if end.failed && half == Half::Action {
                    self.fail(step, &reason);
                } else if self.failed.as_ref().is_some_and(|(failed, _)| *failed == Some(step))
                    && half == Half::Action
                {
                    self.failed = None;
                }
                self.end_half((step, half), at_ms, end, spans);
            }
            Then::Retry { due_ms } => {
                let pairs = [("ondol.due_at", clock::text(due_ms)), ("ondol.reason", reason)];
                self.half(step, half, at_ms).note(at_ms, "backing off", pairs);
            }
            Then::Stick(trouble) => {
                self.fail(step, &reason);
                let pairs = [("ondol.trouble", words::trouble(trouble).to_owned()), ("ondol.reason", reason)];
                self.half(step, half, at_ms).note(at_ms, "needs a person", pairs);
            }
        }
    }

    fn end_half(&mut self, place: (StepId, Half), at_ms: u64, end: &End<'_>, spans: &mut Vec<Span>) {
        let Some(at) = self.halves.iter().position(|open| (open.step, open.half) == place) else { return };
        let open = self.halves.remove(at);
        let mut span = self.half_span(&open, at_ms);
        if end.answered {
            span.duration_ns += NS_OF_MS - 1;
        }
        let pairs = std::mem::take(&mut span.attributes).0;
        close(&mut span, pairs, end);
        spans.push(span);
    }

    /// What waited for its next attempt forward is given up; what is on its way ends by itself.
    fn turned_back(&mut self, why: &Cause, at_ms: u64, spans: &mut Vec<Span>) {
        self.note(at_ms, "turned back", cause_pairs(&self.blueprint, why));
        let reason = match why {
            Cause::Step(_) => None,
            Cause::Timeout => Some("its forward timeout passed"),
            Cause::Cancelled => Some("a person cancelled it"),
        };
        if let Some(reason) = reason {
            let last = self.halves.iter().find_map(|half| Some((half.step, half.reason.clone()?)));
            let reason = match last {
                Some((step, last)) => format!("{reason} while {} failed: {last}", self.name(step)),
                None => reason.to_owned(),
            };
            self.failed.get_or_insert((None, reason));
        }
        let waiting = |half: &OpenHalf| half.half == Half::Action && half.attempt.is_none();
        for place in self.places(waiting) {
            let reason = self.halves.iter().find(|half| half.step == place.0).and_then(|h| h.reason.clone());
            self.end_half(place, at_ms, &End { reason: reason.as_deref(), ..GIVEN_UP }, spans);
        }
    }

    fn vouched(&mut self, step: StepId, vouch: &Vouch, by: &str, at_ms: u64, spans: &mut Vec<Span>) {
        let half = match vouch {
            Vouch::Completed(_) | Vouch::NoEffect => Half::Action,
            Vouch::NotNeeded => Half::Compensation,
        };
        let pairs = || [("ondol.vouch", vouched(vouch).0.to_owned()), ("ondol.note", by.to_owned())];
        self.half(step, half, at_ms).note(at_ms, "vouched for by a person", pairs());
        self.end_attempt(step, half, (at_ms, None), &VOUCHED, spans);
        self.end_half((step, half), at_ms, &VOUCHED, spans);
        let [vouch, by] = pairs();
        self.note(at_ms, "vouched for by a person", [("ondol.step", self.name(step)), vouch, by]);
    }

    fn end(&mut self, at_ms: u64, flaw: Option<&str>, outcome: &'static str, spans: &mut Vec<Span>) {
        for place in self.places(|_| true) {
            self.end_attempt(place.0, place.1, (at_ms, None), &GIVEN_UP, spans);
            self.end_half(place, at_ms, &GIVEN_UP, spans);
        }
        let mut span = self.saga_span(at_ms);
        span.duration_ns += NS_OF_MS - 1;
        let failed = outcome == "compensated";
        let reason = if failed { self.failure() } else { flaw };
        let pairs = std::mem::take(&mut span.attributes).0;
        close(&mut span, pairs, &End { outcome, failed, reason, answered: true });
        spans.push(span);
        self.ended = true;
        self.moments = Vec::new();
    }

    fn places(&self, which: impl Fn(&OpenHalf) -> bool) -> Vec<(StepId, Half)> {
        self.halves.iter().filter(|half| which(half)).map(|half| (half.step, half.half)).collect()
    }
}

fn output_error(output: &Output) -> Option<&str> {
    match output {
        Output::None | Output::Some(_) => None,
        Output::Error(reason) => Some(reason),
    }
}
fn cause_pairs(blueprint: &Blueprint, why: &Cause) -> [(&'static str, String); 2] {
    let (word, step) = cause(blueprint.definition.plan(), why);
    [("ondol.cause", word.to_owned()), ("ondol.step", step.unwrap_or_default().to_owned())]
}

impl OpenHalf {
    fn note<const N: usize>(&mut self, at_ms: u64, name: &str, pairs: [(&str, String); N]) {
        note(&mut self.moments, at_ms, name, pairs);
    }
}

fn note<const N: usize>(moments: &mut Vec<Moment>, at_ms: u64, name: &str, pairs: [(&str, String); N]) {
    if moments.len() < MOMENTS_MAX {
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value)).collect();
        let time_ns = at_ms.saturating_mul(NS_OF_MS);
        moments.push(Moment { time_ns, name: name.to_owned(), attributes: Attributes::from_pairs(pairs) });
    }
}

#[cfg(test)]
mod tests;
