//! A saga as a case: its state and its journal, and what spans add to the attempts.

use std::collections::HashMap;

use ondol_core::{Attempt, Event, Fact, Finish, Half, Mode, Phase, Saga, Status, StepId, VerbKind, Why};
use ondol_engine::Story;
use ondol_telemetry::model::SpanId;
use ondol_telemetry::trace::Tree;
use ondol_telemetry::why as case;

use crate::outbound::trace;
use crate::spans::reason;
use crate::wire::event::step_name;
use crate::wire::saga::{coming, ended_ms};

/// Characters of an input that a story shows.
const INPUT_MAX: usize = 400;

const NS_OF_MS: u64 = 1_000_000;

/// The saga. `away`: services that nobody can reach now, and why.
pub(super) fn of(story: &Story, tree: &Tree, away: &HashMap<String, String>) -> case::Saga {
    let Story { saga, events, blueprint, id, .. } = story;
    let first_ms = events.first().map_or(0, |event| event.at_ms);
    case::Saga {
        id: id.to_string(),
        definition: blueprint.name.to_string(),
        status: match saga.phase() {
            Phase::New | Phase::Running => case::Status::Running,
            Phase::Completed => case::Status::Completed,
            Phase::Compensating => case::Status::Compensating,
            Phase::Compensated => case::Status::Compensated,
            Phase::Parked(_) => case::Status::Parked,
        },
        input: saga.inputs().last().map(|input| one_line(input)).unwrap_or_default(),
        asked_ns: ns(first_ms),
        ended_ns: ended_ms(saga.phase(), events).map(ns),
        steps: steps(story, tree, away),
        failed: saga.failures().first().map(|failure| case::Failed {
            step: failure.step.map(|step| step_name(saga.plan(), step).to_owned()),
            service: failure.step.map(|step| blueprint.service(step, failure.half).to_string()),
            half: half(failure.half),
            cause: cause(failure.why),
            reason: failure.reason.to_string(),
        }),
        next: coming(saga, blueprint).map(|(at_ms, what)| case::Next { at_ns: at_ms.map(ns), what }),
        allowed: allowed(saga),
    }
}

fn steps(story: &Story, tree: &Tree, away: &HashMap<String, String>) -> Vec<case::Step> {
    let Story { saga, events, blueprint, .. } = story;
    let run = saga.submission().map_or(0, |submission| submission.run);
    let replayed = replays(tree);
    let turning = matches!(saga.phase(), Phase::Compensating | Phase::Compensated)
        || matches!(saga.phase(), Phase::Parked(ondol_core::Direction::Backward));
    let step = |(step, state): (StepId, &ondol_core::StepState)| {
        let undoable = saga.plan().step(step).is_some_and(|step| step.compensation.is_some());
        let seen = |attempt| {
            let id = SpanId(trace::span(run, attempt).to_be_bytes());
            let service = blueprint.service(step, attempt.half);
            (replayed.contains(&id), away.get(&*service))
        };
        case::Step {
            name: step_name(saga.plan(), step).to_owned(),
            service: blueprint.service(step, Half::Action).to_string(),
            state: acted(state.status, step, events),
            undo: undo(state.status, turning, undoable),
            attempts: attempts(step, events, seen),
        }
    };
    saga.plan().ids().zip(saga.steps()).map(step).collect()
}

/// Spans of attempts that a barrier answered from what it had stored; the caller saw it, or the callee said it.
fn replays(tree: &Tree) -> Vec<SpanId> {
    let replayed = |node: &&ondol_telemetry::trace::Node| {
        node.span.attributes.get("ondol.replayed").is_some_and(|value| value == "true")
    };
    tree.walk()
        .map(|(_, node)| node)
        .filter(replayed)
        .flat_map(|node| [Some(node.span.span_id), node.span.parent])
        .flatten()
        .collect()
}

/// What became of the action, also of one that was undone since.
fn acted(status: Status, step: StepId, events: &[Event]) -> case::StepState {
    match status {
        Status::Idle | Status::Chosen => case::StepState::NotBegun,
        Status::Skipped => case::StepState::Skipped,
        Status::Acting(progress) if matches!(progress.mode, Mode::Stuck(_)) => case::StepState::Stuck,
        Status::Acting(_) => case::StepState::Acting,
        Status::Done => case::StepState::Done,
        Status::Unusable => case::StepState::Unusable,
        Status::Unclear => case::StepState::Unclear,
        Status::NoEffect => case::StepState::NoEffect,
        Status::Undoing(_) | Status::Undone => last_action(step, events),
    }
}

fn last_action(step: StepId, events: &[Event]) -> case::StepState {
    let of_action = |attempt: &Attempt| attempt.step == step && attempt.half == Half::Action;
    let ended = events.iter().rev().find_map(|event| match &event.fact {
        Fact::Finished { attempt, finish, .. } if of_action(attempt) => Some(match finish {
            Finish::Done(_) => case::StepState::Done,
            Finish::Unusable(_) => case::StepState::Unusable,
            Finish::Refused { .. } | Finish::Unclear(_) => case::StepState::Unclear,
        }),
        Fact::Lost { attempt, .. } if of_action(attempt) => Some(case::StepState::Unclear),
        _ => None,
    });
    ended.unwrap_or(case::StepState::Done)
}

