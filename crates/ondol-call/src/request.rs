//! One request as the user of the caller sees it, and its form on the wire.

use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Uri, Version, header};
use http_body_util::Full;

use crate::target::Endpoint;

/// A request as hyper takes it.
pub(crate) type Outgoing = http::Request<Full<Bytes>>;

/// One request. `Host` and `Content-Length` are set when it is sent, whatever `headers` says of them.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path with its query, already encoded (RFC 3986).
    pub path_and_query: PathAndQuery,
    /// Everything but `Host`, `Content-Length` and `Transfer-Encoding`.
    pub headers: HeaderMap,
    /// The whole body; empty is sent as `Content-Length: 0`.
    pub body: Bytes,
    /// Instead of the target's response timeout.
    pub response_timeout: Option<Duration>,
}

impl Request {
    /// A request without headers and with the target's timeout.
    pub fn new(method: Method, path_and_query: PathAndQuery, body: Bytes) -> Self {
        Self { method, path_and_query, headers: HeaderMap::new(), body, response_timeout: None }
    }

    /// The origin form with `Host` (RFC 9112 §3.2).
    pub(crate) fn into_http1(self, endpoint: &Endpoint) -> Outgoing {
        let uri = Uri::from(self.path_and_query);
        let mut outgoing = outgoing(self.method, uri, self.headers, self.body);
        outgoing.headers_mut().insert(header::HOST, endpoint.host_header());
        outgoing
    }

    /// The absolute form, from which `:scheme` and `:authority` are taken (RFC 9113 §8.3.1).
    pub(crate) fn into_http2(self, endpoint: &Endpoint) -> Outgoing {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(endpoint.scheme());
        parts.authority = Some(endpoint.authority().clone());
        parts.path_and_query = Some(self.path_and_query);
        let uri = Uri::from_parts(parts).expect("scheme, authority and path are all given");
        let mut outgoing = outgoing(self.method, uri, self.headers, self.body);
        outgoing.headers_mut().remove(header::HOST);
        *outgoing.version_mut() = Version::HTTP_2;
        outgoing
    }

    /// Takes a request back that hyper returned unsent. hyper leaves every part of it as it was.
    pub(crate) fn recover(outgoing: Outgoing, body: Bytes, response_timeout: Option<Duration>) -> Self {
        let (parts, _) = outgoing.into_parts();
        let path_and_query = parts.uri.into_parts().path_and_query;
        Self {
            method: parts.method,
            path_and_query: path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/")),
            headers: parts.headers,
            body,
            response_timeout,
        }
    }
}

fn outgoing(method: Method, uri: Uri, mut headers: HeaderMap, body: Bytes) -> Outgoing {
    headers.remove(header::TRANSFER_ENCODING);
    // hyper writes the length of a body that has one, without an allocation; it leaves out a zero for some methods.
    if body.is_empty() {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    } else {
        headers.remove(header::CONTENT_LENGTH);
    }
    let mut outgoing = http::Request::new(Full::new(body));
    *outgoing.method_mut() = method;
    *outgoing.uri_mut() = uri;
    *outgoing.headers_mut() = headers;
    outgoing
}
