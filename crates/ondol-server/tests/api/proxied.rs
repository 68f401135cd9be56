//! Connections of the proxy's clients: parked between two requests, and none of their bytes lost or taken for others.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use ondol_server::Listen;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::support::{SYSTEM, Server};

/// Longer than a connection stays with hyper between two requests.
const PARKED: Duration = Duration::from_millis(150);

/// The service at `{early}` speaks HTTP/2.
const EARLY: &str = r#"
ondol: 1
services:
  shop: { url: "http://{early}", protocol: http2 }
sagas:
  buy:
    steps:
      - { name: hold, action: shop POST /hold, compensate: none }
"#;

const ANSWER: &str = r#"{"user":"ann","price":1.10}"#;

async fn server() -> (Server, TcpStream) {
    running(SYSTEM).await
}

async fn running(system: &str) -> (Server, TcpStream) {
    let on = |options: &mut ondol_server::Options| options.proxy = Listen::At(([127, 0, 0, 1], 0).into());
    let server = Server::running(system, on).await;
    let Listen::At(proxy) = server.proxy else { panic!("it has a proxy") };
    let client = TcpStream::connect(proxy).await.unwrap();
    (server, client)
}

/// What comes within the patience of a test, until it ends with `end`.
async fn read_until(client: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4_096];
    while !text.ends_with(end) {
        let read = tokio::time::timeout(Duration::from_secs(10), client.read(&mut buffer));
        let count = read.await.expect("an answer").unwrap();
        assert!(count > 0, "closed after {text:?}");
        text.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
    text
}

#[tokio::test]
async fn requests_in_pieces_and_pauses_are_each_answered_once() {
    let (server, mut client) = server().await;
    // Pieces, each followed by a pause; then as many answers as requests were whole by then.
    #[rustfmt::skip]
    let pieces = [
        ("GET /ok/1 HTTP/1.1\r\nhost: shop\r\n\r\n",                                                1),
        ("GET /ok/2 HTTP/1.1\r\nho",                                                                0),
        ("st: shop\r\n\r\n",                                                                        1),
        ("POST /ok/3 HTTP/1.1\r\nhost: shop\r\ncontent-length: 6\r\n\r\n[1,",                       0),
        ("22]",                                                                                     1),
        ("GET /ok/4 HTTP/1.1\r\nhost: shop\r\n\r\nGET /ok/5 HTTP/1.1\r\nhost: shop\r\n\r\nGET /ok", 2),
        ("/6 HTTP/1.1\r\nhost: shop\r\n\r\n",                                                       1),
    ];
    for (piece, answers) in pieces {
        client.write_all(piece.as_bytes()).await.unwrap();
        for _ in 0..answers.min(1) {
            let mut text = read_until(&mut client, ANSWER).await;
            while text.matches(ANSWER).count() < answers {
                text += &read_until(&mut client, ANSWER).await;
            }
            assert_eq!(text.matches("HTTP/1.1 200").count(), answers, "{piece:?}: {text}");
        }
        tokio::time::sleep(PARKED).await;
    }
    let seen: Vec<String> = server.service.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(seen, ["/ok/1", "/ok/2", "/ok/3", "/ok/4", "/ok/5", "/ok/6"]);
    server.stop().await;
}

/// A refusal does not read the body: what comes of it later must not be taken for a request.
#[tokio::test]
async fn what_is_left_of_a_refused_request_is_no_request() {
    let (server, mut client) = server().await;
    let head = "POST /ok/1 HTTP/1.1\r\nhost: nobody\r\ncontent-length: 400000\r\n\r\n";
    client.write_all(head.as_bytes()).await.unwrap();
    assert!(read_until(&mut client, "}").await.starts_with("HTTP/1.1 404"));
    tokio::time::sleep(PARKED).await;
    let _written_or_closed = client.write_all(b"GET /ok/smuggled HTTP/1.1\r\nhost: shop\r\n\r\n").await;
    tokio::time::sleep(PARKED).await;
    assert_eq!(server.service.seen().len(), 0, "the service was asked for what was a body");
    server.stop().await;
}

/// An HTTP/2 service that answers each request at once and whole, and keeps its body without reading it. It notes the
/// paths.
async fn early() -> (SocketAddr, Arc<Mutex<Vec<String>>>, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&seen);
    let mut listening = JoinSet::new();
    listening.spawn(async move {
        let mut serving = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (notes, kept) = (Arc::clone(&notes), Arc::new(Mutex::new(Vec::new())));
            let service = service_fn(move |request: http::Request<Incoming>| {
                notes.lock().unwrap().push(request.uri().path().to_owned());
                kept.lock().unwrap().push(request.into_body());
                async { Ok::<_, Infallible>(http::Response::new(Full::new(Bytes::from_static(b"early}")))) }
            });
            let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), service);
            serving.spawn(connection);
        }
    });
    (address, seen, listening)
}

