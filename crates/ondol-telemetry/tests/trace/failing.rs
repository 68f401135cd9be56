//! The failing stage: of what, at which stage, and why it is that one.

use ondol_telemetry::trace::{Analysis, Stage, Tree, Verdict};

use crate::picture::{number, spans};

/// What is said of a trace: `verdict`, and where something failed `stage service origin "reason" choice`.
fn said(picture: &str) -> String {
    let analysis = Analysis::of(&Tree::of(&spans(picture)));
    let verdict = match analysis.verdict {
        Verdict::Empty => "empty",
        Verdict::Healthy => "healthy",
        Verdict::Repaired => "repaired",
        Verdict::Tolerated => "tolerated",
        Verdict::Failed => "failed",
    };
    let Some(failure) = analysis.failure else { return verdict.to_owned() };
    let (origin, others) = (number(failure.origin.span_id), failure.others_total);
    let others = if others == 0 { String::new() } else { format!(" +{others}") };
    let (stage, service, reason, choice) = (failure.stage, failure.service, failure.reason, failure.choice);
    format!("{verdict}: {stage:?} {service} {origin} \"{reason}\" {choice:?}{others}")
}

fn check(picture: &str, expected: &str) {
    assert_eq!(said(picture), expected, "{picture}");
}

#[test]
fn never_silently_empty() {
    check("", "empty");
    check("1 | a | root | server | 0..10", "healthy");
    check("1 | a | root | server | 0..10 | error", "failed: Own a 1 \"error\" RootItself");
    check(
        "1 | a | root | server | 0..10 | error: no stock
           2 | a | part | internal | 1..2",
        "failed: Own a 1 \"no stock\" RootItself",
    );
}

#[test]
fn signs_of_a_failure() {
    let root = |kind: &str, said: &str| format!("1 | a | root | {kind} | 0..10 | {said}");
    let table = [
        ("server", "http.response.status_code=500", "failed: Own a 1 \"HTTP 500\" RootItself"),
        ("server", "http.status_code=503", "failed: Own a 1 \"HTTP 503\" RootItself"),
        ("server", "http.status_code=404", "healthy"),
        ("server", "http.status_code=99999", "healthy"),
        ("server", "http.status_code=500; ok", "healthy"),
        ("server", "rpc.grpc.status_code=13", "failed: Own a 1 \"gRPC INTERNAL\" RootItself"),
        ("server", "rpc.grpc.status_code=5", "healthy"),
        ("server", "rpc.response.status_code=UNAVAILABLE", "failed: Own a 1 \"gRPC UNAVAILABLE\" RootItself"),
        ("internal", "error.type=java.io.IOException", "failed: Own a 1 \"java.io.IOException\" RootItself"),
        ("internal", "error=true", "failed: Own a 1 \"error\" RootItself"),
        ("internal", "thrown Oops: no such row", "failed: Own a 1 \"Oops: no such row\" RootItself"),
        ("internal", "error; thrown Oops: no such row", "failed: Own a 1 \"Oops: no such row\" RootItself"),
        ("server", "thrown Oops: no such row; http.response.status_code=200", "healthy"),
        ("client", "http.response.status_code=404", "failed: CalleeRefused a 1 \"HTTP 404\" RootItself"),
        ("client", "rpc.grpc.status_code=5", "failed: CalleeRefused a 1 \"gRPC NOT_FOUND\" RootItself"),
        ("client", "rpc.grpc.status_code=14", "failed: NeverArrived a 1 \"gRPC UNAVAILABLE\" RootItself"),
    ];
    for (kind, says, expected) in table {
        check(&root(kind, says), expected);
    }
}

/// A gateway calls payment: what the caller and the callee say.
fn call(caller: &str, answerer: Option<&str>) -> String {
    let mut picture = format!(
        "1 | gateway | GET /book | server | 0..2100 | error
           2 | gateway | POST /charges | client | 50..2050 | peer.service=payment; {caller}"
    );
    if let Some(answerer) = answerer {
        picture += "\n             3 | payment | POST /charges | server | ";
        picture += answerer;
    }
    picture
}

#[test]
fn the_stages_of_a_call() {
    let timeout = "error: no answer within 2000 ms";
    let table = [
        (
            "error; http.response.status_code=500",
            Some("60..90 | http.response.status_code=500"),
            "CalleeFailed payment 3",
        ),
        (
            "error; http.response.status_code=402",
            Some("60..90 | http.response.status_code=402"),
            "CalleeRefused payment 2",
        ),
        ("error; http.response.status_code=402", None, "CalleeRefused payment 2"),
        ("error; http.response.status_code=500", None, "CalleeFailed payment 2"),
        ("error; rpc.grpc.status_code=5", Some("60..90 | rpc.grpc.status_code=5"), "CalleeRefused payment 2"),
        (timeout, Some("60..90 | http.response.status_code=200"), "AnswerLost payment 2"),
        ("error: connection reset by peer", Some("60..90"), "AnswerLost payment 2"),
        (
            "http.response.status_code=502",
            Some("60..90 | http.response.status_code=200"),
            "AnswerLost payment 2",
        ),
        (timeout, Some("60..2500 | http.response.status_code=200"), "SlowCallee payment 2"),
        (timeout, Some("60..2500 | http.response.status_code=500"), "SlowCallee payment 3"),
        ("error: connection reset by peer", Some("60..2500"), "AnswerLost payment 2"),
        ("http.response.status_code=504", Some("60..2500"), "SlowCallee payment 2"),
        ("rpc.grpc.status_code=1", Some("60..2500"), "SlowCallee payment 2"),
        ("rpc.grpc.status_code=4", Some("60..90"), "AnswerLost payment 2"),
        (timeout, None, "NeverArrived payment 2"),
        ("error: connection refused", None, "NeverArrived payment 2"),
        ("error: duplicate key; db.system=postgresql", None, "CalleeFailed payment 2"),
        ("error: connection refused; db.system=postgresql", None, "NeverArrived payment 2"),
    ];
    for (caller, callee, expected) in table {
        let said = said(&call(caller, callee));
        let found =
            said.strip_prefix("failed: ").and_then(|said| said.split_once(" \"")).map(|(said, _)| said);
        assert_eq!(found, Some(expected), "{caller} / {callee:?}: {said}");
    }
}

