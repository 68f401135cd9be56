//! What a verb would do: the same rules on a copy of the state, and nothing sent or written.

use axum::response::Response;
use http::StatusCode;
use ondol_core::{Half, Permit, Question, Saga, StepId};
use ondol_engine::{Story, VerbRequest};
use ondol_spec::Secrets;
use serde_json::value::RawValue;

use super::answer::json;
use crate::clock;
use crate::problem::{Answer, Code, Problem};
use crate::wire::event::{Event, step_name};
use crate::wire::verb::{ActAnswer, CallView, DryRun};
use crate::wire::words;

/// Stands for every secret; the digest of a request does not depend on it, and headers are not shown.
const MASK: &str = "-";

/// Tells what the verb would do.
pub(super) fn answer(story: &Story, request: &VerbRequest) -> Answer<Response> {
    let (input, permit) = story.verb(request)?;
    let before = &story.saga;
    let decided = before.decide(&input, clock::wall_ms());
    let mut after = before.clone();
    for event in &decided {
        let illegal = |error| {
            Problem::new(Code::Internal, format!("the verb was decided and cannot be applied: {error}"))
        };
        after.apply(event).map_err(illegal)?;
    }
    let plan = before.plan();
    let events =
        decided.iter().zip(before.seq() + 1..).map(|(event, seq)| Event::new(plan, seq, event)).collect();
    let answer = DryRun {
        id: story.id.as_str(),
        seq: before.seq(),
        pending: permit == Permit::Pending,
        status: words::phase(after.phase()),
        events,
        calls: started(before, &after)
            .into_iter()
            .map(|(step, half)| call(story, &after, step, half))
            .collect(),
    };
    Ok(json(StatusCode::OK, &ActAnswer::DryRun(answer)))
}

/// The halves whose request would be sent now and was not before.
fn started(before: &Saga, after: &Saga) -> Vec<(StepId, Half)> {
    let (before, after) = (before.wanted(), after.wanted());
    let sent =
        after.calls.iter().filter(|call| !before.calls.iter().any(|known| known.attempt == call.attempt));
    let asked = after.questions.iter().filter(|question| !before.questions.contains(question));
    let asked = asked.filter_map(|question| match question {
        Question::Request(step, half) => Some((*step, *half)),
        Question::Condition(_) | Question::Output => None,
    });
    sent.map(|call| (call.attempt.step, call.attempt.half)).chain(asked).collect()
}

fn call<'a>(story: &'a Story, after: &Saga, step: StepId, half: Half) -> CallView<'a> {
    let blueprint = &story.blueprint;
    let masked = blueprint.definition.secrets().into_iter().map(|name| (name.to_owned(), MASK.to_owned()));
    let rendered = blueprint.render(&story.id, after, step, half, &Secrets::new(masked.collect()));
    let (request, body, error) = match rendered {
        Ok(request) => {
            let body = String::from_utf8(request.body.to_vec())
                .ok()
                .and_then(|body| RawValue::from_string(body).ok());
            (Some(format!("{} {}", request.method, request.path_and_query)), body, None)
        }
        Err(error) => (None, None, Some(error.to_string())),
    };
    CallView {
        step: step_name(story.saga.plan(), step),
        half: words::half(half),
        service: blueprint.service(step, half).to_string(),
        request,
        body,
        error,
    }
}
