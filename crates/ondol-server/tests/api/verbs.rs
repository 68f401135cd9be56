//! What a person does.

use serde_json::{Value, json};

use crate::submit::redacted;
use crate::support::{SYSTEM, Server};

/// Submits a saga and waits until its first request has arrived.
async fn held(server: &Server, id: &str, definition: &str) {
    let reply = server.post("/v1/sagas", &json!({ "id": id, "definition": definition, "input": {} })).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    server
        .until(&format!("/v1/sagas/{id}"), |saga| saga["steps"][0]["progress"]["mode"] == "in_flight")
        .await;
}

#[tokio::test]
async fn verbs_are_allowed_or_say_why_not() {
    let server = Server::start().await;
    held(&server, "held", "held").await;
    #[rustfmt::skip]
    let table = [
        ("resume",   json!({}),                                    409, "not_allowed"),
        ("pause",    json!({ "if_seq": 99 }),                      412, "stale"),
        ("pause",    json!({ "seq": 1 }),                          400, "bad_request"),
        ("retry",    json!({ "step": "nothing" }),                 422, "step_unknown"),
        ("retry",    json!({ "step": "wait" }),                    409, "not_allowed"),
        ("complete", json!({ "step": "wait" }),                    400, "bad_request"),
        ("complete", json!({ "step": "wait", "note": "paid" }),    409, "not_allowed"),
        ("skip",     json!({ "half": "left", "note": "paid" }),    400, "bad_request"),
        ("edit",     json!({ "note": "typo" }),                    400, "bad_request"),
        ("resend",   json!({}),                                    400, "bad_request"),
        ("resend",   json!({ "notice": 3 }),                       409, "not_allowed"),
        ("explode",  json!({}),                                    404, "not_found"),
    ];
    let mut problems = Vec::new();
    for (verb, body, status, code) in table {
        let reply = server.post(&format!("/v1/sagas/held/{verb}"), &body).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{verb} {body}");
        problems.push(json!({ "verb": verb, "request": body, "answer": reply.json() }));
    }
    insta::assert_json_snapshot!("problems", problems);
    assert_eq!(server.post("/v1/sagas/nobody/pause", &json!({})).await.code(), "saga_not_found");

    let paused = server.post("/v1/sagas/held/pause", &json!({ "note": "look", "if_seq": 2 })).await;
    assert_eq!((paused.status, paused.json()), (200, json!({ "id": "held", "seq": 4, "pending": false })));
    assert_eq!(server.get("/v1/sagas/held").await.json()["paused"], true);
    assert_eq!(server.post("/v1/sagas/held/resume", &Value::Null).await.status, 400, "null is no object");
    let empty =
        server.send(server.request(http::Method::POST, "/v1/sagas/held/resume"), bytes::Bytes::new()).await;
    assert_eq!(empty.status, 200, "a verb needs no body: {empty:?}");
    assert_eq!(server.post("/v1/sagas/held/cancel", &json!({})).await.status, 200);
    server.service.release.notify_one();
    server.until("/v1/sagas/held", |saga| saga["status"] == "compensated").await;
    server.stop().await;
}

#[tokio::test]
async fn cancelling_a_pivot_in_flight_is_pending() {
    let server = Server::start().await;
    held(&server, "pivoting", "pivoting").await;
    let reply = server.post("/v1/sagas/pivoting/cancel", &json!({})).await;
    assert_eq!((reply.status, &reply.json()["pending"]), (202, &json!(true)));
    assert_eq!(server.get("/v1/sagas/pivoting").await.json()["turn_back_pending"], "cancelled");
    server.service.release.notify_one();
    server.until("/v1/sagas/pivoting", |saga| saga["status"] == "completed").await;
    server.stop().await;
}

