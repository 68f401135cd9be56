//! The client against a small server with the API's shape and a script of answers.

#![expect(clippy::unwrap_used, reason = "in a test program a panic is the report")]

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use ondol_sdk::client::{Client, Error, Status, Submit, Verb, VerbRequest};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;

/// What was asked: method, target, authorization, idempotency key, body.
type Asked = (String, String, Option<String>, Option<String>, Value);

/// Answers still to give, and what was asked so far.
#[derive(Default)]
struct Script {
    answers: Vec<(u16, Value)>,
    asked: Vec<Asked>,
}

async fn answer(State(script): State<Arc<Mutex<Script>>>, request: Request) -> impl IntoResponse {
    let (parts, body) = request.into_parts();
    let text = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let (authorization, key) = (text("authorization"), text("idempotency-key"));
    let (method, target) = (parts.method.to_string(), parts.uri.to_string());
    let body = axum::body::to_bytes(body, 1_000_000).await.unwrap();
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let mut script = script.lock().unwrap();
    script.asked.push((method, target, authorization, key, body));
    let (status, body) = script.answers.remove(0);
    (StatusCode::from_u16(status).unwrap(), body.to_string())
}

struct Fake {
    client: Client,
    script: Arc<Mutex<Script>>,
    _server: JoinSet<std::io::Result<()>>,
}

