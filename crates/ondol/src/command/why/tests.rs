//! What is said of sagas in every state, in both languages.
//!
//! The records are variations of one that a server answered (a snapshot of its own tests), so that no member has a name
//! here that it does not have there.

use serde_json::{Value, json};

use super::{render, tell};
use crate::args::Language;
use crate::command::saga::{Saga, Target};
use crate::output::time::Now;

/// A saga that a server answered: it was undone.
fn answered() -> Value {
    let snapshot =
        include_str!("../../../../ondol-server/tests/api/snapshots/api__submit__compensated_saga.snap");
    let (_, json) = snapshot.split_once("\n---\n").expect("a snapshot has a head");
    serde_json::from_str(json).expect("a saga")
}

/// Members that an answer has only where they say something.
const SOMETIMES: [&str; 7] =
    ["reason", "due_at", "trouble", "step", "service", "output_error", "turn_back_pending"];

/// One that was answered, with other values.
fn varied(mut answered: Value, changes: &Value) -> Value {
    let members = answered.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        let known = members.contains_key(name) || SOMETIMES.contains(&name.as_str());
        assert!(known, "a server answers no member `{name}` there");
        members.insert(name.clone(), value.clone());
    }
    answered
}

fn step(name: &str, status: &str, more: &Value) -> Value {
    let bare = json!({
        "name": name, "service": format!("{name}-service"), "status": status, "undoable": true, "attempts": [],
        "error": null,
    });
    varied(varied(answered()["steps"][0].clone(), &bare), more)
}

fn attempt(half: &str, outcome: &str, reason: Option<&str>) -> Value {
    let more = json!({ "half": half, "started_at": "2026-11-23T08:59:00.000Z", "outcome": outcome, "reason": reason });
    varied(answered()["steps"][0]["attempts"][0].clone(), &more)
}

fn failure(more: &Value) -> Value {
    varied(answered()["failures"][0].clone(), more)
}

fn record(status: &str, more: &Value) -> Value {
    let bare = json!({
        "id": "order-7", "definition": "book-flight", "version": 3, "status": status, "seq": 9,
        "input": { "seat": "12A", "price": 100.00 }, "created_at": "2026-11-23T08:58:00.000Z",
        "deadline_at": "2026-11-23T09:08:00.000Z", "ended_at": null, "failed": null, "failures": [], "allowed": [],
        "steps": [],
    });
    varied(varied(answered(), &bare), more)
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
        "notices": [
            { "number": 0, "news": "parked", "failures": 1, "state": "due", "due_at": "2026-11-23T09:00:05.000Z" },
            { "number": 1, "news": "completed", "failures": 9, "state": "undelivered" },
        ],
    });
    check("completed", record("completed", &more), &[]);
}

#[test]
fn one_that_was_undone() {
    let failure = failure(&json!({
        "step": "reserve", "service": "reserve-service", "half": "action", "code": "unclear",
        "reason": "503 Service Unavailable",
    }));
    let tries: Vec<_> =
        (0..5).map(|_| attempt("action", "unclear", Some("503 Service Unavailable"))).collect();
    let steps = [
        step("authenticate", "done", &json!({ "undoable": false })),
        step("hold", "undone", &json!({ "attempts": [attempt("action", "done", None)] })),
        step("reserve", "undone", &json!({ "attempts": tries })),
        step("pay", "waiting", &json!({ "pivot": true })),
    ];
    let more = json!({
        "steps": steps, "failed": failure, "failures": [failure], "ended_at": "2026-11-23T08:58:41.000Z",
    });
    check("compensated", record("compensated", &more), &[]);
    let steps = [step("hold", "done", &json!({})), step("pay", "no_effect", &json!({}))];
    check("compensating", record("compensating", &json!({ "steps": steps, "input": null })), &[]);
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
    let long = format!("409 Conflict: no such reservation, {}and no other", "nor that, ".repeat(12));
    let failure = failure(&json!({
        "step": "confirm", "service": "confirm-service", "half": "action", "code": "refused", "reason": long,
    }));
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
        removed: false,
        waiting: 1,
    };
    let removed = Target { name: "hold-service".to_owned(), removed: true, ..Target::default() };
    check("waiting", record("running", &json!({ "steps": steps })), &[]);
    check("waiting-for-service", record("running", &json!({ "steps": steps })), &[down]);
    check("waiting-for-removed", record("running", &json!({ "steps": steps })), &[removed]);
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
