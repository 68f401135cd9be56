//! A saga's part of the story.

use super::case::{
    Allowed, Attempt, Case, Cause, Failed, Half, Outcome, Saga, Status, Step, StepState, Undo,
};
use super::evidence::{Evidence, Judged, words};
use super::sentence::{Asked, Failing, Headline, Left, Part, Progress, Retried, Sentence, Stand, Stopped};
use super::story::Stage;
use crate::trace::one_line;

/// What failed, in which step.
pub(super) struct Stop {
    pub(super) part: Option<Part>,
    pub(super) stage: Stage,
    pub(super) reason: String,
    pub(super) said: Vec<Failing>,
    pub(super) spans: Vec<crate::trace::NodeId>,
    pub(super) at_ns: Option<(u64, u64)>,
    pub(super) waited_ns: u64,
    /// The request never left.
    pub(super) unsent: bool,
}

/// A half that was tried again, and at which stage it failed before.
pub(super) struct Again {
    pub(super) part: Part,
    pub(super) attempts: u64,
    pub(super) ok: bool,
    pub(super) stage: Option<Stage>,
    pub(super) said: Retried,
}

pub(super) fn part(step: &Step, half: Half) -> Part {
    Part { step: one_line(&step.name), half, service: one_line(&step.service) }
}

fn names<'a>(steps: impl Iterator<Item = &'a Step>) -> Vec<String> {
    steps.map(|step| one_line(&step.name)).collect()
}

/// The attempts of one half, in their order.
fn attempts(step: &Step, half: Half) -> Vec<&Attempt> {
    let mut attempts: Vec<_> = step.attempts.iter().filter(|attempt| attempt.half == half).collect();
    attempts.sort_by_key(|attempt| attempt.number);
    attempts
}

pub(super) fn headline(case: &Case, saga: &Saga, stop: Option<&Stop>) -> Headline {
    let (id, definition) = (one_line(&saga.id), one_line(&saga.definition));
    let took_ns = saga.ended_ns.unwrap_or(case.now_ns).saturating_sub(saga.asked_ns);
    let stopped = match saga.status {
        Status::Completed => None,
        Status::Compensated => Some(Stopped::Undone),
        Status::Compensating => Some(Stopped::Undoing),
        Status::Parked => Some(Stopped::Parked),
        Status::Running => Some(Stopped::HeldUp),
    };
    if let (Some(stopped), Some(part)) = (stopped, stop.and_then(|stop| stop.part.clone())) {
        return Headline::SagaStopped { id, definition, stopped, part, took_ns };
    }
    let turned_for = saga.failed.as_ref().map(|failed| failed.cause);
    let stand = match (saga.status, turned_for) {
        (Status::Completed, _) => Stand::Completed,
        (Status::Running, _) => Stand::Running,
        (Status::Parked, _) => Stand::Parked,
        (Status::Compensating | Status::Compensated, Some(Cause::Timeout)) => Stand::TimedOut,
        (Status::Compensating | Status::Compensated, Some(Cause::Cancelled)) => Stand::Cancelled,
        (Status::Compensating, _) => Stand::Undoing,
        (Status::Compensated, _) => Stand::Undone,
    };
    Headline::Saga { id, definition, stand, took_ns }
}

pub(super) fn asked(saga: &Saga) -> Asked {
    Asked::Saga { at_ns: saga.asked_ns, input: one_line(&saga.input) }
}

