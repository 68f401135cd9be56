//! Forms that answers and requests share.

use axum::extract::{FromRequestParts, Query};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, StatusCode, Uri, header};
use ondol_engine::{SagaId, Story};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::problem::{Answer, Code, Problem};
use crate::wire::list::Leftover;

/// An answer in JSON.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let body = serde_json::to_vec(body).expect("an answer is plain data");
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// The parameters of the address.
pub(super) fn params<T: DeserializeOwned>(uri: &Uri) -> Answer<T> {
    let read = Query::<T>::try_from_uri(uri);
    let bad = |error: axum::extract::rejection::QueryRejection| {
        Problem::new(Code::BadRequest, format!("{}; see /v1/openapi.json", error.body_text()))
    };
    read.map(|Query(params)| params).map_err(bad)
}

/// The parts of the path; where they cannot be read, a problem as everywhere.
pub(super) struct Path<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let read = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        let bad = |error: axum::extract::rejection::PathRejection| {
            let detail = format!("the path {} cannot be read: {}", parts.uri.path(), error.body_text());
            Problem::new(Code::BadRequest, detail)
        };
        read.map(|axum::extract::Path(read)| Self(read)).map_err(bad)
    }
}

/// The id that the header `Idempotency-Key` gives. Sent twice with the same content it is one.
pub(super) fn key(headers: &HeaderMap) -> Answer<Option<&str>> {
    let mut key: Option<&str> = None;
    for value in headers.get_all("idempotency-key") {
        let unreadable = || {
            let detail = "the header Idempotency-Key has characters that no id has; send A-Z a-z 0-9 . _ -";
            Problem::new(Code::BadSagaId, detail)
        };
        let text = value.to_str().map_err(|_| unreadable())?;
        if let Some(before) = key
            && before != text
        {
            let detail = format!("Idempotency-Key says {before:?} and {text:?}; send one of them");
            return Err(Problem::new(Code::IdMismatch, detail));
        }
        key = Some(text);
    }
    Ok(key)
}

/// The id of what is asked for: of the body, of the header, or none.
pub(super) fn asked_id<'a>(in_body: Option<&'a str>, headers: &'a HeaderMap) -> Answer<Option<SagaId>> {
    let id = match (in_body, key(headers)?) {
        (Some(id), Some(key)) if id != key => {
            let detail =
                format!("`id` says {id:?} and the header Idempotency-Key says {key:?}; send one of them");
            return Err(Problem::new(Code::IdMismatch, detail));
        }
        (Some(id), _) | (None, Some(id)) => id,
        (None, None) => return Ok(None),
    };
    Ok(Some(SagaId::new(id)?))
}

/// A header as text.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Does the client want an event stream?
pub(super) fn wants_stream(headers: &HeaderMap) -> bool {
    header(headers, "accept").is_some_and(|accept| accept.contains("text/event-stream"))
}

/// A saga's story, or the problem that tells why there is none.
pub(super) async fn story(app: &App, id: &str) -> Answer<Story> {
    let id = SagaId::new(id)?;
    match app.engine.read(&id).await? {
        Some(story) => Ok(story),
        None => Err(missing(app, &id).await?),
    }
}

/// Why there is no such saga: it was dropped, or never was.
pub(crate) async fn missing(app: &App, id: &SagaId) -> Answer<Problem> {
    Ok(match app.listing.tombstone(&app.engine, id).await? {
        Some(tombstone) => {
            let detail =
                format!("saga `{id}` ended long ago and its history was dropped; `saga` has its outcome");
            Problem::new(Code::SagaDropped, detail).with("saga", Leftover::from(tombstone))
        }
        None => Problem::new(Code::SagaNotFound, format!("there is no saga `{id}`")),
    })
}

/// Runs something that blocks for a moment.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("reading a view does not panic")
}
