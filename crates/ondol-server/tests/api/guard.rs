//! Who may ask, and how much.

use bytes::Bytes;
use http::Method;
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use ondol_server::{Options, ServeError, Signals};
use serde_json::json;
use tokio::net::TcpStream;

use crate::support::{Reply, Server};

#[tokio::test]
async fn without_a_token_only_this_machine_is_served() {
    let server = Server::start().await;
    let own = server.address.to_string();
    #[rustfmt::skip]
    let table = [
        (&*own,             None,                         "application/json",                  201, ""),
        ("localhost",       None,                         "application/json; charset=utf-8",   201, ""),
        ("[::1]:80",        None,                         "application/json",                  201, ""),
        ("evil.example",    None,                         "application/json",                  403, "host_refused"),
        (&*own,             Some("http://evil.example"),  "application/json",                  403, "origin_refused"),
        (&*own,             Some("null"),                 "application/json",                  403, "origin_refused"),
        (&*own,             None,                         "text/plain",                        415, "media_type"),
        (&*own,             None,                         "application/yaml",                  415, "media_type"),
        (&*own,             None,                         "",                                  415, "media_type"),
    ];
    let body = json!({ "definition": "buy", "input": { "amount": 1 } }).to_string();
    for (host, origin, content_type, status, code) in table {
        let mut request = http::Request::builder().method(Method::POST).uri("/v1/sagas").header("host", host);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        if !content_type.is_empty() {
            request = request.header("content-type", content_type);
        }
        let reply = server.send(request, Bytes::from(body.clone())).await;
        let got = if reply.status < 300 { String::new() } else { reply.code() };
        assert_eq!((reply.status, got.as_str()), (status, code), "{host} {origin:?} {content_type}");
    }
    let same = server.request(Method::GET, "/v1/sagas").header("origin", format!("http://{own}"));
    assert_eq!(server.send(same, Bytes::new()).await.status, 200, "the server's own page may ask");
    server.stop().await;
}

#[tokio::test]
async fn with_a_token_it_is_asked_of_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "0123456789abcdef0123").unwrap();
    let server = Server::with(|options| options.token_file = Some(file)).await;
    let own = server.address.to_string();
    let token = "Bearer 0123456789abcdef0123";
    #[rustfmt::skip]
    let table = [
        ("/v1/sagas",               "evil.example", token,              200),
        ("/v1/sagas",               &*own,          "bearer 0123456789abcdef0123", 200),
        ("/v1/sagas",               &*own,          "",                 401),
        ("/v1/sagas",               &*own,          "Bearer wrong",     401),
        ("/v1/sagas",               &*own,          "Basic MTIz",       401),
        ("/metrics",                &*own,          "",                 401),
        ("/healthz",                &*own,          "",                 200),
        ("/readyz",                 &*own,          "",                 200),
        ("/docs/codes/id_taken",    &*own,          "",                 200),
    ];
    for (path, host, authorization, status) in table {
        let mut request = http::Request::builder().uri(path).header("host", host);
        if !authorization.is_empty() {
            request = request.header("authorization", authorization);
        }
        let reply = server.send(request, Bytes::new()).await;
        assert_eq!(reply.status, status, "{path} {authorization}");
        if status == 401 {
            assert_eq!(reply.code(), "unauthorized");
            assert!(reply.headers.contains_key("www-authenticate"));
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_too_large_is_told_so() {
    let server = Server::start().await;
    let long =
        |bytes: usize| Bytes::from(format!(r#"{{"definition":"buy","input":"{}"}}"#, "x".repeat(bytes)));
    for (bytes, status) in [(900_000, 201), (1_100_000, 413), (3_900_000, 413)] {
        let request = server.request(Method::POST, "/v1/sagas").header("content-type", "application/json");
        let reply = server.send(request, long(bytes)).await;
        assert_eq!(reply.status, status, "{bytes}");
    }
    let deep = format!(r#"{{"definition":"buy","input":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    let request = server.request(Method::POST, "/v1/sagas").header("content-type", "application/json");
    assert_eq!(server.send(request, deep.into()).await.code(), "too_deep");
    let uri = format!("/v1/sagas?q={}", "x".repeat(9_000));
    assert_eq!(server.get(&uri).await.code(), "uri_too_long");
    let request = server.request(Method::GET, "/v1/sagas").header("x-long", "x".repeat(40_000));
    assert_eq!(server.send(request, Bytes::new()).await.code(), "headers_too_large");
    assert_eq!(server.get("/v2/sagas").await.code(), "not_found");
    let request = server.request(Method::DELETE, "/v1/sagas");
    assert_eq!(server.send(request, Bytes::new()).await.code(), "method_not_allowed");
    server.stop().await;
}

#[tokio::test]
async fn http_2_is_spoken_without_tls() {
    let server = Server::start().await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http2::handshake::<_, _, Full<Bytes>>(
        TokioExecutor::new(),
        TokioIo::new(stream),
    )
    .await
    .unwrap();
    let mut driving = tokio::task::JoinSet::new();
    driving.spawn(connection);
    let request =
        http::Request::builder().uri(format!("http://{}/v1/status", server.address)).body(Full::default());
    let reply = Reply::read(sender.send_request(request.unwrap()).await.unwrap()).await;
    assert_eq!((reply.status, reply.json()["health"].as_str()), (200, Some("ready")));
    server.stop().await;
}

type Change = Box<dyn Fn(&mut Options)>;

#[tokio::test]
async fn what_cannot_be_served_is_said_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("bad.yaml"), "ondol: 1\nservices: { a: { url: nowhere } }\n").unwrap();
    std::fs::write(path("short"), "secret").unwrap();
    let (bad, missing, short) = (path("bad.yaml"), path("none.yaml"), path("short"));
    #[rustfmt::skip]
    let table: Vec<(&str, Change)> = vec![
        ("needs a token",       Box::new(|options| options.listen = ([0, 0, 0, 0], 0).into())),
        ("needs a token",       Box::new(|options| options.proxy = "0.0.0.0:0".parse().unwrap())),
        ("needs a token",       Box::new(|options| options.otlp_grpc = "0.0.0.0:0".parse().unwrap())),
        ("needs a token",       Box::new(|options| options.otlp_http = "[::]:0".parse().unwrap())),
        ("cannot read",         Box::new(move |options| options.config = Some(missing.clone()))),
        ("cannot use",          Box::new(move |options| options.config = Some(bad.clone()))),
        ("cannot use the token", Box::new(move |options| options.token_file = Some(short.clone()))),
        ("webhook secret",      Box::new(|options| options.webhook_secret = Some("x".to_owned()))),
    ];
    for (part, change) in table {
        let mut options = Options::new(path("data"), ([127, 0, 0, 1], 0).into());
        change(&mut options);
        let (_sender, signals) = Signals::manual();
        let error: ServeError = ondol_server::serve(options, |_| {}, signals).await.unwrap_err();
        assert!(error.to_string().contains(part), "{part}: {error}");
    }
}
