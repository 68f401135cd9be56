//! What `ondol run` does with a server that does not know yet.

use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::support::{ondol, seen};

/// A server that answers these, one after the other, and keeps the ids it was sent.
fn stub(answers: &[(u16, &str)]) -> (tokio::runtime::Runtime, String, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (ids, mut answers) = (
        Arc::clone(&seen),
        answers.iter().map(|(status, code)| (*status, (*code).to_owned())).collect::<Vec<_>>(),
    );
    answers.reverse();
    let answers = Arc::new(Mutex::new(answers));
    let handler = move |headers: HeaderMap, Json(body): Json<Value>| {
        let key = headers["idempotency-key"].to_str().expect("ASCII").to_owned();
        assert_eq!(body["id"], key.as_str(), "the id is the key");
        ids.lock().expect("unpoisoned").push(key.clone());
        let (status, code) =
            answers.lock().expect("unpoisoned").pop().expect("asked no more often than answered");
        let body =
            json!({ "id": key, "status": "running", "code": code, "title": "a title", "detail": "a detail" });
        std::future::ready((StatusCode::from_u16(status).expect("a status"), Json(body)))
    };
    let router = Router::new().route("/v1/sagas", post(handler));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("bound");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    drop(runtime.spawn(async move { axum::serve(listener, router).await }));
    (runtime, address, seen)
}

fn check(answers: &[(u16, &str)], code: i32, tries: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let (_runtime, server, ids) = stub(answers);
    let output = ondol(folder.path()).args(["run", "book", "--server", &server]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(code), "{answers:?}: {}", seen(&output));
    let ids = ids.lock().expect("unpoisoned");
    assert_eq!(ids.len(), tries, "{answers:?}");
    assert!(ids.iter().all(|id| *id == ids[0] && id.len() == 26), "one ULID for all tries: {ids:?}");
}

#[test]
fn whoever_answers_something_else_is_not_taken_for_a_server() {
    let router = Router::new().fallback(|| std::future::ready(Json(json!({ "ok": true }))));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("bound");
    let server = format!("http://{}", listener.local_addr().expect("an address"));
    drop(runtime.spawn(async move { axum::serve(listener, router).await }));
    let folder = tempfile::tempdir().expect("a folder");
    for args in
        [&["get", "a"][..], &["why", "a"], &["list"], &["events", "a"], &["batches"], &["cancel", "a"]]
    {
        let output = ondol(folder.path()).args(args).args(["--server", &server]).output().expect("it runs");
        let said = seen(&output);
        assert!(
            said.starts_with("exit: 9") && said.contains("which this program cannot read"),
            "{args:?}: {said}"
        );
    }
}

#[test]
fn only_what_may_end_otherwise_is_repeated_and_always_with_the_same_id() {
    check(&[(201, "")], 0, 1);
    check(&[(503, "outcome_unknown"), (429, "overloaded"), (200, "")], 0, 3);
    check(&[(503, "not_ready"), (409, "id_taken")], 4, 2);
    check(&[(404, "definition_not_found")], 3, 1);
    check(&[(507, "no_space")], 5, 1);
}
