//! Stories in both languages, as people see them.

use ondol_telemetry::model::{Attributes, Log, Source, TraceId};
use ondol_telemetry::trace::Tree;
use ondol_telemetry::why::{
    Allowed, Attempt, Case, Cause, Coming, Doubt, Failed, Half, Language, Missing, Next, Outcome, Saga,
    Stage, Status, Step, StepState, Story, Undo, Verb, render, tell,
};

use crate::picture::{at_ms, id, spans};

/// Both renderings as a snapshot; the story itself for what else is to be checked.
fn check(name: &str, case: &Case) -> Story {
    let [english, korean] = [Language::En, Language::Ko].map(|language| tell(case, language));
    insta::assert_snapshot!(name, format!("{}\n----\n\n{}", render(&english), render(&korean)));
    serde_json::to_string(&english).expect("a story is JSON");
    assert_eq!(
        english.failing.as_ref().map(|failing| failing.stage),
        korean.failing.map(|failing| failing.stage)
    );
    english
}

fn stage(story: &Story) -> Option<(Stage, &str, Option<&str>)> {
    let failing = story.failing.as_ref()?;
    Some((failing.stage, failing.service.as_str(), failing.step.as_deref()))
}

fn attempt(number: u32, times: (u64, u64), outcome: Outcome) -> Attempt {
    let ended_ns = (outcome != Outcome::InFlight).then(|| at_ms(times.1));
    Attempt { half: Half::Action, number, started_ns: at_ms(times.0), ended_ns, outcome }
}

fn undoing(number: u32, times: (u64, u64), outcome: Outcome) -> Attempt {
    Attempt { half: Half::Compensation, ..attempt(number, times, outcome) }
}

const DONE: Outcome = Outcome::Done { replayed: false };

fn refused(status: u16, reason: &str) -> Outcome {
    Outcome::Refused { status: Some(status), reason: reason.to_owned() }
}

fn unclear(doubt: Doubt, reason: &str) -> Outcome {
    Outcome::Unclear { doubt, reason: reason.to_owned() }
}

fn not_sent(reason: &str) -> Outcome {
    Outcome::NotSent { reason: reason.to_owned() }
}

fn step(name: &str, service: &str, (state, undo): (StepState, Undo), attempts: Vec<Attempt>) -> Step {
    Step { name: name.to_owned(), service: service.to_owned(), state, undo, attempts }
}

fn failed(step: &str, service: &str, cause: Cause, reason: &str) -> Failed {
    let (step, service) = (Some(step.to_owned()), Some(service.to_owned()));
    Failed { step, service, half: Half::Action, cause, reason: reason.to_owned() }
}

fn saga(status: Status, ended_ms: Option<u64>, steps: Vec<Step>, failed: Option<Failed>) -> Saga {
    Saga {
        id: "b-1".to_owned(),
        definition: "book-flight".to_owned(),
        status,
        input: r#"{"flight":"KE1","seat":"12B","card":"4242"}"#.to_owned(),
        asked_ns: at_ms(0),
        ended_ns: ended_ms.map(at_ms),
        steps,
        failed,
        next: None,
        allowed: Vec::new(),
    }
}

fn case(saga: Option<Saga>, picture: &str, logs: Vec<Log>) -> Case {
    let trace = (!picture.is_empty()).then(|| Tree::of(&spans(picture)));
    let (id, now_ns, missing) = ("b-1".to_owned(), at_ms(10_000), Missing::default());
    Case { id, now_ns, saga, trace, logs, missing }
}

fn log(at: u64, service: &str, severity: u8, span: Option<u64>, body: &str) -> Log {
    Log {
        time_ns: at_ms(at),
        trace_id: span.map(|_| TraceId([7; 16])),
        span_id: span.map(id),
        severity,
        source: Source { service: service.to_owned(), ..Source::default() },
        scope: String::new(),
        body: body.to_owned(),
        attributes: Attributes::default(),
    }
}

const HELD: (StepState, Undo) = (StepState::Done, Undo::Stands);
const UNDONE: (StepState, Undo) = (StepState::Done, Undo::Done);
const NOT_BEGUN: (StepState, Undo) = (StepState::NotBegun, Undo::Stands);
const NO_EFFECT: (StepState, Undo) = (StepState::NoEffect, Undo::Stands);

fn held() -> Step {
    step("hold-seat", "flight", UNDONE, vec![attempt(1, (10, 40), DONE), undoing(1, (200, 230), DONE)])
}

