//! `GET /v1/telemetry/why`, over the real store.

use http::Method;
use serde_json::json;

use crate::support::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_saga_is_told_by_its_id_by_its_trace_and_over_a_restart() {
    let server = Server::start().await;
    server.run("w-1", "refused").await;
    let told = server.get("/v1/telemetry/why/w-1").await.json();
    assert_eq!(told["saga"], "w-1");
    let failing = &told["story"]["failing"];
    assert_eq!(
        (&failing["service"], &failing["step"], &failing["stage"]),
        (&json!("shop"), &json!("pay"), &json!("callee_refused"))
    );
    assert!(failing["reason"].as_str().is_some_and(|why| why.contains("the seat is taken")), "{failing}");
    // A span for the saga, for each of three halves, and for each of three attempts.
    assert_eq!(told["spans"], 7, "{told}");
    let trace = told["trace_id"].as_str().expect("it has a trace").to_owned();
    // Once they are exported the trace is known to the store, and it names the saga.
    let stored = format!("/v1/telemetry/traces/{trace}");
    server.until(&stored, |found| found["spans"].as_array().is_some_and(|spans| spans.len() == 7)).await;
    let server = Server::again(server, |_| {}).await;
    let again = server.until(&stored, |found| found["spans"].is_array()).await;
    assert_eq!(again["spans"].as_array().map(Vec::len), Some(7), "each once: {again}");
    let by_trace = server.get(&format!("/v1/telemetry/why/{trace}?lang=ko")).await.json();
    assert_eq!((&by_trace["saga"], &by_trace["spans"]), (&json!("w-1"), &json!(7)));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_goes_on_is_told_and_nothing_is_made_up() {
    let server = Server::start().await;
    let body = json!({ "id": "w-2", "definition": "held", "input": {} });
    server.post("/v1/sagas", &body).await;
    let told = server.until("/v1/telemetry/why/w-2", |told| told["spans"] == 3).await;
    assert_eq!(told["story"]["failing"], json!(null), "{told}");
    for (id, status) in [("nobody", 404), ("0123456789abcdef0123456789abcdef", 404), ("w-2?lang=fr", 400)] {
        let reply =
            server.send(server.request(Method::GET, &format!("/v1/telemetry/why/{id}")), bytes::Bytes::new());
        assert_eq!(reply.await.status, status, "{id}");
    }
    server.service.release.notify_waiters();
}
