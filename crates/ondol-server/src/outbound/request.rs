//! A request as a service sees it.

use std::fmt::Write as _;
use std::time::Duration;

use http::uri::{InvalidUri, PathAndQuery};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use ondol_call::Request;
use ondol_engine::{StepCall, run_text};

use super::trace;
use crate::wire::words;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const SAGA_ID: HeaderName = HeaderName::from_static("ondol-saga-id");
const STEP: HeaderName = HeaderName::from_static("ondol-step");
const HALF: HeaderName = HeaderName::from_static("ondol-half");
const ATTEMPT: HeaderName = HeaderName::from_static("ondol-attempt");
const DEADLINE_MS: HeaderName = HeaderName::from_static("ondol-deadline-ms");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Headers that every request has.
const OWN_HEADERS: usize = 7;

/// Why a rendered request cannot be written as HTTP. Rendering sees to it that this does not happen.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadRequest {
    #[error("its path cannot be sent: {0}")]
    Path(#[from] InvalidUri),
    #[error("its header `{0}` cannot be sent")]
    Header(String),
}

/// The request of one attempt (DESIGN §6). The service's own headers are added where it has none of the name.
pub(super) fn of_step(call: &StepCall, response: Duration) -> Result<Request, BadRequest> {
    let rendered = &*call.request;
    let path_and_query = PathAndQuery::try_from(rendered.path_and_query.as_str())?;
    let mut request = Request::new(method(rendered.method), path_and_query, rendered.body.clone());
    request.response_timeout = Some(response);
    let mut headers = HeaderMap::with_capacity(OWN_HEADERS + rendered.headers.len());
    for (name, text) in &rendered.headers {
        let bad = || BadRequest::Header(name.clone());
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
        headers.insert(name, HeaderValue::from_str(text).map_err(|_| bad())?);
    }
    let step = call.blueprint.definition.plan().step(call.attempt.step).map_or("", |step| &step.name);
    let half = words::half(call.attempt.half);
    let mut key = run_text(call.run);
    write!(key, "/{step}/{half}").expect("writing to a string cannot fail");
    let millis = u64::try_from(response.as_millis()).unwrap_or(u64::MAX);
    headers.insert(IDEMPOTENCY_KEY, text(key)?);
    headers.insert(SAGA_ID, text(call.saga.as_str().to_owned())?);
    headers.insert(STEP, text(step.to_owned())?);
    headers.insert(HALF, HeaderValue::from_static(half));
    headers.insert(ATTEMPT, call.attempt.number.into());
    headers.insert(DEADLINE_MS, millis.into());
    headers.insert(TRACEPARENT, text(trace::parent(call.run, call.attempt, call.trace))?);
    request.headers = headers;
    Ok(request)
}

fn text(text: String) -> Result<HeaderValue, BadRequest> {
    HeaderValue::try_from(text).map_err(|_| BadRequest::Header("ondol".to_owned()))
}

const fn method(method: ondol_spec::Method) -> Method {
    match method {
        ondol_spec::Method::Get => Method::GET,
        ondol_spec::Method::Post => Method::POST,
        ondol_spec::Method::Put => Method::PUT,
        ondol_spec::Method::Patch => Method::PATCH,
        ondol_spec::Method::Delete => Method::DELETE,
    }
}
