//! Another answer instead of a failure: marked, counted, and never for a write that may have taken effect.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use ondol_call::policy::settings::{Fallback, Rate, Settings};
use ondol_call::{Apart, Decision, Endpoint, FallbackKind, Operation, OperationOf, Request, Target};
use tokio::time::Instant;

use crate::asked::{Asked, ask, brisk, get, keyed, service, with};
use crate::support::{Scripted, caller, field, post, raw, refusing};

fn fixed() -> Fallback {
    Fallback::Static {
        status: 203,
        content_type: "text/plain".to_owned(),
        body: Bytes::from_static(b"about 5"),
    }
}

fn cached(not_older_than: Duration) -> Fallback {
    Fallback::Cached { not_older_than }
}

fn alternate(shares_keys: bool) -> Fallback {
    Fallback::Alternate { service: "other".to_owned(), shares_keys }
}

fn falling_back(fallback: Fallback) -> Settings {
    Settings { fallback: Some(fallback), ..brisk() }
}

/// Which fallback there was, or why none, if that was said.
type Expected = Option<Result<FallbackKind, &'static str>>;

/// Why there was no fallback, if that was said.
fn why_not(asked: &Asked) -> Option<&str> {
    asked.story.decisions().iter().find_map(|decision| match decision {
        Decision::NoFallback(why) => Some(why.as_str()),
        _ => None,
    })
}

#[tokio::test]
async fn what_stands_in_for_what() {
    let [failing, lacking, good] = [(503, "down"), (404, "none"), (200, "other's")]
        .map(|(status, body)| Scripted::always(raw(status, "", body)));
    let put = || Request { method: Method::PUT, ..post("/", "{}") };
    let stands = |kind| Some(Ok(kind));
    let write = Some(Err("a non-idempotent write gets none"));
    let (f, a) = (FallbackKind::Static, FallbackKind::Alternate);
    let (down, gone, none) = (failing.endpoint(), refusing(), lacking.endpoint());
    #[rustfmt::skip]
    let table: [(Fallback, &Endpoint, Request, &str, Expected); 11] = [
        (fixed(),          &down, get("/"),        "203 about 5", stands(f)),
        (fixed(),          &gone, get("/"),        "203 about 5", stands(f)),
        (fixed(),          &down, put(),           "203 about 5", stands(f)),
        (fixed(),          &none, get("/"),        "404 none",    Some(Err("404 is an answer, not a failure"))),
        (fixed(),          &down, post("/", "{}"), "503 down",    write),
        (fixed(),          &down, keyed("/"),      "503 down",    write),
        (alternate(false), &down, get("/"),        "200 other's", stands(a)),
        (alternate(false), &gone, get("/"),        "200 other's", stands(a)),
        (alternate(false), &down, keyed("/"),      "503 down",    write),
        (alternate(true),  &down, keyed("/"),      "200 other's", stands(a)),
        (alternate(true),  &down, post("/", "{}"), "503 down",    write),
    ];
    for (fallback, endpoint, request, told, expected) in table {
        let owner = caller();
        let other = Target::new("other", vec![good.endpoint()]);
        owner.callee(Target { settings: brisk(), ..other });
        let row = format!("{fallback:?} {} {endpoint}", request.method);
        let callee = owner.callee(service([endpoint.clone()], falling_back(fallback)));
        let asked = ask(&callee, request).await;
        assert_eq!(asked.told, told, "{row}: {}", asked.story);
        let got = asked.fallback.map(Ok).or(why_not(&asked).map(Err));
        match (got, expected) {
            (Some(Err(why)), Some(Err(part))) => assert!(why.contains(part), "{row}: {why}"),
            (got, expected) => assert_eq!(got, expected, "{row}"),
        }
        let counted = callee.snapshot().fallbacks;
        assert_eq!(counted.iter().sum::<u64>(), u64::from(asked.fallback.is_some()), "{row}: counted");
    }
}

#[tokio::test]
async fn the_last_good_answer_stands_in_while_it_is_young_enough() {
    let minute = Duration::from_mins(1);
    #[rustfmt::skip]
    let table = [
        // how old it may be, fields of the good answer, what is told once the service fails
        (minute,         "",                            "200 5"),
        (minute,         "cache-control: max-age=1\r\n", "200 5"),
        (minute,         "cache-control: no-store\r\n", "503 "),
        (minute,         "set-cookie: a=b\r\n",         "503 "),
        (Duration::ZERO, "",                            "503 "),
    ];
    for (not_older_than, fields, told) in table {
        let requests = AtomicUsize::new(0);
        let server = Scripted::new(move |mut peer| {
            while peer.request().is_some() {
                match requests.fetch_add(1, Relaxed) {
                    0 => peer.write(raw(200, fields, "5")),
                    _ => peer.write(raw(503, "", "")),
                }
            }
        });
        let callee = caller().callee(service([server.endpoint()], falling_back(cached(not_older_than))));
        assert_eq!(ask(&callee, get("/quote")).await.told, "200 5");
        tokio::time::sleep(Duration::from_millis(2)).await;
        let asked = ask(&callee, get("/quote")).await;
        assert_eq!(asked.told, told, "{fields:?}: {}", asked.story);
        let stands_in = told.starts_with("200");
        assert_eq!(asked.fallback, stands_in.then_some(FallbackKind::Cached));
        assert_eq!(asked.headers.contains_key("age"), stands_in, "an old answer says how old");
        assert_eq!(why_not(&asked).is_some(), !stands_in, "{}", asked.story);
        assert_eq!(ask(&callee, get("/another")).await.told, "503 ", "another request's answer");
        assert_eq!(ask(&callee, keyed("/quote")).await.told, "503 ", "a write's");
    }
}

