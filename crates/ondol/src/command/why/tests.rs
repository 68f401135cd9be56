//! What is said of sagas in every state, in both languages. The records are what the API answers.

use serde_json::{Value, json};

use super::{render, tell};
use crate::args::Language;
use crate::command::saga::{Saga, Target};
use crate::output::time::Now;

fn step(name: &str, status: &str, more: &Value) -> Value {
    let mut step = json!({
        "name": name, "service": format!("{name}-service"), "status": status, "compensated": true, "attempts": [],
    });
    step.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    step
}

fn attempt(half: &str, outcome: &str, reason: Option<&str>) -> Value {
    json!({ "half": half, "started_at": "2026-11-23T08:59:00.000Z", "outcome": outcome, "reason": reason })
}

fn record(status: &str, more: &Value) -> Value {
    let mut saga = json!({
        "id": "order-7", "definition": "book-flight", "version": 3, "status": status, "seq": 9,
        "input": { "seat": "12A", "price": 100.00 }, "created_at": "2026-11-23T08:58:00.000Z",
        "deadline_at": "2026-11-23T09:08:00.000Z",
    });
    saga.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    saga
}

fn check(name: &str, record: Value, targets: &[Target]) {
    let saga: Saga = serde_json::from_value(record).expect("a record");
    let sections = tell::tell(&saga, targets, &Now::at("2026-11-23T09:00:00Z"));
    for (suffix, language) in [("en", Language::En), ("ko", Language::Ko)] {
        let said = anstream::adapter::strip_str(&render(&sections, language)).to_string();
        insta::assert_snapshot!(format!("{name}-{suffix}"), said);
    }
}

#[test]
fn one_that_completed() {
    let steps = [step("hold", "done", &json!({})), step("insure", "skipped", &json!({}))];
    let more = json!({
        "steps": steps, "output": { "reservation": "order-7" }, "ended_at": "2026-11-23T08:58:01.500Z",
        "notices": [{ "number": 0, "news": "completed", "failures": 9, "state": "undelivered" }],
    });
    check("completed", record("completed", &more), &[]);
}

#[test]
fn one_that_was_undone() {
    let failure = json!({
        "step": "reserve", "service": "reserve-service", "half": "action", "code": "unclear",
        "reason": "503 Service Unavailable",
    });
    let tries: Vec<_> =
        (0..5).map(|_| attempt("action", "unclear", Some("503 Service Unavailable"))).collect();
    let steps = [
        step("authenticate", "done", &json!({ "compensated": false })),
        step("hold", "undone", &json!({ "attempts": [attempt("action", "done", None)] })),
        step("reserve", "undone", &json!({ "attempts": tries })),
        step("pay", "waiting", &json!({ "pivot": true })),
    ];
    let more = json!({
        "steps": steps, "failed": failure, "failures": [failure], "ended_at": "2026-11-23T08:58:41.000Z",
    });
    check("compensated", record("compensated", &more), &[]);
}

#[test]
fn one_that_is_parked() {
    let progress = json!({ "half": "action", "attempt": 1, "mode": "stuck", "trouble": "refused" });
    let steps = [
        step("pay", "done", &json!({ "pivot": true })),
        step(
            "confirm",
            "acting",
            &json!({
                "progress": progress, "error": "409 Conflict: no such reservation",
                "attempts": [attempt("action", "refused", Some("409 Conflict: no such reservation"))],
            }),
        ),
    ];
    let on_half = |verb: &str, allowed: bool| json!({ "verb": verb, "step": "confirm", "half": "action", "allowed": allowed });
    let failure = json!({
        "step": "confirm", "service": "confirm-service", "half": "action", "code": "refused",
        "reason": "409 Conflict: no such reservation",
    });
    let more = json!({
        "steps": steps, "failures": [failure],
        "allowed": [
            { "verb": "cancel", "allowed": false, "reason": "the pivot took effect" },
            { "verb": "edit", "allowed": true },
            on_half("retry", true), on_half("complete", true), on_half("skip", false),
        ],
    });
    check("parked", record("parked", &more), &[]);
}

#[test]
fn one_that_waits() {
    let flying = json!({ "half": "action", "attempt": 2, "mode": "in_flight" });
    let later =
        json!({ "half": "action", "attempt": 1, "mode": "waiting", "due_at": "2026-11-23T09:00:07.000Z" });
    let steps = [
        step(
            "hold",
            "acting",
            &json!({
                "progress": flying, "attempts": [
                    attempt("action", "unclear", Some("no answer within 2 s")), attempt("action", "in_flight", None),
                ],
            }),
        ),
        step("pay", "acting", &json!({ "progress": later })),
    ];
    let down = Target {
        name: "hold-service".to_owned(),
        up: false,
        down_for_ms: Some(90_000),
        reason: Some("connection refused".to_owned()),
        waiting: 12,
    };
    check("waiting", record("running", &json!({ "steps": steps })), &[]);
    check("waiting-for-service", record("running", &json!({ "steps": steps })), &[down]);
}

#[test]
fn one_that_was_stopped_by_a_person() {
    let failures = json!([{ "half": "action", "code": "cancelled", "reason": "cancelled by a person" }]);
    let more = json!({
        "steps": [step("hold", "done", &json!({})), step("pay", "no_effect", &json!({}))], "paused": true,
        "failures": failures, "allowed": [{ "verb": "resume", "allowed": true }],
        "vouched": [{
            "step": "pay", "vouch": "no_effect", "note": "asked the bank", "at": "2026-11-23T08:59:30.000Z",
        }],
    });
    check("paused", record("compensating", &more), &[]);
    let late = json!({
        "deadline_at": "2026-11-23T08:59:45.000Z",
        "failures": [{ "half": "action", "code": "timeout", "reason": "the forward timeout passed" }],
        "turn_back_pending": "timeout", "next": { "what": "pay answers the action of pay" },
    });
    check("late", record("running", &late), &[]);
}
