//! Deadlines that a request brings: never overrun, and passed on.

use std::time::Duration;

use http::Method;
use http_body_util::BodyExt;
use ondol_call::policy::settings::Settings;
use ondol_call::{PoolLimits, Request, Target};
use tokio::time::Instant;

use crate::asked::{Asked, ask, brisk, get, service, with};
use crate::support::{Peer, Scripted, caller, field, post};

/// Each way to ask for 200 ms.
const WAYS: [(&str, &str); 3] =
    [("ondol-deadline-ms", "200"), ("grpc-timeout", "200m"), ("x-envoy-expected-rq-timeout-ms", "200")];
const ASKED: Duration = Duration::from_millis(200);
/// For a busy machine.
const LATE_MAX: Duration = Duration::from_millis(150);

/// Asks a service with this script; no call may take longer than was asked.
async fn check(script: impl Fn(Peer) + Send + Sync + 'static, settings: Settings, told: &str) {
    let server = Scripted::new(script);
    for (name, value) in WAYS {
        for method in [Method::GET, Method::POST] {
            let callee = caller().callee(service([server.endpoint(), server.endpoint()], settings.clone()));
            let request = with(Request { method, ..post("/", "{}") }, &[(name, value)]);
            let began = Instant::now();
            let Asked { told: got, story, .. } = ask(&callee, request).await;
            let took = began.elapsed();
            assert!(got.contains(told), "{name}: {got} ({story})");
            assert!(took < ASKED + LATE_MAX, "{name}: {took:?} ({story})");
        }
    }
}

#[tokio::test]
async fn a_deadline_is_not_overrun_by_silence_failures_or_a_body_that_trickles() {
    let unsaid = Settings { response: None, ..brisk() };
    check(|mut peer| peer.wait_for_end(), unsaid.clone(), "no answer within").await;
    let trickles = |mut peer: Peer| {
        peer.request();
        peer.write("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n");
        for _ in 0..99 {
            peer.write("x");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    check(trickles, unsaid.clone(), "x, then the deadline passed within the body").await;
    let stops = |mut peer: Peer| {
        peer.request();
        peer.write("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nab");
        peer.wait_for_end();
    };
    let patient = Settings { body_idle: Duration::from_secs(20), ..unsaid };
    check(stops, patient, "200 ab, then the deadline passed within the body").await;
}

#[tokio::test]
async fn a_body_that_comes_faster_than_it_is_read_ends_at_the_deadline() {
    let server = Scripted::new(|mut peer| {
        peer.request();
        peer.write("HTTP/1.1 200 OK\r\ncontent-length: 9000000000\r\n\r\n");
        while peer.try_write(&[b'x'; 8 * 1024]) {}
    });
    let callee = caller().callee(service([server.endpoint()], brisk()));
    let began = Instant::now();
    let came = callee.call(with(get("/"), &[("ondol-deadline-ms", "200")]), None).await;
    let mut body = came.result.unwrap().into_body();
    let mut last = None;
    while let Some(frame) = body.frame().await {
        assert!(began.elapsed() < ASKED + LATE_MAX, "it goes on");
        last = Some(frame.map(|_| ()).map_err(|error| error.to_string()));
        // The socket is full again whenever it is looked at.
        std::thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(last, Some(Err("the deadline passed within the body".to_owned())));
}

/// A service that answers with the head that it was sent.
fn echo() -> Scripted {
    Scripted::new(|mut peer| {
        while let Some(request) = peer.request() {
            if request.starts_with("GET /slow") {
                std::thread::sleep(Duration::from_millis(100));
            }
            peer.answer(&request);
        }
    })
}

#[tokio::test]
async fn what_is_left_is_passed_on_less_a_margin() {
    let server = echo();
    let callee = caller().callee(service([server.endpoint()], brisk()));
    for (name, value) in WAYS {
        let asked = ask(&callee, with(get("/"), &[(name, value)])).await;
        let passed_on: u64 = field(&asked.told, name).unwrap().trim_end_matches('m').parse().unwrap();
        assert!((120..=190).contains(&passed_on), "{name}: {passed_on}");
        let others = WAYS.iter().filter(|(other, _)| *other != name);
        assert!(others.into_iter().all(|(other, _)| field(&asked.told, other).is_none()), "{}", asked.told);
    }
    let plain = ask(&callee, get("/")).await.told;
    assert!(WAYS.iter().all(|(name, _)| field(&plain, name).is_none()), "nobody asked: {plain}");
    let far = ask(&callee, with(get("/"), &[("ondol-deadline-ms", "60000")])).await.told;
    let passed_on: u64 = field(&far, "ondol-deadline-ms").unwrap().parse().unwrap();
    assert!((9_900..=9_990).contains(&passed_on), "no more than the settings give: {passed_on}");
}

#[tokio::test]
async fn what_is_passed_on_knows_of_the_wait_for_a_connection() {
    let server = echo();
    let pool = PoolLimits { connections_max: 1, ..PoolLimits::default() };
    let callee = caller().callee(Target { pool, ..service([server.endpoint()], brisk()) });
    let (_slow, waited) = tokio::join!(
        ask(&callee, get("/slow")),
        ask(&callee, with(get("/"), &[("ondol-deadline-ms", "200")]))
    );
    let passed_on: u64 = field(&waited.told, "ondol-deadline-ms").unwrap().parse().unwrap();
    assert!(passed_on <= 100, "{passed_on} ms after 100 ms of waiting");
}

#[tokio::test]
async fn a_call_that_comes_too_late_is_no_attempt() {
    let server = echo();
    let callee = caller().callee(service([server.endpoint()], brisk()));
    for (name, value) in [("ondol-deadline-ms", "0"), ("grpc-timeout", "0S")] {
        let asked = ask(&callee, with(get("/"), &[(name, value)])).await;
        assert_eq!((&*asked.told, asked.attempts()), ("expired", 0), "{name}");
    }
    assert_eq!((server.seen().len(), callee.snapshot().connections_opened), (0, 0));
    // Envoy's way to say that there is none.
    let asked = ask(&callee, with(get("/"), &[("x-envoy-expected-rq-timeout-ms", "0")])).await;
    assert!(asked.told.starts_with("200 "), "{}", asked.told);
}

/// The settings' own end is for the head; a body goes on until the deadline that was asked for.
#[tokio::test]
async fn a_deadline_beyond_the_settings_holds_for_the_bodies_and_theirs_for_the_head() {
    let trickles = Scripted::new(|mut peer| {
        while peer.request().is_some() {
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n");
            for _ in 0..8 {
                std::thread::sleep(Duration::from_millis(50));
                peer.write("x");
            }
        }
    });
    let silent = Scripted::new(|mut peer| peer.wait_for_end());
    #[rustfmt::skip]
    let table = [
        // who, what is asked, what is told
        (&trickles, "5000", "200 xxxxxxxx"),
        (&trickles, "300",  "the deadline passed within the body"),
        (&silent,   "5000", "no answer within "),
    ];
    for (server, ms, told) in table {
        let settings = Settings { deadline: ASKED, response: None, ..brisk() };
        let callee = caller().callee(service([server.endpoint()], settings));
        let began = Instant::now();
        let request = with(post("/", "{}"), &[("ondol-deadline-ms", ms)]);
        let asked = ask(&callee, request).await;
        assert!(asked.told.contains(told), "{ms}: {} ({})", asked.told, asked.story);
        assert!(began.elapsed() < Duration::from_secs(1), "{ms}: {:?}", began.elapsed());
    }
}
