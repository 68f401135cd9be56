//! The system file: sent, refused, read again, kept.

use bytes::Bytes;
use http::Method;
use serde_json::json;

use crate::support::{Reply, SYSTEM, Server, write_system};

async fn put(server: &Server, system: &str) -> Reply {
    let request = server.request(Method::PUT, "/v1/system").header("content-type", "application/yaml");
    server.send(request, Bytes::from(system.replace("{service}", &server.service_address.to_string()))).await
}

#[tokio::test]
async fn a_system_is_sent_and_its_definitions_get_versions() {
    let server = Server::start().await;
    let shown = server.get("/v1/system").await;
    assert!(!shown.text.contains("swordfish"), "secrets are not shown: {}", shown.text);
    assert_eq!(
        (shown.json()["source"].as_str(), &shown.json()["secrets"]),
        (Some("config"), &json!(["KEY"]))
    );
    let changed = SYSTEM.replace("/ok/pay, body", "/ok/charge, body");
    let reply = put(&server, &changed).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let versions = reply.json()["definitions"].clone();
    let version = |name: &str| {
        versions.as_array().unwrap().iter().find(|v| v["name"] == name).unwrap()["version"].clone()
    };
    assert_eq!((version("buy"), version("held")), (json!(2), json!(1)));
    server.run("new", "buy").await;
    assert_eq!(server.service.seen().last().unwrap().path, "/ok/charge");
    let list = server.get("/v1/definitions").await.json();
    let buy =
        list["definitions"].as_array().unwrap().iter().find(|row| row["name"] == "buy").unwrap().clone();
    assert_eq!(buy, json!({ "name": "buy", "version": 2, "live": true, "steps": 2, "services": ["shop"] }));
    let one = server.get("/v1/definitions/buy/versions/1").await.json();
    assert_eq!(
        (&one["version"], &one["versions"], one["steps"][0]["halves"][1]["half"].as_str()),
        (&json!(1), &json!(2), Some("compensation"))
    );
    assert_eq!(server.get("/v1/definitions/buy").await.json()["version"], 2);
    for path in ["/v1/definitions/sell", "/v1/definitions/buy/versions/3", "/v1/definitions/buy/versions/0"] {
        assert_eq!(server.get(path).await.code(), "definition_not_found", "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_definition_is_shown_as_it_is_written() {
    let system = r#"
ondol: 1
services:
  shop: { url: "http://{service}", barrier: true }
logs:
  - { files: "/var/log/shop/*.log", service: shop, from: start }
  - { files: "/var/log/batch.log", service: batch, instance: night }
sagas:
  book:
    timeout: 2m
    steps:
      - name: hold
        action: shop PUT /flights/${{ input.flight }}/seats/${{ input.seat.number }}
        compensate: { call: "shop DELETE /seats/${{ input.seat.number }}", accept: [404], timeout: 3s }
        retry: { attempts: 3, first: 100ms, factor: 3, max: 1s }
      - name: upgrade
        if: "${{ has(input.upgrade) && input.upgrade.wanted }}"
        action: { call: shop POST /upgrades, body: { to: "${{ input.class }}" }, retry_on: [409] }
        compensate: none
"#;
    let server = Server::running(system, |_| {}).await;
    let mut shown = server.get("/v1/definitions/book").await.json();
    shown.as_object_mut().unwrap().remove("plan");
    insta::assert_json_snapshot!("definition", shown);
    assert_eq!(
        server.get("/v1/system").await.json()["logs"],
        json!([
            { "files": "/var/log/shop/*.log", "service": "shop", "instance": null, "from": "start" },
            { "files": "/var/log/batch.log", "service": "batch", "instance": "night", "from": "end" },
        ])
    );
    server.stop().await;
}

#[tokio::test]
async fn a_bad_system_changes_nothing() {
    let server = Server::start().await;
    let before = server.get("/v1/system").await.json();
    let bad = put(&server, "ondol: 1\nservices: { a: { url: nowhere } }\n").await;
    assert_eq!((bad.status, bad.code().as_str()), (422, "system_invalid"));
    insta::assert_json_snapshot!("findings", bad.json());
    let secret = SYSTEM.replace(", default: swordfish", "");
    let bad = put(&server, &secret).await;
    assert_eq!(bad.code(), "system_invalid");
    assert!(bad.json()["detail"].as_str().unwrap().contains("ONDOL_TEST_NO_SUCH_VARIABLE"), "{bad:?}");
    std::fs::write(server.config(), "ondol: 2").unwrap();
    server.reload().await;
    let status = server.until("/v1/status", |status| !status["system_problem"].is_null()).await;
    assert_eq!(status["health"], "ready");
    assert_eq!(server.get("/v1/system").await.json(), before);
    write_system(
        &server.config(),
        &SYSTEM.replace("/ok/pay, body", "/ok/charge, body"),
        server.service_address,
    );
    server.reload().await;
    server.until("/v1/status", |status| status["system_problem"].is_null()).await;
    server.until("/v1/definitions/buy", |definition| definition["version"] == 2).await;
    server.stop().await;
}

#[tokio::test]
async fn a_service_that_is_needed_stays() {
    let server = Server::start().await;
    server.post("/v1/sagas", &json!({ "id": "held", "definition": "held", "input": {} })).await;
    let without = SYSTEM.replace("  shop:", "  store:").replace(": shop ", ": store ");
    let refused = put(&server, &without).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "service_in_use"));
    assert_eq!((&refused.json()["sagas"], &refused.json()["services"]), (&json!(["held"]), &json!(["shop"])));
    server.service.release.notify_one();
    server.until("/v1/sagas/held", |saga| saga["status"] == "completed").await;
    assert_eq!(server.run("done", "buy").await.status, 201);
    let taken = put(&server, &without).await;
    assert_eq!(taken.status, 200, "{taken:?}");
    assert!(taken.json()["holds"].as_str().unwrap().contains("--config"), "{taken:?}");
    let again = put(&server, &without).await;
    assert_eq!(again.json()["holds"], taken.json()["holds"], "the file is still there");

    let gone = SYSTEM.replace("  held:", "  kept:").replace("  buy:", "  sell:");
    assert_eq!(put(&server, &gone).await.status, 200);
    for (id, status) in [("done", 200), ("new", 404)] {
        let reply = server.run(id, "buy").await;
        assert_eq!(reply.status, status, "{reply:?}");
    }
    let old = json!({ "id": "old", "definition": "pivoting", "version": 2, "input": {} });
    let refused = server.post("/v1/sagas", &old).await;
    assert_eq!(refused.code(), "definition_not_found", "it calls a service that is gone: {refused:?}");
    server.stop().await;
}

