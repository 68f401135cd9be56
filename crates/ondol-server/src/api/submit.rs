//! Submitting a saga.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use ondol_engine::{Chosen, Reached, SagaId, SubmitError, SubmitRequest, Submitted as Accepted};
use serde::Deserialize;
use serde_json::value::RawValue;
use ulid::Ulid;

use super::answer::{asked_id, header, json, params};
use crate::app::{App, Shared};
use crate::digest;
use crate::guard::body;
use crate::listing::Tombstone;
use crate::problem::{Answer, Code, Problem};
use crate::traceparent;
use crate::wire::saga::{FailureView, output_of};
use crate::wire::submit::{Submit, Submitted};
use crate::wire::system::FindingView;
use crate::wire::words;

/// Ids that no new saga has, since something else is at their address.
const RESERVED: [&str; 2] = ["causes", "figures"];

/// Longest `?wait`. A longer one is better served by events.
const WAIT_MAX: Duration = Duration::from_mins(1);

/// How the answer is wanted.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {
    wait: Option<String>,
}

/// Submits a saga.
///
/// When this answers, the saga is durable and will come to its end. The same id and the same request again are a repeat:
/// 200, and nothing happens twice.
#[utoipa::path(
    post, path = "/v1/sagas", tag = "sagas", request_body = Submit,
    params(
        ("wait" = Option<String>, Query, description = "Wait until the saga has ended or is parked, at most this long (`10s`, `500ms`; at most 60s)."),
        ("Idempotency-Key" = Option<String>, Header, description = "The saga's id, instead of the member `id`."),
        ("traceparent" = Option<String>, Header, description = "W3C trace context; the saga's calls continue it."),
    ),
    responses(
        (status = 201, description = "Accepted. `Location` is the saga.", body = Submitted),
        (status = 200, description = "The same request had been accepted before.", body = Submitted),
        (status = 400, description = "`bad_request`", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`definition_not_found`", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 409, description = "`id_taken`: the id belongs to another request.", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 422, description = "`plan_invalid`: the plan has errors; see `findings`.", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 429, description = "`overloaded`: come again after `Retry-After`, with the same id.", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 503, description = "`outcome_unknown`: submit again with the same id.", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 507, description = "`no_space`: the disk is nearly full; nothing was accepted.", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn submit(
    State(app): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Answer<Response> {
    let wait = match params::<Params>(&uri)?.wait {
        Some(text) => Some(duration(&text)?),
        None => None,
    };
    let bytes = body::read(body).await?;
    let submit: Submit<'_> = body::json(&bytes)?;
    let id = match asked_id(submit.id.as_deref(), &headers)? {
        Some(id) => id,
        None => SagaId::new(&Ulid::generate().to_string())?,
    };
    if RESERVED.contains(&id.as_str()) {
        let detail = format!("`id` is {id}, and /v1/sagas/{id} is another address; choose another id");
        return Err(Problem::new(Code::BadSagaId, detail));
    }
    let asked = Asked::new(&submit)?;
    if let Some(tombstone) = app.listing.tombstone(&app.engine, &id).await? {
        return dropped(&id, &asked, &tombstone);
    }
    let accepted = match accepted(&app, &id, &asked, trace(&headers)).await {
        Ok(accepted) => accepted,
        // What was accepted before is answered as it was, whatever speaks against accepting it now.
        Err(refusal) => repeat(&app, &id, asked.digest).await?.ok_or(refusal)?,
    };
    let status = if accepted.created { StatusCode::CREATED } else { StatusCode::OK };
    let plain = Submitted {
        id: id.as_str(),
        definition: &accepted.definition,
        version: accepted.version,
        status: words::phase(accepted.phase),
        seq: accepted.seq,
        output: None,
        failed: None,
        dropped: false,
    };
    let mut response = match wait {
        None => json(status, &plain),
        Some(wait) => match waited(&app, &id, wait).await {
            Some(reached) => json(status, &how_it_stands(&id, &reached)),
            // It was accepted; that it cannot be read now is no reason to say anything else.
            None => json(status, &plain),
        },
    };
    if let Ok(location) = HeaderValue::try_from(format!("/v1/sagas/{id}")) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

async fn waited(app: &App, id: &SagaId, wait: Duration) -> Option<Reached> {
    let settled = app.stop.run_until_cancelled(app.engine.settled(id, wait)).await;
    settled?.ok().flatten()
}

fn how_it_stands<'a>(id: &'a SagaId, reached: &'a Reached) -> Submitted<'a> {
    let Reached { saga, blueprint } = reached;
    let failed = saga.failures().first().map(|failure| FailureView::new(saga, blueprint, failure));
    Submitted {
        id: id.as_str(),
        definition: &blueprint.name,
        version: blueprint.version,
        status: words::phase(saga.phase()),
        seq: saga.seq(),
        output: output_of(saga.output()),
        failed,
        dropped: false,
    }
}

fn dropped(id: &SagaId, asked: &Asked<'_>, tombstone: &Tombstone) -> Answer<Response> {
    if tombstone.request != asked.digest {
        let detail =
            format!("saga `{id}` ended long ago and was submitted with another request; choose another id");
        return Err(Problem::new(Code::IdTaken, detail));
    }
    let answer = Submitted {
        id: id.as_str(),
        definition: &tombstone.definition,
        version: tombstone.version,
        status: tombstone.status.as_str(),
        seq: tombstone.seq,
        output: None,
        failed: None,
        dropped: true,
    };
    Ok(json(StatusCode::OK, &answer))
}

/// What shall run, and the digest that tells a repeat from another request.
struct Asked<'a> {
    what: What<'a>,
    input: &'a str,
    digest: u128,
}

enum What<'a> {
    Named { name: &'a str, version: Option<u32> },
    Plan(&'a str),
}

impl<'a> Asked<'a> {
    fn new(submit: &'a Submit<'a>) -> Answer<Self> {
        let bad = |detail: &str| Problem::new(Code::BadRequest, detail);
        let input = submit.input.map_or("null", RawValue::get);
        let compacted = digest::compacted(input);
        let (what, digest) = match (submit.definition.as_deref(), submit.plan) {
            (Some(name), None) => {
                let version = submit.version.map_or([0; 4], u32::to_be_bytes);
                let digest = digest::of(&[b"definition", name.as_bytes(), &version, compacted.as_bytes()]);
                (What::Named { name, version: submit.version }, digest)
            }
            (None, Some(plan)) if submit.version.is_none() => {
                let plan_compacted = digest::compacted(plan.get());
                let digest = digest::of(&[b"plan", plan_compacted.as_bytes(), compacted.as_bytes()]);
                (What::Plan(plan.get()), digest)
            }
            (None, Some(_)) => return Err(bad("a plan has no `version`; leave it out")),
            (None, None) | (Some(_), Some(_)) => return Err(bad("give either `definition` or `plan`")),
        };
        Ok(Self { what, input, digest })
    }
}

/// Has the engine accept it.
async fn accepted(app: &App, id: &SagaId, asked: &Asked<'_>, trace: (u128, u64)) -> Answer<Accepted> {
    let definition = match asked.what {
        What::Named { name, version } => {
            live(app, name, version)?;
            Chosen::Named { name: name.to_owned(), version }
        }
        What::Plan(plan) => Chosen::Inline(compiled(app, plan).await?),
    };
    let request = SubmitRequest {
        id: id.clone(),
        definition,
        input: Arc::from(asked.input.as_bytes()),
        digest: asked.digest,
        run: Ulid::generate().0,
        trace,
    };
    Ok(app.engine.submit(request).await?)
}

/// The answer to a request that was accepted before; `None` where it was not.
async fn repeat(app: &App, id: &SagaId, digest: u128) -> Answer<Option<Accepted>> {
    // Where even that cannot be read, the first refusal says more.
    let Ok(Some(story)) = app.engine.read(id).await else { return Ok(None) };
    if story.saga.submission().is_none_or(|submission| submission.request != digest) {
        return Err(SubmitError::IdTaken { id: id.to_string() }.into());
    }
    Ok(Some(Accepted {
        created: false,
        phase: story.saga.phase(),
        seq: story.saga.seq(),
        definition: Arc::clone(&story.blueprint.name),
        version: story.blueprint.version,
    }))
}

/// Is this definition of the live system, and everything it calls? Otherwise its saga would wait for a service for ever.
fn live(app: &App, name: &str, version: Option<u32>) -> Answer<()> {
    let system = app.systems.live();
    let missing = |detail: String| Problem::new(Code::DefinitionNotFound, detail);
    if !system.system.definitions.contains_key(name) {
        let detail =
            format!("there is no definition `{name}` in the system file; `GET /v1/definitions` lists them");
        return Err(missing(detail));
    }
    let registry = app.engine.definitions();
    // A version that does not exist is the engine's to refuse.
    let Some(blueprint) = registry.find(name, version) else { return Ok(()) };
    let services = blueprint.definition.services();
    let Some(gone) = services.iter().find(|service| !system.has_service(service)) else {
        return Ok(());
    };
    let version = blueprint.version;
    Err(missing(format!(
        "version {version} of `{name}` calls {gone}, which the system file does not have; submit the newest version, or add the service"
    )))
}

/// Compiles a plan. It is named after its content, so that equal plans are one definition.
async fn compiled(app: &App, plan: &str) -> Answer<Arc<ondol_spec::Definition>> {
    let name = format!("plan-{:012x}", digest::of(&[digest::compacted(plan).as_bytes()]) >> 80);
    let (live, plan) = (app.systems.live(), plan.to_owned());
    let compiled = super::answer::blocking(move || ondol_spec::plan(&plan, &name, &live.system)).await;
    compiled.map(Arc::new).map_err(|findings| {
        let first =
            findings.first().map_or(String::new(), |finding| format!("; the first: {}", finding.message));
        let findings: Vec<FindingView> = findings.iter().map(FindingView::from).collect();
        let count = if findings.len() == 1 { "1 finding" } else { &format!("{} findings", findings.len()) };
        let detail = format!("{count} in the plan{first}");
        Problem::new(Code::PlanInvalid, detail).with("findings", findings)
    })
}

/// `10s`, `500ms`, `1m`.
fn duration(text: &str) -> Answer<Duration> {
    let bad =
        || Problem::new(Code::BadRequest, format!("`wait` is {text:?}; write it like 10s, at most 60s"));
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| bad())?;
    let wait = match unit {
        "ms" => Duration::from_millis(number),
        "" | "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.saturating_mul(60)),
        _ => return Err(bad()),
    };
    if wait > WAIT_MAX { Err(bad()) } else { Ok(wait) }
}

/// The trace id and the parent span of `traceparent`; zero where there is none.
fn trace(headers: &HeaderMap) -> (u128, u64) {
    header(headers, "traceparent")
        .and_then(traceparent::read)
        .map_or((0, 0), |given| (given.trace, given.span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_short() {
        #[rustfmt::skip]
        let table = [
            ("10s", Some(10_000)), ("500ms", Some(500)), ("1m", Some(60_000)), ("60", Some(60_000)), ("0s", Some(0)),
            ("61s", None), ("2m", None), ("s", None), ("-1s", None), ("1h", None), ("99999999999999999999s", None),
        ];
        for (text, expected) in table {
            let got = duration(text).ok().map(|wait| wait.as_millis());
            assert_eq!(got, expected, "{text}");
        }
    }
}
