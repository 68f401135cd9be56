//! OTLP over HTTP.

use bytes::Bytes;
use http::{Method, Request};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message as _;
use serde_json::{Value, json};

use super::{address, bombs, gzip, server, spans, spans_at, zstd};
use crate::support::{Reply, Server};

/// Headers of a request.
type Headers<'a> = &'a [(&'a str, &'a str)];

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

pub(crate) async fn post(
    server: &Server,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Reply {
    send(server, Method::POST, path, headers, body.into()).await
}

async fn send(server: &Server, method: Method, path: &str, headers: &[(&str, &str)], body: Bytes) -> Reply {
    let at = address(server.otlp.1);
    let mut request = Request::builder().method(method).uri(path).header("host", at.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Reply::read(Server::open_at(at, request, body).await).await
}

#[tokio::test]
async fn exports_are_taken_in_every_form() {
    let server = server().await;
    let protobuf = spans().encode_to_vec();
    let json = serde_json::to_vec(&spans()).unwrap();
    #[rustfmt::skip]
    let table = [
        (PROTOBUF,                          "identity", protobuf.clone()),
        (PROTOBUF,                          "gzip",     gzip(&protobuf)),
        (PROTOBUF,                          "zstd",     zstd(&protobuf)),
        (JSON,                              "identity", json.clone()),
        (JSON,                              "gzip",     gzip(&json)),
        ("application/json; charset=utf-8", "zstd",     zstd(&json)),
    ];
    for (kind, encoding, body) in table {
        for path in ["/v1/traces", "/v1/logs", "/v1/metrics"] {
            // A body without records is one of every signal.
            let body = if path == "/v1/traces" { body.clone() } else { Vec::new() };
            let (body, encoding) = match (path, kind) {
                ("/v1/traces", _) => (body, encoding),
                (_, PROTOBUF) => (body, "identity"),
                (_, _) => (b"{}".to_vec(), "identity"),
            };
            let headers = [("content-type", kind), ("content-encoding", encoding)];
            let reply = post(&server, path, &headers, body).await;
            assert_eq!(reply.status, 200, "{path} {kind} {encoding}: {}", reply.text);
            let answered = reply.headers["content-type"].to_str().unwrap();
            assert!(kind.starts_with(answered), "{kind}: {answered}");
            match answered {
                JSON => assert_eq!(reply.json(), json!({})),
                _ => assert_eq!(
                    ExportTraceServiceResponse::decode(reply.text.as_bytes()).unwrap(),
                    ExportTraceServiceResponse::default()
                ),
            }
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_rejected_of_an_export_is_said() {
    let server = server().await;
    let reply =
        post(&server, "/v1/traces", &[("content-type", JSON)], serde_json::to_vec(&spans_at(1)).unwrap())
            .await;
    assert_eq!(reply.status, 200);
    insta::assert_snapshot!(reply.text);
    let body = spans_at(1).encode_to_vec();
    let reply = post(&server, "/v1/traces", &[("content-type", PROTOBUF)], body).await;
    let taken = ExportTraceServiceResponse::decode(reply.text.as_bytes()).unwrap();
    assert_eq!(taken.partial_success.map(|partial| partial.rejected_spans), Some(1));
    server.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_said_in_the_requests_own_form() {
    let server = server().await;
    let json = ("content-type", JSON);
    let pages = ("origin", "http://evil.example");
    let table: [(&str, Method, &str, Headers, &str); 11] = [
        ("no JSON", Method::POST, "/v1/traces", &[json], "{"),
        ("no OTLP", Method::POST, "/v1/traces", &[json], r#"{"resourceSpans":7}"#),
        ("no protobuf", Method::POST, "/v1/logs", &[("content-type", PROTOBUF)], "\u{a}\u{7f}x"),
        ("no gzip", Method::POST, "/v1/traces", &[json, ("content-encoding", "gzip")], "{}"),
        ("brotli", Method::POST, "/v1/traces", &[json, ("content-encoding", "br")], "{}"),
        ("another type", Method::POST, "/v1/traces", &[("content-type", "text/plain")], "{}"),
        ("no type", Method::POST, "/v1/traces", &[], "{}"),
        ("gRPC", Method::POST, "/v1/traces", &[("content-type", "application/grpc")], "{}"),
        ("another path", Method::POST, "/v1/trace", &[json], "{}"),
        ("another method", Method::GET, "/v1/traces", &[json], ""),
        ("a page of another origin", Method::POST, "/v1/traces", &[json, pages], "{}"),
    ];
    let mut said = Vec::new();
    for (name, method, path, headers, body) in table {
        let reply = send(&server, method, path, headers, Bytes::from_static(body.as_bytes())).await;
        let more = ["allow", "accept-encoding", "retry-after"].map(|name| {
            let value = reply.headers.get(name).and_then(|value| value.to_str().ok());
            value.map_or_else(String::new, |value| format!(", {name}: {value}"))
        });
        said.push(format!("{name}: {}{}\n  {}", reply.status, more.concat(), reply.text));
    }
    let host = Request::builder().method(Method::POST).uri("/v1/traces").header("host", "evil.example");
    let reply = Reply::read(Server::open_at(address(server.otlp.1), host, Bytes::new()).await).await;
    said.push(format!("another host: {}\n  {}", reply.status, reply.text));
    insta::assert_snapshot!(said.join("\n"));
    server.stop().await;
}

#[tokio::test]
async fn what_is_too_large_is_neither_held_nor_expanded() {
    let server = server().await;
    let before = resident();
    for (encoding, bomb) in bombs() {
        let headers = [("content-type", PROTOBUF), ("content-encoding", encoding)];
        let reply = post(&server, "/v1/traces", &headers, bomb).await;
        assert_eq!(reply.status, 413, "{encoding}: {}", reply.text);
        assert!(!reply.headers.contains_key("retry-after"), "sent again it would be as large");
    }
    let reply = post(&server, "/v1/logs", &[("content-type", JSON)], vec![b' '; 17 << 20]).await;
    assert_eq!(reply.status, 413, "{}", reply.text);
    assert_eq!(reply.json()["code"], 8);
    // The bombs themselves, a body, and what was expanded up to the bound; 10 GiB it is not.
    let grown = resident().saturating_sub(before);
    assert!(grown < 200 << 20, "{} MiB more are resident", grown >> 20);
    server.stop().await;
}

/// Bytes of memory in use by this process.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
}

#[tokio::test]
async fn a_store_that_cannot_be_opened_stops_no_saga() {
    let server = Server::with(|options| {
        options.otlp_http = "127.0.0.1:0".parse().unwrap();
        std::fs::create_dir_all(&options.data).unwrap();
        std::fs::write(options.data.join("telemetry"), "a file, and no folder").unwrap();
    })
    .await;
    assert_eq!(server.run("a", "buy").await.json()["status"], "completed");
    let status = server.get("/v1/status").await.json();
    let problem = status["telemetry_problem"].as_str().map(str::to_owned);
    assert!(problem.is_some_and(|problem| problem.contains("telemetry is not kept")), "{status}");
    let reply = post(&server, "/v1/traces", &[("content-type", JSON)], "{}").await;
    assert_eq!((reply.status, &reply.json()["code"]), (503, &Value::from(14)), "{}", reply.text);
    assert_eq!(reply.headers["retry-after"], "30");
    server.stop().await;
}
