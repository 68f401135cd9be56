//! A client of Ondol's API over one kept connection.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// The API did not answer what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// No answer.
    #[error("GET {path}: no answer")]
    Silent {
        /// What was asked.
        path: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Another status than 200.
    #[error("GET {path}: {status}: {body}")]
    Refused {
        /// What was asked.
        path: String,
        /// The status.
        status: u16,
        /// What it said.
        body: String,
    },
    /// The answer is no JSON, or lacks something.
    #[error("GET {path}: the answer has no {missing}: {body}")]
    Odd {
        /// What was asked.
        path: String,
        /// What it lacks.
        missing: &'static str,
        /// Its beginning.
        body: String,
    },
}

/// Asks.
#[derive(Clone, Debug)]
pub struct Api {
    address: SocketAddr,
    client: Client<HttpConnector, Empty<Bytes>>,
}

/// Bytes of an answer that an error shows.
const SHOWN_MAX: usize = 300;

impl Api {
    /// Connects when something is asked.
    pub fn new(address: SocketAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self { address, client: Client::builder(TokioExecutor::new()).build(connector) }
    }

    /// The body of an answer with status 200. The parameters are encoded here.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn bytes(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Bytes, ApiError> {
        let path = with(path, parameters);
        let silent = |source| ApiError::Silent { path: path.clone(), source };
        let uri = format!("http://{}{path}", self.address);
        let uri = uri.parse().map_err(|error: http::uri::InvalidUri| silent(error.into()))?;
        let answer = self.client.get(uri).await.map_err(|error| silent(error.into()))?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.map_err(|error| silent(error.into()))?.to_bytes();
        if status == 200 {
            return Ok(body);
        }
        Err(ApiError::Refused { path, status, body: begin(&body) })
    }

    /// The same, as JSON.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn json(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Value, ApiError> {
        let body = self.bytes(path, parameters).await?;
        serde_json::from_slice(&body).map_err(|_| odd(path, "JSON", &body))
    }
}

/// An answer that lacks something.
pub(crate) fn odd(path: &str, missing: &'static str, body: &[u8]) -> ApiError {
    ApiError::Odd { path: path.to_owned(), missing, body: begin(body) }
}

fn begin(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(SHOWN_MAX)]).into_owned()
}

fn with(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut all = path.to_owned();
    for (at, (name, value)) in parameters.iter().enumerate() {
        all.push(if at == 0 { '?' } else { '&' });
        all.push_str(name);
        all.push('=');
        all.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_encoded() {
        let cases: [(&[(&str, &str)], &str); 2] =
            [(&[], "/v1"), (&[("q", "a:\"b c\""), ("limit", "1")], "/v1?q=a%3A%22b%20c%22&limit=1")];
        for (parameters, expected) in cases {
            assert_eq!(with("/v1", parameters), expected);
        }
    }
}
