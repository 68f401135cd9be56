//! Sends every request to one origin: what makes an endpoint of an HTTP client that goes where the URI says.

use std::task::{Context, Poll};

use http::uri::{Authority, Parts, Scheme, Uri};
use http::{Request, header};
use tower_service::Service;

/// A service whose requests all go to one scheme and authority, whatever their URI says of it; path and query stay.
/// `Host` is taken out, since the client writes the origin's.
#[derive(Clone, Debug)]
pub struct Origin<S> {
    scheme: Scheme,
    authority: Authority,
    inner: S,
}

/// A text is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an origin; write it as http://host:port, and the rest into the request")]
pub struct NotAnOrigin(pub String);

impl<S> Origin<S> {
    /// Around `inner`, to `origin`, such as `http://10.0.0.1:7201`.
    pub fn new(origin: &str, inner: S) -> Result<Self, NotAnOrigin> {
        let no = || NotAnOrigin(origin.to_owned());
        let Parts { scheme, authority, path_and_query, .. } =
            origin.parse::<Uri>().map_err(|_| no())?.into_parts();
        match (scheme, authority) {
            (Some(scheme), Some(authority)) if path_and_query.is_none_or(|path| path == "/") => {
                Ok(Self { scheme, authority, inner })
            }
            _ => Err(no()),
        }
    }

    fn redirect<B>(&self, request: &mut Request<B>) {
        let mut parts = std::mem::take(request.uri_mut()).into_parts();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        // `CONNECT host:port` has none.
        parts.path_and_query.get_or_insert_with(|| http::uri::PathAndQuery::from_static("/"));
        *request.uri_mut() = Uri::from_parts(parts).expect("scheme, authority and path are all given");
        request.headers_mut().remove(header::HOST);
    }
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for Origin<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        self.redirect(&mut request);
        self.inner.call(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_and_query_stay() {
        let origin = Origin::new("https://10.0.0.1:8443/", ()).unwrap();
        let table = [
            ("/a/b?c=d", "https://10.0.0.1:8443/a/b?c=d"),
            ("http://payment/a", "https://10.0.0.1:8443/a"),
            ("payment:80", "https://10.0.0.1:8443/"),
        ];
        for (uri, expected) in table {
            let mut request = Request::get(uri).header("host", "payment").body(()).unwrap();
            origin.redirect(&mut request);
            assert_eq!(request.uri(), expected);
            assert!(request.headers().is_empty());
        }
        for text in ["10.0.0.1:80", "http://a/b", "http://a?b", "/", "", "http://"] {
            assert_eq!(Origin::new(text, ()).err(), Some(NotAnOrigin(text.to_owned())));
        }
    }
}
