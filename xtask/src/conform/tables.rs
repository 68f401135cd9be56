//! What is asked of httpbin, and the odd answers that a service may give.

use super::ask::{Ask, Body};
use super::compare::Tells;

/// A request to httpbin.
pub(super) struct Case<'a> {
    pub(super) ask: Ask<'a>,
    pub(super) tells: Tells,
    /// The body is compressed so, and tells the request.
    pub(super) packed: Option<&'static str>,
}

/// Statuses that httpbin is asked for. 502, 503 and 504 are repeated for a GET; what counts is what comes of it.
pub(super) const STATUSES: [u16; 25] = [
    200, 201, 202, 204, 205, 206, 300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 409, 418, 429, 500,
    501, 502, 503, 504,
];

const TEXT: &[u8] = "seat=12A&name=김".as_bytes();
const FORM: (&str, &[u8]) = ("content-type", b"application/x-www-form-urlencoded");

/// More than a socket takes at once, and no text.
static LONG: [u8; 100_000] = [0xff; 100_000];

/// Chunks that do not fit where proxies keep a body to send it again.
static LONG_CHUNKS: [&[u8]; 3] = [b"seat=", b"12A", &[b'x'; 70_000]];

/// Of the methods with a body that httpbin has.
const WITH_BODY: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

/// Requests whose answers tell nothing of the request.
#[rustfmt::skip]
const PLAIN: [Ask; 35] = [
    Ask::new("GET", "/robots.txt"),
    Ask::new("GET", "/encoding/utf8"),
    Ask::new("GET", "/html"),
    Ask::new("GET", "/image/png"),
    Ask::new("HEAD", "/image/png"),
    Ask::new("OPTIONS", "/get"),
    Ask::new("POST", "/get"),
    Ask::new("TRACE", "/get"),
    Ask::new("PROPFIND", "/get"),
    Ask::new("GET", "/bytes/102400?seed=7"),
    Ask::new("GET", "/stream-bytes/102400?seed=7&chunk_size=1000"),
    Ask::new("GET", "/stream-bytes/1?seed=7&chunk_size=1"),
    Ask::new("GET", "/range/1024"),
    Ask::new("HEAD", "/range/1024"),
    Ask::new("GET", "/range/1024").headers(&[("range", b"bytes=0-99")]),
    Ask::new("GET", "/range/1024").headers(&[("range", b"bytes=1000-")]),
    Ask::new("GET", "/range/1024").headers(&[("range", b"bytes=-24")]),
    Ask::new("GET", "/range/1024").headers(&[("range", b"bytes=9999-")]),
    Ask::new("GET", "/range/10240?chunk_size=100&duration=1"),
    Ask::new("GET", "/drip?numbytes=20&duration=1&delay=0"),
    Ask::new("GET", "/drip?numbytes=5&duration=0&code=500"),
    Ask::new("GET", "/cookies/set?a=1&b=2"),
    Ask::new("GET", "/cookies/delete?a&b"),
    Ask::new("GET", "/cookies").headers(&[("cookie", b"a=1"), ("cookie", b"b=%202")]),
    Ask::new("GET", "/response-headers?x-one=1&x-one=2&x-two=&x-three=%C3%A9"),
    Ask::new("GET", "/redirect/2"),
    Ask::new("GET", "/relative-redirect/2"),
    Ask::new("GET", "/redirect-to?url=http%3A%2F%2Fexample.org%2F&status_code=307"),
    Ask::new("POST", "/redirect-to?url=%2Fget&status_code=308"),
    Ask::new("GET", "/basic-auth/user/secret"),
    Ask::new("GET", "/basic-auth/user/secret").headers(&[("authorization", b"Basic dXNlcjpzZWNyZXQ=")]),
    Ask::new("GET", "/bearer").headers(&[("authorization", b"Bearer abc")]),
    Ask::new("GET", "/etag/abc").headers(&[("if-none-match", b"abc")]),
    Ask::new("GET", "/etag/abc").headers(&[("if-match", b"def")]),
    Ask::new("GET", "/nothing/at/all"),
];

