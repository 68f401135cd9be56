//! Rate, budget, throttle; and that whoever goes away leaves its place.

use std::time::Duration;

use http::Method;
use ondol_sdk::calls::settings::{Budget, Rate, Throttle};
use ondol_sdk::calls::{CallError, CallLayer, Limit, Settings};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tower::{Layer, ServiceExt};

use crate::support::Manner::{Says, Stalls, Takes};
use crate::support::{Called, Fake, Target, alike, call, get, options, request, said};

#[tokio::test(start_paused = true)]
async fn retries_end_with_their_budget() {
    let settings = Settings { budget: Budget { share: 0.2, per_second: 1 }, ..Settings::default() };
    let fake = Fake::new(&[], Says(503));
    let target = alike(2, &fake, settings);
    let mut last = None;
    for _ in 0..100 {
        last = Some(get(&target).await.unwrap());
    }
    // 10 s × 1/s, and a fifth of a hundred calls.
    assert_eq!(fake.seen().len(), 100 + 10 + 20);
    let story = ondol_sdk::calls::Story::of(&last.unwrap()).unwrap().to_string();
    assert!(story.contains("the retry budget has 0 left and this costs 1 (budget.share"), "{story}");
}

#[tokio::test(start_paused = true)]
async fn a_rate_says_when_to_come_back() {
    let settings = Settings { rate: Some(Rate { per_second: 2.0, burst: 1 }), ..Settings::default() };
    let fake = Fake::new(&[], Says(200));
    let target = alike(1, &fake, settings);
    assert_eq!(said(&get(&target).await), Ok(200));
    let error = get(&target).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_millis(500)));
    assert!(
        error.to_string().starts_with("calling seats: over the rate of 2 calls a second (rate.per_second)"),
        "{error}"
    );
    tokio::time::advance(Duration::from_millis(500)).await;
    assert_eq!(said(&get(&target).await), Ok(200));
    assert_eq!(fake.seen().len(), 2);
}

/// Three may be in flight, of which compensations are not counted, and one may wait.
fn narrow() -> Settings {
    let throttle =
        Throttle { limit_min: 4, limit_max: 4, limit_start: 4, queue_max: 1, ..Throttle::default() };
    Settings { throttle, ..Settings::default() }
}

async fn in_flight(target: &Target, count: usize) -> JoinSet<Called> {
    let mut calls = JoinSet::new();
    for _ in 0..count {
        let target = target.clone();
        calls.spawn(async move { get(&target).await });
        tokio::task::yield_now().await;
    }
    calls
}

fn limit(called: Called) -> Limit {
    match called {
        Err(CallError::Rejected { limit, .. }) => limit,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_target_turns_calls_away_but_not_compensations() {
    let fake = Fake::new(&[Stalls; 3], Says(200));
    let target = alike(1, &fake, narrow());
    let _calls = in_flight(&target, 3).await;
    let mut waiting = in_flight(&target, 1).await;
    assert_eq!(limit(get(&target).await), Limit::Full { in_flight_max: 4, queued: 1 });
    let compensation = request(Method::POST, &[("ondol-half", "compensation")]);
    assert_eq!(said(&call(&target, compensation).await), Ok(200));
    let began = Instant::now();
    let waited = Limit::Waited { in_flight_max: 4, waited: Duration::from_millis(100) };
    assert_eq!(limit(waiting.join_next().await.unwrap().unwrap()), waited);
    assert!(began.elapsed() <= Duration::from_millis(101));
    // Whoever gave up takes nobody's turn in the queue.
    assert_eq!(limit(get(&target).await), waited);
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_gets_the_next_place() {
    let fake = Fake::new(&[Takes(50), Stalls, Stalls], Says(200));
    let target = alike(1, &fake, narrow());
    let _calls = in_flight(&target, 3).await;
    let began = Instant::now();
    assert_eq!(said(&get(&target).await), Ok(200));
    assert_eq!(began.elapsed().as_millis(), 50);
}

#[tokio::test(start_paused = true)]
async fn whoever_goes_away_leaves_its_place() {
    let fake = Fake::new(&[Stalls; 3], Says(200));
    let target = alike(1, &fake, narrow());
    let mut calls = in_flight(&target, 3).await;
    // One in the queue that goes away first: the next in it must get the place all the same.
    drop(in_flight(&target, 1).await);
    let mut waiting = in_flight(&target, 1).await;
    calls.abort_all();
    while calls.join_next().await.is_some() {}
    assert_eq!(said(&waiting.join_next().await.unwrap().unwrap()), Ok(200));
    for _ in 0..20 {
        assert_eq!(said(&get(&target).await), Ok(200));
    }
}

#[tokio::test(start_paused = true)]
async fn overload_narrows_the_throttle() {
    let throttle = Throttle { limit_min: 1, limit_start: 16, queue_max: 0, ..Throttle::default() };
    let settings = Settings { throttle, ..Settings::default() };
    let fake = Fake::new(&[Says(429); 40], Stalls);
    let target = alike(1, &fake, settings);
    for _ in 0..20 {
        // A moment later each: what was sent before the last fall says nothing of the new limit.
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(said(&call(&target, request(Method::POST, &[])).await), Ok(429));
    }
    let mut calls = in_flight(&target, 8).await;
    assert!(matches!(limit(calls.join_next().await.unwrap().unwrap()), Limit::Full { in_flight_max: 1, .. }));
}

#[tokio::test(start_paused = true)]
async fn services_of_one_layer_share_what_is_known() {
    let settings = Settings { rate: Some(Rate { per_second: 1.0, burst: 2 }), ..Settings::default() };
    let layer = CallLayer::with("seats", settings, options());
    let (one, other) = (Fake::new(&[], Says(200)), Fake::new(&[], Says(200)));
    let send = |fake: &Fake| layer.clone().layer(fake.clone()).oneshot(request(Method::GET, &[]));
    assert_eq!(said(&send(&one).await), Ok(200));
    assert_eq!(said(&send(&other).await), Ok(200));
    assert!(said(&send(&one).await).unwrap_err().contains("rate.per_second"));
    assert_eq!((one.seen().len(), other.seen().len()), (1, 1));
}
