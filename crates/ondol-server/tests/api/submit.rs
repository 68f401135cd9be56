//! Submit, read, repeat.

use serde_json::{Value, json};

use crate::support::Server;

/// Texts that differ from run to run.
pub(crate) fn redacted(mut value: Value) -> Value {
    fn walk(value: &mut Value) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let changing =
                        key.ends_with("_at") || matches!(key.as_str(), "run" | "at" | "took_ms" | "trace_id");
                    if changing && !value.is_null() {
                        *value = Value::String("…".to_owned());
                    }
                    walk(value);
                }
            }
            Value::Array(list) => list.iter_mut().for_each(walk),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    walk(&mut value);
    value
}

#[tokio::test]
async fn a_saga_is_submitted_run_and_read() {
    let server = Server::start().await;
    let reply = server.run("order-1", "buy").await;
    assert_eq!(
        (reply.status, reply.headers["location"].to_str().unwrap()),
        (201, "/v1/sagas/order-1"),
        "{reply:?}"
    );
    assert!(
        reply.text.contains(r#""output":{"user":"ann","price":1.10}"#),
        "numbers stay as written: {}",
        reply.text
    );
    let saga = server.get("/v1/sagas/order-1").await;
    assert_eq!(saga.status, 200);
    insta::assert_json_snapshot!("completed_saga", redacted(saga.json()));
    let events = server.get("/v1/sagas/order-1/events").await;
    insta::assert_json_snapshot!("completed_events", redacted(events.json()));

    let seen = server.service.seen();
    let paths: Vec<&str> = seen.iter().map(|seen| seen.path.as_str()).collect();
    assert_eq!(paths, ["/ok/hold", "/ok/pay"]);
    assert_eq!(seen[1].body, json!({ "amount": 7, "user": "ann" }));
    let run = saga.json()["run"].as_str().unwrap().to_owned();
    let header = |name: &str| seen[1].headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("idempotency-key"), format!("{run}/pay/action"));
    let named = ["ondol-saga-id", "ondol-step", "ondol-half", "ondol-attempt", "ondol-deadline-ms", "x-key"]
        .map(header);
    assert_eq!(named, ["order-1", "pay", "action", "1", "10000", "swordfish"]);
    assert!(header("traceparent").starts_with("00-") && header("traceparent").ends_with("-01"));
    assert_eq!(header("content-type"), "application/json");
    server.stop().await;
}

#[tokio::test]
async fn a_refusal_undoes_what_was_done() {
    let server = Server::start().await;
    let reply = server.run("order-2", "refused").await;
    assert_eq!(reply.json()["status"], "compensated", "{reply:?}");
    assert_eq!(reply.json()["failed"]["step"], "pay");
    insta::assert_json_snapshot!("compensated_saga", redacted(server.get("/v1/sagas/order-2").await.json()));
    let paths: Vec<String> = server.service.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(paths, ["/ok/hold", "/refuse/pay", "/ok/release"]);
    server.stop().await;
}

