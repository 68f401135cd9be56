//! Another answer instead of a failure.

use bytes::Bytes;
use http::Method;
use http_body_util::BodyExt;
use ondol_sdk::calls::Failed::Cut;
use ondol_sdk::calls::Settings;
use ondol_sdk::calls::settings::{Fallback, Rate};
use std::time::Duration;

use crate::support::Manner::{Fails, Says, Stalls};
use crate::support::{Called, Fake, Lines, Manner, Seen, alike, call, request, said};

/// Shared keys, method, headers, the alternate's manner; the end, and what the story tells.
type Row = (bool, Method, &'static Lines, Manner, Result<u16, &'static str>, &'static str);

async fn body(called: Called) -> Bytes {
    called.unwrap().into_body().collect().await.unwrap().to_bytes()
}

/// What is marked on the answer, and how the story ends.
fn marked(called: &Called) -> (Option<&str>, String) {
    match called {
        Ok(answer) => {
            let mark = answer.headers().get("ondol-fallback").map(|value| value.to_str().unwrap());
            (mark, ondol_sdk::calls::Story::of(answer).unwrap().to_string())
        }
        Err(error) => (None, error.about().story.to_string()),
    }
}

fn fixed() -> Fallback {
    Fallback::Static { status: 203, content_type: "application/json".to_owned(), body: "{}".into() }
}

#[tokio::test(start_paused = true)]
async fn a_static_answer_stands_in_for_reads() {
    let settings = || Settings { fallback: Some(fixed()), ..Settings::default() };
    #[rustfmt::skip]
    let table = [
        (Fails(Cut), Method::GET,  203, "fallback: static"),
        (Stalls,     Method::GET,  203, "fallback: static"),
        (Says(500),  Method::GET,  203, "fallback: static"),
        (Says(404),  Method::GET,  404, "no fallback: 404 is an answer"),
        (Says(200),  Method::GET,  200, "not tried again: 200 is final"),
        (Says(503),  Method::POST, 503, "no fallback: a non-idempotent write"),
    ];
    for (manner, method, status, told) in table {
        let called = call(&alike(2, &Fake::new(&[], manner), settings()), request(method, &[])).await;
        assert_eq!(said(&called), Ok(status), "{manner:?}");
        let (mark, story) = marked(&called);
        assert_eq!(mark.is_some(), status == 203, "{manner:?}");
        assert!(story.contains(told), "{manner:?}: {story}");
        assert_eq!(body(called).await, if status == 203 { "{}" } else { "own" });
    }
    let settings = Settings { rate: Some(Rate { per_second: 0.001, burst: 1 }), ..settings() };
    let target = alike(1, &Fake::new(&[], Says(200)), settings);
    assert_eq!(said(&call(&target, request(Method::GET, &[])).await), Ok(200));
    assert_eq!(said(&call(&target, request(Method::GET, &[])).await), Ok(203));
}

#[tokio::test(start_paused = true)]
async fn an_alternate_is_asked_when_everything_failed() {
    const KEY: &Lines = &[("idempotency-key", "k"), ("ondol-deadline-ms", "2000")];
    #[rustfmt::skip]
    let table: [Row; 5] = [
        (false, Method::GET,  &[], Says(200), Ok(200), "fallback: alternate"),
        (false, Method::GET,  &[], Says(404), Ok(404), "fallback: alternate"),
        (false, Method::GET,  &[], Says(502), Err("used up"), "no fallback: spare answered 502 Bad Gateway"),
        (false, Method::POST, KEY, Says(200), Err("used up"), "no fallback: a non-idempotent write"),
        (true,  Method::POST, KEY, Says(200), Ok(200), "fallback: alternate"),
    ];
    for (shares_keys, method, headers, manner, expected, told) in table {
        let (main, spare) = (Fake::new(&[], Fails(Cut)), Fake::new(&[], manner));
        let other = alike(1, &spare, Settings::default());
        let target = alike(2, &main, Settings::default());
        // Once with a policy of its own, once without.
        for target in [
            target.clone().with_alternate("spare", shares_keys, other),
            target.with_alternate("spare", shares_keys, spare.clone()),
        ] {
            let called = call(&target, request(method.clone(), headers)).await;
            match (said(&called), expected) {
                (Ok(status), Ok(expected)) => assert_eq!(status, expected),
                (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
                (got, expected) => panic!("{method} {manner:?}: {got:?}, expected {expected:?}"),
            }
            let (mark, story) = marked(&called);
            assert_eq!(mark, expected.ok().map(|_| "alternate"));
            assert!(story.contains(told), "{story}");
            let late = |seen: &Seen| seen.headers.get("ondol-deadline-ms").is_some_and(|ms| ms == "2000");
            assert!(!spare.seen().iter().any(late), "it has what is left, not what was asked for");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_layer_cannot_do_is_told() {
    let cached = Fallback::Cached { not_older_than: Duration::from_mins(1) };
    let missing = Fallback::Alternate { service: "spare".to_owned(), shares_keys: false };
    for (fallback, told) in [(cached, "a layer keeps no answers"), (missing, "Balanced::with_alternate")] {
        let settings = Settings { fallback: Some(fallback), ..Settings::default() };
        let called = call(&alike(2, &Fake::new(&[], Says(503)), settings), request(Method::GET, &[])).await;
        assert_eq!(said(&called), Ok(503));
        assert!(marked(&called).1.contains(told), "{}", marked(&called).1);
    }
}
