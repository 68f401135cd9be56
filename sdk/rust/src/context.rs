//! Ondol's request headers, parsed: which saga and step a request belongs to, and under which key.
//!
//! It reads headers only. It does not decide whether a request is a repeat; that is the [`barrier`](crate::barrier).

use crate::key::{Half, Key};
use crate::problem::Problem;
use http::{HeaderMap, StatusCode};

/// `run/step/half`, the same for every attempt.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The saga's id, as its submitter chose it.
pub const SAGA_ID: &str = "ondol-saga-id";
/// The step's name; repeats the key's middle.
pub const STEP: &str = "ondol-step";
/// `action` or `compensation`; repeats the key's end.
pub const HALF: &str = "ondol-half";
/// Number of the attempt, from 1.
pub const ATTEMPT: &str = "ondol-attempt";
/// What is left of this attempt, in milliseconds.
pub const DEADLINE_MS: &str = "ondol-deadline-ms";
/// W3C Trace Context.
pub const TRACEPARENT: &str = "traceparent";

/// What Ondol says about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepContext {
    /// The idempotency key.
    pub key: Key,
    /// The saga's id.
    pub saga: String,
    /// Number of the attempt, from 1; 1 when the header is absent.
    pub attempt: u32,
    /// Milliseconds the caller still waits for this attempt, if it said so.
    pub deadline_ms: Option<u64>,
    /// W3C `traceparent`, to be passed on unchanged or continued.
    pub traceparent: Option<String>,
}

impl StepContext {
    /// Parses the headers. The key and the saga's id are required; the others are optional, but must be
    /// well-formed and agree with the key where they are present.
    ///
    /// # Errors
    /// A 400 problem that names the header: `step_header_missing`, `step_header_invalid`.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, Problem> {
        let text = required(headers, IDEMPOTENCY_KEY)?;
        let key = Key::parse(text).ok_or_else(|| invalid(IDEMPOTENCY_KEY, text, "run/step/half"))?;
        let saga = required(headers, SAGA_ID)?.to_owned();
        if let Some(step) = optional(headers, STEP)?
            && step != key.step
        {
            return Err(invalid(STEP, step, &format!("{}, the step in {IDEMPOTENCY_KEY}", key.step)));
        }
        if let Some(half) = optional(headers, HALF)?
            && Half::parse(half) != Some(key.half)
        {
            return Err(invalid(HALF, half, &format!("{}, the half in {IDEMPOTENCY_KEY}", key.half)));
        }
        let attempt = number(headers, ATTEMPT)?.unwrap_or(1);
        let attempt =
            u32::try_from(attempt).map_err(|_| invalid(ATTEMPT, &attempt.to_string(), "a small number"))?;
        let deadline_ms = number(headers, DEADLINE_MS)?;
        let traceparent = optional(headers, TRACEPARENT)?.map(str::to_owned);
        Ok(Self { key, saga, attempt, deadline_ms, traceparent })
    }
}

fn optional<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Problem> {
    headers
        .get(name)
        .map(|value| value.to_str().map_err(|_| invalid(name, "(not text)", "visible ASCII characters")))
        .transpose()
}

fn required<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Problem> {
    optional(headers, name)?.filter(|text| !text.is_empty()).ok_or_else(|| {
        Problem::own(
            StatusCode::BAD_REQUEST,
            "step_header_missing",
            "A header that Ondol sends is missing",
            format!(
                "the request has no `{name}` header; this endpoint is a step of a saga and is called by Ondol. \
                 To try it by hand send `{IDEMPOTENCY_KEY}: run-1/step/action` and `{SAGA_ID}: saga-1`"
            ),
        )
    })
}

fn number(headers: &HeaderMap, name: &str) -> Result<Option<u64>, Problem> {
    optional(headers, name)?
        .map(|text| text.parse().map_err(|_| invalid(name, text, "a whole number")))
        .transpose()
}

fn invalid(name: &str, text: &str, expected: &str) -> Problem {
    Problem::own(
        StatusCode::BAD_REQUEST,
        "step_header_invalid",
        "A header that Ondol sends has another form",
        format!(
            "`{name}: {text}` should be {expected}; is something between Ondol and this service changing headers?"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        headers: &[(&'static str, &'static str)],
        expected: Result<(&str, u32, Option<u64>), (&str, &str)>,
    ) {
        let map = headers.iter().map(|(name, value)| {
            (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))
        });
        let parsed = StepContext::from_headers(&map.collect());
        match (parsed, expected) {
            (Ok(context), Ok((key, attempt, deadline_ms))) => {
                assert_eq!(
                    (context.key.to_string().as_str(), context.saga.as_str()),
                    (key, "s1"),
                    "{headers:?}"
                );
                assert_eq!((context.attempt, context.deadline_ms), (attempt, deadline_ms), "{headers:?}");
            }
            (Err(problem), Err((code, name))) => {
                assert_eq!((problem.code.as_ref(), problem.status), (code, 400), "{headers:?}");
                assert!(problem.detail.contains(name), "{headers:?}: {}", problem.detail);
            }
            (parsed, expected) => panic!("{headers:?}: {parsed:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn headers_are_parsed_or_named() {
        let key = ("idempotency-key", "r1/pay/action");
        let saga = ("ondol-saga-id", "s1");
        check(&[key, saga], Ok(("r1/pay/action", 1, None)));
        check(&[key, saga, ("ondol-step", "pay"), ("ondol-half", "action")], Ok(("r1/pay/action", 1, None)));
        check(
            &[key, saga, ("ondol-attempt", "3"), ("ondol-deadline-ms", "1500")],
            Ok(("r1/pay/action", 3, Some(1_500))),
        );
        check(&[saga], Err(("step_header_missing", "idempotency-key")));
        check(&[key], Err(("step_header_missing", "ondol-saga-id")));
        check(&[key, ("ondol-saga-id", "")], Err(("step_header_missing", "ondol-saga-id")));
        check(&[("idempotency-key", "pay"), saga], Err(("step_header_invalid", "idempotency-key")));
        check(&[key, saga, ("ondol-step", "hold")], Err(("step_header_invalid", "ondol-step")));
        check(&[key, saga, ("ondol-half", "compensation")], Err(("step_header_invalid", "ondol-half")));
        check(&[key, saga, ("ondol-attempt", "first")], Err(("step_header_invalid", "ondol-attempt")));
        check(&[key, saga, ("ondol-attempt", "99999999999")], Err(("step_header_invalid", "ondol-attempt")));
    }
}
