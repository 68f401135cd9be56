//! Calls that switch to another protocol.

use std::time::Duration;

use bytes::Bytes;
use hyper_util::rt::TokioIo;
use ondol_call::policy::settings::{Rate, Settings};
use ondol_call::{PoolLimits, Request, Target};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

use crate::asked::{brisk, get, service, with};
use crate::support::{Peer, Scripted, black_hole, caller, field, raw, refusing};

fn upgrading() -> Request {
    let body = ondol_call::Body::absent();
    with(Request { body, ..get("/socket") }, &[("connection", "upgrade"), ("upgrade", "echo")])
}

/// Agrees to speak `echo`, in which a 0 ends the talk.
fn echoing(mut peer: Peer) {
    let request = peer.request().unwrap();
    assert_eq!((field(&request, "upgrade"), field(&request, "connection")), (Some("echo"), Some("upgrade")));
    peer.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\nhello");
    loop {
        let byte = peer.read(1);
        if byte == [0] {
            return;
        }
        peer.write(byte.repeat(2));
    }
}

#[tokio::test]
async fn bytes_go_both_ways_also_past_an_endpoint_that_is_away() {
    let (hole, _filling) = black_hole();
    let server = Scripted::new(echoing);
    for first in [None, Some(refusing()), Some(hole)] {
        let endpoints = first.into_iter().chain([server.endpoint()]);
        let callee = caller().callee(service(endpoints, brisk()));
        for _ in 0..3 {
            let answer = callee.upgrade(upgrading(), None).await.unwrap();
            assert_eq!(answer.status(), 101);
            let mut switched = TokioIo::new(hyper::upgrade::on(answer).await.unwrap());
            let mut read = [0; 5];
            switched.read_exact(&mut read).await.unwrap();
            assert_eq!(&read, b"hello");
            for byte in [b'a', b'b'] {
                switched.write_all(&[byte]).await.unwrap();
                switched.read_exact(&mut read[..2]).await.unwrap();
                assert_eq!(read[..2], [byte; 2]);
            }
            switched.write_all(&[0]).await.unwrap();
            assert_eq!(switched.read(&mut read).await.unwrap(), 0, "the service ends it");
        }
        assert_eq!(callee.explain().in_flight, 0);
    }
}

#[tokio::test]
async fn what_was_sent_is_not_sent_to_another() {
    let refusal = Scripted::always(raw(403, "", "no"));
    let reset = Scripted::new(|mut peer| {
        peer.request();
        peer.reset();
    });
    let silent = Scripted::new(|mut peer| {
        peer.request();
        peer.wait_for_end();
    });
    #[rustfmt::skip]
    let table = [
        (&refusal, "403"),
        (&reset,   "the connection failed before an answer"),
        (&silent,  "no answer within "),
    ];
    for (server, told) in table {
        let callee = caller().callee(service([server.endpoint(), server.endpoint()], brisk()));
        let came = match callee.upgrade(upgrading(), None).await {
            Ok(answer) => answer.status().as_str().to_owned(),
            Err(error) => error.to_string(),
        };
        assert!(came.starts_with(told), "{came}");
        assert_eq!(server.seen().len(), 1, "{told}");
    }
    let nobody = caller().callee(service([refusing(), refusing()], brisk()));
    let error = nobody.upgrade(upgrading(), None).await.unwrap_err();
    assert!(error.to_string().starts_with("it was sent nothing: connecting: "), "{error}");
}

#[tokio::test]
async fn a_refused_upgrade_has_a_body_like_any_other() {
    let server = Scripted::always(raw(426, "", "speak http"));
    let callee = caller().callee(service([server.endpoint()], brisk()));
    let answer = callee.upgrade(upgrading(), None).await.unwrap();
    let body = http_body_util::BodyExt::collect(answer.into_body());
    let body = tokio::time::timeout(Duration::from_secs(1), body).await.unwrap().unwrap().to_bytes();
    assert_eq!(body, Bytes::from_static(b"speak http"));
}

#[tokio::test]
async fn an_upgrade_keeps_within_what_bounds_every_call() {
    let (hole, _filling) = black_hole();
    let server = Scripted::new(echoing);
    let plain = Scripted::new(|mut peer| {
        peer.request();
        peer.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na");
        peer.wait_for_end();
    });
    let by = |ms: &str| with(upgrading(), &[("ondol-deadline-ms", ms)]);
    let rate = Some(Rate { per_second: 0.1, burst: 1 });
    let limited = Settings { rate, ..brisk() };
    let total = Settings { deadline: Duration::from_millis(100), ..brisk() };
    let late = "it was sent nothing: the deadline passed before it could be sent";
    #[rustfmt::skip]
    let table = [
        // who, its settings, two requests and what is told of each
        (server.endpoint(), brisk(), [(upgrading(), "101"), (by("0"),     "the caller's deadline had passed on arrival")]),
        (server.endpoint(), limited, [(upgrading(), "101"), (upgrading(), "over the rate of 0.1 calls a second (rate.per_second)")]),
        (hole.clone(),      brisk(), [(by("100"),   late),  (by("100"),   late)]),
        (hole,              total,   [(upgrading(), late),  (upgrading(), late)]),
        // What is no tunnel holds its place like any other answer.
        (plain.endpoint(),  brisk(), [(upgrading(), "200"), (upgrading(), "it was sent nothing: no connection became free within 50 ms")]),
    ];
    for (row, (endpoint, settings, requests)) in table.into_iter().enumerate() {
        let pool =
            PoolLimits { connections_max: 1, wait_max: Duration::from_millis(50), ..PoolLimits::default() };
        let callee = caller().callee(Target { pool, ..service([endpoint], settings) });
        let mut held = Vec::new();
        for (request, told) in requests {
            let began = Instant::now();
            let came = match callee.upgrade(request, None).await {
                Ok(answer) => {
                    let status = answer.status().as_str().to_owned();
                    held.push(answer);
                    status
                }
                Err(error) => error.to_string(),
            };
            assert!(came.starts_with(told), "row {row}: {came}");
            assert!(began.elapsed() < Duration::from_millis(200), "row {row}: {:?}", began.elapsed());
        }
        let counted = callee.snapshot();
        assert_eq!((counted.duration_count, counted.in_flight), (2, 0), "row {row}: calls like any other");
    }
}