async fn fake(answers: &[(u16, Value)]) -> Fake {
    let script = Arc::new(Mutex::new(Script { answers: answers.to_vec(), asked: Vec::new() }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let client = client.with_token("t0").unwrap();
    let router = Router::new().fallback(answer).with_state(Arc::clone(&script));
    let mut server = JoinSet::new();
    server.spawn(async move { axum::serve(listener, router).await });
    Fake { client, script, _server: server }
}

fn saga(status: &str) -> Value {
    json!({ "id": "s1", "definition": "book-flight", "status": status, "seq": 7, "steps": [], "output": null,
            "failed": { "step": "pay", "service": "payment", "reason": "declined", "extra": 1 } })
}

fn unknown() -> Value {
    json!({ "code": "outcome_unknown", "detail": "the store was reopened", "type": "/codes/outcome_unknown" })
}

#[tokio::test]
async fn a_submit_repeats_with_its_minted_id() {
    let fake = fake(&[(503, unknown()), (429, json!({})), (200, saga("running"))]).await;
    let submitted = fake.client.submit(&Submit::new("book-flight", json!({ "seat": "12A" }))).await.unwrap();
    assert!(!submitted.created);
    assert_eq!(submitted.id.len(), 26, "a ULID");
    assert_eq!(submitted.saga.status, Status::Running);
    assert_eq!(submitted.saga.rest["definition"], "book-flight");
    let asked = std::mem::take(&mut fake.script.lock().unwrap().asked);
    assert_eq!(asked.len(), 3);
    for asked in asked {
        let body = json!({ "definition": "book-flight", "input": { "seat": "12A" }, "id": submitted.id });
        let authorization = Some("Bearer t0".to_owned());
        assert_eq!(
            asked,
            ("POST".to_owned(), "/v1/sagas".to_owned(), authorization, Some(submitted.id.clone()), body)
        );
    }
}

#[tokio::test]
async fn a_refused_submit_is_not_repeated() {
    let problem = json!({ "code": "definition_unknown", "detail": "no such definition", "type": "/codes/x" });
    let fake = fake(&[(404, problem)]).await;
    let error = fake.client.submit(&Submit::new("book", json!({}))).await.unwrap_err();
    assert_eq!(error.to_string(), "definition_unknown (404): no such definition (help: /codes/x)");
}

#[tokio::test]
async fn a_submit_is_unsettled_only_if_a_try_may_have_arrived() {
    let submit = Submit { id: Some("order-1".to_owned()), ..Submit::new("book-flight", json!({})) };
    // Bound and dropped: nobody listens there.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    tokio::time::pause();
    let away = Client::new(&format!("http://{address}")).unwrap();
    match away.submit(&submit).await.unwrap_err() {
        Error::Unreachable(why) => assert!(why.contains("refused"), "{why}"),
        other => panic!("{other}"),
    }
    // Somebody listens there and answers nothing: each try may have arrived.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = Client::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    match silent.submit(&submit).await.unwrap_err() {
        Error::Unsettled { id, source } => {
            assert_eq!(id, "order-1");
            assert!(matches!(*source, Error::Timeout), "{source}");
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn only_ids_are_sent_as_ids() {
    let fake = fake(&[]).await;
    let long = "x".repeat(129);
    for id in ["", ".", "..", "a/b", "a?dry_run=true", "a#b", "a b", "ä", &long] {
        let submit = Submit { id: Some(id.to_owned()), ..Submit::new("book-flight", json!({})) };
        assert!(matches!(fake.client.submit(&submit).await, Err(Error::Id(_))), "{id:?}");
        assert!(matches!(fake.client.get(id).await, Err(Error::Id(_))), "{id:?}");
        let verb = fake.client.verb(id, Verb::Cancel, &VerbRequest::default()).await;
        assert!(matches!(verb, Err(Error::Id(_))), "{id:?}");
    }
    assert!(fake.script.lock().unwrap().asked.is_empty(), "nothing was sent");
}

#[test]
fn a_token_stays_on_this_machine() {
    for (base, good) in [
        ("http://127.0.0.1:7070", true),
        ("http://localhost:7070", true),
        ("http://[::1]:7070", true),
        ("http://10.0.0.5:7070", false),
        ("http://ondol:7070", false),
    ] {
        assert_eq!(Client::new(base).unwrap().with_token("t0").is_ok(), good, "{base}");
    }
}

#[tokio::test]
async fn waiting_outlives_a_restart_and_ends_at_rest() {
    let fake = fake(&[(200, saga("running")), (503, unknown()), (200, saga("compensated"))]).await;
    let seen = fake.client.wait("s1", Duration::from_mins(1)).await.unwrap();
    assert_eq!((seen.status, seen.failed.unwrap().reason.as_str()), (Status::Compensated, "declined"));
}

#[tokio::test]
async fn verbs_carry_their_condition_and_report_refusals() {
    let refusal = json!({ "code": "stale", "title": "The saga has moved on" });
    let fake =
        fake(&[(202, json!({ "seq": 9 })), (412, refusal), (200, json!({ "events": [] })), (200, json!({}))])
            .await;
    let request = VerbRequest { note: "by hand".to_owned(), if_seq: Some(7), ..VerbRequest::default() };
    assert_eq!(fake.client.verb("s1", Verb::Cancel, &request).await.unwrap(), json!({ "seq": 9 }));
    match fake.client.verb("s1", Verb::Cancel, &request).await.unwrap_err() {
        Error::Problem { status, code, detail, .. } => {
            assert_eq!((status, code.as_str(), detail.as_str()), (412, "stale", "The saga has moved on"));
        }
        other => panic!("{other}"),
    }
    fake.client.verb("s1", Verb::Skip, &VerbRequest { dry_run: true, ..request }).await.unwrap();
    let resend = VerbRequest { notice: Some(2), ..VerbRequest::default() };
    fake.client.verb("s1", Verb::Resend, &resend).await.unwrap();
    let asked = std::mem::take(&mut fake.script.lock().unwrap().asked);
    let targets: Vec<&str> = asked.iter().map(|asked| asked.1.as_str()).collect();
    let cancel = "/v1/sagas/s1/cancel";
    assert_eq!(targets, [cancel, cancel, "/v1/sagas/s1/skip?dry_run=true", "/v1/sagas/s1/resend"]);
    assert_eq!(asked[3].4, json!({ "notice": 2 }));
    assert_eq!(asked[0].4, json!({ "note": "by hand", "if_seq": 7 }));
}

#[test]
fn only_plain_addresses_are_taken() {
    for (base, good) in [
        ("http://127.0.0.1:7070", true),
        ("http://ondol:7070/", true),
        ("https://127.0.0.1:7070", false),
        ("127.0.0.1:7070", false),
        ("http://127.0.0.1:7070/v1", false),
        ("", false),
    ] {
        assert_eq!(Client::new(base).is_ok(), good, "{base}");
    }
}
