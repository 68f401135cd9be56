//! What is worth saying of a saga: judged from the server's answer alone, and only by leaving out.

use super::said::{Deed, How, Part, Said, Section, State, Topic, Trouble, Vouch, When};
use crate::command::saga::{Failure, Progress, Saga, Step, Target};
use crate::output::text;
use crate::output::time::{self, Now};

/// All sections that have something to say, in the order in which they are read.
pub(super) fn tell(saga: &Saga, targets: &[Target], now: &Now) -> Vec<Section> {
    let said = [
        (Topic::Outcome, outcome(saga, now)),
        (Topic::Why, why(saga, now)),
        (Topic::Trail, trail(saga)),
        (Topic::Waiting, waiting(saga, targets, now)),
        (Topic::Vouched, vouched(saga, now)),
        (Topic::Told, told(saga, now)),
        (Topic::Next, next(saga, targets)),
    ];
    let sections = said.into_iter().map(|(topic, said)| Section { topic, said });
    sections.filter(|section| !section.said.is_empty()).collect()
}

fn outcome(saga: &Saga, now: &Now) -> Vec<Said> {
    let state = match saga.status.as_str() {
        "running" | "compensating" if saga.paused => State::Paused,
        "running" => State::Running,
        "compensating" => State::Compensating,
        "completed" => State::Completed,
        // What has nothing to undo it stays in effect.
        "compensated" if saga.steps.iter().any(|step| step.status == "done") => State::CompensatedInPart,
        "compensated" => State::Compensated,
        "parked" => State::Parked,
        _ => State::Unknown,
    };
    let begun_ms = time::parse(&saga.created_at).unwrap_or(now.ms());
    let until_ms = saga.ended_at.as_deref().and_then(time::parse).unwrap_or(now.ms());
    let mut said = vec![
        Said::State {
            id: text::whole(&saga.id),
            definition: text::whole(&saga.definition),
            version: saga.version,
            state,
            length_ms: until_ms - begun_ms,
        },
        Said::Asked { input: text::json(saga.input.as_deref()), at: when(Some(&saga.created_at), now) },
    ];
    if let Some(output) = saga.output.as_deref().filter(|_| state == State::Completed) {
        said.push(Said::Answered { output: text::json(Some(output)) });
    }
    if let Some(reason) = &saga.output_error {
        said.push(Said::NoOutput { reason: text::whole(reason) });
    }
    said
}

fn why(saga: &Saga, now: &Now) -> Vec<Said> {
    let mut said: Vec<Said> = saga
        .failures
        .iter()
        .enumerate()
        .map(|(number, failure)| failed(saga, failure, number == 0, now))
        .collect();
    if saga.turn_back_pending.is_some() {
        said.push(Said::TurnsBackAfterPivot);
    }
    if said.is_empty() && saga.status == "completed" {
        said.push(Said::NothingFailed);
    }
    said
}

fn failed(saga: &Saga, failure: &Failure, first: bool, now: &Now) -> Said {
    let how = match failure.code.as_str() {
        "timeout" => {
            let deadline = when(saga.deadline_at.as_deref(), now);
            return Said::TimedOut { deadline };
        }
        "cancelled" => return Said::Cancelled,
        "refused" => How::Refused,
        "unclear" => How::Unclear,
        "unusable" => How::Unusable,
        "expression_error" => How::Expression,
        "render_changed" => How::RenderChanged,
        _ => How::Other,
    };
    let part = Part {
        step: failure.step.clone().unwrap_or_default(),
        undoing: failure.half == "compensation",
        service: failure.service.clone().unwrap_or_default(),
    };
    Said::Failed { part, how, reason: text::whole(&failure.reason), first }
}