#[test]
fn a_declined_payment() {
    let reason = "payment answered 402 Payment Required: the card was declined";
    let pay = step("pay", "payment", NO_EFFECT, vec![attempt(1, (50, 190), refused(402, reason))]);
    let confirm = step("confirm", "reservation", NOT_BEGUN, vec![]);
    let failed = failed("pay", "payment", Cause::Refused, reason);
    let saga = saga(Status::Compensated, Some(240), vec![held(), pay, confirm], Some(failed));
    let picture = "
        1 | ondol | saga book-flight | internal | 0..240 | error: pay refused
          2 | ondol | pay | internal | 50..190 | error; ondol.step=pay; ondol.half=action
            3 | ondol | POST /charges | client | 50..190 | error; http.response.status_code=402; ondol.step=pay; ondol.half=action; ondol.attempt=1
              4 | payment | POST /charges | server | 60..180 | http.response.status_code=402";
    let mut logs = vec![
        log(70, "payment", 9, Some(4), "charging 300.00 EUR to card 4242"),
        log(170, "payment", 13, Some(4), "card declined: insufficient funds"),
        log(175, "inbox", 17, None, "smtp: connection refused"),
        log(30, "flight", 9, Some(9), "seat 12B held for b-1"),
    ];
    logs.extend((0..50).map(|at| log(at, "payment", 5, None, &format!("poll {at} done"))));
    let story = check("declined", &case(Some(saga), picture, logs));
    assert_eq!(stage(&story), Some((Stage::CalleeRefused, "payment", Some("pay"))));
}

#[test]
fn a_seat_that_is_sold() {
    let reason = "flight answered 409 Conflict: seat 12B is taken";
    let hold = step("hold-seat", "flight", NO_EFFECT, vec![attempt(1, (10, 40), refused(409, reason))]);
    let pay = step("pay", "payment", NOT_BEGUN, vec![]);
    let failed = failed("hold-seat", "flight", Cause::Refused, reason);
    let saga = saga(Status::Compensated, Some(45), vec![hold, pay], Some(failed));
    // Without a trace the journal tells it, too.
    let story = check("seat-sold", &case(Some(saga), "", vec![]));
    assert_eq!(stage(&story), Some((Stage::CalleeRefused, "flight", Some("hold-seat"))));
}

#[test]
fn a_service_that_was_killed_and_came_back() {
    let tries = vec![
        attempt(1, (10, 40), unclear(Doubt::Reset, "flight at 10.0.0.7:80: the connection failed")),
        attempt(2, (140, 141), not_sent("connection refused")),
        attempt(3, (341, 342), not_sent("connection refused")),
        attempt(4, (742, 760), DONE),
    ];
    let hold = step("hold-seat", "flight", HELD, tries);
    let pay = step("pay", "payment", HELD, vec![attempt(1, (770, 800), DONE)]);
    let saga = saga(Status::Completed, Some(800), vec![hold, pay], None);
    let story = check("killed-and-back", &case(Some(saga), "", vec![]));
    assert_eq!(stage(&story), None);
    assert!(story.retried[0].ok);
}

/// The callee did its work, and its answer did not arrive: attempt 1 in doubt, attempt 2 a repetition of what was done.
fn answer_lost(replayed: bool, picture: &str) -> Case {
    let tries = vec![
        attempt(1, (50, 2050), unclear(Doubt::Timeout, "payment at 10.0.0.8:80: no answer within 2000 ms")),
        attempt(2, (2150, 2170), Outcome::Done { replayed }),
    ];
    let pay = step("pay", "payment", HELD, tries);
    let hold = step("hold-seat", "flight", HELD, vec![attempt(1, (10, 40), DONE)]);
    case(Some(saga(Status::Completed, Some(2180), vec![hold, pay], None)), picture, vec![])
}

const LOST: &str = "
    1 | ondol | saga book-flight | internal | 0..2180
      2 | ondol | POST /charges | client | 50..2050 | error: no answer within 2000 ms; ondol.step=pay; ondol.half=action; ondol.attempt=1
        3 | payment | POST /charges | server | 60..90 | http.response.status_code=200
      4 | ondol | POST /charges | client | 2150..2170 | ondol.step=pay; ondol.half=action; ondol.attempt=2";

#[test]
fn a_service_that_committed_and_died_before_it_answered() {
    // The barrier's repetition says it, where the span died with the process.
    let story = check("committed-then-died", &answer_lost(true, ""));
    assert_eq!(story.retried[0].stage, Some(Stage::AnswerLost));
    // The callee's span says it.
    let story = check("answer-lost", &answer_lost(false, LOST));
    assert_eq!(story.retried[0].stage, Some(Stage::AnswerLost));
}

