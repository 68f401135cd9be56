//! The proxy that a server runs beside its API: a call of a service, whatever it answers.

use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client as Pool, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;

use super::{ANSWER_BYTES_MAX, chain, checked};
use crate::error::Error;

/// Names the service.
const TARGET: HeaderName = HeaderName::from_static("ondol-target");
/// Asks for [`DECISIONS`].
const EXPLAIN: HeaderName = HeaderName::from_static("ondol-explain");
/// Why the call went as it did, one decision behind the other.
const DECISIONS: &str = "ondol-decisions";
/// What is between two decisions.
const BETWEEN: &str = "; ";
/// Which other answer it is, where it is not the service's own.
const FALLBACK: &str = "ondol-fallback";
/// The code of an answer that is the proxy's own.
const CODE: &str = "ondol-code";

/// Time to connect: the proxy is near, or at the end of a tunnel.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// Time for the head of an answer: the longest that a system file gives to a call, and a little more.
const HEAD_WITHIN: Duration = Duration::from_secs(60 * 60 + 10);

/// A handle on the proxy.
pub(crate) struct Proxy {
    base: String,
    token: Option<HeaderValue>,
    pool: Pool<HttpConnector, Full<Bytes>>,
}

/// An answer, whose body may still be coming.
pub(crate) struct Called {
    proxy: String,
    response: Response<Incoming>,
}

impl Proxy {
    /// The proxy at this address. Nothing is connected yet.
    pub(crate) fn new(url: &str, token: Option<String>) -> Result<Self, Error> {
        let (base, token) = checked("proxy", 7071, url, token)?;
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT_WITHIN));
        Ok(Self { base, token, pool: Pool::builder(TokioExecutor::new()).build(connector) })
    }

    /// Calls `service` once, and waits for the head of the answer.
    pub(crate) async fn call(
        &self,
        service: &str,
        (method, path): (Method, &PathAndQuery),
        headers: HeaderMap,
        body: Vec<u8>,
        explain: bool,
    ) -> Result<Called, Error> {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        let mut request = request
            .header(TARGET, service)
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| Error::Usage(format!("the service {service:?} cannot be called: {error}")))?;
        request.headers_mut().extend(headers);
        if explain {
            request.headers_mut().insert(EXPLAIN, HeaderValue::from_static("1"));
        }
        if let Some(token) = &self.token {
            request.headers_mut().insert(header::PROXY_AUTHORIZATION, token.clone());
        }
        let broken = |why: String, unsent| Error::Proxy { proxy: self.base.clone(), why, unsent };
        match tokio::time::timeout(HEAD_WITHIN, self.pool.request(request)).await {
            Ok(Ok(response)) => Ok(Called { proxy: self.base.clone(), response }),
            Ok(Err(error)) => Err(broken(chain(&error), error.is_connect())),
            Err(_elapsed) => Err(broken(format!("no answer within {} s", HEAD_WITHIN.as_secs()), false)),
        }
    }
}

impl Called {
    /// The status.
    pub(crate) fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The headers, but for those that tell of the call itself.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&HeaderName, String)> {
        let headers = self.response.headers().iter().filter(|(name, _)| *name != DECISIONS);
        headers.map(|(name, value)| (name, lossy(value)))
    }

    /// Is the body JSON, as far as the headers say?
    pub(crate) fn is_json(&self) -> bool {
        let kind = self.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        kind == super::JSON || kind.ends_with("+json")
    }

    /// Which other answer it is, where it is not the service's own.
    pub(crate) fn fallback(&self) -> Option<String> {
        self.header(FALLBACK)
    }

    /// It is no answer of the service, but the proxy's own.
    pub(crate) fn is_proxys_own(&self) -> bool {
        self.response.headers().contains_key(CODE)
    }

    /// Why the call went as it did, oldest decision first.
    pub(crate) fn decisions(&self) -> Vec<String> {
        let told = self.header(DECISIONS).unwrap_or_default();
        told.split(BETWEEN).filter(|decision| !decision.is_empty()).map(str::to_owned).collect()
    }

    /// The next piece of the body; none at its end.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            match self.response.body_mut().frame().await {
                None => return Ok(None),
                Some(Err(error)) => return Err(self.broken(&chain(&error))),
                // Trailers are no part of the body.
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }

    /// The whole body.
    pub(crate) async fn whole(&mut self) -> Result<Bytes, Error> {
        let body = Limited::new(self.response.body_mut(), ANSWER_BYTES_MAX).collect().await;
        body.map(http_body_util::Collected::to_bytes).map_err(|error| self.broken(&chain(&*error)))
    }

    fn broken(&self, why: &str) -> Error {
        Error::Proxy { proxy: self.proxy.clone(), why: format!("the answer broke off: {why}"), unsent: false }
    }

    fn header(&self, name: &str) -> Option<String> {
        self.response.headers().get(name).map(lossy)
    }
}

fn lossy(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}
