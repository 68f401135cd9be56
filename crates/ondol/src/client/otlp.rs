//! Logs to a server, as an SDK sends them: OTLP over HTTP, protobuf.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client as Pool, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;

use super::{chain, checked};
use crate::error::Error;

/// Time for one request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest wait that a server may ask for.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(30);

/// Where logs are sent.
pub(crate) struct Otlp {
    base: String,
    token: Option<HeaderValue>,
    pool: Pool<HttpConnector, Full<Bytes>>,
}

/// Why a request was not taken.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It may be taken later; after so long, where the server said that.
    Later(String, Option<Duration>),
    /// It is never taken.
    Never(String),
}

impl Otlp {
    /// Nothing is connected yet.
    pub(crate) fn new(url: &str, token: Option<String>) -> Result<Self, Error> {
        let (base, token) = checked("otlp", 4318, url, token)?;
        let pool = Pool::builder(TokioExecutor::new()).build_http();
        Ok(Self { base, token, pool })
    }

    /// The address, without a slash at its end.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Sends log records; done when they are durable.
    pub(crate) async fn logs(&self, body: Bytes) -> Result<(), Refused> {
        let mut request = Request::post(format!("{}/v1/logs", self.base))
            .header(header::CONTENT_TYPE, "application/x-protobuf");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, token);
        }
        let request = request.body(Full::new(body)).map_err(|error| Refused::Never(error.to_string()))?;
        let base = &self.base;
        match tokio::time::timeout(REQUEST_TIMEOUT, self.pool.request(request)).await {
            Err(_) => Err(Refused::Later(format!("{base} does not answer"), None)),
            Ok(Err(error)) => {
                Err(Refused::Later(format!("{base} cannot be reached: {}", chain(&error)), None))
            }
            Ok(Ok(response)) => self.meaning(&response),
        }
    }

    /// OTLP: 429, 502, 503 and 504 are sent again, and no other refusal is.
    fn meaning(&self, response: &Response<Incoming>) -> Result<(), Refused> {
        let status = response.status();
        let said = || format!("{} answered {status}", self.base);
        match status {
            _ if status.is_success() => Ok(()),
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => {
                let after = response.headers().get(header::RETRY_AFTER);
                let seconds = after.and_then(|after| after.to_str().ok()?.parse().ok());
                let after = seconds.map(|seconds| Duration::from_secs(seconds).min(RETRY_AFTER_MAX));
                Err(Refused::Later(said(), after))
            }
            _ => Err(Refused::Never(said())),
        }
    }
}
