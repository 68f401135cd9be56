//! Health, metrics, pages, and what happens around a restart.

use serde_json::json;

use crate::support::Server;

#[tokio::test]
async fn a_server_tells_how_it_is() {
    let server = Server::start().await;
    assert_eq!(server.get("/healthz").await.json(), json!({ "status": "alive" }));
    assert_eq!(server.get("/readyz").await.json(), json!({ "status": "ready" }));
    assert!(server.get("/").await.text.starts_with("Ondol"));
    let page = server.get("/docs/codes/id_taken").await;
    assert!(page.text.starts_with("# id_taken\n"), "{}", page.text);
    assert_eq!(server.get("/docs/codes/nothing").await.code(), "not_found");
    let openapi = server.get("/v1/openapi.json").await.json();
    for path in ["/v1/sagas", "/v1/sagas/{id}/{verb}", "/v1/events", "/v1/batches/{id}", "/metrics"] {
        assert!(openapi["paths"][path].is_object(), "{path}");
    }
    server.run("one", "buy").await;
    let metrics = server.get("/metrics").await.text;
    let names: Vec<&str> = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
    insta::assert_debug_snapshot!("metrics", names);
    for line in [
        "ondol_sagas_settled_total{status=\"completed\"} 1",
        "ondol_attempts_total{outcome=\"done\"} 2",
        "ondol_calls_total{target=\"shop\",answer=\"2xx\"} 2",
        "ondol_target_up{target=\"shop\"} 1",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line} is missing in\n{metrics}");
    }
    server.stop().await;
}

#[tokio::test]
async fn sagas_go_on_after_a_restart() {
    let server = Server::start().await;
    server.post("/v1/sagas", &json!({ "id": "held", "definition": "held", "input": {} })).await;
    server.until("/v1/sagas/held", |saga| saga["steps"][0]["progress"]["mode"] == "in_flight").await;
    // The call in flight is answered while the server drains, or lost and asked again; both end well.
    server.service.release.notify_one();
    let server = Server::again(server, |_| {}).await;
    server.service.release.notify_one();
    server.until("/v1/sagas/held", |saga| saga["status"] == "completed").await;
    server.stop().await;
}
