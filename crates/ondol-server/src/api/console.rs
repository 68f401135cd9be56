//! The console: its files, which are in the binary, and its pages, which are all the one document.

use std::io::Read as _;

use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};

/// A file of the console.
struct File {
    /// Where it is served.
    path: &'static str,
    /// Its `ETag`: weak, since one file goes out in two encodings.
    tag: &'static str,
    /// Its content, by gzip.
    packed: &'static [u8],
}

static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/console.rs"));

/// The document that every page of the console is.
const DOCUMENT: &str = "/index.html";

/// Where the build puts files whose names follow from their contents.
const NAMED_BY_CONTENT: &str = "/assets/";

/// What the console may do in a browser: talk to its own server, and nothing else. Its components set styles in place.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// What is shown where the binary was built without the console.
const MISSING: &str = include_str!("console_missing.html");

/// Is this an address of the console, and of nothing that needs a token?
pub(crate) fn owns(path: &str) -> bool {
    !["/v1/", "/metrics"].iter().any(|other| path.starts_with(other)) && path != "/v1"
}

/// The console's answer; `None` where it is not asked.
pub(super) fn answer(method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    let path = uri.path();
    if !matches!(*method, Method::GET | Method::HEAD) || !owns(path) || path.starts_with("/docs/") {
        return None;
    }
    if let Some(file) = find(path) {
        return Some(file.answer(headers));
    }
    let browser = headers.get(header::ACCEPT).is_some_and(|accept| has(accept, "text/html"));
    if !browser || path.starts_with(NAMED_BY_CONTENT) {
        return None;
    }
    Some(find(DOCUMENT).map_or_else(missing, |document| document.answer(headers)))
}

fn find(path: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.path == path)
}

fn has(value: &HeaderValue, word: &str) -> bool {
    value.to_str().is_ok_and(|text| text.contains(word))
}

/// Does a client read gzip? `gzip;q=0` says that it does not.
fn takes_gzip(encodings: &HeaderValue) -> bool {
    let Ok(text) = encodings.to_str() else { return false };
    let gzip = text.split(',').map(str::trim).find(|one| one.starts_with("gzip"));
    gzip.is_some_and(|one| !one.replace(' ', "").ends_with(";q=0"))
}

fn missing() -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, POLICY)], MISSING)
        .into_response()
}

impl File {
    fn answer(&self, headers: &HeaderMap) -> Response {
        let mut answer = if headers.get(header::IF_NONE_MATCH).is_some_and(|tags| has(tags, self.tag)) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            self.content(headers)
        };
        let caching = if self.path.starts_with(NAMED_BY_CONTENT) {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        let set = answer.headers_mut();
        set.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        set.insert(header::ETAG, HeaderValue::from_static(self.tag));
        set.insert(header::VARY, HeaderValue::from_static("accept, accept-encoding"));
        set.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        set.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        answer
    }

    /// As it is kept where the client reads that, which all browsers do.
    fn content(&self, headers: &HeaderMap) -> Response {
        let kind = [(header::CONTENT_TYPE, content_type(self.path))];
        if headers.get(header::ACCEPT_ENCODING).is_some_and(takes_gzip) {
            return (kind, [(header::CONTENT_ENCODING, "gzip")], self.packed).into_response();
        }
        let mut content = Vec::new();
        GzDecoder::new(self.packed).read_to_end(&mut content).expect("it was packed by the build");
        (kind, content).into_response()
    }
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(path: &str, accept: &str) -> Option<Response> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
        answer(&Method::GET, &path.parse().unwrap(), &headers)
    }

    #[test]
    fn browsers_get_the_document_and_programs_get_refusals() {
        #[rustfmt::skip]
        let table = [
            ("/",                    "text/html,*/*",    true),
            ("/sagas/order-4711",    "text/html",        true),
            ("/traces?q=a",          "text/html",        true),
            ("/sagas/order-4711",    "*/*",              false),
            ("/assets/old-1234.js",  "text/html",        false),
            ("/v1/sagas",            "text/html",        false),
            ("/v1",                  "text/html",        false),
            ("/metrics",             "text/html",        false),
            ("/docs/codes/nothing",  "text/html",        false),
        ];
        for (path, accept, expected) in table {
            assert_eq!(ask(path, accept).is_some(), expected, "{path} {accept}");
        }
    }

    #[test]
    fn a_page_may_talk_to_its_own_server_only() {
        let page = ask("/", "text/html").unwrap();
        assert_eq!(page.headers()[header::CONTENT_SECURITY_POLICY], POLICY);
        assert_eq!(page.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
    }
}