fn trail(saga: &Saga) -> Vec<Said> {
    let turned = matches!(saga.status.as_str(), "compensating" | "compensated");
    let names = |wanted: &dyn Fn(&Step) -> bool| -> Vec<String> {
        saga.steps.iter().filter(|step| wanted(step)).map(|step| text::whole(&step.name)).collect()
    };
    let is = |status: &'static str| move |step: &Step| step.status == status;
    let undoable = |step: &Step| !turned || step.undoable;
    let mut said = vec![
        Said::Done { steps: names(&|step| is("done")(step) && undoable(step)) },
        Said::NotUndoable { steps: names(&|step| is("done")(step) && !undoable(step)) },
        Said::Unclear { steps: names(&|step| is("unclear")(step) || is("unusable")(step)) },
        Said::Undone { steps: names(&is("undone")) },
        Said::NoEffect { steps: names(&is("no_effect")) },
        Said::Skipped { steps: names(&is("skipped")) },
        Said::NotBegun { steps: names(&is("waiting")) },
    ];
    said.retain(|said| match said {
        Said::Done { steps }
        | Said::NotUndoable { steps }
        | Said::Unclear { steps }
        | Said::Undone { steps }
        | Said::NoEffect { steps }
        | Said::Skipped { steps }
        | Said::NotBegun { steps } => !steps.is_empty(),
        _ => true,
    });
    for step in &saga.steps {
        said.extend([false, true].into_iter().filter_map(|undoing| retried(step, undoing)));
    }
    said
}

fn retried(step: &Step, undoing: bool) -> Option<Said> {
    let half = if undoing { "compensation" } else { "action" };
    let attempts: Vec<_> = step.attempts.iter().filter(|attempt| attempt.half == half).collect();
    if attempts.len() < 2 {
        return None;
    }
    let reason = attempts.iter().rev().find_map(|attempt| attempt.reason.as_deref());
    let reason = reason.unwrap_or_else(|| attempts.first().map_or("", |attempt| attempt.outcome.as_str()));
    Some(Said::Retried { part: part(step, undoing), attempts: attempts.len(), reason: text::whole(reason) })
}

fn part(step: &Step, undoing: bool) -> Part {
    Part { step: text::whole(&step.name), undoing, service: text::whole(&step.service) }
}

fn waiting(saga: &Saga, targets: &[Target], now: &Now) -> Vec<Said> {
    let over = matches!(saga.status.as_str(), "completed" | "compensated");
    if over {
        return Vec::new();
    }
    let trying = saga.steps.iter().filter_map(|step| Some((step, step.progress.as_ref()?)));
    let mut said: Vec<Said> =
        trying.filter_map(|(step, progress)| waits_for(step, progress, targets, now)).collect();
    if saga.paused {
        said.push(Said::WaitsForResume);
    }
    if said.is_empty()
        && let Some(next) = &saga.next
    {
        said.push(Said::Then { what: text::whole(&next.what) });
    }
    if saga.status == "running"
        && !saga.paused
        && saga.turn_back_pending.is_none()
        && let Some(deadline) = &saga.deadline_at
    {
        said.push(Said::GivesUp { when: when(Some(deadline), now) });
    }
    said
}

fn waits_for(step: &Step, progress: &Progress, targets: &[Target], now: &Now) -> Option<Said> {
    let part = part(step, progress.half == "compensation");
    match progress.mode.as_str() {
        "in_flight" => {
            let down = targets.iter().find(|target| target.name == step.service && !target.up);
            if let Some(down) = down {
                if down.removed {
                    return Some(Said::WaitsForRemoved { part });
                }
                return Some(Said::WaitsForService {
                    part,
                    length_ms: down.down_for_ms.unwrap_or(0),
                    reason: text::whole(down.reason.as_deref().unwrap_or_default()),
                    waiting: down.waiting,
                });
            }
            let started = step.attempts.last().map(|attempt| attempt.started_at.as_str());
            let since = when(started, now);
            Some(Said::WaitsForAnswer { part, attempt: progress.attempt, since })
        }
        "waiting" => {
            let when = when(progress.due_at.as_deref(), now);
            Some(Said::WaitsForRetry { part, attempt: progress.attempt + 1, when })
        }
        "stuck" => {
            let trouble = match progress.trouble.as_deref().unwrap_or_default() {
                "refused" => Trouble::Refused,
                "refused_repeatedly" => Trouble::RefusedRepeatedly,
                "exhausted" => Trouble::Exhausted,
                "too_long" => Trouble::TooLong,
                "unusable" => Trouble::Unusable,
                "expression_error" => Trouble::Expression,
                "render_changed" => Trouble::RenderChanged,
                _ => Trouble::Other,
            };
            Some(Said::WaitsForPerson { part, trouble })
        }
        _ => None,
    }
}

