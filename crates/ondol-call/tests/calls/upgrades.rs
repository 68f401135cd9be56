//! Calls that switch to another protocol.

use std::time::Duration;

use bytes::Bytes;
use hyper_util::rt::TokioIo;
use ondol_call::Request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

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
            let answer = callee.upgrade(upgrading()).await.unwrap();
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
        let came = match callee.upgrade(upgrading()).await {
            Ok(answer) => answer.status().as_str().to_owned(),
            Err(error) => error.to_string(),
        };
        assert!(came.starts_with(told), "{came}");
        assert_eq!(server.seen().len(), 1, "{told}");
    }
    let nobody = caller().callee(service([refusing(), refusing()], brisk()));
    let error = nobody.upgrade(upgrading()).await.unwrap_err();
    assert!(error.to_string().starts_with("it was sent nothing: connecting: "), "{error}");
}

#[tokio::test]
async fn a_refused_upgrade_has_a_body_like_any_other() {
    let server = Scripted::always(raw(426, "", "speak http"));
    let callee = caller().callee(service([server.endpoint()], brisk()));
    let answer = callee.upgrade(upgrading()).await.unwrap();
    let body = http_body_util::BodyExt::collect(answer.into_body());
    let body = tokio::time::timeout(Duration::from_secs(1), body).await.unwrap().unwrap().to_bytes();
    assert_eq!(body, Bytes::from_static(b"speak http"));
}
