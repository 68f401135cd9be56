//! hyper-util's client, real sockets: errors are read as what they are.

use axum::Router;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use ondol_sdk::calls::{Balanced, CallError, CallLayer, Origin, Settings};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower::{Layer, ServiceExt};

/// A port that nobody listens on.
async fn dead() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_costs_nobody_anything() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let alive = format!("http://{}", listener.local_addr().unwrap());
    let mut server = JoinSet::new();
    let router = Router::new().fallback(async |body: String| body);
    server.spawn(async move { axum::serve(listener, router).await });

    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let endpoint = |origin: String| (origin.clone(), Origin::new(&origin, client.clone()).unwrap());
    let target = Balanced::new("echo", vec![endpoint(dead().await), endpoint(alive)], Settings::default());
    for _ in 0..20 {
        let request = Request::post("/any").body(Full::from("asked")).unwrap();
        let answer = target.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "asked");
    }
}

#[tokio::test]
async fn a_refused_connection_is_not_sent() {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let target = CallLayer::new("nobody", Settings::default()).layer(client);
    let request = Request::post(dead().await).body(Full::default()).unwrap();
    let error = target.oneshot(request).await.unwrap_err();
    assert!(matches!(error, CallError::NotSent { .. }), "{error}");
    let shown = error.to_string();
    assert_eq!(
        shown,
        "calling nobody: nobody certainly did not act upon it; no endpoint is left that was not tried"
    );
}