fn when(text: Option<&str>, now: &Now) -> When {
    let away_ms = text.and_then(time::parse).map(|at_ms| at_ms - now.ms());
    When { clock: text.map_or_else(String::new, |text| now.absolute(text)), away_ms }
}

fn vouched(saga: &Saga, now: &Now) -> Vec<Said> {
    let said = saga.vouched.iter().map(|vouched| Said::Vouched {
        step: text::whole(&vouched.step),
        vouch: match vouched.vouch.as_str() {
            "not_needed" => Vouch::NotNeeded,
            "no_effect" => Vouch::NoEffect,
            _ => Vouch::Completed,
        },
        note: text::whole(&vouched.note),
        at: when(Some(&vouched.at), now),
    });
    said.collect()
}

fn told(saga: &Saga, now: &Now) -> Vec<Said> {
    let said = saga.notices.iter().filter_map(|notice| {
        let (news, failures) = (text::whole(&notice.news), notice.failures);
        match notice.state.as_str() {
            "due" if failures > 0 => {
                let when = when(notice.due_at.as_deref(), now);
                Some(Said::NoticeDue { news, failures, when })
            }
            "undelivered" => Some(Said::Undelivered { news, failures }),
            _ => None,
        }
    });
    said.collect()
}

/// Commands that are allowed now and would help. The server says what is allowed; here the helpful ones are picked.
fn next(saga: &Saga, targets: &[Target]) -> Vec<Said> {
    let id = &saga.id;
    let allowed = saga.allowed.iter().filter(|allowed| allowed.allowed);
    let stuck = |name: Option<&str>| {
        let step = saga.steps.iter().find(|step| Some(step.name.as_str()) == name);
        step.and_then(|step| step.progress.as_ref()).is_some_and(|progress| progress.mode == "stuck")
    };
    let any_stuck = saga.steps.iter().any(|step| stuck(Some(&step.name)));
    let mut said: Vec<Said> = allowed
        .filter_map(|allowed| {
            let deed = match allowed.verb.as_str() {
                "retry" if stuck(allowed.step.as_deref()) => Deed::Retry,
                "complete" if stuck(allowed.step.as_deref()) => Deed::Complete,
                "skip" if stuck(allowed.step.as_deref()) => Deed::Skip,
                "edit" if any_stuck => Deed::Edit,
                "cancel" if any_stuck => Deed::Cancel,
                "resume" => Deed::Resume,
                _ => return None,
            };
            let more = match deed {
                Deed::Complete => " --output JSON --note WHY",
                Deed::Skip => " --note WHY",
                Deed::Edit => " --input JSON --note WHY",
                Deed::Retry | Deed::Cancel | Deed::Resume | Deed::Resend | Deed::Follow | Deed::Apply => "",
            };
            let step = allowed.step.as_ref().map_or_else(String::new, |step| format!(" --step {step}"));
            let half = allowed.half.as_ref().map_or_else(String::new, |half| format!(" --half {half}"));
            Some(Said::Do { command: format!("ondol {} {id}{step}{half}{more}", allowed.verb), deed })
        })
        .collect();
    let removed = |step: &&Step| targets.iter().any(|target| target.removed && target.name == step.service);
    let mut trying = saga.steps.iter().filter(|step| step.progress.is_some());
    if let Some(step) = trying.find(removed) {
        said.push(Said::Add { service: text::whole(&step.service) });
        said.push(Said::Do { command: "ondol apply FILE".to_owned(), deed: Deed::Apply });
    }
    let undelivered = saga.notices.iter().filter(|notice| notice.state == "undelivered");
    said.extend(undelivered.map(|notice| Said::Do {
        command: format!("ondol resend {id} --notice {}", notice.number),
        deed: Deed::Resend,
    }));
    if said.is_empty() {
        let over = matches!(saga.status.as_str(), "completed" | "compensated");
        said.push(if saga.status == "compensated" { Said::SubmitAgain } else { Said::DoNothing { over } });
        if !over {
            said.push(Said::Do { command: format!("ondol events {id} --follow"), deed: Deed::Follow });
        }
    }
    said
}