#[tokio::test]
async fn a_stuck_step_is_tried_again_and_vouched_for() {
    let server = Server::start().await;
    let parked = server.run("stuck", "stuck").await;
    assert_eq!(parked.json()["status"], "parked", "{parked:?}");
    let saga = server.get("/v1/sagas/stuck").await.json();
    insta::assert_json_snapshot!(
        "parked_allowed",
        json!({ "next": saga["next"], "allowed": saga["allowed"], "step": redacted(saga["steps"][1].clone()) })
    );

    #[rustfmt::skip]
    let table = [
        ("skip",     json!({ "half": "compensation", "note": "gone" }),                       "no `compensation` of this saga is stuck"),
        ("retry",    json!({ "half": "compensation" }),                                       "no `compensation` of this saga is stuck"),
        ("complete", json!({ "half": "compensation", "note": "done" }),                       "only an action is completed"),
    ];
    for (verb, body, reason) in table {
        let reply = server.post(&format!("/v1/sagas/stuck/{verb}"), &body).await;
        assert_eq!(reply.code(), "not_allowed", "{verb} {body}");
        assert!(reply.json()["detail"].as_str().unwrap().starts_with(reason), "{reply:?}");
    }
    let dry = server.post("/v1/sagas/stuck/retry?dry_run=true", &json!({ "step": "confirm" })).await;
    insta::assert_json_snapshot!("dry_retry", redacted(dry.json()));
    assert_eq!(server.get("/v1/sagas/stuck").await.json(), saga, "a dry run changes nothing");
    let stale = server.post("/v1/sagas/stuck/retry?dry_run=true", &json!({ "if_seq": 1 })).await;
    assert_eq!(stale.code(), "stale");

    let sent = server.service.seen().len();
    let retried = server.post("/v1/sagas/stuck/retry", &json!({})).await;
    assert_eq!(retried.status, 200, "one half rests, so none need be named: {retried:?}");
    server.until("/v1/sagas/stuck", |saga| saga["status"] == "parked").await;
    let keys: Vec<String> = server
        .service
        .seen()
        .iter()
        .skip(sent - 1)
        .map(|seen| seen.headers["idempotency-key"].to_str().unwrap().to_owned())
        .collect();
    assert_eq!((keys.len(), &keys[0]), (2, &keys[1]), "the same key for every attempt");

    let body = json!({ "step": "confirm", "output": { "confirmed": true }, "note": "the desk said so" });
    assert_eq!(server.post("/v1/sagas/stuck/complete", &body).await.status, 200);
    let saga = server.until("/v1/sagas/stuck", |saga| saga["status"] == "completed").await;
    assert_eq!(saga["vouched"][0]["note"], "the desk said so");
    assert_eq!(saga["steps"][1]["output"], json!({ "confirmed": true }));
    server.stop().await;
}

#[tokio::test]
async fn a_stuck_compensation_is_not_taken_for_an_action() {
    let stubborn = "  stubborn:\n    steps:\n      - name: hold\n        action: shop POST /ok/hold\n        compensate: { call: shop POST /refuse/release, retry: { attempts: 1 } }\n      - { name: pay, action: shop POST /refuse/pay, compensate: none }\n";
    let server = Server::running(&format!("{SYSTEM}{stubborn}"), |_| {}).await;
    assert_eq!(server.run("one", "stubborn").await.json()["status"], "parked");
    for (verb, body) in [
        ("skip", json!({ "half": "action", "note": "gone" })),
        ("retry", json!({ "half": "action" })),
        ("complete", json!({ "note": "done" })),
    ] {
        let reply = server.post(&format!("/v1/sagas/one/{verb}"), &body).await;
        assert_eq!(reply.code(), "not_allowed", "{verb} {body}: {reply:?}");
        assert_eq!(
            reply.json()["detail"],
            "no `action` of this saga is stuck or waits to be tried again",
            "{verb} {body}"
        );
    }
    assert_eq!(server.post("/v1/sagas/one/skip", &json!({ "note": "gone" })).await.status, 200);
    let saga = server.until("/v1/sagas/one", |saga| saga["status"] == "compensated").await;
    assert_eq!(saga["steps"][0]["status"], "undone");
    assert_eq!(saga["steps"][0]["error"], json!(null), "what is undone has no error any more: {saga}");
    server.stop().await;
}

#[tokio::test]
async fn null_is_an_input() {
    let server = Server::start().await;
    held(&server, "one", "held").await;
    let edit = json!({ "input": null, "note": "nothing is needed" });
    assert_eq!(server.post("/v1/sagas/one/edit", &edit).await.status, 200);
    assert_eq!(server.get("/v1/sagas/one").await.json()["input"], json!(null));
    server.stop().await;
}
