//! The caller as a whole, against hyper's own server: many calls, HTTP/2, TLS, change and end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::support::{Peer, Scripted, caller, endpoint, post, refusing, soon, target, told};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use ondol_call::{Caller, Endpoint, NotSentReason, Once, Options, Protocol, Target, Timeouts};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

#[derive(Clone)]
enum Speaks {
    Http1,
    /// With as many streams at once on a connection.
    Http2(u32),
    Tls(TlsAcceptor),
}

async fn echo(request: http::Request<Incoming>) -> Result<http::Response<Full<Bytes>>, Infallible> {
    let version = format!("{:?}", request.version());
    let wait_ms: u64 = request.uri().query().map_or(0, |query| query.parse().unwrap());
    tokio::time::sleep(Duration::from_millis(wait_ms)).await;
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let answer = http::Response::builder().header("was", version);
    Ok(answer.body(Full::new(body)).unwrap())
}

async fn serve_one(stream: TcpStream, speaks: Speaks) {
    let http2 = || hyper::server::conn::http2::Builder::new(TokioExecutor::new());
    let service = service_fn(echo);
    // How a connection ends is the client's business in these tests.
    let _ended = match speaks {
        Speaks::Http1 => {
            hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await
        }
        Speaks::Http2(streams) => {
            http2().max_concurrent_streams(streams).serve_connection(TokioIo::new(stream), service).await
        }
        Speaks::Tls(acceptor) => {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                http2().serve_connection(TokioIo::new(stream), service).await
            } else {
                hyper::server::conn::http1::Builder::new()
                    .timer(TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await
            }
        }
    };
}

/// A callee for as long as the set lives.
async fn serve(speaks: Speaks) -> (SocketAddr, JoinSet<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut accepting = JoinSet::new();
    accepting.spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            connections.spawn(serve_one(stream, speaks.clone()));
        }
    });
    (address, accepting)
}

