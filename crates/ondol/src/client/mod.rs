//! The API over HTTP/1 without TLS: for a server on loopback, inside the cluster, or at the end of a tunnel.
//!
//! Not the SDK's client: that one decodes into its own types, and a command line passes the API's JSON on as it is,
//! follows event streams and sends files. Another connector is all that TLS would take.

mod otlp;
mod problem;
mod proxy;
mod sse;

pub(crate) use otlp::{Otlp, Refused};
pub(crate) use problem::Problem;
pub(crate) use proxy::{Called, Proxy};
pub(crate) use sse::Events;

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client as Pool, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;

use crate::args::Remote;
use crate::error::Error;

/// Time for one request. The server answers within milliseconds or says that it cannot; a `wait` is added to it.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest answer read, in bytes: a saga of 256 steps whose outputs are all at their limit is larger than a terminal.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Type of a JSON body.
pub(crate) const JSON: &str = "application/json";

/// A handle on the server; connections are kept and shared.
#[derive(Clone)]
pub(crate) struct Client {
    base: String,
    token: Option<HeaderValue>,
    pool: Pool<HttpConnector, Full<Bytes>>,
}

/// What the server said, once it is known to be no problem.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

/// A body to send, and its type.
pub(crate) struct Sent<'a> {
    pub(crate) kind: &'a str,
    pub(crate) bytes: Vec<u8>,
    /// The idempotency key, where the request has one.
    pub(crate) key: Option<&'a str>,
}

impl Client {
    /// A client of the server that the command line names. Nothing is connected yet.
    pub(crate) fn new(remote: &Remote) -> Result<Self, Error> {
        let (base, token) = checked("server", 7070, &remote.server, remote.token()?)?;
        let pool = Pool::builder(TokioExecutor::new()).build_http();
        Ok(Self { base, token, pool })
    }

    /// The server's address, without a slash at its end.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Reads.
    pub(crate) async fn get(&self, target: &str) -> Result<Answer, Error> {
        self.send(Method::GET, target, None, Duration::ZERO).await
    }

    /// Sends a body. `patience` is what the server was asked to wait for.
    pub(crate) async fn send(
        &self,
        method: Method,
        target: &str,
        body: Option<Sent<'_>>,
        patience: Duration,
    ) -> Result<Answer, Error> {
        let limit = REQUEST_TIMEOUT + patience;
        let exchange = async {
            let response = self.open(method, target, body, &HeaderMap::new()).await?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
            let body =
                body.map_err(|error| self.unreachable(format!("the answer broke off: {error}"), false))?;
            Ok(Answer { status, body: body.to_bytes() })
        };
        let silent = Error::Silent { server: self.base.clone(), seconds: limit.as_secs() };
        let answer = tokio::time::timeout(limit, exchange).await.unwrap_or(Err(silent))?;
        if answer.status.is_success() {
            Ok(answer)
        } else {
            Err(Error::Problem(Box::new(Problem::read(answer.status, &answer.body))))
        }
    }

