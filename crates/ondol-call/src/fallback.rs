//! Another answer instead of a failure.

use std::sync::Arc;

use http::{HeaderValue, StatusCode, header};

use crate::body::AnswerBody;
use crate::call::{CallError, FallbackKind, Kind};
use crate::callee::Shared;
use crate::policy::fallback::{Failure, Fallback};
use crate::request::Request;
use crate::shelf::{Shelf, Slot};
use crate::story::{Decision, Story};

type Result = std::result::Result<http::Response<AnswerBody>, CallError>;

/// The call's own result, or what the settings give instead of a failure.
pub(crate) async fn instead(
    shared: &Arc<Shared>,
    request: &Request,
    kind: &Kind<'_>,
    result: Result,
    shelf: Option<(&Shelf, &Slot)>,
    story: &mut Story,
) -> (Result, Option<FallbackKind>) {
    let Some(fallback) = &kind.settings.fallback else { return (result, None) };
    let Some(failed) = failed(&result) else { return (result, None) };
    if let Err(why) = fallback.applies(&request.method, kind.has_key, failed) {
        story.tell(Decision::NoFallback(why.to_string()));
        return (result, None);
    }
    let found = match fallback {
        Fallback::Static { status, content_type, body } => {
            let mut answer = http::Response::new(AnswerBody::whole(body.clone()));
            *answer.status_mut() = StatusCode::from_u16(*status).unwrap_or(StatusCode::OK);
            if let Ok(content_type) = HeaderValue::from_str(content_type) {
                answer.headers_mut().insert(header::CONTENT_TYPE, content_type);
            }
            Ok((answer, FallbackKind::Static))
        }
        Fallback::Cached { not_older_than } => shelf
            .and_then(|(shelf, slot)| shelf.last_good(slot, shared.desk.now(), *not_older_than))
            .map(|answer| (answer, FallbackKind::Cached))
            .ok_or_else(|| "no good answer is kept that is young enough (fallback.cached)".to_owned()),
        Fallback::Alternate { service, .. } => alternate(shared, service, request, kind).await,
    };
    match found {
        Ok((answer, kind)) => {
            story.tell(Decision::Fallback(kind));
            (Ok(answer), Some(kind))
        }
        Err(why) => {
            story.tell(Decision::NoFallback(why));
            (result, None)
        }
    }
}

/// The other service has its own settings and its own budget, and what is left of the call's time; its answer counts only if it is one.
async fn alternate(
    shared: &Arc<Shared>,
    service: &str,
    request: &Request,
    kind: &Kind<'_>,
) -> std::result::Result<(http::Response<AnswerBody>, FallbackKind), String> {
    let Some(other) = shared.others.get(service) else {
        return Err(format!("there is no service {service} (fallback.alternate)"));
    };
    if !request.body.is_repeatable() {
        return Err("its body is too long to be sent again".to_owned());
    }
    // A ring of alternates is refused by lint; boxed, since a future cannot hold itself.
    let operation = other.operation_of(&request.method, request.path_and_query.path());
    let called = Box::pin(other.call_until(request.clone(), operation, kind.deadline)).await;
    match called.result {
        Ok(answer) if answer.status().is_server_error() => {
            Err(format!("{service} answered {} (fallback.alternate)", answer.status()))
        }
        Ok(answer) => Ok((answer, FallbackKind::Alternate)),
        Err(error) => Err(format!("{service}: {error}")),
    }
}

/// How it failed; none where an answer would reach nobody.
fn failed(result: &Result) -> Option<Failure> {
    match result {
        Ok(answer) => Some(Failure::Status(answer.status())),
        Err(CallError::NotSent { .. } | CallError::Unclear { .. }) => Some(Failure::NoAnswer),
        Err(CallError::Rejected { .. }) => Some(Failure::Limited),
        // Whoever asked has given up.
        Err(CallError::Expired) => None,
    }
}