#[test]
fn the_deepest_failure_on_the_way_of_the_error() {
    // Through three services, and past a span that says nothing.
    check(
        "1 | gateway | GET /book | server | 0..100 | http.response.status_code=500
           2 | gateway | POST /orders | client | 5..95 | error
             3 | orders | POST /orders | server | 10..90 | http.response.status_code=500
               4 | orders | place | internal | 11..89
                 5 | orders | SELECT | client | 12..88 | db.system=postgresql; error: deadlock detected",
        "failed: CalleeFailed postgresql 5 \"deadlock detected\" Only",
    );
    // The callee's own work: what failed within it is the origin, in the callee's name.
    check(
        "1 | gateway | GET /book | client | 0..100 | http.response.status_code=500
           2 | orders | POST /orders | server | 10..90 | http.response.status_code=500
             3 | orders | price | internal | 11..20 | thrown NullPointer: no price",
        "failed: CalleeFailed orders 3 \"NullPointer: no price\" Only",
    );
    // An optional call failed early; what failed last made the root fail.
    check(
        "1 | shop | GET / | server | 0..100 | error
           2 | shop | GET /ads   | client | 5..10 | error; http.response.status_code=500; peer.service=ads
           3 | shop | GET /price | client | 20..90 | error; http.response.status_code=500; peer.service=price",
        "failed: CalleeFailed price 3 \"HTTP 500\" EndedLast +1",
    );
    // A failure below a call that went well was dealt with there.
    check(
        "1 | shop | GET / | server | 0..100 | error: no stock
           2 | shop | GET /price | client | 5..50 | http.response.status_code=200
             3 | price | GET /price | server | 10..45 | http.response.status_code=200
               4 | price | cache | internal | 11..12 | error: cold",
        "failed: Own shop 1 \"no stock\" RootItself +1",
    );
    // The root did not fail.
    check(
        "1 | shop | GET / | server | 0..100 | http.response.status_code=200
           2 | shop | GET /ads | client | 5..10 | error: connection refused; peer.service=ads",
        "tolerated: NeverArrived ads 2 \"connection refused\" Only",
    );
}

#[test]
fn services_without_kinds() {
    check(
        "1 | ui | GetTrip | - | 0..100 | error
           2 | travel | GetTrip | - | 10..90 | error: no such train",
        "failed: CalleeFailed travel 2 \"no such train\" Only",
    );
}

#[test]
fn a_later_attempt_makes_it_good() {
    let tries = |last: &str, root: &str| {
        format!(
            "1 | ondol | pay | internal | 0..100 | {root}
               2 | ondol | POST /charges | client | 5..10  | error: connection reset; peer.service=payment
               3 | ondol | POST /charges | client | 20..30 | error: connection refused; peer.service=payment
               4 | ondol | POST /charges | client | 50..60 | {last}; peer.service=payment"
        )
    };
    check(&tries("ok", "ok"), "repaired");
    // The call went well in the end; the root failed by itself.
    check(&tries("ok", "error: too late"), "failed: Own ondol 1 \"too late\" RootItself +2");
    let failed = tries("error: 402; http.response.status_code=402", "error");
    check(&failed, "failed: CalleeRefused payment 4 \"402\" EndedLast +2");
    let retries = Analysis::of(&Tree::of(&spans(&failed))).retries;
    assert_eq!((retries.len(), retries[0].attempts, retries[0].failed, retries[0].ok), (1, 3, 3, false));
    let replayed = Analysis::of(&Tree::of(&spans(&tries("ok; ondol.replayed=true", "ok")))).retries;
    assert_eq!((replayed[0].attempts, replayed[0].ok, replayed[0].replayed), (3, true, true));
    // A loop is no retry, and neither is what goes on at the same time.
    let both = "1 | a | root | server | 0..100
                  2 | a | GET | client | 5..10  | ok
                  3 | a | GET | client | 20..30 | error
                  4 | a | GET | client | 25..60 | ok";
    assert_eq!(Analysis::of(&Tree::of(&spans(both))).retries, []);
}

#[test]
fn by_how_much_a_callee_was_late() {
    let picture = call("error: timeout", Some("60..2500"));
    let failure = Analysis::of(&Tree::of(&spans(&picture))).failure.expect("it failed");
    assert_eq!((failure.stage, failure.late_ns), (Stage::SlowCallee, 450_000_000));
}
