//! What was sent by OTLP, found again.

use std::time::Duration;

use serde_json::{Value, json};

use crate::otlp::{post, server};
use crate::support::{Server, Stream};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const HEALTHY: &str = "1af7651916cd43dd8448eb211c80319c";

const MS: u64 = 1_000_000;

/// A minute ago: neither old nor of the future.
fn lately() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap() - 60_000 * MS
}

fn text(name: &str, value: &str) -> Value {
    json!({ "key": name, "value": { "stringValue": value } })
}

fn resource(service: &str) -> Value {
    json!({ "attributes": [text("service.name", service), text("service.instance.id", "i1")] })
}

/// A checkout that calls a payment, which fails or not.
async fn trace(server: &Server, id: &str, start: u64, fails: bool) {
    let span = |span: &str, parent: &str, name: &str, kind: u8, from_ms: u64, ms: u64| {
        let (from, status) = (start + from_ms * MS, if fails { 2 } else { 0 });
        json!({
            "traceId": id, "spanId": span, "parentSpanId": parent, "name": name, "kind": kind,
            "startTimeUnixNano": from.to_string(), "endTimeUnixNano": (from + ms * MS).to_string(),
            "status": { "code": status, "message": if fails { "card declined" } else { "" } },
        })
    };
    let checkout = [
        span("00000000000000a1", "", "POST /orders", 2, 0, 100),
        span("00000000000000a2", "00000000000000a1", "POST /charges", 3, 10, 80),
    ];
    let payment = [span("00000000000000b1", "00000000000000a2", "POST /charges", 2, 20, 60)];
    let body = json!({ "resourceSpans": [
        { "resource": resource("checkout"), "scopeSpans": [{ "spans": checkout }] },
        { "resource": resource("payment"), "scopeSpans": [{ "spans": payment }] },
    ] });
    let reply = post(server, "/v1/traces", &[("content-type", "application/json")], body.to_string()).await;
    assert_eq!((reply.status, reply.json()), (200, json!({})));
}

/// Lines of payment, a millisecond apart; every tenth is an error.
async fn logs(server: &Server, start: u64, count: u64) {
    let line = |at: u64| {
        json!({
            "timeUnixNano": (start + at * MS).to_string(), "severityNumber": if at % 10 == 9 { 17 } else { 9 },
            "body": { "stringValue": if at % 10 == 9 { format!("card {at} declined") } else { format!("charged order {at}") } },
            "traceId": TRACE, "attributes": [{ "key": "order", "value": { "intValue": at } }],
        })
    };
    let lines: Vec<Value> = (0..count).map(line).collect();
    let body = json!({ "resourceLogs": [{ "resource": resource("payment"), "scopeLogs": [{ "logRecords": lines }] }] });
    let reply = post(server, "/v1/logs", &[("content-type", "application/json")], body.to_string()).await;
    assert_eq!((reply.status, reply.json()), (200, json!({})));
}