/// Requests whose answers tell it.
#[rustfmt::skip]
const TELLING: [(Tells, Ask); 13] = [
    (Tells::Json,  Ask::new("GET", "/get?a=1&a=2&b=")),
    (Tells::Json,  Ask::new("HEAD", "/get")),
    (Tells::Json,  Ask::new("GET", "/anything/%2F%20a?b=%7B")),
    (Tells::Json,  Ask::new("GET", "/anything/a//b/./c/;d?e=f?g")),
    (Tells::Json,  Ask::new("GET", "/anything/%EA%B9%80?q=%ea%b9%80+x")),
    (Tells::Json,  Ask::new("GET", "/headers").headers(&[("x-empty", b""), ("x-one", b"1"), ("x-one", b"2")])),
    (Tells::Json,  Ask::new("GET", "/headers").headers(&[("x-obs-text", b"caf\xe9"), ("x-utf-8", "김".as_bytes())])),
    (Tells::Json,  Ask::new("GET", "/headers").headers(&[("x-long", &[b'a'; 8_000])])),
    (Tells::Json,  Ask::new("GET", "/headers").headers(&[("accept-encoding", b"br;q=1.0, *;q=0"), ("user-agent", b"me/1 (\xa7)")])),
    (Tells::Json,  Ask::new("GET", "/headers").headers(&[("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), ("tracestate", b"a=1")])),
    (Tells::Json,  Ask::new("GET", "/delay/1")),
    (Tells::Lines, Ask::new("GET", "/stream/20")),
    (Tells::Lines, Ask::new("GET", "/stream/1")),
];

/// Everything that is asked of httpbin, but for its statuses.
pub(super) fn cases() -> Vec<Case<'static>> {
    let plain = PLAIN.map(|ask| Case { ask, tells: Tells::Nothing, packed: None });
    let telling = TELLING.map(|(tells, ask)| Case { ask, tells, packed: None });
    let packed = [("/gzip", "gzip"), ("/deflate", "deflate"), ("/brotli", "br")].map(|(target, packed)| {
        Case { ask: Ask::new("GET", target), tells: Tells::Json, packed: Some(packed) }
    });
    let bodies = [
        Body::Length(TEXT),
        Body::Length(b""),
        Body::Length(&LONG),
        Body::Chunked(&LONG_CHUNKS),
        Body::Chunked(&[]),
    ];
    let uploads = WITH_BODY.into_iter().flat_map(|method| {
        bodies.map(|body| Case {
            ask: Ask::new(method, "/anything").headers(&[FORM]).body(body),
            tells: Tells::Json,
            packed: None,
        })
    });
    plain.into_iter().chain(telling).chain(packed).chain(uploads).collect()
}

/// Cases of [`ODD`] that lose something on the way and may: name, what, why.
pub(super) const KNOWN: [(&str, &str, &str); 1] = [(
    "304 with the length of a body",
    "header content-length: direct \"9\", through none",
    "hyper's server never sends a length with 304, where it is optional (RFC 9110 §8.6)",
)];

/// Answers that a service may give and that are easily put right by mistake: name, bytes.
#[rustfmt::skip]
pub(super) const ODD: [(&str, &[u8]); 18] = [
    ("repeated headers in order",    b"HTTP/1.1 200 OK\r\nset-cookie: b=2\r\nx: 1\r\nset-cookie: a=1\r\nSet-Cookie: c=3\r\ncontent-length: 1\r\n\r\na"),
    ("empty header value",           b"HTTP/1.1 200 OK\r\nx-empty:\r\nx-blank:   \r\ncontent-length: 1\r\n\r\na"),
    ("obs-text and UTF-8 in values", b"HTTP/1.1 200 OK\r\nx-a: caf\xe9\r\nx-b: \xea\xb9\x80\r\ncontent-length: 1\r\n\r\na"),
    ("blanks around and in a value", b"HTTP/1.1 200 OK\r\nx-a: \t a  b\t \r\ncontent-length: 1\r\n\r\na"),
    ("a server's own names",         b"HTTP/1.1 200 OK\r\nserver: me/1\r\nvia: 1.0 x\r\nage: 5\r\ncontent-length: 1\r\n\r\na"),
    ("no reason",                    b"HTTP/1.1 200\r\ncontent-length: 1\r\n\r\na"),
    ("a reason of its own",          b"HTTP/1.1 200 All \xe9 right\r\ncontent-length: 1\r\n\r\na"),
    ("a status that nobody knows",   b"HTTP/1.1 299 Odd\r\ncontent-length: 1\r\n\r\na"),
    ("a status above 599",           b"HTTP/1.1 799 Odd\r\ncontent-length: 1\r\n\r\na"),
    ("103 before the answer",        b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na"),
    ("body until the end (HTTP/1.0)", b"HTTP/1.0 200 OK\r\nx: 1\r\n\r\nto the end"),
    ("body until the end",           b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nto the end"),
    ("chunks with extensions",       b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"),
    ("no body at all",               b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
    ("304 with the length of a body", b"HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\netag: \"x\"\r\n\r\n"),
    ("gzip that is none",            b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x8b\x00\xff"),
    ("headers for one connection",   b"HTTP/1.1 200 OK\r\nkeep-alive: timeout=5\r\nconnection: close\r\ncontent-length: 1\r\n\r\na"),
    ("problem+json of its own",      b"HTTP/1.1 409 Conflict\r\ncontent-type: application/problem+json\r\nretry-after: 1\r\ncontent-length: 2\r\n\r\n{}"),
];

/// Answers that break off: name, bytes.
#[rustfmt::skip]
pub(super) const BROKEN: [(&str, &[u8]); 3] = [
    ("length too great",             b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort"),
    ("chunks that break off",        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n"),
    ("a chunk that breaks off",      b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\nshort"),
];