/// What stopped it: the half that needs a person, else what it turned back for, else the action that has been tried and
/// has not succeeded yet.
pub(super) fn stop(saga: &Saga, evidence: &Evidence<'_>) -> Option<Stop> {
    if saga.status == Status::Completed {
        return None;
    }
    let stuck = saga.steps.iter().find_map(|step| match (step.state, step.undo) {
        (_, Undo::Stuck) => Some((step, Half::Compensation)),
        (StepState::Stuck, _) => Some((step, Half::Action)),
        _ => None,
    });
    let failed = saga.failed.as_ref();
    let step_of = |failed: &Failed| {
        let step = saga.steps.iter().find(|step| Some(&step.name) == failed.step.as_ref())?;
        Some((step, failed.half))
    };
    let open = || {
        let tried = |step: &&Step| step.attempts.iter().any(|attempt| attempt.outcome != Outcome::InFlight);
        let acting = saga.steps.iter().filter(|step| step.state == StepState::Acting).find(tried)?;
        (failed.is_none() && saga.status == Status::Running).then_some((acting, Half::Action))
    };
    let about = stuck.or_else(|| failed.and_then(step_of)).or_else(open);
    let same = |failed: &&Failed| about.is_none() || step_of(failed).is_some_and(|at| is(at, about));
    match (about, failed.filter(same)) {
        (Some((step, half)), failed) => Some(half_stop(step, half, failed, evidence)),
        (None, Some(failed)) => Some(whole(failed)),
        (None, None) => None,
    }
}

fn is((step, half): (&Step, Half), other: Option<(&Step, Half)>) -> bool {
    other.is_some_and(|(other, other_half)| other.name == step.name && other_half == half)
}

/// The whole saga stopped, by its own doing.
fn whole(failed: &Failed) -> Stop {
    let service = failed.service.as_deref().map(one_line).unwrap_or_default();
    let (stage, said) = own_doing(failed.cause, &service, &failed.reason)
        .unwrap_or_else(|| (Stage::Saga, Failing::Own { service, reason: words(&failed.reason) }));
    Stop {
        part: None,
        stage,
        reason: one_line(&failed.reason),
        said: vec![said],
        spans: Vec::new(),
        at_ns: None,
        waited_ns: 0,
        unsent: false,
    }
}

/// What is not the doing of a call.
fn own_doing(cause: Cause, service: &str, reason: &str) -> Option<(Stage, Failing)> {
    let (service, reason) = (service.to_owned(), words(reason));
    match cause {
        Cause::Refused | Cause::Unclear => None,
        Cause::Unusable => Some((Stage::Unusable, Failing::Unusable { service, reason })),
        Cause::Expression => Some((Stage::Saga, Failing::Expression { reason })),
        Cause::RenderChanged => Some((Stage::Saga, Failing::RenderChanged { reason })),
        Cause::Timeout => Some((Stage::Saga, Failing::TimedOut { reason })),
        Cause::Cancelled => Some((Stage::Saga, Failing::Cancelled { reason })),
    }
}

fn half_stop(step: &Step, half: Half, failed: Option<&Failed>, evidence: &Evidence<'_>) -> Stop {
    let part = part(step, half);
    let all = attempts(step, half);
    let at_ns = all.last().map(|last| (last.started_ns, last.ended_ns.unwrap_or(last.started_ns)));
    let mut told = Stop {
        part: Some(part.clone()),
        stage: Stage::Unclear,
        reason: failed.map_or_else(String::new, |failed| one_line(&failed.reason)),
        said: Vec::new(),
        spans: Vec::new(),
        at_ns,
        waited_ns: 0,
        unsent: false,
    };
    let own = failed.and_then(|failed| own_doing(failed.cause, &part.service, &failed.reason));
    if let Some((stage, said)) = own {
        told.stage = stage;
        told.said.push(said);
        return told;
    }
    let ended: Vec<&Attempt> =
        all.into_iter().filter(|attempt| attempt.outcome != Outcome::InFlight).collect();
    let Some((attempt, judged)) = telling(step, &ended, evidence) else {
        let reason = words(&told.reason);
        told.said.extend((!reason.is_empty()).then_some(Failing::Own { service: part.service, reason }));
        return told;
    };
    told.unsent = matches!(attempt.outcome, Outcome::NotSent { .. });
    told.at_ns = Some((attempt.started_ns, attempt.ended_ns.unwrap_or(attempt.started_ns)));
    told.said.extend(judged.said);
    (told.stage, told.reason) = (judged.stage, judged.reason);
    (told.spans, told.waited_ns) = (judged.spans, judged.waited_ns);
    told
}