#[test]
fn the_answer_was_lost_until_the_attempts_were_used_up() {
    let reason = "payment at 10.0.0.8:80: no answer within 2000 ms";
    let pay = step(
        "pay",
        "payment",
        (StepState::Unclear, Undo::Done),
        vec![attempt(1, (50, 2050), unclear(Doubt::Timeout, reason)), undoing(1, (2100, 2130), DONE)],
    );
    let failed = failed("pay", "payment", Cause::Unclear, reason);
    let saga = saga(Status::Compensated, Some(2300), vec![held(), pay], Some(failed));
    let story = check("answer-lost-in-vain", &case(Some(saga), LOST, vec![]));
    assert_eq!(stage(&story), Some((Stage::AnswerLost, "payment", Some("pay"))));
}

#[test]
fn a_service_that_is_never_reached() {
    let tries = vec![
        attempt(1, (50, 51), not_sent("connection refused")),
        attempt(2, (151, 152), not_sent("connection refused")),
        attempt(3, (9000, 9001), not_sent("connection refused")),
    ];
    let acting = step("pay", "payment", (StepState::Acting, Undo::Stands), tries.clone());
    let hold = step("hold-seat", "flight", HELD, vec![attempt(1, (10, 40), DONE)]);
    let mut running = saga(Status::Running, None, vec![hold, acting], None);
    running.next = Some(Next {
        at_ns: Some(at_ms(12_000)),
        what: Coming::Again { step: "payment".to_owned(), half: Half::Action },
    });
    let mut running = case(Some(running), "", vec![]);
    running.missing.silent = vec!["payment".to_owned()];
    let story = check("waiting-for-service", &running);
    assert_eq!(stage(&story), Some((Stage::NeverArrived, "payment", Some("pay"))));

    let pay = step("pay", "payment", NO_EFFECT, tries);
    let failed = failed("pay", "payment", Cause::Unclear, "connection refused");
    let saga = saga(Status::Compensated, Some(9500), vec![held(), pay], Some(failed));
    let story = check("never-reached", &case(Some(saga), "", vec![]));
    assert_eq!(stage(&story), Some((Stage::NeverArrived, "payment", Some("pay"))));
}

#[test]
fn a_service_that_is_slow() {
    let reason = "payment at 10.0.0.8:80: no answer within 2000 ms";
    let pay = step(
        "pay",
        "payment",
        (StepState::Unclear, Undo::Pending),
        vec![attempt(1, (50, 2050), unclear(Doubt::Timeout, reason))],
    );
    let failed = failed("pay", "payment", Cause::Unclear, reason);
    let saga = saga(Status::Compensating, None, vec![held(), pay], Some(failed));
    let picture = "
        1 | ondol | POST /charges | client | 50..2050 | error: no answer within 2000 ms; ondol.step=pay; ondol.half=action; ondol.attempt=1; ^9
          2 | payment | POST /charges | server | 60..5060 | http.response.status_code=200
            3 | payment | SELECT charges | client | 70..5050 | db.system=postgresql";
    let story = check("slow", &case(Some(saga), picture, vec![]));
    assert_eq!(stage(&story), Some((Stage::SlowCallee, "payment", Some("pay"))));
}

#[test]
fn one_that_is_parked() {
    let reason = "reservation answered 500 Internal Server Error: NullPointer";
    let tries = vec![
        attempt(1, (200, 210), unclear(Doubt::Status(500), reason)),
        attempt(2, (400, 410), unclear(Doubt::Status(500), reason)),
    ];
    let hold = step("hold-seat", "flight", HELD, vec![attempt(1, (10, 40), DONE)]);
    let confirm = step("confirm", "reservation", (StepState::Stuck, Undo::Stands), tries);
    let mut saga = saga(Status::Parked, None, vec![hold, confirm], None);
    let about = |verb: Verb| Allowed { verb, step: Some("confirm".to_owned()), half: Some(Half::Action) };
    let whole = |verb: Verb| Allowed { verb, step: None, half: None };
    saga.allowed = vec![
        about(Verb::Retry),
        about(Verb::Complete),
        about(Verb::Skip),
        whole(Verb::Pause),
        whole(Verb::Edit),
    ];
    let picture = "
        1 | ondol | POST /confirm | client | 400..410 | error; http.response.status_code=500; ondol.step=confirm; ondol.half=action; ondol.attempt=2
          2 | reservation | POST /confirm | server | 401..409 | http.response.status_code=500
            3 | reservation | INSERT | client | 402..403 | db.system=postgresql; error: deadlock detected";
    let story = check("parked", &case(Some(saga), picture, vec![]));
    assert_eq!(stage(&story), Some((Stage::CalleeFailed, "reservation", Some("confirm"))));
}

