//! Limits of the caller's own: each is kept, and names itself and its setting.

use std::time::Duration;

use ondol_call::policy::retry::Stop;
use ondol_call::policy::settings::{Budget, Rate, Settings, Throttle};
use ondol_call::{CallError, Callee, Lane, Once, Request, Target};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::asked::{ask, brisk, get, service, with};
use crate::support::{Scripted, caller, post, raw, soon, told};

const HELD: Duration = Duration::from_millis(400);

/// A service that needs [`HELD`] for each call, and takes four at once from this caller, of which one is undoing.
fn four_at_once() -> (Scripted, Callee) {
    let server = Scripted::new(|mut peer| {
        while peer.request().is_some() {
            std::thread::sleep(HELD);
            peer.answer("ok");
        }
    });
    let throttle = Throttle {
        limit_min: 4,
        limit_max: 4,
        limit_start: 4,
        queue_max: 2,
        wait_max: Duration::from_millis(100),
        ..Throttle::default()
    };
    let settings = Settings { throttle, response: Some(Duration::from_secs(2)), ..brisk() };
    let callee = caller().callee(service([server.endpoint()], settings));
    (server, callee)
}

#[tokio::test]
async fn a_full_throttle_names_itself_and_lets_undoing_in() {
    let waited =
        "rejected: no place became free among 4 calls in flight within 100 ms (throttle.max, throttle.wait)";
    let full = "rejected: no place is free among 4 calls in flight, and 2 wait already (throttle.max, throttle.queue)";
    let undoing = || with(post("/", "{}"), &[("ondol-half", "compensation")]);
    #[rustfmt::skip]
    let table: [(u64, Request, &str); 9] = [
        // when, in milliseconds, what, what is told
        (0,   get("/1"),  "200 ok"),
        (1,   get("/2"),  "200 ok"),
        (2,   get("/3"),  "200 ok"),
        (20,  get("/4"),  waited),
        (21,  get("/5"),  waited),
        (60,  get("/6"),  full),
        (65,  undoing(),  "200 ok"),
        // Those that waited are gone by now.
        (200, get("/7"),  waited),
        (340, get("/8"),  "200 ok"),
    ];
    let (server, callee) = four_at_once();
    let mut calls = JoinSet::new();
    for (index, (at_ms, request, expected)) in table.into_iter().enumerate() {
        let callee = callee.clone();
        calls.spawn(async move {
            tokio::time::sleep(Duration::from_millis(at_ms)).await;
            assert_eq!(ask(&callee, request).await.told, expected, "row {index}");
        });
    }
    calls.join_all().await;
    assert_eq!(server.seen().len(), 5);
    let now = callee.explain();
    assert_eq!((now.in_flight, now.queued, callee.snapshot().rejected), (0, 0, 4));
}

#[tokio::test]
async fn a_rate_names_itself_and_when_there_is_room() {
    let server = Scripted::always(raw(200, "", "ok"));
    let rate = Some(Rate { per_second: 2.0, burst: 2 });
    let callee = caller().callee(service([server.endpoint()], Settings { rate, ..brisk() }));
    assert_eq!(ask(&callee, get("/")).await.told, "200 ok");
    assert_eq!(ask(&callee, post("/", "{}")).await.told, "200 ok");
    let error = callee.call(get("/"), None).await.result.unwrap_err();
    assert!(matches!(error, CallError::Rejected { .. }), "{error}");
    assert!(error.to_string().contains("(rate.per_second)"), "{error}");
    let wait = error.retry_after().expect("it is known");
    assert!(wait > Duration::from_millis(300) && wait <= Duration::from_millis(500), "{wait:?}");
    tokio::time::sleep(wait).await;
    assert_eq!(ask(&callee, get("/")).await.told, "200 ok");
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_service_that_fails_wholly_sees_a_fifth_more_and_not_three_times_as_much() {
    let servers = [(), ()].map(|()| Scripted::always(raw(503, "", "")));
    let budget = Budget { share: 0.2, per_second: 0 };
    let settings = Settings { budget, ..brisk() };
    let callee = caller().callee(service(servers.iter().map(Scripted::endpoint), settings));
    let mut empty = 0;
    for _ in 0..200 {
        let asked = ask(&callee, get("/")).await;
        assert_eq!(asked.told, "503 ");
        empty += usize::from(matches!(asked.stop(), Some(Stop::BudgetEmpty { .. })));
    }
    let attempts: usize = servers.iter().map(|server| server.seen().len()).sum();
    assert!((220..=240).contains(&attempts), "{attempts}");
    assert!(empty > 150, "{empty} were told so");
    assert_eq!(callee.snapshot().dispatched, attempts as u64);
}

#[tokio::test]
async fn a_repeated_step_waits_for_budget_and_a_first_one_does_not() {
    let server = Scripted::always(raw(200, "", "ok"));
    let budget = Budget { share: 0.0, per_second: 0 };
    let settings = Settings { budget, ..brisk() };
    let callee = caller().callee(Target { settings, ..service([server.endpoint()], brisk()) });
    let repeated = Once { lane: Lane::Forward, repeated: true };
    #[rustfmt::skip]
    let table = [
        (Once::FIRST, "200 ok",                                  0..200),
        (repeated,    "not sent: the retry budget is empty (budget", 250..450),
        (Once::FIRST, "200 ok",                                  0..200),
    ];
    for (once, expected, within_ms) in table {
        let began = Instant::now();
        let sent = told(&callee.send(post("/", "{}"), soon(), once).await);
        assert!(sent.starts_with(expected), "{sent}");
        assert!(within_ms.contains(&began.elapsed().as_millis()), "{once:?}: {:?}", began.elapsed());
    }
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn what_a_limit_refused_earns_no_budget() {
    let (rate, share) = (Some(Rate { per_second: 0.1, burst: 1 }), Budget { share: 1.0, per_second: 0 });
    let server = Scripted::always(raw(200, "", "ok"));
    let callee = caller().callee(service([server.endpoint()], Settings { rate, budget: share, ..brisk() }));
    for _ in 0..5 {
        ask(&callee, get("/")).await;
        callee.send(post("/", "{}"), soon(), Once::FIRST).await;
    }
    assert_eq!((server.seen().len(), callee.explain().budget), (1, 1));
}