#[tokio::test]
async fn an_alternate_that_fails_is_none() {
    let [failing, failing_too] = ["mine", "other's"].map(|body| Scripted::always(raw(503, "", body)));
    for (name, why) in [("other", "other answered 503"), ("somebody", "there is no service other")] {
        let owner = caller();
        owner.callee(Target { settings: brisk(), ..Target::new(name, vec![failing_too.endpoint()]) });
        let callee = owner.callee(service([failing.endpoint()], falling_back(alternate(false))));
        let asked = ask(&callee, get("/")).await;
        assert_eq!((&*asked.told, asked.fallback), ("503 mine", None));
        assert!(why_not(&asked).unwrap().contains(why), "{}", asked.story);
    }
}

#[tokio::test]
async fn an_alternate_has_what_is_left_of_the_time() {
    let [mine, other] = [(), ()].map(|()| Scripted::new(|mut peer| peer.wait_for_end()));
    let asking = with(get("/"), &[("ondol-deadline-ms", "300")]);
    for (request, deadline) in [(asking, 10_000), (get("/"), 300)] {
        let mut settings = falling_back(alternate(false));
        settings.response = Some(Duration::from_millis(200));
        settings.retry.attempts_read = 1;
        settings.deadline = Duration::from_millis(deadline);
        let owner = caller();
        let patient = Settings { response: None, ..brisk() };
        owner.callee(Target { settings: patient, ..Target::new("other", vec![other.endpoint()]) });
        let callee = owner.callee(service([mine.endpoint()], settings));
        let began = Instant::now();
        let asked = ask(&callee, request).await;
        let took = began.elapsed();
        assert!(asked.told.starts_with("unclear: no answer within "), "{}", asked.told);
        assert!(took < Duration::from_millis(450), "{took:?}: {}", asked.story);
    }
}

#[tokio::test]
async fn a_call_that_a_limit_turned_away_has_a_fallback_and_one_that_came_too_late_has_none() {
    let server = Scripted::always(raw(200, "", "5"));
    let rate = Some(Rate { per_second: 0.1, burst: 1 });
    let callee = caller().callee(service([server.endpoint()], Settings { rate, ..falling_back(fixed()) }));
    let late = with(get("/"), &[("ondol-deadline-ms", "0")]);
    for (request, told) in [(get("/"), "200 5"), (get("/"), "203 about 5"), (late, "expired")] {
        assert_eq!(ask(&callee, request).await.told, told);
    }
    assert_eq!(callee.snapshot().fallbacks, [1, 0, 0]);
}

#[tokio::test]
async fn an_alternate_is_called_as_its_own_settings_say() {
    let down = Scripted::always(raw(503, "", ""));
    let echo = Scripted::new(|mut peer| {
        while let Some(request) = peer.request() {
            peer.answer(&request);
        }
    });
    let headers = |pairs: &[(&'static str, &'static str)]| {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    };
    let owner = caller();
    let slow = Operation {
        settings: Settings { rate: None, ..brisk() },
        idempotent: false,
        apart: Apart::default(),
    };
    let limited = Operation {
        settings: Settings { rate: Some(Rate { per_second: 0.1, burst: 1 }), ..brisk() },
        idempotent: false,
        apart: Apart { rate: true, ..Apart::default() },
    };
    owner.callee(Target {
        operations: vec![slow, limited],
        operation_of: OperationOf::new(|method, path| {
            (method == Method::GET && path == "/quote").then_some(1)
        }),
        headers: headers(&[("x-key", "other's")]),
        ..Target::new("other", vec![echo.endpoint()])
    });
    let callee = owner.callee(Target {
        headers: headers(&[("x-key", "mine"), ("x-mine", "secret")]),
        ..service([down.endpoint()], falling_back(alternate(false)))
    });
    let told = ask(&callee, with(get("/quote"), &[("x-asked", "1")])).await.told;
    let fields = ["x-key", "x-mine", "x-asked"].map(|name| field(&told, name));
    assert_eq!(fields, [Some("other's"), None, Some("1")], "{told}");
    let again = ask(&callee, get("/quote")).await;
    assert!(
        why_not(&again).unwrap().contains("rate.per_second"),
        "its operation has a rate: {}",
        again.story
    );
    let other = ask(&callee, with(get("/else"), &[("x-key", "asked")])).await.told;
    assert_eq!(field(&other, "x-key"), Some("asked"), "what is asked goes before");
}

#[tokio::test]
async fn a_service_that_says_nothing_leaves_its_alternate_time() {
    let silent = Scripted::new(|mut peer| peer.wait_for_end());
    let other = Scripted::always(raw(200, "", "other's"));
    let asking = with(get("/"), &[("ondol-deadline-ms", "600")]);
    for (request, attempts_read) in [(get("/"), 1), (get("/"), 3), (asking, 1)] {
        let mut settings = Settings { response: None, ..falling_back(alternate(false)) };
        settings.retry.attempts_read = attempts_read;
        settings.deadline = Duration::from_millis(600);
        let owner = caller();
        owner.callee(Target { settings: brisk(), ..Target::new("other", vec![other.endpoint()]) });
        let callee = owner.callee(service([silent.endpoint()], settings));
        let asked = ask(&callee, request).await;
        assert_eq!(asked.told, "200 other's", "{attempts_read}: {}", asked.story);
    }
}
