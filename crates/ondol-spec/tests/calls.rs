//! What a file sets about calls, compiled: what it says is there, and what it does not say is not.

use ondol_spec::calls::{CallSettings, Fallback, FaultEffect, Switch};
use ondol_spec::{Service, Share, lint};

fn service(settings: &str) -> Service {
    let source = format!(
        "ondol: 1\nallow_faults: true\nservices:\n  a: {{ url: \"http://a\", {settings} }}\n  b: {{ url: \"http://b\" }}\n"
    );
    let report = lint(&source);
    assert_eq!(report.findings, [], "{}", report.render("ondol.yaml", &source));
    report.system.expect("no errors").services.remove("a").expect("it is in the file")
}

#[test]
fn what_is_not_said_is_not_there() {
    let service = service("barrier: true");
    assert_eq!(service.calls, CallSettings::default());
    assert_eq!((service.pool, service.breaker, service.balance), Default::default());
    assert_eq!((service.operations, service.health, service.faults), (vec![], None, vec![]));
}

#[test]
fn what_is_said_is_there() {
    let all = "timeout: { response: 3s, total: 10s, body_idle: 20s }, \
        retry: { attempts: 4, first: 25ms, factor: 1.5, max: 250ms, on: [599, 500, 500] }, \
        budget: { share: 20%, per_second: 0 }, hedge: { extra_load: 0.5% }, \
        breaker: { failures: 5, success: 80%, samples: 10, open: 1s, open_max: 60s }, \
        throttle: { min: 8, max: 512, start: 64, queue: 0, wait: 0s }, \
        balance: { slow_start: 0s, failure_counts_as: 5s }, rate: { per_second: 100 }, \
        cache: { ttl: 10s, entries: 1000 }, health: { path: /healthz }, fallback: { alternate: b }, \
        limits: { connections: 1, connecting: 2, idle: 3s, lifetime: 4s, in_flight: 5 }";
    insta::assert_debug_snapshot!({
        let service = service(all);
        (service.calls, service.pool, service.breaker, service.balance, service.health)
    });
}

#[test]
fn a_step_waits_as_long_as_ever() {
    let table =
        [("barrier: true", 10_000), ("timeout: { response: 2s }", 2_000), ("timeout: { total: 1s }", 10_000)];
    for (settings, ms) in table {
        assert_eq!(service(settings).response_ms, ms, "{settings}");
    }
}

#[test]
fn attempts_alone_hold_for_get_too() {
    let table = [
        ("attempts: 1", Some(1), Some(1)),
        ("get_attempts: 4", None, Some(4)),
        ("attempts: 1, get_attempts: 4", Some(1), Some(4)),
        ("max: 1s", None, None),
    ];
    for (said, attempts, get_attempts) in table {
        let retry = service(&format!("retry: {{ {said} }}")).calls.retry;
        assert_eq!((retry.attempts, retry.get_attempts), (attempts, get_attempts), "{said}");
    }
}

#[test]
fn the_first_operation_that_matches_holds() {
    let service = service(
        "cache: { ttl: 1s }, timeout: { response: 1s, total: 4s }, throttle: { max: 100 }, \
         operations: [{ call: GET /a/*, timeout: { total: 2s }, cache: none, throttle: { start: 9 } }, \
                      { call: \"* /a/**\", idempotent: true }]",
    );
    let operation =
        |method, path| service.operation(method, path).map(|operation| operation.pattern.to_string());
    assert_eq!(operation("GET", "/a/b?c").as_deref(), Some("GET /a/*"));
    assert_eq!(operation("POST", "/a/b").as_deref(), Some("* /a/**"));
    assert_eq!(operation("GET", "/b"), None);

    let [first, second] = service.operations.as_slice() else { panic!("two operations") };
    assert!(second.idempotent && !first.idempotent);
    let joined = first.settings.over(&service.calls);
    assert_eq!((joined.timeout.response_ms, joined.timeout.total_ms), (Some(1_000), Some(2_000)));
    let throttle = joined.throttle.expect("both say it");
    assert_eq!((throttle.start, throttle.max), (Some(9), Some(100)));
    assert_eq!(joined.cache, Switch::Off);
    assert_eq!(second.settings.over(&service.calls), service.calls);
    assert_eq!(second.settings.throttle, None, "it shares the service's");
}

