//! What services sent, as a person asks for it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::support::seen;
use crate::world::World;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// Sends an export as an SDK does.
fn send(world: &World, path: &str, body: &serde_json::Value) {
    let address = world.otlp().expect("it takes OTLP");
    let body = body.to_string();
    let mut stream = TcpStream::connect(&address).expect("connected");
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("{}"), "{answer}");
}

#[expect(clippy::disallowed_methods, reason = "what is sent must be of now")]
fn now_ns() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    u64::try_from(now.as_nanos()).expect("before 2554")
}

fn resource(service: &str) -> serde_json::Value {
    json!({ "attributes": [{ "key": "service.name", "value": { "stringValue": service } }] })
}

fn failed_trace(world: &World) {
    let start = now_ns() - 1_000_000_000;
    let span = |id: &str, parent: &str, kind: u8, message: &str| {
        json!({
            "traceId": TRACE, "spanId": id, "parentSpanId": parent, "name": "POST /charges", "kind": kind,
            "startTimeUnixNano": start.to_string(), "endTimeUnixNano": (start + 40_000_000).to_string(),
            "status": { "code": 2, "message": message },
        })
    };
    let spans = |service: &str, spans: serde_json::Value| json!({ "resource": resource(service), "scopeSpans": [{ "spans": spans }] });
    let checkout = spans("checkout", json!([span("00000000000000a1", "", 3, "402")]));
    let payment =
        spans("payment", json!([span("00000000000000b1", "00000000000000a1", 2, "the card was declined")]));
    send(world, "/v1/traces", &json!({ "resourceSpans": [checkout, payment] }));
}

fn log(world: &World, level: u8, body: &str) {
    let line = json!({ "timeUnixNano": now_ns().to_string(), "severityNumber": level, "body": { "stringValue": body } });
    let logs = json!({ "resource": resource("payment"), "scopeLogs": [{ "logRecords": [line] }] });
    send(world, "/v1/logs", &json!({ "resourceLogs": [logs] }));
}

#[test]
fn traces_logs_and_the_map_are_asked_for() {
    let world = World::with_otlp();
    failed_trace(&world);
    log(&world, 9, "a charge begins");
    log(&world, 17, "the card was declined");
    let said = world.check(&["traces", "service:payment", "status:error", "--since", "5m"], 0);
    assert!(said.contains(TRACE) && said.contains("40.0 ms"), "{said}");
    let said = world.check(&["traces", "show", TRACE], 0);
    assert!(said.contains("◄ failing stage: the card was declined"), "{said}");
    assert_eq!(world.json(&["traces", "show", TRACE], 0)["analysis"]["failure"]["service"], "payment");
    let said = world.check(&["logs", "level:error", "--since", "5m"], 0);
    assert!(said.contains("ERROR payment the card was declined"), "{said}");
    assert!(!said.contains("a charge begins"), "{said}");
    assert_eq!(world.json(&["logs", "-n", "1"], 0)["logs"][0]["body"], "the card was declined");
    let said = world.check(&["map"], 0);
    assert!(said.contains("checkout → payment"), "{said}");
    let taken = world.otlp().expect("it takes OTLP");
    let table: &[(&str, &[&str], i32)] = &[
        ("nothing-matches", &["logs", "no-such-word"], 0),
        ("no-trace-matches", &["traces", "service:nobody"], 0),
        ("no-query", &["logs", "level:"], 2),
        ("hint", &["logs", "servise:payment"], 0),
        ("no-trace", &["traces", "show", "0af7651916cd43dd8448eb211c80319d"], 3),
        ("no-id", &["traces", "show", "7"], 2),
        ("bad-since", &["map", "--since", "soon"], 2),
        ("port-taken", &["serve", "--listen", "127.0.0.1:0", "--data", "other", "--otlp-http", &taken], 9),
    ];
    for (name, args, code) in table {
        let output = world.output(args);
        let said = seen(&output).replace(&world.address(), "SERVER").replace(&taken, "TAKEN");
        assert_eq!(output.status.code(), Some(*code), "{name}: {said}");
        insta::assert_snapshot!(
            format!("telemetry-{name}"),
            format!("$ ondol {}\n{said}", args.join(" ").replace(&taken, "TAKEN"))
        );
    }
}

#[test]
fn lines_are_followed_as_they_come() {
    let world = World::with_otlp();
    log(&world, 17, "the first");
    let mut child =
        world.command(&["logs", "level:error", "--follow"]).stdout(Stdio::piped()).spawn().expect("it runs");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut next = || lines.next().expect("a line").expect("UTF-8");
    assert!(next().contains("the first"));
    log(&world, 9, "no error");
    log(&world, 17, "the second");
    let second = next();
    assert!(second.contains("the second"), "{second}");
    child.kill().expect("killed");
    child.wait().expect("waited for");
}