    /// Opens an event stream behind the event with this id.
    pub(crate) async fn events(&self, target: &str, after: Option<&str>) -> Result<Events, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/event-stream"));
        if let Some(after) = after.and_then(|id| HeaderValue::from_str(id).ok()) {
            headers.insert("last-event-id", after);
        }
        let silent = Error::Silent { server: self.base.clone(), seconds: REQUEST_TIMEOUT.as_secs() };
        let opening = self.open(Method::GET, target, None, &headers);
        let response = tokio::time::timeout(REQUEST_TIMEOUT, opening).await.unwrap_or(Err(silent))?;
        let status = response.status();
        if status.is_success() {
            return Ok(Events::new(self.base.clone(), response.into_body()));
        }
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        Err(Error::Problem(Box::new(Problem::read(status, &body))))
    }

    async fn open(
        &self,
        method: Method,
        target: &str,
        body: Option<Sent<'_>>,
        headers: &HeaderMap,
    ) -> Result<Response<Incoming>, Error> {
        let mut request = Request::builder().method(method).uri(format!("{}{target}", self.base));
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, token);
        }
        let mut bytes = Bytes::new();
        if let Some(sent) = body {
            request = request.header(header::CONTENT_TYPE, sent.kind);
            if let Some(key) = sent.key {
                request = request.header("idempotency-key", key);
            }
            bytes = Bytes::from(sent.bytes);
        }
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(bytes)).map_err(|error| Error::Usage(error.to_string()))?;
        self.pool.request(request).await.map_err(|error| self.unreachable(chain(&error), error.is_connect()))
    }

    fn unreachable(&self, why: String, unsent: bool) -> Error {
        Error::Unreachable { server: self.base.clone(), why, unsent }
    }

    /// Reads an answer as the API describes it.
    pub(crate) fn decode<T: serde::de::DeserializeOwned>(&self, what: &str, body: &[u8]) -> Result<T, Error> {
        serde_json::from_slice(body).map_err(|error| self.strange(what, &error.to_string()))
    }

    /// An answer that an Ondol server does not give.
    pub(crate) fn strange(&self, what: &str, why: &str) -> Error {
        Error::Strange { server: self.base.clone(), what: what.to_owned(), why: why.to_owned() }
    }
}

/// An address that can be used, without a slash at its end, and the token as a header: it is sent to this machine only.
/// `flag` gave the address; `port` is the usual one.
fn checked(
    flag: &str,
    port: u16,
    url: &str,
    token: Option<String>,
) -> Result<(String, Option<HeaderValue>), Error> {
    let uri: Option<Uri> = url.parse().ok();
    let plain =
        |uri: &Uri| uri.scheme_str() == Some("http") && uri.authority().is_some() && uri.path() == "/";
    if !uri.as_ref().is_some_and(plain) {
        return Err(Error::Usage(format!(
            "--{flag} {url:?} is not an address this program can use; give http://host:port, without a path. \
             TLS ends in front of the server: use its address behind the proxy, or a tunnel"
        )));
    }
    if token.is_some() && !uri.as_ref().and_then(Uri::host).is_some_and(is_loopback) {
        return Err(Error::Usage(format!(
            "--{flag} {url} is not on this machine, and without TLS the token could be read on the way. Open a \
             tunnel, such as `ssh -N -L {port}:127.0.0.1:{port} HOST`, and leave --{flag} out"
        )));
    }
    let token = token.map(|token| HeaderValue::from_str(&format!("Bearer {token}"))).transpose();
    let mut token = token
        .map_err(|_| Error::Usage("the token has characters that cannot stand in a header".to_owned()))?;
    if let Some(token) = &mut token {
        token.set_sensitive(true);
    }
    Ok((url.trim_end_matches('/').to_owned(), token))
}

/// Does the name stand for this machine?
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// The reason is the innermost one: hyper's own text is only "client error (Connect)".
fn chain(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

/// One segment of a path or one value of a query, percent-encoded (RFC 3986, section 2.3).
pub(crate) fn encoded(text: &str) -> String {
    const KEPT: percent_encoding::AsciiSet =
        percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(text, &KEPT).to_string()
}

/// `target?name=value&…` of those that are given.
pub(crate) fn with_query(target: &str, pairs: &[(&str, Option<&str>)]) -> String {
    let pairs = pairs.iter().filter_map(|(name, value)| value.map(|value| (name, value)));
    let query: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    if query.is_empty() { target.to_owned() } else { format!("{target}?{}", query.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn a_token_stays_on_this_machine() {
        #[rustfmt::skip]
        let table = [
            ("127.0.0.1", true), ("127.8.9.1", true), ("localhost", true), ("LOCALHOST", true), ("[::1]", true),
            ("10.0.0.5", false), ("0.0.0.0", false), ("ondol", false), ("localhost.example", false), ("[::]", false),
        ];
        for (host, here) in table {
            assert_eq!(is_loopback(host), here, "{host}");
        }
    }
}
