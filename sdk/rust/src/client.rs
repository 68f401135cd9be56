//! Submits sagas and asks after them, over HTTP/1 without TLS: for callers beside the server or in its cluster.
//!
//! It repeats what is safe to repeat and nothing else: a submit carries its id from the first try, so that a lost
//! answer is settled by sending it again. It does not wait for a saga by itself; [`Client::wait`] does.

mod error;
mod wire;

pub use error::Error;
pub use wire::{Failed, Saga, Status, Submit, Submitted, Verb, VerbRequest};

use bytes::Bytes;
use http::{Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::{Client as Pool, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use std::net::IpAddr;
use std::time::Duration;
use ulid::Ulid;

/// Time for one request. The server answers within milliseconds or says that it cannot.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Tries of a submit: with the back-off below about ten seconds, which a restart of the server fits into.
pub const SUBMIT_TRIES_MAX: u32 = 8;
/// First pause between tries; doubled up to [`PAUSE_MAX`].
pub const PAUSE_FIRST: Duration = Duration::from_millis(50);
/// Longest pause between tries and between two looks at a saga.
pub const PAUSE_MAX: Duration = Duration::from_secs(2);
/// Longest answer read, in bytes: a saga of 256 steps whose outputs are at their limit is larger than anyone
/// should poll for; the console pages through it instead.
pub const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A handle on the server, cheap to clone; connections are kept and shared.
#[derive(Debug, Clone)]
pub struct Client {
    base: String,
    token: Option<String>,
    pool: Pool<HttpConnector, Full<Bytes>>,
}

/// An answer before its status is judged.
struct Answer {
    status: StatusCode,
    body: Bytes,
}

impl Client {
    /// A client of the server at `base`, such as `http://127.0.0.1:7070`. Nothing is connected yet.
    ///
    /// # Errors
    /// [`Error::Address`] unless `base` is `http://host:port`.
    pub fn new(base: &str) -> Result<Self, Error> {
        let uri: Uri = base.parse().map_err(|_| Error::Address(base.to_owned()))?;
        let plain = uri.scheme_str() == Some("http") && uri.authority().is_some() && uri.path() == "/";
        if !plain {
            return Err(Error::Address(base.to_owned()));
        }
        let pool = Pool::builder(TokioExecutor::new()).build_http();
        Ok(Self { base: base.trim_end_matches('/').to_owned(), token: None, pool })
    }

    /// Sends `authorization: Bearer <token>` with every request.
    ///
    /// # Errors
    /// [`Error::TokenInTheClear`] unless the server is on this machine: there is no TLS here, and whoever reads the
    /// token can do everything.
    pub fn with_token(self, token: impl Into<String>) -> Result<Self, Error> {
        let uri: Option<Uri> = self.base.parse().ok();
        if uri.as_ref().and_then(Uri::host).is_some_and(is_loopback) {
            Ok(Self { token: Some(token.into()), ..self })
        } else {
            Err(Error::TokenInTheClear(self.base))
        }
    }

    /// Submits a saga and returns when it is durably accepted. Without an id one is minted (a ULID) before the
    /// first try; every try carries it, so a repeat after a lost answer starts nothing twice.
    ///
    /// # Errors
    /// [`Error::Problem`] if the server refuses; [`Error::Unsettled`], with the id, if it could not be learnt
    /// within [`SUBMIT_TRIES_MAX`] tries whether the saga was accepted: submit again with that id. Where no try
    /// can have changed anything it is what the last one ended in, such as [`Error::Unreachable`].
    pub async fn submit(&self, submit: &Submit) -> Result<Submitted, Error> {
        let id = submit.id.clone().unwrap_or_else(|| Ulid::generate().to_string());
        checked(&id)?;
        let body = serde_json::to_vec(&submit.with_id(&id)).map_err(Error::Encode)?;
        let mut pause = PAUSE_FIRST;
        let mut tries = 1;
        let mut in_doubt = false;
        loop {
            let error = match self.send(Method::POST, "/v1/sagas", Some((&body, Some(&id)))).await {
                Ok(answer) if answer.status.is_success() => {
                    let created = answer.status == StatusCode::CREATED;
                    return Ok(Submitted { id, created, saga: decode(&answer)? });
                }
                Ok(answer) => Error::problem(answer.status, &answer.body),
                Err(error) => error,
            };
            in_doubt |= !error.changed_nothing();
            match error.is_repeatable() {
                false => return Err(error),
                true if tries == SUBMIT_TRIES_MAX && !in_doubt => return Err(error),
                true if tries == SUBMIT_TRIES_MAX => {
                    return Err(Error::Unsettled { id, source: Box::new(error) });
                }
                true => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PAUSE_MAX);
                    tries += 1;
                }
            }
        }
    }

    /// The saga as it stands.
    ///
    /// # Errors
    /// [`Error::Problem`] with status 404 if the server does not know it, [`Error::Id`] if it cannot.
    pub async fn get(&self, id: &str) -> Result<Saga, Error> {
        let answer = self.send(Method::GET, &format!("/v1/sagas/{}", checked(id)?), None).await?;
        if answer.status.is_success() {
            decode(&answer)
        } else {
            Err(Error::problem(answer.status, &answer.body))
        }
    }

    /// Looks at the saga until it is completed, compensated or parked, or until `timeout`; then returns it as it
    /// was seen last. A server that is away meanwhile is waited for.
    ///
    /// # Errors
    /// What the last look ended in, if there was no good one.
    pub async fn wait(&self, id: &str, timeout: Duration) -> Result<Saga, Error> {
        let mut seen = Err(Error::Timeout);
        let look = async {
            let mut pause = PAUSE_FIRST;
            loop {
                match self.get(id).await {
                    Ok(saga) if saga.status.is_resting() => return Ok(saga),
                    Err(error) if !error.is_repeatable() => return Err(error),
                    other => seen = other,
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSE_MAX);
            }
        };
        match tokio::time::timeout(timeout, look).await {
            Ok(result) => result,
            Err(_) => seen,
        }
    }

    /// An operator's verb. Not repeated: give `if_seq` and look before you send it again.
    ///
    /// # Errors
    /// [`Error::Problem`]: 409 if the verb is not allowed now (the detail says why), 412 if `if_seq` is stale.
    pub async fn verb(
        &self,
        id: &str,
        verb: Verb,
        request: &VerbRequest,
    ) -> Result<serde_json::Value, Error> {
        let query = if request.dry_run { "?dry_run=true" } else { "" };
        let target = format!("/v1/sagas/{}/{}{query}", checked(id)?, verb.as_str());
        let body = serde_json::to_vec(request).map_err(Error::Encode)?;
        let answer = self.send(Method::POST, &target, Some((&body, None))).await?;
        match answer.status {
            status if !status.is_success() => Err(Error::problem(status, &answer.body)),
            _ if answer.body.is_empty() => Ok(serde_json::Value::Null),
            _ => decode(&answer),
        }
    }

    async fn send(
        &self,
        method: Method,
        target: &str,
        body: Option<(&[u8], Option<&str>)>,
    ) -> Result<Answer, Error> {
        let mut request = Request::builder().method(method).uri(format!("{}{target}", self.base));
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let mut bytes = Bytes::new();
        if let Some((body, key)) = body {
            bytes = Bytes::copy_from_slice(body);
            request = request.header(header::CONTENT_TYPE, "application/json");
            if let Some(key) = key {
                request = request.header("idempotency-key", key);
            }
        }
        let request = request.body(Full::new(bytes)).map_err(|error| Error::Request(error.to_string()))?;
        let exchange = async {
            let response = self.pool.request(request).await.map_err(|error| Error::connection(&error))?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
            let body =
                body.map_err(|error| Error::Connection(format!("the answer broke off: {error}")))?.to_bytes();
            Ok(Answer { status, body })
        };
        tokio::time::timeout(REQUEST_TIMEOUT, exchange).await.unwrap_or(Err(Error::Timeout))
    }
}

/// Bytes of a saga id, as the server bounds them.
const ID_BYTES_MAX: usize = 128;

/// The id, if it is one. It stands in a path, where other characters would name something else.
fn checked(id: &str) -> Result<&str, Error> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let good = (1..=ID_BYTES_MAX).contains(&id.len()) && id.bytes().all(allowed) && !matches!(id, "." | "..");
    if good { Ok(id) } else { Err(Error::Id(id.to_owned())) }
}

/// Does the name stand for this machine?
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

fn decode<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, Error> {
    serde_json::from_slice(&answer.body).map_err(Error::Decode)
}
