//! A client with every policy: a service has two endpoints, of which one fails now and then and one is not there.
//!
//! Run it with `cargo run -p ondol-sdk --example calls`. It starts the service itself, calls it ten times and says how
//! each call went: who was asked and instead of whom, what was tried again, and what is left of the budget.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use bytes::Bytes;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use ondol_sdk::calls::settings::Fallback;
use ondol_sdk::calls::{Balanced, NotAnOrigin, Origin, Settings, Story};
use tower::ServiceExt;

static ASKED: AtomicU32 = AtomicU32::new(0);

/// Every third request fails.
async fn quote() -> (StatusCode, &'static str) {
    if ASKED.fetch_add(1, Relaxed).is_multiple_of(3) {
        (StatusCode::SERVICE_UNAVAILABLE, "")
    } else {
        (StatusCode::OK, r#"{"price":120}"#)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let flaky = format!("http://{}", listener.local_addr()?);
    let mut server = tokio::task::JoinSet::new();
    server.spawn(async move { axum::serve(listener, Router::new().fallback(quote)).await });

    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let endpoint = |origin: &str| Ok((origin.to_owned(), Origin::new(origin, client.clone())?));
    // Nobody listens on the discard port.
    let endpoints = [flaky.as_str(), "http://127.0.0.1:9"].map(endpoint);
    let endpoints = endpoints.into_iter().collect::<Result<_, NotAnOrigin>>()?;
    let fallback = Fallback::Static {
        status: 200,
        content_type: "application/json".to_owned(),
        body: Bytes::from_static(br#"{"price":100}"#),
    };
    let settings = Settings {
        deadline: Duration::from_secs(2),
        response: Some(Duration::from_millis(500)),
        fallback: Some(fallback),
        ..Settings::default()
    };
    let quotes = Balanced::new("quote", endpoints, settings);

    for _ in 0..10 {
        let request = http::Request::get("/quotes/42").body(Full::default())?;
        match quotes.clone().oneshot(request).await {
            Ok(answer) => {
                let story = Story::of(&answer).expect("every answer of a layer has its story");
                println!("{}: {story}", answer.status());
            }
            Err(error) => println!("{error}\n  how it went: {}", error.about().story),
        }
    }
    Ok(())
}
