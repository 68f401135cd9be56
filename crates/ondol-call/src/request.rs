//! One request as the user of the caller sees it, and its form on the wire.

use std::time::Duration;

use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Uri, Version, header};

use crate::body::{Body, Sending};
use crate::target::Endpoint;

/// A request as hyper takes it.
pub(crate) type Outgoing = http::Request<Sending>;

/// One request. `Host` is set when it is sent, whatever `headers` says of it, and `Content-Length` for a whole body.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path with its query, already encoded (RFC 3986).
    pub path_and_query: PathAndQuery,
    /// Everything but `Host`, `Content-Length` and `Transfer-Encoding`.
    pub headers: HeaderMap,
    /// The body. A whole one that is empty is sent as `Content-Length: 0`, a streamed one as its headers say.
    pub body: Body,
    /// Instead of the target's response timeout.
    pub response_timeout: Option<Duration>,
}

impl Request {
    /// A request without headers and with the target's timeout.
    pub fn new(method: Method, path_and_query: PathAndQuery, body: impl Into<Body>) -> Self {
        Self { method, path_and_query, headers: HeaderMap::new(), body: body.into(), response_timeout: None }
    }

    /// The origin form with `Host` (RFC 9112 §3.2).
    pub(crate) fn to_http1(&self, endpoint: &Endpoint, own: &HeaderMap) -> Outgoing {
        let mut outgoing = self.outgoing(Uri::from(self.path_and_query.clone()), own);
        let headers = outgoing.headers_mut();
        headers.insert(header::HOST, endpoint.host_header());
        // hyper takes a GET that says nothing of its body for one without.
        if self.body.is_unmeasured() && !headers.contains_key(header::CONTENT_LENGTH) {
            headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        }
        outgoing
    }

    /// The absolute form, from which `:scheme` and `:authority` are taken (RFC 9113 §8.3.1).
    pub(crate) fn to_http2(&self, endpoint: &Endpoint, own: &HeaderMap) -> Outgoing {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(endpoint.scheme());
        parts.authority = Some(endpoint.authority().clone());
        parts.path_and_query = Some(self.path_and_query.clone());
        let uri = Uri::from_parts(parts).expect("scheme, authority and path are all given");
        let mut outgoing = self.outgoing(uri, own);
        outgoing.headers_mut().remove(header::HOST);
        *outgoing.version_mut() = Version::HTTP_2;
        outgoing
    }

    /// `own`: the target's headers, added where the request has none of the name.
    fn outgoing(&self, uri: Uri, own: &HeaderMap) -> Outgoing {
        let mut headers = self.headers.clone();
        for (name, value) in own {
            if !headers.contains_key(name) {
                headers.insert(name.clone(), value.clone());
            }
        }
        headers.remove(header::TRANSFER_ENCODING);
        if let Some(whole) = self.body.as_whole() {
            // hyper writes the length of a body that has one, without an allocation; it leaves out a zero for some
            // methods.
            if whole.is_empty() {
                headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
            } else {
                headers.remove(header::CONTENT_LENGTH);
            }
        }
        let mut outgoing = http::Request::new(self.body.sending());
        *outgoing.method_mut() = self.method.clone();
        *outgoing.uri_mut() = uri;
        *outgoing.headers_mut() = headers;
        outgoing
    }
}