#[tokio::test]
async fn a_repeat_is_told_from_another_request() {
    let server = Server::start().await;
    let first = server.run("order-3", "buy").await;
    let again = server.run("order-3", "buy").await;
    assert_eq!((first.status, again.status), (201, 200));
    assert_eq!(first.json(), again.json());
    let other = server.post("/v1/sagas", &json!({ "id": "order-3", "definition": "buy", "input": 8 })).await;
    assert_eq!((other.status, other.code().as_str()), (409, "id_taken"));
    #[rustfmt::skip]
    let table = [
        (r#"{ "id": "order-3", "definition": "buy", "input": { "amount" : 7 } }"#,  200),
        (r#"{ "id": "order-3", "definition": "buy", "input": { "amount": 7.0 } }"#, 409),
        (r#"{ "id": "order-3", "definition": "buy", "input": { "amount": 1e999 } }"#, 400),
    ];
    for (body, status) in table {
        let request =
            server.request(http::Method::POST, "/v1/sagas").header("content-type", "application/json");
        assert_eq!(server.send(request, body.into()).await.status, status, "{body}");
    }
    assert_eq!(server.service.seen().len(), 2, "nothing was sent twice");
    server.stop().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said() {
    let server = Server::start().await;
    #[rustfmt::skip]
    let table = [
        (json!({}),                                              400, "bad_request"),
        (json!({ "definition": "buy", "plan": {} }),             400, "bad_request"),
        (json!({ "definition": "buy", "imput": 1 }),             400, "bad_request"),
        (json!({ "definition": "buy", "id": "a/b" }),            400, "bad_saga_id"),
        (json!({ "definition": "buy", "id": "" }),               400, "bad_saga_id"),
        (json!({ "definition": "buy", "id": "." }),              400, "bad_saga_id"),
        (json!({ "definition": "buy", "id": ".." }),             400, "bad_saga_id"),
        (json!({ "definition": "sell" }),                        404, "definition_not_found"),
        (json!({ "definition": "buy", "version": 9 }),           404, "definition_not_found"),
        (json!({ "plan": { "steps": [] } }),                     422, "plan_invalid"),
        (json!({ "plan": { "steps": [{ "name": "a", "action": "nobody POST /x" }] } }), 422, "plan_invalid"),
    ];
    let mut problems = Vec::new();
    for (body, status, code) in table {
        let reply = server.post("/v1/sagas", &body).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{body}");
        problems.push(json!({ "request": body, "answer": reply.json() }));
    }
    insta::assert_json_snapshot!("problems", problems);
    let missing = server.get("/v1/sagas/nobody").await;
    assert_eq!((missing.status, missing.code().as_str()), (404, "saga_not_found"));
    server.stop().await;
}

#[tokio::test]
async fn a_plan_comes_with_its_request() {
    let server = Server::start().await;
    let plan = json!({ "steps": [{ "name": "one", "action": "shop POST /ok/one", "compensate": "none" }] });
    let reply =
        server.post("/v1/sagas?wait=10s", &json!({ "id": "plan-1", "plan": plan, "input": {} })).await;
    assert_eq!((reply.status, reply.json()["status"].as_str()), (201, Some("completed")), "{reply:?}");
    let name = reply.json()["definition"].as_str().unwrap().to_owned();
    assert!(name.starts_with("plan-"), "{name}");
    assert_eq!(server.get(&format!("/v1/definitions/{name}/versions/1")).await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn the_header_is_the_id() {
    let server = Server::start().await;
    let send = async |key: &str, body: Value| {
        let request = server.request(http::Method::POST, "/v1/sagas?wait=5s");
        let request = request.header("content-type", "application/json").header("idempotency-key", key);
        server.send(request, body.to_string().into()).await
    };
    let body = json!({ "definition": "buy", "input": { "amount": 1 } });
    assert_eq!(send("key-1", body.clone()).await.json()["id"], "key-1");
    assert_eq!(send("key-1", body).await.status, 200);
    let both = send("key-1", json!({ "definition": "buy", "id": "key-2" })).await;
    assert_eq!(both.code(), "id_mismatch");
    #[rustfmt::skip]
    let table: [(&[&[u8]], u16, &str); 5] = [
        (&[b"key-1", b"key-1"],    200, ""),
        (&[b"key-1", b"key-3"],    400, "id_mismatch"),
        (&[b"sch\xc3\xb6n"],       400, "bad_saga_id"),
        (&[b"key-1", b"\xff"],     400, "bad_saga_id"),
        (&[b""],                   400, "bad_saga_id"),
    ];
    for (keys, status, code) in table {
        let mut request =
            server.request(http::Method::POST, "/v1/sagas").header("content-type", "application/json");
        for key in keys {
            request = request.header("idempotency-key", *key);
        }
        let reply = server
            .send(request, json!({ "definition": "buy", "input": { "amount": 1 } }).to_string().into())
            .await;
        assert_eq!(reply.status, status, "{keys:?} {reply:?}");
        if status != 200 {
            assert_eq!(reply.code(), code);
        }
    }
    let made =
        server.post("/v1/sagas", &json!({ "definition": "buy", "input": { "amount": 1 } })).await.json();
    assert_eq!(made["id"].as_str().unwrap().len(), 26, "a ULID: {made}");
    server.stop().await;
}

#[tokio::test]
async fn what_no_address_takes_is_refused() {
    let server = Server::start().await;
    server.run("one", "buy").await;
    #[rustfmt::skip]
    let table = [
        ("GET",    "/v1/sagas?stauts=parked",         "bad_request"),
        ("GET",    "/v1/sagas/one?verbose=1",         "bad_request"),
        ("GET",    "/v1/sagas/one/events?before=1",   "bad_request"),
        ("GET",    "/v1/events?from=1",               "bad_request"),
        ("GET",    "/v1/definitions?limit=1",         "bad_request"),
        ("GET",    "/v1/definitions/buy?version=1",   "bad_request"),
        ("GET",    "/v1/status?x",                    "bad_request"),
        ("GET",    "/v1/batches?state=running",       "bad_request"),
        ("DELETE", "/v1/batches/one?dry_run=true",    "bad_request"),
        ("PUT",    "/v1/system?dry_run=true",         "bad_request"),
        ("POST",   "/v1/sagas?dry_run=true",          "bad_request"),
        ("POST",   "/v1/sagas/one/cancel?dryrun=1",   "bad_request"),
        ("POST",   "/v1/batches?wait=1s",             "bad_request"),
        ("GET",    "/v1/sagas/%FF",                   "bad_request"),
        ("POST",   "/v1/sagas/%FF/cancel",            "bad_request"),
        ("GET",    "/v1/sagas/%2E%2E",                "bad_saga_id"),
        ("GET",    "/docs/codes/%FF",                 "bad_request"),
    ];
    for (method, address, code) in table {
        let request =
            server.request(method.parse().unwrap(), address).header("content-type", "application/json");
        let reply = server.send(request, if method == "GET" { "" } else { "{}" }.into()).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, code), "{method} {address}");
    }
    assert_eq!(server.get("/v1/sagas/one?").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn a_repeat_is_answered_where_nothing_new_is_accepted() {
    let server = Server::start().await;
    assert_eq!(server.run("order-5", "buy").await.status, 201);
    let server = Server::again(server, |options| options.engine.appending_max = 0).await;
    let again = server.run("order-5", "buy").await;
    assert_eq!((again.status, again.json()["status"].as_str()), (200, Some("completed")), "{again:?}");
    assert_eq!(server.run("order-5", "refused").await.code(), "id_taken");
    let new = server.run("order-6", "buy").await;
    assert_eq!((new.status, new.code().as_str()), (429, "overloaded"));
    server.stop().await;
}
