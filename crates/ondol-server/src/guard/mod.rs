//! Who may ask, and how much: token, `Host` and `Origin`, types and sizes, places and time.
//!
//! It runs before every handler and knows no route but the few that need no token.

pub(crate) mod body;
mod local;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use http::{HeaderMap, Method, header};
use http_body::Body as _;
use tokio::sync::Semaphore;

use crate::api::console;
use crate::app::Shared;
use crate::digest::same_secret;
use crate::problem::{Answer, Code, PAGES, Problem};

pub(crate) use local::is_loopback;

/// Requests in hand at once. Each waits for a group commit, so this many are served in a few milliseconds; those that
/// wait for a saga to end hold a place meanwhile.
const PLACES: usize = 8_192;

/// Event streams open at once: a console has two, and nobody has hundreds.
const STREAMS: usize = 512;

/// Time for the head of an answer: the longest `?wait` and half as much again.
const ANSWER_WITHIN: Duration = Duration::from_secs(90);

/// Bytes of path and query, as common servers bound them.
const URI_BYTES_MAX: usize = 8 << 10;

/// Bytes of all headers.
const HEADER_BYTES_MAX: usize = 32 << 10;

/// What is asked of every request.
pub(crate) struct Guard {
    token: Option<String>,
    places: Semaphore,
    streams: Arc<Semaphore>,
}

impl Guard {
    /// Without a token, only this machine may ask.
    pub(crate) fn new(token: Option<String>) -> Self {
        Self { token, places: Semaphore::new(PLACES), streams: Arc::new(Semaphore::new(STREAMS)) }
    }

    /// A place for an event stream, held as long as it is open.
    pub(crate) fn stream(&self) -> Answer<tokio::sync::OwnedSemaphorePermit> {
        let full = || {
            Problem::new(Code::Overloaded, format!("{STREAMS} event streams are open; close one"))
                .again_after(1)
        };
        Arc::clone(&self.streams).try_acquire_owned().map_err(|_| full())
    }

    fn admit(&self, request: &Request) -> Answer<()> {
        size(request)?;
        who(self.token.as_deref(), request)?;
        media_type(request)
    }
}

/// The middleware around every handler.
pub(crate) async fn guard(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let Ok(_place) = app.guard.places.try_acquire() else {
        let detail = format!("{PLACES} requests are in hand; try again in a second, with the same id");
        return Problem::new(Code::Overloaded, detail).again_after(1).into_response();
    };
    if let Err(problem) = app.guard.admit(&request) {
        return problem.into_response();
    }
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(ANSWER_WITHIN, answer).await {
        Ok(Ok(response)) => response,
        Ok(Err(_panic)) => {
            Problem::new(Code::Internal, "the handler failed; the log says where").into_response()
        }
        Err(_) => {
            let detail =
                format!("no answer within {} s; send it again with the same id", ANSWER_WITHIN.as_secs());
            Problem::new(Code::TooSlow, detail).again_after(1).into_response()
        }
    }
}

fn size(request: &Request) -> Answer<()> {
    let uri = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    if uri > URI_BYTES_MAX {
        let detail = format!("path and query have {uri} bytes; at most {URI_BYTES_MAX} are read");
        return Err(Problem::new(Code::UriTooLong, detail));
    }
    let headers: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if headers > HEADER_BYTES_MAX {
        let detail = format!("the headers have {headers} bytes; at most {HEADER_BYTES_MAX} are read");
        return Err(Problem::new(Code::HeadersTooLarge, detail));
    }
    Ok(())
}

/// What a probe or a person without a token may read: the console asks for the token itself.
fn is_public(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz") || path.starts_with(PAGES) || console::owns(path)
}

/// Is it somebody who may ask? With a token whoever brings it, else this machine.
pub(crate) fn who<B>(expected: Option<&str>, request: &http::Request<B>) -> Answer<()> {
    match expected {
        Some(_) if is_public(request.uri().path()) => Ok(()),
        Some(expected) => token(expected, request),
        None => local::check(request),
    }
}

fn token<B>(expected: &str, request: &http::Request<B>) -> Answer<()> {
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let why = match given {
        Some((_, given)) if same_secret(expected, given.trim()) => return Ok(()),
        Some(_) => "the token is another one than the server's",
        None => "send `Authorization: Bearer <token>`, with the content of the server's --token-file",
    };
    Err(Problem::new(Code::Unauthorized, why))
}

/// A form on a web page cannot send these types without asking first, so they are also what keeps such pages out.
fn media_type(request: &Request) -> Answer<()> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS | Method::DELETE);
    if reads || request.body().is_end_stream() {
        return Ok(());
    }
    let given = essence(request.headers());
    let yaml =
        request.uri().path() == "/v1/system" && matches!(&*given, "application/yaml" | "application/x-yaml");
    if yaml || given == "application/json" {
        return Ok(());
    }
    let shown = if given.is_empty() { "nothing" } else { &given };
    Err(Problem::new(Code::MediaType, format!("Content-Type says {shown}; send application/json")))
}

/// The media type without its parameters.
pub(crate) fn essence(headers: &HeaderMap) -> String {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
