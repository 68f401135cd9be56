//! Calls with every policy, and what came of them in a few words.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http_body_util::BodyExt;
use ondol_call::policy::retry::Stop;
use ondol_call::policy::settings::{Backoff, Retry, Settings};
use ondol_call::{CallError, Called, Callee, Decision, Endpoint, FallbackKind, Request, Story, Target};

use crate::support::{post, target};

/// What came of a call.
pub(crate) struct Asked {
    /// The status and body, or why there is none.
    pub(crate) told: String,
    /// The answer's headers; none without an answer.
    pub(crate) headers: http::HeaderMap,
    pub(crate) fallback: Option<FallbackKind>,
    pub(crate) story: Story,
}

/// Makes a call of no operation, and reads its answer to the end.
pub(crate) async fn ask(callee: &Callee, request: Request) -> Asked {
    ended(callee.call(request, None).await).await
}

pub(crate) async fn ended(called: Called) -> Asked {
    let Called { result, fallback, story } = called;
    let (told, headers) = match result {
        Ok(answer) => {
            let (parts, body) = answer.into_parts();
            (read(parts.status, body).await, parts.headers)
        }
        Err(error) => (failed(&error), http::HeaderMap::new()),
    };
    Asked { told, headers, fallback, story }
}

async fn read(status: http::StatusCode, mut body: ondol_call::AnswerBody) -> String {
    let mut told = format!("{} ", status.as_u16());
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => told.push_str(&String::from_utf8_lossy(&frame.into_data().unwrap_or_default())),
            Err(error) => return format!("{told}, then {error}"),
        }
    }
    told
}

fn failed(error: &CallError) -> String {
    match error {
        CallError::NotSent { why } => format!("not sent: {why}"),
        CallError::Unclear { why } => format!("unclear: {why}"),
        CallError::Rejected { limit, .. } => format!("rejected: {limit}"),
        CallError::Expired => "expired".to_owned(),
    }
}

impl Asked {
    /// Why it was not tried again, if that was said.
    pub(crate) fn stop(&self) -> Option<Stop> {
        self.story.decisions().iter().rev().find_map(|decision| match decision {
            Decision::Stopped(stop) => Some(*stop),
            _ => None,
        })
    }

    /// How many attempts there were, sent or not.
    pub(crate) fn attempts(&self) -> usize {
        self.story.decisions().iter().filter(|decision| matches!(decision, Decision::Ended { .. })).count()
    }
}

pub(crate) fn get(path: &str) -> Request {
    Request::new(Method::GET, path.parse().unwrap(), Bytes::new())
}

/// A POST with an idempotency key.
pub(crate) fn keyed(path: &str) -> Request {
    with(post(path, "{}"), &[("idempotency-key", "k1")])
}

pub(crate) fn with(mut request: Request, headers: &[(&'static str, &str)]) -> Request {
    for (name, value) in headers {
        request.headers.insert(*name, value.parse().unwrap());
    }
    request
}

/// Settings whose waits are short enough for a test.
pub(crate) fn brisk() -> Settings {
    let backoff = Backoff { max: Duration::from_millis(2), ..Backoff::default() };
    Settings {
        response: Some(Duration::from_millis(300)),
        retry: Retry { backoff, ..Retry::default() },
        body_idle: Duration::from_millis(200),
        ..Settings::default()
    }
}

/// A target with [`brisk`] settings, which honours idempotency keys.
pub(crate) fn service(endpoints: impl IntoIterator<Item = Endpoint>, settings: Settings) -> Target {
    Target { settings, key_honoured: true, ..target(endpoints) }
}
