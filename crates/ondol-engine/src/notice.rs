//! What the outside is told of a saga: the JSON of a notice (its headers and signature are the caller's).

use std::sync::Arc;

use ondol_core::{News, Output, Saga};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::blueprint::Blueprint;
use crate::id::{SagaId, run_text};

/// The body of a notice. `type` and `timestamp` are what Standard Webhooks asks for.
#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    timestamp: String,
    saga: &'a str,
    definition: &'a str,
    version: u32,
    status: &'static str,
    seq: u64,
    input: Option<&'a RawValue>,
    output: Option<&'a RawValue>,
    failed: Option<Failed<'a>>,
}

#[derive(Serialize)]
struct Failed<'a> {
    step: Option<&'a str>,
    service: Option<Arc<str>>,
    reason: &'a str,
}

/// Identifies a notice to its receiver, the same for every delivery: run (as in idempotency keys), what became true, and
/// its number.
pub(crate) fn id(saga: &Saga, number: u16) -> String {
    let run = saga.submission().map_or(0, |submission| submission.run);
    let news = saga.notices().get(usize::from(number)).map_or("unknown", |notice| name(notice.news));
    format!("{}.{news}.{number}", run_text(run))
}

/// The body, the same for every delivery: nothing in it may depend on what happened since the notice became due.
pub(crate) fn body(id: &SagaId, saga: &Saga, blueprint: &Blueprint, number: u16) -> Vec<u8> {
    let notice = saga.notices().get(usize::from(number));
    let news = notice.map_or(News::Parked, |notice| notice.news);
    // As it was then: with the edits before it, and without those after it.
    let input = notice.and_then(|notice| saga.inputs().get(usize::from(notice.input)));
    let output = match saga.output() {
        Output::Some(output) => raw(output),
        Output::None | Output::Error(_) => None,
    };
    let body = Body {
        r#type: match news {
            News::Completed => "saga.completed",
            News::Compensated => "saga.compensated",
            News::Parked => "saga.parked",
        },
        timestamp: crate::time_text::rfc3339(notice.map_or(0, |notice| notice.at_ms)),
        saga: id.as_str(),
        definition: &blueprint.name,
        version: blueprint.version,
        status: name(news),
        seq: notice.map_or(0, |notice| notice.seq),
        input: input.and_then(|input| raw(input)),
        output: if news == News::Completed { output } else { None },
        failed: if news == News::Completed { None } else { failed(saga, blueprint) },
    };
    serde_json::to_vec(&body).expect("a notice is plain data")
}

fn failed<'a>(saga: &'a Saga, blueprint: &'a Blueprint) -> Option<Failed<'a>> {
    let failure = saga.failures().first()?;
    let step = failure.step.and_then(|step| saga.plan().step(step).map(|declared| (step, &*declared.name)));
    Some(Failed {
        step: step.map(|(_, name)| name),
        service: step.map(|(step, _)| blueprint.service(step, failure.half)),
        reason: &failure.reason,
    })
}

const fn name(news: News) -> &'static str {
    match news {
        News::Completed => "completed",
        News::Compensated => "compensated",
        News::Parked => "parked",
    }
}

fn raw(bytes: &[u8]) -> Option<&RawValue> {
    serde_json::from_slice(bytes).ok()
}
