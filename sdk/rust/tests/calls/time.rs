//! Deadlines and timeouts.

use std::time::Duration;

use http::Method;
use ondol_sdk::calls::settings::{Backoff, Retry};
use ondol_sdk::calls::{CallError, Settings, Story};
use tokio::time::Instant;

use crate::support::Manner::{IsBusy, Says, Stalls, Takes};
use crate::support::{Fake, Lines, Manner, alike, call, request, said};

const POST: Method = Method::POST;
const GET: Method = Method::GET;

/// Under which settings and by which request; how many milliseconds it takes at most, and how it ends: a status, or a
/// part of what the error says.
type Row = (Settings, Manner, Method, &'static Lines, u64, Result<u16, &'static str>);

#[tokio::test(start_paused = true)]
async fn every_wait_ends() {
    const SECOND: &Lines = &[("ondol-deadline-ms", "1000")];
    let response = |ms| Settings { response: Some(Duration::from_millis(ms)), ..Settings::default() };
    let default = Settings::default;
    #[rustfmt::skip]
    let table: [Row; 9] = [
        (default(),     Takes(9_000), POST, &[],    9_000,  Ok(200)),
        (default(),     Takes(900),   POST, SECOND, 900,    Ok(200)),
        (default(),     Stalls,       POST, &[],    10_000, Err("e0 did not answer within 10000 ms (response, deadline)")),
        (default(),     Stalls,       POST, SECOND, 1_000,  Err("did not answer within 1000 ms")),
        (response(200), Stalls,       POST, &[],    200,    Err("did not answer within 200 ms")),
        (response(200), Stalls,       GET,  SECOND, 700,    Err("all 3 attempts are used up")),
        (default(),     IsBusy,       POST, SECOND, 1_000,  Err("was not ready within 1000 ms; no endpoint is left")),
        (default(),     Stalls,       POST, &[("ondol-deadline-ms", "0")], 0, Err("passed before it could be sent")),
        (default(),     Takes(60_000), POST, &[("content-type", "application/grpc")], 60_000, Ok(200)),
    ];
    for (settings, manner, method, headers, within_ms, expected) in table {
        let began = Instant::now();
        let target = alike(1, &Fake::new(&[manner; 3], manner), settings);
        let called = call(&target, request(method, headers)).await;
        let took = began.elapsed();
        match (said(&called), expected) {
            (Ok(status), Ok(expected)) => assert_eq!(status, expected),
            (Err(error), Err(part)) => assert!(error.contains(part), "{manner:?} {headers:?}: {error}"),
            (got, expected) => panic!("{manner:?} {headers:?}: {got:?}, expected {expected:?}"),
        }
        let most = Duration::from_millis(within_ms + 2);
        assert!(took <= most, "{manner:?} {headers:?} took {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_told_what_is_left() {
    let fake = Fake::new(&[Stalls], Says(200));
    let headers = [("ondol-deadline-ms", "1000"), ("grpc-timeout", "2S")];
    assert!(call(&alike(2, &fake, Settings::default()), request(GET, &headers)).await.is_ok());
    let told = |index: usize, name| -> u64 {
        let seen = fake.seen();
        let text = seen[index].headers[name].to_str().unwrap().to_owned();
        text.trim_end_matches('m').parse().unwrap()
    };
    assert_eq!((told(0, "ondol-deadline-ms"), told(0, "grpc-timeout")), (990, 990));
    // 450 ms for the first attempt, up to 25 ms of back-off, 10 ms for the way home.
    let left = told(1, "ondol-deadline-ms");
    assert!((510..=540).contains(&left), "{left}");
    // Where nobody asked, nothing is told.
    let fake = Fake::new(&[], Says(200));
    assert!(call(&alike(1, &fake, Settings::default()), request(GET, &[])).await.is_ok());
    assert!(fake.seen()[0].headers.is_empty());
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_what_would_come_too_late() {
    let hours = Duration::from_hours(24);
    let retry = Retry { backoff: Backoff { first: hours, factor: 1.0, max: hours }, ..Retry::default() };
    let target = alike(1, &Fake::new(&[], Says(503)), Settings { retry, ..Settings::default() });
    let began = Instant::now();
    let answer = call(&target, request(GET, &[])).await.unwrap();
    assert_eq!((answer.status().as_u16(), began.elapsed()), (503, Duration::ZERO));
    assert!(Story::of(&answer).unwrap().to_string().ends_with("not tried again: the deadline passed"));
}

#[tokio::test(start_paused = true)]
async fn expired_is_not_sent() {
    let fake = Fake::new(&[], Says(200));
    let target = alike(1, &fake, Settings::default());
    let error = call(&target, request(GET, &[("grpc-timeout", "0n")])).await.unwrap_err();
    assert!(matches!(error, CallError::Expired { .. }), "{error}");
    assert_eq!(error.about().story.to_string(), "deadline 0 ms, asked for");
    assert!(fake.seen().is_empty());
}
