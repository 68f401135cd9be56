//! The five services as processes: what each answers, what survives a death, and what the audit sees.

#![expect(clippy::unwrap_used, reason = "in a test program a panic is the report")]

mod harness;

use airline::audit::{Accepted, Outcome, Stores, audit};
use harness::{Answer, Service};
use serde_json::json;
use std::path::Path;

struct Airline {
    auth: Service,
    flight: Service,
    reservation: Service,
    payment: Service,
    inbox: Service,
    directory: tempfile::TempDir,
}

impl Airline {
    fn start(flags: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let start = |program: &'static str| Service::start(program, directory.path(), flags);
        let airline = Self {
            auth: start(env!("CARGO_BIN_EXE_auth")),
            flight: start(env!("CARGO_BIN_EXE_flight")),
            reservation: start(env!("CARGO_BIN_EXE_reservation")),
            payment: start(env!("CARGO_BIN_EXE_payment")),
            inbox: start(env!("CARGO_BIN_EXE_inbox")),
            directory,
        };
        assert_eq!(airline.flight.plain("PUT", "/flights/KE1", r#"{"seats":3,"price":100}"#).status, 200);
        assert_eq!(airline.payment.plain("PUT", "/accounts/user-07", r#"{"balance":250}"#).status, 200);
        airline
    }

    /// One half of a step of a booking of seat 1A, sent to its service.
    fn send(&self, saga: &str, step: &str, half: &str) -> Answer {
        let (service, call, body) = match (step, half) {
            ("authenticate", _) => {
                (&self.auth, "POST /sessions/verify".into(), json!({ "token": "user-07-token" }))
            }
            ("hold-seat", "action") => (&self.flight, "POST /flights/KE1/seats/1A/hold".into(), json!(null)),
            ("hold-seat", _) => (&self.flight, "POST /flights/KE1/seats/1A/release".into(), json!(null)),
            ("reserve", "action") => (
                &self.reservation,
                format!("PUT /reservations/{saga}"),
                json!({ "user": "user-07", "seat": "1A" }),
            ),
            ("reserve", _) => (&self.reservation, format!("DELETE /reservations/{saga}"), json!(null)),
            ("pay", _) => {
                let body = json!({ "amount": 100, "reference": saga, "user": "user-07" });
                (&self.payment, "POST /charges".into(), body)
            }
            ("confirm", _) => (&self.reservation, format!("POST /reservations/{saga}/confirm"), json!(null)),
            (step, half) => panic!("no step {step} {half}"),
        };
        let body = if body.is_null() { String::new() } else { body.to_string() };
        service.half(&format!("{saga}/{step}/{half}"), &call, &body).expect("an answer")
    }

    fn tell(&self, saga: &str, phase: &str, seq: u32) -> Answer {
        let notice = json!({
            "type": format!("saga.{phase}"), "saga": saga, "definition": "book-flight", "status": phase, "seq": seq,
            "input": { "token": "user-07-token", "flight": "KE1", "seat": "1A", "price": 100 }, "output": null,
            "failed": { "step": "pay", "service": "payment", "reason": "declined" }, "timestamp": "2026-01-01T00:00:00Z",
        });
        let id = format!("{saga}/{phase}/1");
        self.inbox.request("POST", "/outcomes", &[("webhook-id", &id)], &notice.to_string()).unwrap()
    }

    /// The violations, given what was accepted and how it had to end.
    fn audit(&self, accepted: &[(&str, Outcome)]) -> Vec<String> {
        let accepted: Vec<Accepted> = accepted
            .iter()
            .map(|&(saga, expected)| Accepted { saga: saga.to_owned(), expected: Some(expected) })
            .collect();
        audit(&Stores::in_directory(self.directory.path()), Some(&accepted)).unwrap().violations
    }
}

const FORWARD: [&str; 5] = ["authenticate", "hold-seat", "reserve", "pay", "confirm"];

#[test]
fn a_booking_completes_and_every_repeat_gets_the_same_answer() {
    let airline = Airline::start(&[]);
    let first: Vec<Answer> = FORWARD.iter().map(|step| airline.send("b1", step, "action")).collect();
    let second: Vec<Answer> = FORWARD.iter().map(|step| airline.send("b1", step, "action")).collect();
    assert_eq!(first, second);
    assert_eq!(first.iter().map(|answer| answer.status).collect::<Vec<_>>(), [200, 200, 201, 201, 200]);
    assert!(first.iter().all(|answer| !answer.effect_none));
    assert_eq!(first[0].body, json!({ "user": "user-07" }));
    assert_eq!(airline.audit(&[]), ["b1: the reservation is confirmed but its user was not told so"]);
    assert_eq!(airline.tell("b1", "completed", 9).body, json!({ "new": true }));
    assert_eq!(airline.tell("b1", "completed", 9).body, json!({ "new": false }));
    assert_eq!(airline.audit(&[("b1", Outcome::Completed)]), [""; 0]);
    let account = airline.payment.plain("GET", "/accounts/user-07", "").body;
    assert_eq!(account, json!({ "user": "user-07", "balance": 150, "charged": 100, "charges": 1 }));
}

#[test]
fn a_refusal_is_stored_and_a_booking_is_undone() {
    let airline = Airline::start(&[]);
    airline.payment.plain("PUT", "/accounts/user-07", r#"{"balance":99}"#);
    for step in ["authenticate", "hold-seat", "reserve"] {
        assert!(airline.send("b1", step, "action").status < 300);
    }
    let declined = airline.send("b1", "pay", "action");
    assert_eq!((declined.status, declined.code(), declined.effect_none), (402, "declined", true));
    airline.payment.plain("PUT", "/accounts/user-07", r#"{"balance":1000}"#);
    assert_eq!(
        airline.send("b1", "pay", "action"),
        declined,
        "the stored refusal, although the money is there now"
    );
    assert_eq!(airline.send("b1", "reserve", "compensation").body["status"], "cancelled");
    assert_eq!(airline.send("b1", "hold-seat", "compensation").body, json!({ "released": true }));
    airline.tell("b1", "compensated", 12);
    airline.tell("b1", "parked", 11);
    assert_eq!(airline.audit(&[("b1", Outcome::Compensated)]), [""; 0]);
    let messages = airline.inbox.plain("GET", "/messages?user=user-07", "").body;
    assert_eq!(
        messages["messages"][0]["en"],
        "Your booking b1 failed finally because declined. You hold no seat, and nothing was charged."
    );
    assert_eq!(airline.send("b2", "hold-seat", "action").status, 200, "the seat is free again");
}

#[test]
fn refusals_have_codes() {
    let airline = Airline::start(&[]);
    assert_eq!(airline.send("b1", "hold-seat", "action").status, 200);
    let half = |service: &Service, call: &str, body: &str| {
        let answer =
            service.half(&format!("b9/{}/action", call.replace([' ', '/'], "-")), call, body).unwrap();
        (answer.status, answer.code().to_owned(), answer.effect_none)
    };
    let stored = |status, code: &str| (status, code.to_owned(), true);
    let unstored = |status, code: &str| (status, code.to_owned(), false);
    let charge = |body: &str| half(&airline.payment, "POST /charges", body);
    assert_eq!(half(&airline.flight, "POST /flights/KE1/seats/1A/hold", ""), stored(409, "seat_taken"));
    assert_eq!(half(&airline.flight, "POST /flights/KE2/seats/1A/hold", ""), stored(404, "flight_unknown"));
    assert_eq!(
        half(&airline.reservation, "POST /reservations/x/confirm", ""),
        stored(404, "reservation_unknown")
    );
    assert_eq!(
        half(&airline.auth, "POST /sessions/verify", r#"{"token":"x"}"#),
        stored(401, "token_unknown")
    );
    assert_eq!(half(&airline.auth, "POST /sessions/verify", "{}"), unstored(400, "body_invalid"));
    assert_eq!(charge(r#"{"amount":1,"reference":"x"}"#), stored(404, "account_unknown"));
    assert_eq!(charge(r#"{"amount":2,"reference":"x"}"#), unstored(422, "key_reused"));
    let by_hand = airline.payment.plain("POST", "/charges", "{}");
    assert_eq!((by_hand.status, by_hand.code()), (400, "step_header_missing"));
    let headers = [("idempotency-key", "r/s/action"), ("ondol-saga-id", "s")];
    let unpaid = airline.payment.request("POST", "/charges", &headers, "{}").unwrap();
    assert_eq!((unpaid.status, unpaid.code()), (401, "unauthorized"));
    let long =
        airline.auth.half("r/s/action", "POST /sessions/verify", &" ".repeat(1024 * 1024 + 1)).unwrap();
    assert_eq!((long.status, long.code()), (413, "body_too_large"));
}

#[test]
fn a_late_action_after_its_compensation_has_no_effect() {
    let airline = Airline::start(&[]);
    for step in ["hold-seat", "reserve"] {
        assert_eq!(airline.send("b1", step, "compensation").status, 200, "nothing to undo");
        let late = airline.send("b1", step, "action");
        assert_eq!((late.status, late.code(), late.effect_none), (409, "compensated", true), "{step}");
        assert_eq!(airline.send("b1", step, "compensation").status, 200);
    }
    airline.tell("b1", "compensated", 9);
    assert_eq!(airline.audit(&[("b1", Outcome::Compensated)]), [""; 0]);
}

#[test]
fn without_the_barrier_the_audit_finds_what_went_wrong() {
    let airline = Airline::start(&["--barrier", "off"]);
    airline.send("b1", "hold-seat", "compensation");
    airline.send("b1", "hold-seat", "action");
    airline.tell("b1", "compensated", 9);
    airline.send("b2", "reserve", "action");
    airline.send("b2", "pay", "action");
    airline.send("b2", "pay", "action");
    airline.send("b2", "confirm", "action");
    airline.tell("b2", "completed", 9);
    airline.tell("b2", "completed", 9);
    assert_eq!(
        airline.audit(&[("b2", Outcome::Compensated), ("b3", Outcome::Completed)]),
        [
            "b2: the reservation is confirmed but its seat is not held by it",
            "b2: the reservation is confirmed but there is not exactly one charge for it",
            "b1: a seat is held but the reservation is not confirmed",
            "b2: more than one final outcome is in the inbox",
            "b3: the saga was accepted but its user was never told an outcome",
            "b2: the saga ended otherwise than it had to",
        ]
    );
}

fn one_service(program: &'static str, directory: &Path) -> Service {
    let service = Service::start(program, directory, &[]);
    assert_eq!(service.plain("PUT", "/flights/KE1", r#"{"seats":3,"price":100}"#).status, 200);
    service
}

const HOLD: &str = "POST /flights/KE1/seats/1A/hold";

#[test]
fn a_death_between_commit_and_answer_loses_only_the_answer() {
    let directory = tempfile::tempdir().unwrap();
    let mut flight = one_service(env!("CARGO_BIN_EXE_flight"), directory.path());
    let rule = r#"{"rule":[{"path_contains":"/hold","half":"action","kind":"die_after_commit","times":1}]}"#;
    assert_eq!(flight.plain("PUT", "/faults", rule).status, 204);
    assert_eq!(flight.half("b1/hold-seat/action", HOLD, ""), None);
    flight.restart_after_death();
    let held = flight.plain("GET", "/flights/KE1", "").body;
    assert_eq!(held["holds"], json!([{ "seat": "1A", "saga": "b1" }]), "the seat was held before the death");
    let repeat = flight.half("b1/hold-seat/action", HOLD, "").unwrap();
    assert_eq!((repeat.status, &repeat.body["seat"]), (200, &json!("1A")));
    assert_eq!(flight.plain("GET", "/flights/KE1", "").body, held);
}

#[test]
fn faults_do_what_they_say_and_count() {
    let directory = tempfile::tempdir().unwrap();
    let mut flight = one_service(env!("CARGO_BIN_EXE_flight"), directory.path());
    let rules = json!({ "rule": [
        { "saga_contains": "lost", "kind": "lose" },
        { "saga_contains": "dropped", "kind": "drop_answer", "times": 1 },
        { "saga_contains": "busy", "kind": { "refuse": { "status": 503 } }, "times": 1 },
        { "saga_contains": "twice", "kind": { "duplicate": { "ms": 0 } } },
    ] });
    assert_eq!(flight.plain("PUT", "/faults", &rules.to_string()).status, 204);
    let hold = |saga: &str, seat: &str| {
        let call = format!("POST /flights/KE1/seats/{seat}/hold");
        flight.half(&format!("{saga}/hold-seat/action"), &call, "").map(|answer| answer.status)
    };
    assert_eq!(hold("lost", "1A"), None);
    assert_eq!(hold("busy", "1A"), Some(503));
    assert_eq!(hold("busy", "1A"), Some(200), "neither of the two before had an effect");
    assert_eq!(hold("dropped", "2A"), None);
    assert_eq!(hold("other", "2A"), Some(409), "the dropped answer's effect stands");
    assert_eq!(hold("dropped", "2A"), Some(200));
    assert_eq!(hold("twice", "3A"), Some(200));
    assert_eq!(flight.plain("GET", "/flights/KE1", "").body["held"], 3);
    let shown = flight.plain("GET", "/faults", "").body;
    let fired: Vec<_> = shown["rule"].as_array().unwrap().iter().map(|rule| rule["fired"].clone()).collect();
    assert_eq!(fired, [1, 1, 1, 1]);
    assert_eq!(flight.plain("DELETE", "/faults", "").status, 204);
    assert_eq!(flight.plain("PUT", "/faults", r#"{"rule":[{"knd":"lose"}]}"#).status, 422);
    assert!(flight.terminate());
}

#[test]
fn faults_by_chance_spare_requests_by_hand() {
    let directory = tempfile::tempdir().unwrap();
    let flags = ["--fault-lose", "1", "--fault-seed", "7"];
    let flight = Service::start(env!("CARGO_BIN_EXE_flight"), directory.path(), &flags);
    assert_eq!(flight.plain("PUT", "/flights/KE1", r#"{"seats":3,"price":100}"#).status, 200);
    assert_eq!(flight.half("b1/hold-seat/action", HOLD, ""), None);
}

#[test]
fn two_processes_share_one_barrier() {
    let directory = tempfile::tempdir().unwrap();
    let first = one_service(env!("CARGO_BIN_EXE_flight"), directory.path());
    let second = first.sibling();
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let send =
            |service| scope.spawn(move || Service::half(service, "b1/hold-seat/action", HOLD, "").unwrap());
        let threads: Vec<_> = [&first, &second].into_iter().cycle().take(8).map(send).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| answer == &answers[0] && answer.status == 200), "{answers:?}");
    let released =
        second.half("b1/hold-seat/compensation", "POST /flights/KE1/seats/1A/release", "").unwrap();
    assert_eq!(released.body, json!({ "released": true }));
    assert_eq!(first.plain("GET", "/flights/KE1", "").body["held"], 0);
}

#[test]
fn a_compensation_overtakes_a_slow_action() {
    let directory = tempfile::tempdir().unwrap();
    let flight = one_service(env!("CARGO_BIN_EXE_flight"), directory.path());
    let rule = r#"{"rule":[{"saga_contains":"b1","kind":{"slow":{"ms":1000}}}]}"#;
    flight.plain("PUT", "/faults", rule);
    // The compensation overtakes the action that is still being slow.
    let (action, compensation) = std::thread::scope(|scope| {
        let action = scope.spawn(|| flight.half("b1/hold-seat/action", HOLD, "").unwrap());
        while flight.plain("GET", "/faults", "").body["rule"][0]["fired"] != 1 {
            std::thread::yield_now();
        }
        flight.plain("DELETE", "/faults", "");
        let release = "POST /flights/KE1/seats/1A/release";
        let compensation = flight.half("b1/hold-seat/compensation", release, "").unwrap();
        (action.join().unwrap(), compensation)
    });
    assert_eq!((compensation.status, action.status, action.code()), (200, 409, "compensated"));
}

#[test]
fn notices_are_verified_when_a_secret_is_set() {
    let directory = tempfile::tempdir().unwrap();
    let flags = ["--webhook-secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"];
    let inbox = Service::start(env!("CARGO_BIN_EXE_inbox"), directory.path(), &flags);
    let headers = [("webhook-id", "x"), ("webhook-timestamp", "1"), ("webhook-signature", "v1,AAAA")];
    let forged = inbox.request("POST", "/outcomes", &headers, "{}").unwrap();
    assert_eq!((forged.status, forged.code()), (401, "notice_unbelieved"));
}
