//! What the proxy itself answers: problems (RFC 9457), and the same for gRPC clients, who read no body.

use std::fmt::Write as _;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use ondol_call::{AnswerBody, CallError};

use super::Response;
use crate::problem::{Code, MEDIA_TYPE, Problem};

/// Says that the answer is not the service's own, and of which kind it is.
pub(super) const FALLBACK: HeaderName = HeaderName::from_static("ondol-fallback");
const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
/// In HTTP 408, 503 and the like nobody can tell a proxy's answer from the service's; this header does.
const CODE: HeaderName = HeaderName::from_static("ondol-code");

pub(super) fn is_grpc(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}

/// A refusal or failure of the proxy's own.
pub(super) fn problem(grpc: bool, code: Code, detail: impl Into<String>) -> Response {
    respond(grpc, &Problem::new(code, detail))
}

/// A call that came to nothing.
pub(super) fn failed(grpc: bool, service: &str, error: &CallError) -> Response {
    let code = match error {
        CallError::Expired => Code::CallExpired,
        CallError::Unclear { .. } | CallError::NotSent { .. } if error.is_timeout() => Code::CallTimeout,
        CallError::NotSent { .. } => Code::CallNotSent,
        CallError::Unclear { .. } => Code::CallUnclear,
        CallError::Rejected { .. } => Code::CallRejected,
    };
    let problem = Problem::new(code, format!("{service}: {error}")).with("service", service);
    match error.retry_after() {
        Some(wait) => {
            respond(grpc, &problem.again_after(u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).max(1)))
        }
        None => respond(grpc, &problem),
    }
}

fn respond(grpc: bool, problem: &Problem) -> Response {
    let code = problem.code();
    if grpc {
        return trailers_only(code, problem.detail());
    }
    let mut response = http::Response::new(AnswerBody::whole(problem.json().into()));
    *response.status_mut() = code.status();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(CODE, HeaderValue::from_static(code.as_str()));
    if let Some(seconds) = problem.retry_after_s() {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    if code == Code::ProxyUnauthorized {
        headers.insert(header::PROXY_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"ondol\""));
    }
    response
}

/// gRPC's Trailers-Only: a status without a message.
fn trailers_only(code: Code, detail: &str) -> Response {
    let status = match code {
        Code::CallTimeout | Code::CallExpired => "4",
        Code::CallRejected => "8",
        Code::ServiceUnknown => "12",
        Code::ProxyUnauthorized => "16",
        _ => "14",
    };
    let mut response = http::Response::new(AnswerBody::absent());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert(GRPC_STATUS, HeaderValue::from_static(status));
    headers.insert(CODE, HeaderValue::from_static(code.as_str()));
    if let Ok(message) = HeaderValue::try_from(percent_encoded(detail)) {
        headers.insert(GRPC_MESSAGE, message);
    }
    response
}

/// gRPC's `Percent-Encoded`: visible ASCII and spaces stay, but for `%`.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if (0x20..=0x7e).contains(&byte) && byte != b'%' {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("writing to a string cannot fail");
        }
    }
    encoded
}

/// Dapr's "the sidecar is there".
pub(super) fn nothing() -> Response {
    let mut response = http::Response::new(AnswerBody::absent());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// What Dapr's SDKs read of a sidecar's metadata.
pub(super) fn metadata() -> Response {
    let body =
        Bytes::from_static(br#"{"id":"ondol","runtimeVersion":"1.0.0","extended":{},"components":[]}"#);
    let mut response = http::Response::new(AnswerBody::whole(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
