//! Calls and answers that are dropped: whatever they held is given back.

use std::pin::pin;
use std::time::Duration;

use http_body_util::BodyExt;
use ondol_call::policy::settings::{Balance, Breaker, Cache, Settings, Throttle};
use ondol_call::{Callee, PoolLimits, Protocol, Target};

use crate::asked::{ask, brisk, get, keyed, service};
use crate::support::{Peer, Scripted, caller, endpoint, free_address, raw};
use crate::whole::{PREFACE, ok, until_request};

/// One call at a time, everywhere.
fn narrow() -> (Settings, PoolLimits) {
    let throttle = Throttle { limit_min: 2, limit_max: 2, limit_start: 2, ..Throttle::default() };
    let pool = PoolLimits { connections_max: 1, ..PoolLimits::default() };
    (Settings { throttle, response: Some(Duration::from_secs(5)), ..brisk() }, pool)
}

fn assert_free(callee: &Callee, row: &str) {
    let now = callee.explain();
    assert_eq!((now.in_flight, now.queued), (0, 0), "{row}");
    assert!(now.endpoints.iter().all(|endpoint| endpoint.in_flight == 0), "{row}: {now:?}");
    assert_eq!(callee.snapshot().in_flight, 0, "{row}");
}

/// Answers a little at a time, so that calls are dropped at every point.
fn slowly(mut peer: Peer) {
    while let Some(request) = peer.request() {
        if request.contains("/fast") {
            peer.answer("ok");
            continue;
        }
        for piece in ["HTTP/1.1 503 Busy\r\n", "content-length: 4\r\n\r\n", "ab", "cd"] {
            std::thread::sleep(Duration::from_millis(2));
            peer.write(piece);
        }
    }
}

#[tokio::test]
async fn a_call_may_be_dropped_at_any_point() {
    let server = Scripted::new(slowly);
    let (settings, pool) = narrow();
    let callee = caller().callee(Target { pool, ..service([server.endpoint()], settings) });
    for polls in 0..60 {
        {
            let mut call = pin!(callee.call(keyed("/slow"), None));
            for _ in 0..polls {
                if futures_util::poll!(call.as_mut()).is_ready() {
                    break;
                }
                tokio::time::sleep(Duration::from_micros(300)).await;
            }
        }
        let row = format!("dropped after {polls} polls");
        assert_free(&callee, &row);
        let asked = tokio::time::timeout(Duration::from_secs(1), ask(&callee, get("/fast"))).await;
        assert_eq!(asked.expect("there is a place").told, "200 ok", "{row}");
    }
}

#[tokio::test]
async fn an_answer_may_be_dropped_at_any_point() {
    let server = Scripted::new(|mut peer| {
        while let Some(request) = peer.request() {
            if request.contains("/fast") {
                peer.answer("ok");
                continue;
            }
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n");
            for _ in 0..8 {
                peer.write("x");
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    });
    let (settings, pool) = narrow();
    let callee = caller().callee(Target { pool, ..service([server.endpoint()], settings) });
    for frames in 0..10 {
        let mut body = callee.call(get("/"), None).await.result.unwrap().into_body();
        assert_free(&callee, "its place is for the wait for a head");
        for _ in 0..frames {
            let _piece = body.frame().await;
        }
        drop(body);
        assert_eq!(ask(&callee, get("/fast")).await.told, "200 ok", "dropped after {frames} frames");
    }
    let counted = callee.snapshot();
    assert!(counted.connections_opened - counted.connections_closed <= 1, "{counted:?}");
}

#[tokio::test]
async fn a_dropped_http2_call_gives_its_stream_back() {
    let server = Scripted::new(|mut peer| {
        peer.read(PREFACE);
        // At most one stream at once (SETTINGS_MAX_CONCURRENT_STREAMS), so that one lost would be all.
        peer.write([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 1]);
        for stream in [1, 3, 5, 7] {
            until_request(&mut peer);
            if stream == 7 {
                peer.write(ok(stream));
            }
        }
        peer.wait_for_end();
    });
    let target = Target { protocol: Protocol::Http2, ..service([server.endpoint()], brisk()) };
    let callee = caller().callee(target);
    for _ in 0..3 {
        let dropped = tokio::time::timeout(Duration::from_millis(30), callee.call(keyed("/"), None)).await;
        assert!(dropped.is_err());
        assert_free(&callee, "HTTP/2");
    }
    assert_eq!(ask(&callee, keyed("/")).await.told, "200 ");
    assert_eq!(callee.snapshot().connections_opened, 1);
}

#[tokio::test]
async fn a_dropped_probe_leaves_its_turn_to_the_next() {
    let away = free_address();
    let well = Scripted::always(raw(200, "", "well"));
    let breaker = Breaker { absent_first: Duration::from_millis(50), jitter: 0.0, ..Breaker::default() };
    let balance = Balance { slow_start: Duration::ZERO, ..Balance::default() };
    let settings = Settings { breaker, balance, ..brisk() };
    let callee = caller().callee(service([endpoint(away), well.endpoint()], settings));
    while callee.explain().endpoints[0].usable {
        assert_eq!(ask(&callee, keyed("/")).await.told, "200 well");
    }
    let back = Scripted::at(away, |mut peer| {
        while peer.request().is_some() {
            if peer.index > 0 {
                peer.answer("back");
            }
        }
    });
    tokio::time::sleep(Duration::from_millis(60)).await;
    let probe = tokio::time::timeout(Duration::from_millis(30), callee.call(keyed("/probe"), None)).await;
    assert!(probe.is_err(), "the probe is not answered");
    assert_eq!(ask(&callee, keyed("/next")).await.told, "200 back");
    assert_eq!(back.seen(), ["POST /probe HTTP/1.1", "POST /next HTTP/1.1"]);
}

#[tokio::test]
async fn those_who_wait_go_on_when_who_they_wait_for_is_dropped() {
    let server = Scripted::new(|mut peer| {
        while peer.request().is_some() {
            std::thread::sleep(Duration::from_millis(100));
            peer.write(raw(200, "cache-control: max-age=9\r\n", "5"));
        }
    });
    let settings = Settings { cache: Some(Cache::default()), ..brisk() };
    let callee = caller().callee(service([server.endpoint()], settings));
    let leading = tokio::time::timeout(Duration::from_millis(20), callee.call(get("/"), None));
    let following = async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        ask(&callee, get("/")).await.told
    };
    let (led, followed) = tokio::join!(leading, following);
    assert!(led.is_err());
    assert_eq!(followed, "200 5");
    assert_free(&callee, "one flight");
}