#[tokio::test]
async fn a_secret_that_is_needed_stays() {
    let keyed = SYSTEM.replace(
        "{ name: confirm, action: shop POST /refuse/confirm }",
        "{ name: confirm, action: { call: shop POST /refuse/confirm, headers: { x-own: \"${{ secrets.OWN }}\" } } }",
    );
    let keyed = keyed
        .replace("secrets: {", "secrets: { OWN: { env: ONDOL_TEST_NO_SUCH_VARIABLE, default: herring },");
    let server = Server::running(&keyed, |_| {}).await;
    assert_eq!(server.run("parked", "stuck").await.json()["status"], "parked");
    let refused = put(&server, SYSTEM).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "service_in_use"), "{refused:?}");
    assert_eq!((&refused.json()["sagas"], &refused.json()["secrets"]), (&json!(["parked"]), &json!(["OWN"])));
    assert!(refused.json()["detail"].as_str().unwrap().contains("use the secret OWN"), "{refused:?}");

    // A file that is changed while nobody is there to refuse it is at least shown.
    write_system(&server.config(), SYSTEM, server.service_address);
    let server = Server::again(server, |_| {}).await;
    let status = server.until("/v1/status", |status| !status["system_problem"].is_null()).await;
    assert!(status["system_problem"].as_str().unwrap().contains("OWN"), "{status}");
    server.reload().await;
    server.reload().await;
    let status = server.get("/v1/status").await.json();
    assert!(status["system_problem"].as_str().unwrap().contains("OWN"), "as long as that is so: {status}");
    write_system(&server.config(), &keyed, server.service_address);
    server.reload().await;
    server.until("/v1/status", |status| status["system_problem"].is_null()).await;
    server.stop().await;
}

#[tokio::test]
async fn a_repeat_is_answered_whatever_became_of_its_services() {
    let server = Server::start().await;
    let plan = json!({ "steps": [{ "name": "one", "action": "shop POST /ok/one", "compensate": "none" }] });
    let body = json!({ "id": "plan-1", "plan": plan, "input": {} });
    assert_eq!(server.post("/v1/sagas?wait=10s", &body).await.json()["status"], "completed");
    let without = SYSTEM.replace("  shop:", "  store:").replace(": shop ", ": store ");
    assert_eq!(put(&server, &without).await.status, 200);
    let again = server.post("/v1/sagas", &body).await;
    assert_eq!((again.status, again.json()["status"].as_str()), (200, Some("completed")), "{again:?}");
    let other = json!({ "id": "plan-1", "plan": plan, "input": 1 });
    assert_eq!(server.post("/v1/sagas", &other).await.code(), "id_taken");
    let new = json!({ "id": "plan-2", "plan": plan, "input": {} });
    assert_eq!(server.post("/v1/sagas", &new).await.code(), "plan_invalid");
    server.stop().await;
}

#[tokio::test]
async fn what_was_sent_is_kept_where_there_is_no_file() {
    let server = Server::with(|options| options.config = None).await;
    assert_eq!(server.get("/v1/system").await.json()["source"], "empty");
    assert_eq!(server.run("early", "buy").await.code(), "definition_not_found");
    assert_eq!(put(&server, SYSTEM).await.status, 200);
    assert_eq!(server.run("later", "buy").await.status, 201);
    let server = Server::again(server, |options| options.config = None).await;
    assert_eq!(server.get("/v1/system").await.json()["source"], "put");
    assert_eq!(server.run("again", "buy").await.json()["status"], "completed");
    server.stop().await;
}