/// `calls` calls, `at_once` at a time; every answer must be its own request's body.
async fn many(target: Target, calls: u32, at_once: u32, query: &str) -> ondol_call::Snapshot {
    // The default timeouts: here a busy machine must not decide.
    let callee = caller().callee(Target { timeouts: Timeouts::default(), ..target });
    let mut tasks = JoinSet::new();
    for task in 0..at_once {
        let (callee, path) = (callee.clone(), format!("/?{query}"));
        tasks.spawn(async move {
            for call in (task..calls).step_by(at_once as usize) {
                let body = format!("[{call}]");
                let sent = callee.send(post(&path, &body), soon(), Once::FIRST).await;
                assert_eq!(told(&sent), format!("200 {body}"));
            }
        });
    }
    tasks.join_all().await;
    let counted = callee.snapshot();
    assert_eq!((counted.answered_2xx, counted.dispatched), (u64::from(calls), u64::from(calls)));
    assert_eq!(counted.connections_opened + counted.connections_reused, u64::from(calls));
    counted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_calls_share_few_connections() {
    let (address, _server) = serve(Speaks::Http1).await;
    let counted = many(target([endpoint(address)]), 10_000, 32, "0").await;
    assert!(counted.connections_opened <= 32, "{counted:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_calls_at_once_than_places_open_no_more_connections() {
    let (address, _server) = serve(Speaks::Http1).await;
    let counted = many(target([endpoint(address)]), 1_000, 200, "2").await;
    assert!(counted.connections_opened <= 64, "{counted:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http2_shares_one_connection_by_prior_knowledge() {
    let (address, _server) = serve(Speaks::Http2(200)).await;
    let http2 = Target { protocol: Protocol::Http2, ..target([endpoint(address)]) };
    assert_eq!(many(http2, 2_000, 64, "0").await.connections_opened, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http2_opens_another_connection_at_the_peers_limit_and_no_fifth() {
    let (address, _server) = serve(Speaks::Http2(4)).await;
    let timeouts = Timeouts::default();
    let http2 = Target { protocol: Protocol::Http2, timeouts, ..target([endpoint(address)]) };
    let callee = caller().callee(http2);
    let mut tasks = JoinSet::new();
    for _ in 0..40 {
        let callee = callee.clone();
        tasks.spawn(async move { told(&callee.send(post("/?10", "1"), soon(), Once::FIRST).await) });
    }
    assert_eq!(tasks.join_all().await, vec!["200 1"; 40]);
    assert_eq!(callee.snapshot().connections_opened, 4);
}

pub(crate) const PREFACE: usize = 24;
pub(crate) const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
/// `:status: 200` from HPACK's static table, with END_HEADERS and END_STREAM.
pub(crate) fn ok(stream: u8) -> Vec<u8> {
    vec![0, 0, 1, 1, 5, 0, 0, 0, stream, 0x88]
}

/// Reads frames until the end of a request.
pub(crate) fn until_request(peer: &mut Peer) {
    loop {
        let head = peer.read(9);
        peer.read(usize::from(head[1]) << 8 | usize::from(head[2]));
        let (kind, flags) = (head[3], head[4]);
        if kind <= 1 && flags & 1 == 1 {
            return;
        }
    }
}

#[tokio::test]
async fn a_request_that_http2_turned_away_unprocessed_is_sent_once_more() {
    let refused: &[u8] = &[0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 7];
    let going_away: &[u8] = &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let going_away_after: &[u8] = &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
    let cancelled: &[u8] = &[0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 8];
    #[rustfmt::skip]
    let table = [
        (refused,          "200 ", 1),
        (going_away,       "200 ", 1),
        (cancelled,        "unclear: the connection failed before an answer", 0),
        (going_away_after, "unclear: the connection failed before an answer", 0),
    ];
    for (frame, expected, unsent) in table {
        let server = Scripted::new(move |mut peer| {
            peer.read(PREFACE);
            peer.write(SETTINGS);
            until_request(&mut peer);
            if peer.index > 0 {
                peer.write(ok(1));
            } else {
                peer.write(frame);
                if frame == refused {
                    until_request(&mut peer);
                    peer.write(ok(3));
                } else {
                    return;
                }
            }
            peer.wait_for_end();
        });
        let callee = caller().callee(Target { protocol: Protocol::Http2, ..target([server.endpoint()]) });
        let sent = callee.send(post("/", "{}"), soon(), Once::FIRST).await;
        assert!(told(&sent).starts_with(expected), "{frame:?}: {}", told(&sent));
        assert_eq!(sent.unsent.len(), unsent, "{frame:?}");
        assert!(sent.unsent.iter().all(|not_sent| matches!(not_sent.why, NotSentReason::Unprocessed(_))));
    }
}

#[tokio::test]
async fn a_peer_that_speaks_no_http2_is_sent_nothing() {
    let (http1, _server) = serve(Speaks::Http1).await;
    let silent = Scripted::new(|mut peer| peer.wait_for_end());
    #[rustfmt::skip]
    let table = [
        (http1,          "not sent: starting HTTP: "),
        (silent.address, "not sent: not connected within 250 ms"),
    ];
    for (address, expected) in table {
        let callee = caller().callee(Target { protocol: Protocol::Http2, ..target([endpoint(address)]) });
        let told = told(&callee.send(post("/", "{}"), soon(), Once::FIRST).await);
        assert!(told.starts_with(expected), "{told}");
    }
}

fn acceptor(alpn: &[&[u8]]) -> (CertificateDer<'static>, TlsAcceptor) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    (certificate, TlsAcceptor::from(Arc::new(config)))
}

#[tokio::test]
async fn tls_agrees_on_the_protocol() {
    const H1: &[u8] = b"http/1.1";
    const H2: &[u8] = b"h2";
    #[rustfmt::skip]
    let table: [(&[&[u8]], Protocol, &str); 6] = [
        (&[H2, H1], Protocol::Auto,  "HTTP/2.0"),
        (&[H1],     Protocol::Auto,  "HTTP/1.1"),
        (&[],       Protocol::Auto,  "HTTP/1.1"),
        (&[H2, H1], Protocol::Http1, "HTTP/1.1"),
        (&[H2, H1], Protocol::Http2, "HTTP/2.0"),
        (&[],       Protocol::Http2, "not sent: agreeing on TLS: the server did not agree to HTTP/2"),
    ];
    for (alpn, protocol, expected) in table {
        let (certificate, acceptor) = acceptor(alpn);
        let (address, _server) = serve(Speaks::Tls(acceptor)).await;
        let secure: Endpoint = format!("https://localhost:{}", address.port()).parse().unwrap();
        let trusting =
            Caller::new(&Options { extra_roots: vec![certificate], ..Options::default() }).unwrap();
        let callee = trusting.callee(Target { protocol, ..target([secure.clone()]) });
        for _ in 0..2 {
            let sent = callee.send(post("/", "{}"), soon(), Once::FIRST).await;
            match &sent.result {
                ondol_call::Try::Answered(answer) => assert_eq!(answer.headers["was"], expected, "{alpn:?}"),
                ondol_call::Try::NotSent(_) | ondol_call::Try::Unclear(_) => {
                    assert!(told(&sent).starts_with(expected), "{alpn:?}: {}", told(&sent));
                }
            }
        }
        let wary = caller().callee(target([secure]));
        let told = told(&wary.send(post("/", "{}"), soon(), Once::FIRST).await);
        assert!(told.starts_with("not sent: agreeing on TLS: invalid peer certificate"), "{told}");
    }
}

#[tokio::test]
async fn a_changed_target_keeps_the_connections_of_endpoints_that_stay() {
    let (stays, _server) = serve(Speaks::Http1).await;
    let (goes, _other) = serve(Speaks::Http1).await;
    let caller = caller();
    let before = caller.callee(target([endpoint(stays), endpoint(goes)]));
    for _ in 0..50 {
        assert_eq!(told(&before.send(post("/", "1"), soon(), Once::FIRST).await), "200 1");
    }
    assert_eq!(before.snapshot().connections_opened, 2, "both were called");
    let after = caller.callee(target([endpoint(stays), refusing()]));
    assert_eq!(after.snapshot().connections_closed, 1, "the endpoint that went is closed");
    assert_eq!(told(&after.send(post("/", "1"), soon(), Once::FIRST).await), "200 1");
    assert_eq!(after.snapshot().connections_opened, 2);
    assert_eq!(caller.snapshot().len(), 1, "counters go on under the same name");
}

#[tokio::test]
async fn shutdown_waits_for_calls_in_flight_and_takes_no_more() {
    for (speaks, protocol) in [(Speaks::Http1, Protocol::Http1), (Speaks::Http2(9), Protocol::Http2)] {
        let (address, _server) = serve(speaks).await;
        let owner = caller();
        let timeouts = Timeouts::default();
        let callee = owner.callee(Target { protocol, timeouts, ..target([endpoint(address)]) });
        assert_eq!(told(&callee.send(post("/", "1"), soon(), Once::FIRST).await), "200 1");
        let (in_flight, ending) = tokio::join!(callee.send(post("/?400", "2"), soon(), Once::FIRST), async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            assert!(!owner.shutdown(Instant::now() + Duration::from_millis(10)).await, "one is in flight");
            assert_eq!(
                told(&callee.send(post("/", "3"), soon(), Once::FIRST).await),
                "not sent: the caller is shutting down"
            );
        });
        let ((), told) = (ending, told(&in_flight));
        match protocol {
            Protocol::Http2 => assert!(told.starts_with("unclear"), "cut off: {told}"),
            Protocol::Http1 | Protocol::Auto => assert_eq!(told, "200 2"),
        }
        assert!(owner.shutdown(soon()).await);
        let counted = callee.snapshot();
        assert_eq!(counted.connections_opened, counted.connections_closed, "{counted:?}");
    }
}