/// The attempt that tells most: the last, unless an earlier one is known to have done the work and the last says nothing
/// about that.
fn telling<'a>(step: &Step, ended: &[&'a Attempt], evidence: &Evidence<'_>) -> Option<(&'a Attempt, Judged)> {
    let judge = |attempt: &'a Attempt| evidence.judge(step, attempt).map(|judged| (attempt, judged));
    let last = ended.iter().rev().find_map(|&attempt| judge(attempt))?;
    if last.1.stage == Stage::CalleeRefused {
        return Some(last);
    }
    let with_effect = ended.iter().rev().filter_map(|&attempt| judge(attempt));
    Some(with_effect.into_iter().find(|(_, judged)| judged.stage == Stage::AnswerLost).unwrap_or(last))
}

pub(super) fn progress(saga: &Saga) -> Vec<Sentence> {
    let in_state = |state: StepState| names(saga.steps.iter().filter(move |step| step.state == state));
    let mut said: Vec<Sentence> = Vec::new();
    let mut say = |steps: Vec<String>, sentence: fn(Vec<String>) -> Progress| {
        if !steps.is_empty() {
            said.push(sentence(steps).into());
        }
    };
    let done = |step: &&Step| matches!(step.state, StepState::Done | StepState::Unusable);
    say(names(saga.steps.iter().filter(done)), |steps| Progress::Done { steps });
    say(in_state(StepState::Skipped), |steps| Progress::Skipped { steps });
    say(in_state(StepState::NoEffect), |steps| Progress::NoEffect { steps });
    say(in_state(StepState::NotBegun), |steps| Progress::NotBegun { steps });
    for step in &saga.steps {
        let flying = step.attempts.iter().filter(|attempt| attempt.outcome == Outcome::InFlight);
        said.extend(flying.map(|attempt| {
            let part = part(step, attempt.half);
            Progress::InFlight { part, attempt: attempt.number, since_ns: attempt.started_ns }.into()
        }));
    }
    said
}

pub(super) fn retried(saga: &Saga, evidence: &Evidence<'_>) -> Vec<Again> {
    let halves = saga
        .steps
        .iter()
        .flat_map(|step| [Half::Action, Half::Compensation].map(|half| again(step, half, evidence)));
    halves.flatten().collect()
}

fn again(step: &Step, half: Half, evidence: &Evidence<'_>) -> Option<Again> {
    let all = attempts(step, half);
    let (last, before) = all.split_last().filter(|(_, before)| !before.is_empty())?;
    let total = u64::from(last.number).max(all.len() as u64);
    let part = part(step, half);
    let failed: Vec<(&Attempt, Judged)> = before
        .iter()
        .filter_map(|attempt| evidence.judge(step, attempt).map(|judged| (*attempt, judged)))
        .collect();
    let stage = failed.last().map(|(_, judged)| judged.stage);
    let reason =
        |at: Option<&(&Attempt, Judged)>| at.map_or_else(String::new, |(_, judged)| words(&judged.reason));
    let (ok, said) = match &last.outcome {
        Outcome::Done { .. } => {
            let replayed = evidence.replayed(&step.name, last);
            (true, at_last(part.clone(), total, &failed, replayed))
        }
        Outcome::InFlight => {
            (false, Retried::Open { part: part.clone(), attempts: total, reason: reason(failed.last()) })
        }
        Outcome::Refused { reason, .. } | Outcome::Unclear { reason, .. } | Outcome::NotSent { reason } => {
            let (part, reason) = (part.clone(), words(reason));
            let open = match half {
                Half::Action => step.state == StepState::Acting,
                Half::Compensation => step.undo == Undo::Pending,
            };
            let said = if open {
                Retried::Waiting { part, attempts: total, reason }
            } else {
                Retried::InVain { part, attempts: total, reason }
            };
            (false, said)
        }
    };
    let had_effect = failed.iter().any(|(_, judged)| judged.stage == Stage::AnswerLost);
    let stage = if had_effect { Some(Stage::AnswerLost) } else { stage };
    Some(Again { part, attempts: total, ok, stage, said })
}