/// A service that speaks HTTP/2 may answer before it has the body, which then is still on its way.
#[tokio::test]
async fn what_is_left_of_a_request_that_was_answered_early_is_no_request() {
    let (address, seen, _listening) = early().await;
    let system = EARLY.replace("{early}", &address.to_string());
    let (server, mut client) = running(&system).await;
    let head = "POST /upload HTTP/1.1\r\nhost: shop\r\ncontent-length: 400000\r\n\r\nfirst";
    client.write_all(head.as_bytes()).await.unwrap();
    assert!(read_until(&mut client, "early}").await.starts_with("HTTP/1.1 200"));
    tokio::time::sleep(PARKED).await;
    let _written_or_closed = client.write_all(b"GET /smuggled HTTP/1.1\r\nhost: shop\r\n\r\n").await;
    tokio::time::sleep(PARKED).await;
    assert_eq!(*seen.lock().unwrap(), ["/upload"], "the service was asked for what was a body");
    drop(client);
    server.stop().await;
}

#[tokio::test]
async fn a_parked_connection_ends_with_the_server() {
    let (server, mut client) = server().await;
    client.write_all(b"GET /ok/1 HTTP/1.1\r\nhost: shop\r\n\r\n").await.unwrap();
    read_until(&mut client, ANSWER).await;
    tokio::time::sleep(PARKED).await;
    let stopped = tokio::time::timeout(Duration::from_secs(5), server.stop());
    stopped.await.expect("nobody waits for a client that asks nothing");
    assert_eq!(client.read(&mut [0; 16]).await.unwrap(), 0);
}

fn header_lines<'h>(headers: &'h http::HeaderMap, name: &str) -> Vec<&'h str> {
    headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
}

/// HTTP/2 allows cookies in crumbs, which HTTP/1.1 does not (RFC 9113, 8.2.3); what came by HTTP/1.1 stays as it came.
#[tokio::test]
async fn only_crumbs_of_http2_become_one_cookie() {
    let (server, mut client) = server().await;
    let head = "GET /ok/1 HTTP/1.1\r\nhost: shop\r\ncookie: a=1\r\ncookie: b=2\r\n\r\n";
    client.write_all(head.as_bytes()).await.unwrap();
    read_until(&mut client, ANSWER).await;
    assert_eq!(header_lines(&server.service.seen()[0].headers, "cookie"), ["a=1", "b=2"]);

    let stream = TcpStream::connect(client.peer_addr().unwrap()).await.unwrap();
    let client = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
    let (mut sender, connection) = client.handshake::<_, Full<Bytes>>(TokioIo::new(stream)).await.unwrap();
    let _connection = JoinSet::from_iter([connection]);
    let crumbs = http::Request::get("http://shop/ok/2").header("cookie", "a=1").header("cookie", "b=2");
    let answer = sender.send_request(crumbs.body(Full::default()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(header_lines(&server.service.seen()[1].headers, "cookie"), ["a=1; b=2"]);
    server.stop().await;
}

/// A flood of calls loses spans, not the trace: those beyond the limit arrive with the caller's span as their parent.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the limit is one of each second")]
async fn beyond_the_limit_of_spans_the_caller_stays_the_parent() {
    const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const CALLS: usize = 2_000;
    let (server, mut client) = server().await;
    let head = format!("GET /ok/1 HTTP/1.1\r\nhost: shop\r\ntraceparent: {CALLER}\r\n\r\n");
    let started = std::time::Instant::now();
    for _ in 0..CALLS {
        client.write_all(head.as_bytes()).await.unwrap();
        read_until(&mut client, ANSWER).await;
    }
    // At most this many seconds began, of 500 spans each.
    let seconds = usize::try_from(started.elapsed().as_secs()).unwrap() + 2;
    let seen = server.service.seen();
    let spans = seen.iter().filter(|one| one.headers["traceparent"] != CALLER).count();
    assert!(spans >= 500, "{spans} of {CALLS} calls have a span");
    assert!(spans <= 500 * seconds, "{spans} spans in {seconds} seconds");
    assert!(seen.iter().all(|one| one.headers["traceparent"].to_str().unwrap().contains(&CALLER[3..35])));
    server.stop().await;
}
