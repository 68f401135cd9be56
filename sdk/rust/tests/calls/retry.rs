//! Samples of the table of retries, through the whole service.

use std::time::Duration;

use http::{Method, Request};
use ondol_sdk::calls::Failed::{Cut, NotSent, TurnedAway};
use ondol_sdk::calls::{Options, Repeat, Settings, Story};
use tokio::time::Instant;
use tower::ServiceExt;

use crate::support::Manner::{Fails, IsBusy, Says, SaysWith, Stalls};
use crate::support::{Fake, Fault, Lines, Manner, alike, call, options, request, said};

/// What the service does, with which request; how it ends, and how many requests the two endpoints saw.
type Row<'a> = (&'a [Manner], &'a Method, &'a Lines, (Result<u16, &'a str>, usize));

/// `expected`: the status, or a part of what the error says; and how many requests the two endpoints saw.
async fn check(
    course: &[Manner],
    method: Method,
    headers: &Lines,
    (expected, sent): (Result<u16, &str>, usize),
) -> Duration {
    let began = Instant::now();
    let fake = Fake::new(course, Says(204));
    let target = alike(2, &fake, Settings::default());
    let called = call(&target, request(method.clone(), headers)).await;
    let seen = fake.seen();
    match (said(&called), expected) {
        (Ok(status), Ok(expected)) => assert_eq!(status, expected, "{method} {headers:?} {course:?}"),
        (Err(error), Err(part)) => assert!(error.contains(part), "{method} {headers:?} {course:?}: {error}"),
        (got, expected) => panic!("{method} {headers:?} {course:?}: {got:?}, expected {expected:?}"),
    }
    assert_eq!(seen.len(), sent, "{method} {headers:?} {course:?}");
    assert!(seen.iter().all(|seen| seen.body == "asked"), "every attempt has the whole body");
    if let [first, second, ..] = &seen[..] {
        assert_ne!(first.endpoint, second.endpoint, "a retry goes to another endpoint");
    }
    began.elapsed()
}

#[tokio::test(start_paused = true)]
async fn the_table() {
    const KEY: &Lines = &[("idempotency-key", "k")];
    const ENGINE: &Lines = &[("ondol-attempt", "1")];
    let (get, put, post) = (Method::GET, Method::PUT, Method::POST);
    let unprocessed = SaysWith(503, ("ondol-effect", "none"));
    let unavailable = SaysWith(200, ("grpc-status", "14"));
    let ambiguous = "may have taken effect";
    #[rustfmt::skip]
    let table: [Row<'_>; 28] = [
        (&[Fails(NotSent)],                      &post, &[],    (Ok(204), 2)),
        (&[Fails(NotSent), Fails(NotSent)],      &post, &[],    (Err("no endpoint is left"), 2)),
        (&[Fails(TurnedAway)],                   &post, &[],    (Ok(204), 2)),
        (&[Fails(TurnedAway), Fails(TurnedAway)], &get, &[],    (Err("unprocessed twice"), 2)),
        (&[Fails(Cut)],                          &post, &[],    (Err(ambiguous), 1)),
        (&[Fails(Cut)],                          &post, KEY,    (Ok(204), 2)),
        (&[Fails(Cut)],                          &get,  &[],    (Ok(204), 2)),
        (&[Stalls],                              &post, &[],    (Err(ambiguous), 1)),
        (&[Stalls],                              &post, KEY,    (Ok(204), 2)),
        (&[Stalls],                              &get,  &[],    (Ok(204), 2)),
        (&[IsBusy],                              &post, &[],    (Err("not ready within 1000 ms; no endpoint is left"), 0)),
        (&[Says(429)],                           &post, &[],    (Ok(204), 2)),
        (&[SaysWith(429, ("retry-after", "60"))], &post, &[],   (Ok(429), 1)),
        (&[Says(502)],                           &post, &[],    (Ok(502), 1)),
        (&[Says(503)],                           &post, KEY,    (Ok(204), 2)),
        (&[Says(504)],                           &get,  &[],    (Ok(204), 2)),
        (&[unprocessed],                         &post, &[],    (Ok(204), 2)),
        (&[unavailable],                         &post, KEY,    (Ok(204), 2)),
        (&[unavailable],                         &post, &[],    (Ok(200), 1)),
        (&[Says(425)],                           &post, &[],    (Ok(204), 2)),
        (&[Says(408)],                           &post, &[],    (Ok(408), 1)),
        (&[Says(408)],                           &put,  &[],    (Ok(204), 2)),
        (&[Says(404)],                           &get,  &[],    (Ok(404), 1)),
        (&[Says(500)],                           &get,  &[],    (Ok(500), 1)),
        (&[Says(503); 9],                        &get,  &[],    (Ok(503), 3)),
        (&[Says(503); 9],                        &put,  &[],    (Ok(503), 2)),
        (&[Says(503); 9],                        &get,  ENGINE, (Ok(503), 2)),
        (&[Fails(Cut); 9],                       &put,  &[],    (Err("all 2 attempts are used up"), 2)),
    ];
    for (course, method, headers, expected) in table {
        check(course, method.clone(), headers, expected).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_as_long_as_the_service_asks() {
    let took = check(&[SaysWith(503, ("retry-after", "2"))], Method::GET, &[], (Ok(204), 2)).await;
    assert!(took >= Duration::from_secs(2) && took < Duration::from_millis(2_100), "{took:?}");
    let took = check(&[Says(503)], Method::GET, &[], (Ok(204), 2)).await;
    assert!(took <= Duration::from_millis(26), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_request_may_say_itself_that_it_is_safe() {
    for (repeat, expected) in [(Repeat::Safe, 2), (Repeat::Unsafe, 1)] {
        let fake = Fake::new(&[Says(503)], Says(200));
        let mut request = request(Method::POST, &[("idempotency-key", "k")]);
        request.extensions_mut().insert(repeat);
        let _answer = call(&alike(2, &fake, Settings::default()), request).await;
        assert_eq!(fake.seen().len(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_cannot_be_copied_is_sent_once() {
    let fake = Fake::new(&[], Fails(NotSent));
    let options = Options { copy: |_| None, ..options() };
    let endpoints = vec![("a".to_owned(), fake.clone()), ("b".to_owned(), fake.clone())];
    let target = ondol_sdk::calls::Balanced::with("seats", endpoints, Settings::default(), options);
    let error = target.oneshot(request(Method::GET, &[])).await.unwrap_err();
    assert!(error.to_string().contains("Options::copy"), "{error}");
    assert_eq!(fake.seen().len(), 1);
    let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<Fault>());
    assert!(cause.is_some());
    assert!(!error.may_have_acted());
}

#[tokio::test(start_paused = true)]
async fn an_answer_tells_how_it_came_about() {
    let fake = Fake::new(&[Says(503)], Manner::Takes(5));
    let answer = call(&alike(2, &fake, Settings::default()), request(Method::GET, &[])).await.unwrap();
    let story = Story::of(&answer).unwrap().to_string();
    let (first, second) = (&fake.seen()[0], &fake.seen()[1]);
    let (a, b) = (first.endpoint, second.endpoint);
    for part in [
        format!(
            "picked e{a} at cost 0.0 instead of e{b} at 0.0; e{a} answered 503 in 0.0 ms; tried again after "
        ),
        " ms, budget left 99; ".to_owned(),
        format!("; picked e{b} at cost 0"),
        format!("; e{b} answered 200 in 5"),
        "; not tried again: 200 is final".to_owned(),
    ] {
        assert!(story.contains(&part), "{part:?} in {story}");
    }
}

/// Only a clone: `Request` has extensions, which a retry must keep.
#[tokio::test(start_paused = true)]
async fn extensions_go_with_every_attempt() {
    let kept = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let inner = {
        let kept = std::sync::Arc::clone(&kept);
        tower::service_fn(move |request: Request<String>| {
            kept.lock().unwrap().push(request.extensions().get::<u8>().copied());
            async { Ok::<_, Fault>(http::Response::builder().status(503).body(()).unwrap()) }
        })
    };
    let target = ondol_sdk::calls::Balanced::new("seats", vec![("a".to_owned(), inner)], Settings::default());
    let mut request = Request::put("/").body(String::new()).unwrap();
    request.extensions_mut().insert(9_u8);
    let _answer = target.oneshot(request).await;
    assert_eq!(*kept.lock().unwrap(), [Some(9), Some(9)]);
}
