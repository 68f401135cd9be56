//! What a call costs: this caller against a bare hyper client, over loopback to a callee in another process.
//!
//! ```text
//! cargo run --release -p ondol-call --example measure -- serve            # prints its port
//! cargo run --release -p ondol-call --example measure -- ondol <port>     # or: ondol2, bare
//! ```
//! Compare CPU per call, which a busy machine disturbs least.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method};
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use ondol_call::{Caller, Once, Options, Protocol, Request, Target, Try};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::Instant;

const AT_ONCE: usize = 64;
const SECONDS: u64 = 5;
const BODY: &[u8] = br#"{"user":"u-1029384756","seat":"12A","flight":"KE123","price":129000}"#;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["serve"] => serve().await,
        ["ondol", port] => measure("ondol http/1.1", by_ondol(port, Protocol::Http1)).await,
        ["ondol2", port] => measure("ondol http/2", by_ondol(port, Protocol::Http2)).await,
        ["bare", port] => measure("bare hyper http/1.1", by_bare_hyper(port).await).await,
        _ => eprintln!("give one of: serve | ondol PORT | ondol2 PORT | bare PORT"),
    }
}

async fn serve() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("loopback has a free port");
    println!("{}", listener.local_addr().expect("it is bound").port());
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.expect("the listener stays");
        stream.set_nodelay(true).expect("a fresh socket takes options");
        connections.spawn(async move {
            let service = service_fn(|request: http::Request<hyper::body::Incoming>| async move {
                drop(request.into_body().collect().await);
                let answer = http::Response::new(Full::new(Bytes::from_static(br#"{"held":true}"#)));
                Ok::<_, Infallible>(answer)
            });
            let mut preface = [0; 3];
            stream.peek(&mut preface).await.ok();
            if &preface == b"PRI" {
                let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                server.serve_connection(TokioIo::new(stream), service).await.ok();
            } else {
                let server = hyper::server::conn::http1::Builder::new();
                server.serve_connection(TokioIo::new(stream), service).await.ok();
            }
        });
    }
}

fn headers() -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(12);
    let value = HeaderValue::from_static;
    headers.insert("content-type", value("application/json"));
    headers.insert("idempotency-key", value("01JABCDEFGHJKMNPQRSTVWXYZ0/3/a"));
    headers.insert("ondol-saga-id", value("01JABCDEFGHJKMNPQRSTVWXYZ0"));
    headers.insert("ondol-step", value("hold-seat"));
    headers.insert("ondol-half", value("action"));
    headers.insert("ondol-attempt", value("1"));
    headers.insert("ondol-deadline-ms", value("10000"));
    headers.insert("traceparent", value("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
    headers
}

/// Runs `clients` for a while, each adding to the count of calls.
async fn measure(name: &str, (mut running, count): (JoinSet<()>, Arc<AtomicU64>)) {
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (calls, cpu, began) = (count.load(Relaxed), cpu_seconds(), Instant::now());
    tokio::time::sleep(Duration::from_secs(SECONDS)).await;
    let calls = (count.load(Relaxed) - calls) as f64;
    let cpu = cpu_seconds() - cpu;
    let seconds = began.elapsed().as_secs_f64();
    println!("{name:<20} {:>8.0} calls/s {:>6.2} us CPU a call", calls / seconds, cpu * 1e6 / calls);
    running.shutdown().await;
}

fn by_ondol(port: &str, protocol: Protocol) -> (JoinSet<()>, Arc<AtomicU64>) {
    let endpoint = format!("http://127.0.0.1:{port}").parse().expect("the port is a number");
    let owner = Caller::new(&Options::default()).expect("there is no extra root");
    let callee = owner.callee(Target { protocol, ..Target::new("measured", vec![endpoint]) });
    let (mut tasks, count) = (JoinSet::new(), Arc::new(AtomicU64::new(0)));
    for _ in 0..AT_ONCE {
        let (callee, count, owner) = (callee.clone(), Arc::clone(&count), owner.clone());
        tasks.spawn(async move {
            let _owner = owner;
            loop {
                let path = PathAndQuery::from_static("/flights/KE123/seats/12A/hold");
                let mut request = Request::new(Method::POST, path, Bytes::from_static(BODY));
                request.headers = headers();
                let sent = callee.send(request, Instant::now() + Duration::from_secs(10), Once::FIRST).await;
                assert!(matches!(sent.result, Try::Answered(ref answer) if answer.status == 200), "{sent:?}");
                count.fetch_add(1, Relaxed);
            }
        });
    }
    (tasks, count)
}

async fn by_bare_hyper(port: &str) -> (JoinSet<()>, Arc<AtomicU64>) {
    let port: u16 = port.parse().expect("the port is a number");
    let (mut tasks, count) = (JoinSet::new(), Arc::new(AtomicU64::new(0)));
    for _ in 0..AT_ONCE {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("the callee listens");
        stream.set_nodelay(true).expect("a fresh socket takes options");
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("nothing is sent yet");
        tasks.spawn(async move {
            connection.await.ok();
        });
        let count = Arc::clone(&count);
        tasks.spawn(async move {
            loop {
                let mut request = http::Request::new(Full::new(Bytes::from_static(BODY)));
                *request.method_mut() = Method::POST;
                *request.uri_mut() = http::Uri::from_static("/flights/KE123/seats/12A/hold");
                *request.headers_mut() = headers();
                request.headers_mut().insert("host", HeaderValue::from_static("127.0.0.1"));
                sender.ready().await.expect("the callee stays");
                let answer = sender.send_request(request).await.expect("the callee answers");
                let whole = answer.into_body().collect().await.expect("the callee stays").to_bytes();
                assert_eq!(whole, br#"{"held":true}"#[..]);
                count.fetch_add(1, Relaxed);
            }
        });
    }
    (tasks, count)
}

/// User and system time of this process so far (Linux, proc(5): fields 14 and 15 of stat, in ticks of 10 ms).
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("this example measures on Linux");
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks: f64 = fields[11..13].iter().filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / 100.0
}