/// The last attempt succeeded.
fn at_last(part: Part, attempts: u64, failed: &[(&Attempt, Judged)], replayed: bool) -> Retried {
    let lost = failed.iter().rev().find_map(|(attempt, judged)| match &attempt.outcome {
        Outcome::Unclear { doubt, .. } if judged.stage == Stage::AnswerLost => {
            Some((*doubt, words(&judged.reason)))
        }
        _ => None,
    });
    if let Some((doubt, reason)) = lost {
        return if replayed {
            Retried::LostThenReplayed { part, doubt, reason }
        } else {
            Retried::LostThenAnswered { part, doubt, reason }
        };
    }
    let away = failed.iter().rev().find(|(attempt, _)| matches!(attempt.outcome, Outcome::NotSent { .. }));
    if let Some((_, judged)) = away {
        return Retried::CameBack { part, attempts, reason: words(&judged.reason) };
    }
    let reason = failed.first().map_or_else(String::new, |(_, judged)| words(&judged.reason));
    Retried::Ok { part, attempts, reason }
}

pub(super) fn undone(saga: &Saga) -> Vec<Sentence> {
    let steps = names(saga.steps.iter().filter(|step| step.undo == Undo::Done));
    if steps.is_empty() { Vec::new() } else { vec![Left::Undone { steps }.into()] }
}

pub(super) fn left(saga: &Saga) -> Vec<Sentence> {
    let turned = matches!(saga.status, Status::Compensating | Status::Compensated | Status::Parked);
    let mut said: Vec<Sentence> = Vec::new();
    let mut say = |steps: Vec<String>, sentence: fn(Vec<String>) -> Left| {
        if !steps.is_empty() {
            said.push(sentence(steps).into());
        }
    };
    let took = |step: &Step| matches!(step.state, StepState::Done | StepState::Unusable);
    let never = |step: &&Step| turned && took(step) && step.undo == Undo::Never;
    let unclear = |step: &&Step| step.state == StepState::Unclear && step.undo != Undo::Done;
    say(names(saga.steps.iter().filter(never)), |steps| Left::NeverUndone { steps });
    say(names(saga.steps.iter().filter(unclear)), |steps| Left::MayBeInEffect { steps });
    let undo = |undo: Undo| names(saga.steps.iter().filter(move |step| step.undo == undo));
    say(undo(Undo::Pending), |steps| Left::UndoPending { steps });
    say(undo(Undo::Stuck), |steps| Left::UndoStuck { steps });
    if said.is_empty() && saga.status == Status::Compensated {
        said.push(Left::Nothing.into());
    }
    if let Some(next) = &saga.next {
        said.push(Left::Then { what: next.what.clone(), at_ns: next.at_ns }.into());
    }
    said
}

/// The services that stand still because nobody can reach them.
pub(super) fn unreachable(saga: &Saga) -> Option<&str> {
    let away = |step: &&Step| {
        let tried = step.attempts.iter().rev().find(|attempt| attempt.outcome != Outcome::InFlight);
        let open = step.state == StepState::Acting || step.undo == Undo::Pending;
        open && tried.is_some_and(|attempt| matches!(attempt.outcome, Outcome::NotSent { .. }))
    };
    saga.steps.iter().find(away).map(|step| step.service.as_str())
}

/// The command of something that a person may do.
pub(super) fn command(saga: &Saga, allowed: &Allowed) -> String {
    use super::case::Verb;
    let more = match allowed.verb {
        Verb::Complete => " --output JSON --note WHY",
        Verb::Skip => " --note WHY",
        Verb::Edit => " --input JSON --note WHY",
        Verb::Retry | Verb::Cancel | Verb::Pause | Verb::Resume | Verb::Resend => "",
    };
    let step = allowed.step.as_ref().map_or_else(String::new, |step| format!(" --step {}", one_line(step)));
    // Where it is left out, the half that stands still is meant.
    let half = match allowed.half {
        Some(Half::Compensation) => " --half compensation",
        Some(Half::Action) | None => "",
    };
    format!("ondol {} {}{step}{half}{more}", allowed.verb.name(), one_line(&saga.id))
}