#[test]
fn a_static_body_is_kept_as_it_is_written() {
    let body = |said: &str| match service(&format!("fallback: {{ static: {{ status: 200{said} }} }}"))
        .calls
        .fallback
    {
        Switch::On(Fallback::Static { body, .. }) => body.map(String::from),
        other => panic!("{other:?}"),
    };
    assert_eq!(body(""), None);
    assert_eq!(body(", body: null").as_deref(), Some("null"));
    assert_eq!(body(", body: { price: 1.50 }").as_deref(), Some("{\"price\":1.50}"));
}

#[test]
fn a_static_body_is_bounded() {
    let file = |bytes: usize| {
        let body = "x".repeat(bytes - 2);
        format!(
            "ondol: 1\nservices: {{ a: {{ url: \"http://a\", fallback: {{ static: {{ status: 200, body: {body} }} }} }} }}\n"
        )
    };
    assert_eq!(lint(&file(64 << 10)).findings, []);
    let findings = lint(&file((64 << 10) + 1)).findings;
    let [finding] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!(
        (finding.code, finding.path.as_str()),
        (ondol_spec::Code::OutOfBounds, "services.a.fallback.static.body")
    );
}

#[test]
fn each_fault_has_one_effect() {
    let table = [
        ("latency: 1s", FaultEffect::Delay),
        ("status: 503", FaultEffect::Status(503)),
        ("lose_answer: true", FaultEffect::LoseAnswer),
        ("kind: reset", FaultEffect::Reset { at_byte: 0 }),
        ("kind: stall, at_byte: 1", FaultEffect::Stall { at_byte: 1 }),
        ("kind: half_close, at_byte: 2", FaultEffect::HalfClose { at_byte: 2 }),
        ("kind: wrong_length, at_byte: 3", FaultEffect::WrongLength { at_byte: 3 }),
        ("kind: goaway", FaultEffect::Goaway),
        ("kind: refused_stream", FaultEffect::RefusedStream),
    ];
    for (said, effect) in table {
        let faults = service(&format!("protocol: http2, faults: [{{ {said} }}]")).faults;
        assert_eq!(
            faults.iter().map(|rule| (rule.share, rule.effect)).collect::<Vec<_>>(),
            [(Share::ALL, effect)]
        );
    }
}

#[test]
fn counts_are_bounded() {
    let list = |key: &str, entry: &str, count: usize| {
        let entries = vec![entry; count].join(", ");
        let source = format!(
            "ondol: 1\nallow_faults: true\nservices: {{ a: {{ url: \"http://a\", {key}: [{entries}] }} }}\n"
        );
        lint(&source).has_errors()
    };
    for (key, entry, max) in [("operations", "{ call: GET /a }", 64), ("faults", "{ status: 503 }", 16)] {
        assert!(!list(key, entry, max) && list(key, entry, max + 1), "{key}");
    }
}

#[test]
fn rings_of_alternates_are_found_however_long() {
    let chain = |count: usize, last: &str| {
        let service = |at: usize| {
            let next = if at + 1 == count { last.to_owned() } else { format!("s{}", at + 1) };
            let fallback =
                if next.is_empty() { String::new() } else { format!(", fallback: {{ alternate: {next} }}") };
            format!("  s{at}: {{ url: \"http://a\"{fallback} }}\n")
        };
        format!("ondol: 1\nservices:\n{}", (0..count).map(service).collect::<String>())
    };
    for (count, last, rings) in
        [(1, "s0", 1), (3, "", 0), (3, "s0", 1), (3, "s1", 1), (1_000, "s0", 1), (1_000, "", 0)]
    {
        let findings = lint(&chain(count, last)).findings;
        assert_eq!(findings.len(), rings, "{count} services, the last leads to {last:?}: {findings:?}");
    }
}