#[test]
fn undoing_that_needs_a_person() {
    let refund = undoing(1, (300, 320), refused(404, "payment answered 404 Not Found: no such charge"));
    let pay =
        step("pay", "payment", (StepState::Done, Undo::Stuck), vec![attempt(1, (50, 80), DONE), refund]);
    let failed =
        failed("confirm", "reservation", Cause::Refused, "reservation answered 409 Conflict: closed");
    let mut saga = saga(Status::Parked, None, vec![pay], Some(failed));
    let verb = Verb::Retry;
    saga.allowed = vec![Allowed { verb, step: Some("pay".to_owned()), half: Some(Half::Compensation) }];
    let story = check("undoing-parked", &case(Some(saga), "", vec![]));
    assert_eq!(stage(&story), Some((Stage::CalleeRefused, "payment", Some("pay"))));
}

#[test]
fn what_others_wrote_cannot_move_the_cursor() {
    let nasty = "1 | ga\u{1b}[31mte | GET\u{7} /book | server | 0..100 | error: a\u{1b}]0b\u{9b}1m";
    let story = render(&tell(
        &case(None, nasty, vec![log(1, "x\u{1b}c", 17, Some(1), "\u{1b}[2J gone")]),
        Language::En,
    ));
    assert!(!story.chars().any(|c| c.is_control() && c != '\n'), "{story:?}");
}

#[test]
fn one_that_was_cancelled() {
    let cancelled = Failed {
        step: None,
        service: None,
        half: Half::Action,
        cause: Cause::Cancelled,
        reason: "cancelled by a person".to_owned(),
    };
    let saga = saga(Status::Compensated, Some(500), vec![held()], Some(cancelled));
    let story = check("cancelled", &case(Some(saga), "", vec![]));
    assert_eq!(stage(&story), Some((Stage::Saga, "", None)));
}

#[test]
fn a_trace_without_a_saga() {
    let picture = "
        1 | gateway | GET /book | server | 0..100 | http.response.status_code=500
          2 | gateway | POST /orders | client | 5..95 | http.response.status_code=500
            3 | orders | POST /orders | server | 9010..9090 | http.response.status_code=500
              4 | orders | SELECT stock | client | 9012..9085 | db.system=postgresql; error: deadlock detected
              5 | orders | GET /ads | client | 9011..9012 | peer.service=ads; error: connection refused";
    let logs = vec![
        log(9085, "orders", 17, Some(3), "could not place the order: deadlock detected\n  at Orders.place"),
        log(9086, "orders", 17, Some(3), "could not place the order: deadlock detected\n  at Orders.place"),
    ];
    let story = check("trace-500", &case(None, picture, logs));
    assert_eq!(stage(&story), Some((Stage::CalleeFailed, "postgresql", None)));

    let away = "
        1 | gateway | GET /book | server | 0..2100 | error
          2 | gateway | POST /orders | client | 5..2005 | peer.service=orders; error: no answer within 2000 ms";
    let story = check("trace-no-span", &case(None, away, vec![]));
    assert_eq!(stage(&story), Some((Stage::NeverArrived, "orders", None)));

    let healthy = "
        1 | gateway | GET /book | server | 0..100 | http.response.status_code=200
          2 | gateway | POST /orders | client | 5..10 | error: connection reset; peer.service=orders
          3 | gateway | POST /orders | client | 15..95 | ok; peer.service=orders; ondol.replayed=true";
    check("trace-repaired", &case(None, healthy, vec![]));
    let wrote = |at, severity| log(at, "stock", severity, Some(9), "stock of 12B is negative: -1");
    check(
        "trace-logged",
        &case(None, "1 | gateway | GET /book | server | 0..100", vec![wrote(5, 17), wrote(7, 17)]),
    );
    check("trace-healthy", &case(None, "1 | gateway | GET /book | server | 0..100 | ok", vec![]));
    let lines = vec![log(5, "gateway", 17, None, "b-1: no such route")];
    check("only-logs", &case(None, "", lines));
    check("nothing-known", &case(None, "", vec![]));
}