const fn undo(status: Status, turning: bool, undoable: bool) -> case::Undo {
    match status {
        Status::Undone => case::Undo::Done,
        Status::Undoing(progress) if matches!(progress.mode, Mode::Stuck(_)) => case::Undo::Stuck,
        Status::Undoing(_) => case::Undo::Pending,
        Status::Done | Status::Unusable | Status::Unclear if turning && undoable => case::Undo::Pending,
        Status::Done | Status::Unusable | Status::Unclear if turning => case::Undo::Never,
        Status::Idle
        | Status::Chosen
        | Status::Skipped
        | Status::Acting(_)
        | Status::Done
        | Status::Unusable
        | Status::Unclear
        | Status::NoEffect => case::Undo::Stands,
    }
}

/// Every attempt of a step, in the order in which they began. `seen`: was it answered from what was stored, and why its
/// service cannot be reached.
fn attempts<'a>(
    step: StepId,
    events: &[Event],
    seen: impl Fn(Attempt) -> (bool, Option<&'a String>),
) -> Vec<case::Attempt> {
    let mut all: Vec<(Attempt, case::Attempt)> = Vec::new();
    for event in events {
        let (attempt, outcome) = match &event.fact {
            Fact::Started { attempt, .. } if attempt.step == step => {
                let begun = case::Attempt {
                    half: half(attempt.half),
                    number: attempt.number,
                    started_ns: ns(event.at_ms),
                    ended_ns: None,
                    outcome: case::Outcome::InFlight,
                };
                all.push((*attempt, begun));
                continue;
            }
            Fact::Finished { attempt, finish, .. } => (*attempt, finished(finish, seen(*attempt).0)),
            Fact::Lost { attempt, .. } => (*attempt, lost()),
            Fact::Unrendered { step: unrendered, half, reason, .. } if *unrendered == step => {
                let open = open(&all, *half);
                let Some(attempt) = open else { continue };
                (attempt, case::Outcome::NotSent { reason: reason.to_string() })
            }
            Fact::Withdrawn { step: withdrawn } if *withdrawn == step => {
                let Some(attempt) = open(&all, Half::Action) else { continue };
                let reason = "it waited for its target and never left".to_owned();
                (attempt, case::Outcome::NotSent { reason })
            }
            _ => continue,
        };
        if let Some((_, told)) = all.iter_mut().rev().find(|(known, _)| *known == attempt) {
            told.ended_ns = Some(ns(event.at_ms));
            told.outcome = outcome;
        }
    }
    for (attempt, told) in &mut all {
        if told.outcome == case::Outcome::InFlight
            && let (_, Some(why)) = seen(*attempt)
        {
            told.outcome = case::Outcome::NotSent { reason: why.clone() };
        }
    }
    all.into_iter().map(|(_, attempt)| attempt).collect()
}

fn open(all: &[(Attempt, case::Attempt)], of: Half) -> Option<Attempt> {
    let open = |(attempt, told): &&(Attempt, case::Attempt)| attempt.half == of && told.ended_ns.is_none();
    all.iter().rev().find(open).map(|(attempt, _)| *attempt)
}

fn finished(finish: &Finish, replayed: bool) -> case::Outcome {
    match finish {
        Finish::Done(_) | Finish::Unusable(_) => case::Outcome::Done { replayed },
        Finish::Refused { reason, .. } => {
            case::Outcome::Refused { status: reason::status(reason), reason: reason.to_string() }
        }
        Finish::Unclear(reason) => {
            let doubt = match (&*reason::error_type(reason), reason::status(reason)) {
                ("timeout", _) => case::Doubt::Timeout,
                ("connection_lost", _) => case::Doubt::Reset,
                (_, Some(status)) => case::Doubt::Status(status),
                (_, None) => case::Doubt::Other,
            };
            case::Outcome::Unclear { doubt, reason: reason.to_string() }
        }
    }
}

fn lost() -> case::Outcome {
    let reason = "Ondol stopped before an answer came".to_owned();
    case::Outcome::Unclear { doubt: case::Doubt::Stopped, reason }
}

const fn half(half: Half) -> case::Half {
    match half {
        Half::Action => case::Half::Action,
        Half::Compensation => case::Half::Compensation,
    }
}

const fn cause(why: Why) -> case::Cause {
    match why {
        Why::Refused => case::Cause::Refused,
        Why::Unclear => case::Cause::Unclear,
        Why::Unusable => case::Cause::Unusable,
        Why::ExpressionError => case::Cause::Expression,
        Why::RenderChanged => case::Cause::RenderChanged,
        Why::Timeout => case::Cause::Timeout,
        Why::Cancelled => case::Cause::Cancelled,
    }
}

fn allowed(saga: &Saga) -> Vec<case::Allowed> {
    let permitted = saga.allowed().into_iter().filter(|allowed| allowed.verdict.is_ok());
    permitted
        .map(|allowed| case::Allowed {
            verb: match allowed.verb {
                VerbKind::Pause => case::Verb::Pause,
                VerbKind::Resume => case::Verb::Resume,
                VerbKind::Cancel => case::Verb::Cancel,
                VerbKind::Retry => case::Verb::Retry,
                VerbKind::Complete => case::Verb::Complete,
                VerbKind::Skip => case::Verb::Skip,
                VerbKind::Edit => case::Verb::Edit,
                VerbKind::Resend => case::Verb::Resend,
            },
            step: allowed.half.map(|(step, _)| step_name(saga.plan(), step).to_owned()),
            half: allowed.half.map(|(_, of)| half(of)),
        })
        .collect()
}

fn one_line(input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(INPUT_MAX) {
        Some((at, _)) => format!("{} …", &line[..at]),
        None => line,
    }
}

const fn ns(ms: u64) -> u64 {
    ms.saturating_mul(NS_OF_MS)
}