#[tokio::test]
async fn a_trace_is_found_explained_and_compared() {
    let server = server().await;
    let start = lately();
    trace(&server, HEALTHY, start - 1_000 * MS, false).await;
    trace(&server, TRACE, start, true).await;
    let list = server.get("/v1/telemetry/traces?q=service:payment+status:error").await.json();
    assert_eq!(list["traces"].as_array().map(Vec::len), Some(1), "{list}");
    let row = &list["traces"][0];
    assert_eq!(
        (&row["trace_id"], &row["service"], &row["spans"], &row["errors"]),
        (&json!(TRACE), &json!("checkout"), &json!(3), &json!(3))
    );
    assert_eq!(row["start_ns"], start.to_string(), "to the nanosecond");
    let first = server.get("/v1/telemetry/traces?limit=1").await.json();
    let cursor = first["next_cursor"].as_str().expect("there is another");
    let second = server.get(&format!("/v1/telemetry/traces?limit=1&cursor={cursor}")).await.json();
    assert_eq!(
        (&first["traces"][0]["trace_id"], &second["traces"][0]["trace_id"]),
        (&json!(TRACE), &json!(HEALTHY))
    );
    let whole = server.get(&format!("/v1/telemetry/traces/{TRACE}")).await.json();
    assert_eq!(whole["spans"].as_array().map(Vec::len), Some(3));
    let failure = &whole["analysis"]["failure"];
    assert_eq!(
        (&failure["service"], &whole["analysis"]["verdict"]),
        (&json!("payment"), &json!("failed")),
        "{whole}"
    );
    assert!(whole["analysis"]["root"]["start_ns"].is_string(), "{whole}");
    let compared = server.get(&format!("/v1/telemetry/traces/{TRACE}/comparison")).await.json();
    assert_eq!(compared["healthy"], json!([HEALTHY]), "{compared}");
    assert!(compared["differences"].as_array().is_some_and(|all| !all.is_empty()), "{compared}");
    let map = server.get("/v1/telemetry/map").await.json();
    let call = &map["calls"][0];
    assert_eq!(
        (&call["from"], &call["to"], &call["requests"], &call["errors"]),
        (&json!("checkout"), &json!("payment"), &json!(2), &json!(1)),
        "{map}"
    );
    // Sent again, as after an answer that was lost.
    trace(&server, TRACE, start, true).await;
    let ledger = server.get("/v1/telemetry/ledger").await.json();
    let payment = ledger["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["service"] == "payment")
        .unwrap()
        .clone();
    assert_eq!(
        (&payment["received"], &payment["stored"], &payment["duplicates"]),
        (&json!(3), &json!(2), &json!(1)),
        "{ledger}"
    );
    let metrics = server.get("/metrics").await.text;
    assert!(metrics.contains("ondol_telemetry_duplicates_total{signal=\"traces\"} 3\n"), "{metrics}");
    server.stop().await;
}

#[tokio::test]
async fn logs_are_found_counted_and_followed() {
    let server = server().await;
    let start = lately();
    let mut stream = Stream::open(&server, "/v1/telemetry/logs/tail?q=level:error", None).await;
    logs(&server, start, 100).await;
    let (id, first) = stream.next().await.expect("a record");
    assert_eq!(
        (&*id, &first["log"]["body"], &first["log"]["level"]),
        ("1", &json!("card 9 declined"), &json!("error"))
    );
    let found = server.get("/v1/telemetry/logs?q=service:payment+declined&limit=3&count=true").await.json();
    assert_eq!(
        (&found["matched"], &found["exact"], &found["logs"][0]["body"]),
        (&json!(10), &json!(true), &json!("card 99 declined")),
        "{found}"
    );
    assert_eq!(found["logs"][0]["time_ns"], (start + 99 * MS).to_string());
    let histogram = server.get("/v1/telemetry/logs/histogram?from=-5m&step=1m").await.json();
    let sum = |level: &str| {
        histogram["counts"].as_array().unwrap().iter().map(|step| step[level].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!((sum("info"), sum("error")), (90, 10), "{histogram}");
    let at = start + 50 * MS;
    let context = server
        .get(&format!("/v1/telemetry/logs/context?service=payment&instance=i1&at={at}&lines=2"))
        .await
        .json();
    let bodies = |side: &str| {
        context[side]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line["body"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(context["line"]["body"], "charged order 50");
    assert_eq!(
        (bodies("before"), bodies("after")),
        (
            vec!["charged order 48".to_owned(), "card 49 declined".to_owned()],
            vec!["charged order 51".to_owned(), "charged order 52".to_owned()]
        )
    );
    let templates = server.get("/v1/telemetry/logs/templates?from=-5m").await.json();
    let told = |at: usize| {
        let one = &templates["templates"][at];
        (one["text"].clone(), one["count"].clone(), one["new"].clone())
    };
    assert_eq!(told(0), (json!("charged order <*>"), json!(90), json!(true)), "{templates}");
    assert_eq!(told(1).1, json!(10), "{templates}");
    let status = server.get("/v1/telemetry/status").await.json();
    assert_eq!(
        (&status["signals"][1]["signal"], &status["signals"][1]["records"]),
        (&json!("logs"), &json!(100)),
        "{status}"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_question_that_cannot_be_answered_says_why() {
    let server = server().await;
    #[rustfmt::skip]
    let table = [
        ("/v1/telemetry/logs?q=level:",                       400, "query_syntax"),
        ("/v1/telemetry/logs/tail?q=(",                       400, "query_syntax"),
        ("/v1/telemetry/logs?limit=0",                        400, "bad_request"),
        ("/v1/telemetry/logs?from=soon",                      400, "bad_request"),
        ("/v1/telemetry/logs?from=-1m&to=-2m",                400, "bad_request"),
        ("/v1/telemetry/logs?query=x",                        400, "bad_request"),
        ("/v1/telemetry/logs/histogram?from=-7d&step=1s",     400, "bad_request"),
        ("/v1/telemetry/logs/context?service=a",              400, "bad_request"),
        ("/v1/telemetry/traces?cursor=x",                     400, "bad_request"),
        ("/v1/telemetry/traces/7",                            400, "bad_request"),
        ("/v1/telemetry/traces/0af7651916cd43dd8448eb211c80319d", 404, "trace_not_found"),
    ];
    for (path, status, code) in table {
        let reply = server.get(path).await;
        assert_eq!((reply.status, &*reply.code()), (status, code), "{path}: {}", reply.text);
    }
    let problem = server.get("/v1/telemetry/logs?q=level:").await.json();
    assert!(problem["fix"].is_string() && problem["column"].is_u64(), "{problem}");
    server.stop().await;
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let server = server().await;
    let start = lately();
    trace(&server, TRACE, start, true).await;
    let server = Server::again(server, |_| {}).await;
    let whole = server.get(&format!("/v1/telemetry/traces/{TRACE}")).await.json();
    assert_eq!(whole["spans"].as_array().map(Vec::len), Some(3), "{whole}");
    server.stop().await;
}

#[tokio::test]
async fn spans_of_a_saga_that_come_again_are_shown_once() {
    const OF_SAGA: &str = "/v1/telemetry/traces?q=service:ondol";
    let server = server().await;
    assert_eq!(server.run("a", "buy").await.json()["status"], "completed");
    let whole = |list: &Value| list["traces"][0]["spans"].as_u64() >= Some(3);
    let list = server.until(OF_SAGA, whole).await;
    let trace = format!("/v1/telemetry/traces/{}", list["traces"][0]["trace_id"].as_str().unwrap());
    let before = server.get(&trace).await.json();
    // As after a crash that lost the cursor: what was sighted of the attempts is gone, and the journal has milliseconds.
    let server = Server::again(server, |options| {
        options.otlp_grpc = "127.0.0.1:0".parse().unwrap();
        options.otlp_http = "127.0.0.1:0".parse().unwrap();
        std::fs::remove_file(options.data.join("spans.cursor")).unwrap();
    })
    .await;
    let again = before["spans"].as_array().unwrap().len();
    let line = format!("ondol_telemetry_duplicates_total{{signal=\"traces\"}} {again}\n");
    let known = async {
        while !server.get("/metrics").await.text.contains(&line) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), known).await.expect("all of them are known");
    assert_eq!(server.get(&trace).await.json(), before);
    server.stop().await;
}
