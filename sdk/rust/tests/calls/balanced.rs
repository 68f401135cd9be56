//! Several endpoints: who gets the calls, and who is left alone.

use std::time::Duration;

use ondol_sdk::calls::Failed::{Cut, NotSent};
use ondol_sdk::calls::settings::{Balance, Breaker};
use ondol_sdk::calls::{CallError, Settings};

use crate::support::Manner::{Fails, IsBusy, Says, Stalls, Takes};
use crate::support::{Fake, Manner, Target, apart, get, said};

/// A hundred calls a second for so long. Gives how many were answered 200.
async fn traffic(target: &Target, seconds: u64) -> usize {
    let mut well = 0;
    for _ in 0..seconds * 100 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        well += usize::from(said(&get(target).await) == Ok(200));
    }
    well
}

/// How many of the calls of 20 s each of three endpoints gets, at most, where the first has this manner.
#[tokio::test(start_paused = true)]
async fn traffic_goes_away_from_a_failing_endpoint() {
    let table: [(Manner, usize); 5] =
        [(Fails(Cut), 30), (Fails(NotSent), 30), (Stalls, 30), (Says(503), 30), (Says(500), 30)];
    for (manner, most) in table {
        let fakes = [Fake::new(&[], manner), Fake::new(&[], Takes(5)), Fake::new(&[], Takes(5))];
        let target = apart(&fakes, Settings::default());
        let well = traffic(&target, 20).await;
        let seen = fakes.each_ref().map(|fake| fake.seen().len());
        assert!(seen[0] <= most, "{manner:?} {seen:?}");
        assert!(seen[1].min(seen[2]) > 500, "{manner:?} {seen:?}");
        // A 500 is passed on as it is; everything else is hidden by a retry.
        let hidden = if let Says(500) = manner { 2_000 - seen[0] } else { 2_000 };
        assert_eq!(well, hidden, "{manner:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_open_endpoint_is_probed_and_comes_back() {
    let fakes = [Fake::new(&[], Fails(Cut)), Fake::new(&[], Takes(5))];
    // A failure looks as fast as an answer, or the balancer would be there before the breaker.
    let balance = Balance { penalty: Duration::from_millis(5), ..Balance::default() };
    let target = apart(&fakes, Settings { balance, ..Settings::default() });
    traffic(&target, 10).await;
    let failed = fakes[0].seen();
    // Five in a row open it; then one probe each time, after at least 1, 2 and 4 s.
    assert!((6..=8).contains(&failed.len()), "{}", failed.len());
    assert!(failed[5].at - failed[4].at >= Duration::from_secs(1));
    assert!(failed[6].at - failed[5].at >= Duration::from_secs(2));
    fakes[0].script.lock().unwrap().then = Takes(5);
    traffic(&target, 60).await;
    let back = fakes[0].seen().len() - failed.len();
    assert!(back > 1_000, "{back} of 6000");
}

#[tokio::test(start_paused = true)]
async fn the_last_endpoint_is_always_asked() {
    let fake = Fake::new(&[], Fails(Cut));
    let target = apart(std::slice::from_ref(&fake), Settings::default());
    assert_eq!(traffic(&target, 3).await, 0);
    assert!(fake.seen().len() >= 300);
    fake.script.lock().unwrap().then = Says(200);
    assert_eq!(traffic(&target, 1).await, 100);
}

#[tokio::test(start_paused = true)]
async fn a_slow_endpoint_gets_less() {
    let fakes = [Fake::new(&[], Takes(100)), Fake::new(&[], Takes(5)), Fake::new(&[], Takes(5))];
    traffic(&apart(&fakes, Settings::default()), 20).await;
    let seen = fakes.each_ref().map(|fake| fake.seen().len());
    assert!(seen[0] * 4 < seen[1].min(seen[2]), "{seen:?}");
}

/// The other is left alone, so that there is nobody for a second attempt: what the first came to is told.
#[tokio::test(start_paused = true)]
async fn an_error_is_that_of_the_last_attempt() {
    let fakes = [Fake::new(&[], Fails(NotSent)), Fake::new(&[], Says(200))];
    let breaker = Breaker { absent_first: Duration::from_secs(10), ..Breaker::default() };
    let breaker = Breaker { absent_max: Duration::from_secs(10), ..breaker };
    let target = apart(&fakes, Settings { breaker, ..Settings::default() });
    while fakes[0].seen().is_empty() {
        assert_eq!(said(&get(&target).await), Ok(200));
    }
    fakes[1].script.lock().unwrap().course.push_back(IsBusy);
    let error = get(&target).await.unwrap_err().to_string();
    assert!(error.contains("the client of e1 was not ready within 1000 ms; no endpoint is left"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn nobody_to_call_is_an_error() {
    let error = get(&apart(&[], Settings::default())).await.unwrap_err();
    assert!(matches!(error, CallError::NoEndpoint { .. }), "{error}");
}
