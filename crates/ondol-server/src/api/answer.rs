//! Forms that answers and requests share.

use axum::extract::Query;
use axum::response::{IntoResponse, Response};
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
    if let Some(story) = app.engine.read(&id).await? {
        return Ok(story);
    }
    match app.listing.tombstone(&app.engine, &id).await? {
        Some(tombstone) => {
            let detail =
                format!("saga `{id}` ended long ago and its history was dropped; `saga` has its outcome");
            Err(Problem::new(Code::SagaDropped, detail).with("saga", Leftover::from(tombstone)))
        }
        None => Err(Problem::new(Code::SagaNotFound, format!("there is no saga `{id}`"))),
    }
}

/// Runs something that blocks for a moment.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("reading a view does not panic")
}
