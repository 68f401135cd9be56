//! An axum extractor that hands a handler everything a step needs, and the answers back as responses.

use crate::barrier::{Call, Reply};
use crate::context::StepContext;
use crate::key::Digest;
use crate::problem::{self, Problem};
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

/// Longest request body in bytes; Ondol's own bound on a rendered body.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// One request of Ondol's: who calls, the request's digest and its body. Extract it last, it takes the body.
#[derive(Debug, Clone)]
pub struct Step {
    /// The headers, parsed.
    pub context: StepContext,
    /// Digest of method, path, query and body.
    pub digest: Digest,
    /// The body as sent; empty when the step maps none.
    pub body: Bytes,
}

impl Step {
    /// What the barrier must know.
    pub fn call(&self) -> Call {
        Call { key: self.context.key.clone(), saga: self.context.saga.clone(), digest: self.digest }
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// A 400 problem `body_invalid` that says where the body differs from what the handler expects.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let detail = format!(
                "the body is not what this endpoint expects: {error}; compare it with the step's `body:`"
            );
            Problem::own(StatusCode::BAD_REQUEST, "body_invalid", "The request body cannot be read", detail)
        })
    }
}

impl<S: Send + Sync> FromRequest<S> for Step {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let context = StepContext::from_headers(request.headers())?;
        let (parts, body) = request.into_parts();
        let body = read(body).await?;
        let target = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        Ok(Self { context, digest: Digest::of(parts.method.as_str(), target, &body), body })
    }
}

async fn read(body: Body) -> Result<Bytes, Problem> {
    match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            let detail = format!("the body exceeds {BODY_BYTES_MAX} bytes (BODY_BYTES_MAX); send less");
            Err(Problem::own(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                "The request body is too long",
                detail,
            ))
        }
        Err(error) => {
            // 408: the request did not arrive whole, so the caller must not read this as a refusal.
            let detail = format!("the body ended early: {error}; send it again");
            Err(Problem::own(
                StatusCode::REQUEST_TIMEOUT,
                "body_incomplete",
                "The request body did not arrive",
                detail,
            ))
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for StepContext {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Self::from_headers(&parts.headers)
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let headers: Vec<_> = self.headers().collect();
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = status(self.status);
        for (name, value) in headers {
            response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let headers = [(header::CONTENT_TYPE, problem::CONTENT_TYPE)];
        (status(self.status), headers, self.to_json()).into_response()
    }
}

/// A status out of range can only come from a damaged row; saying 500 keeps the caller asking.
fn status(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
