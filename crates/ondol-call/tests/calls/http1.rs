//! HTTP/1.1 against callees that misbehave. Each ends in the one outcome that is certain.

use std::collections::HashSet;
use std::time::Duration;

use crate::support::{Peer, Scripted, black_hole, caller, post, refusing, soon, target, told};
use http::Method;
use ondol_call::{Answer, NotSentReason, Once, PoolLimits, Protocol, Target, Timeouts};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// One call to a callee with this script: what is told of it, and how many requests the callee read.
async fn check(script: impl Fn(Peer) + Send + Sync + 'static, expected: &str) {
    let server = Scripted::new(script);
    // Twice the same address: an outcome that is not certain must not be tried on the second.
    let callee = caller().callee(target([server.endpoint(), server.endpoint()]));
    let sent = callee.send(post("/hold", "{}"), soon(), Once::FIRST).await;
    assert!(told(&sent).starts_with(expected), "expected {expected}, got {}", told(&sent));
    assert_eq!(server.seen(), ["POST /hold HTTP/1.1"], "{expected}: sent exactly once");
    assert!(sent.unsent.is_empty());
}

fn answering(raw: impl Into<Vec<u8>>) -> impl Fn(Peer) + Send + Sync + 'static {
    let raw = raw.into();
    move |mut peer| {
        if peer.request().is_some() {
            peer.write(&raw);
            peer.wait_for_end();
        }
    }
}

#[tokio::test]
async fn a_whole_answer_is_passed_on() {
    check(answering("HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}"), "201 {}").await;
    check(
        answering("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[1\r\n3\r\n,2]\r\n0\r\n\r\n"),
        "200 [1,2]",
    )
    .await;
    check(answering("HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n"), "302 ").await;
}

#[tokio::test]
async fn interim_answers_are_passed_over() {
    let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n";
    check(answering(format!("{interim}HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n7")), "200 7").await;
}

#[tokio::test]
async fn silence_ends_in_the_response_timeout() {
    check(answering(""), "unclear: no answer within ").await;
    check(answering("HTTP/1.1 200 O"), "unclear: no answer within ").await;
}

#[tokio::test]
async fn a_stalled_body_ends_in_the_body_timeout() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n";
    let stalled = "unclear: answered 200 OK, then its body stopped for ";
    check(answering(head), stalled).await;
    check(answering(format!("{head}{{\"a")), stalled).await;
}

#[tokio::test]
async fn a_slow_body_is_waited_for_while_it_moves() {
    let slow = |mut peer: Peer| {
        if peer.request().is_some() {
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n");
            for piece in ["1", "2", "3", "4", "5"] {
                std::thread::sleep(Duration::from_millis(80));
                peer.write(piece);
            }
        }
    };
    check(slow, "200 12345").await;
}

#[tokio::test]
async fn a_connection_lost_after_the_request_leaves_it_unclear() {
    let reset = |mut peer: Peer| {
        if peer.request().is_some() {
            peer.reset();
        }
    };
    let closed = |mut peer: Peer| drop(peer.request());
    let cut = |mut peer: Peer| {
        if peer.request().is_some() {
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{\"a");
        }
    };
    check(reset, "unclear: the connection failed before an answer").await;
    check(closed, "unclear: the connection failed before an answer").await;
    check(cut, "unclear: answered 200 OK, then the connection failed").await;
    check(answering("SSH-2.0-OpenSSH\r\n"), "unclear: the connection failed before an answer").await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_cut_off() {
    let over = Answer::BODY_MAX + 1;
    let declared = format!("HTTP/1.1 200 OK\r\ncontent-length: {over}\r\n\r\n").into_bytes();
    let chunk =
        [format!("{:x}\r\n", 64 * 1024).into_bytes(), vec![b' '; 64 * 1024], b"\r\n".to_vec()].concat();
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let exact = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", Answer::BODY_MAX).into_bytes();
    check(answering([declared, vec![b' '; over]].concat()), "200 over the limit").await;
    check(answering([chunked, chunk.repeat(17)].concat()), "200 over the limit").await;
    check(answering([exact, vec![b' '; Answer::BODY_MAX]].concat()), "200  ").await;
}

#[tokio::test]
async fn a_request_always_has_host_and_length() {
    let server = Scripted::new(|mut peer| {
        while let Some(request) = peer.request() {
            peer.answer(&request);
        }
    });
    let callee = caller().callee(target([server.endpoint()]));
    for (method, body) in [(Method::POST, "{}"), (Method::POST, ""), (Method::GET, ""), (Method::DELETE, "")]
    {
        let mut request = post("/a%20b?c=d", body);
        request.method = method.clone();
        request.headers.insert("content-length", "77".parse().unwrap());
        request.headers.insert("transfer-encoding", "chunked".parse().unwrap());
        request.headers.insert("idempotency-key", "k1".parse().unwrap());
        let echoed = told(&callee.send(request, soon(), Once::FIRST).await).to_lowercase();
        assert!(
            echoed.contains(&format!("{} /a%20b?c=d http/1.1\r\n", method.as_str().to_lowercase())),
            "{echoed}"
        );
        assert!(echoed.contains(&format!("\r\nhost: {}\r\n", server.address)), "{echoed}");
        assert_eq!(echoed.matches("content-length: ").count(), 1, "{echoed}");
        assert!(echoed.contains(&format!("\r\ncontent-length: {}\r\n", body.len())), "{echoed}");
        assert!(echoed.contains("\r\nidempotency-key: k1\r\n"), "{echoed}");
    }
    assert_eq!(callee.snapshot().connections_opened, 1, "one after the other share one connection");
}

#[tokio::test]
async fn an_endpoint_that_refuses_is_not_there() {
    let server = Scripted::new(answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"));
    let callee = caller().callee(target([refusing(), server.endpoint()]));
    let sent = callee.send(post("/", ""), soon(), Once::FIRST).await;
    assert_eq!(told(&sent), "200 {}");
    assert!(matches!(sent.unsent[..], [ref first] if matches!(first.why, NotSentReason::Connect(_))));

    let nobody = caller().callee(target([refusing(), refusing()]));
    let sent = nobody.send(post("/", ""), soon(), Once::FIRST).await;
    assert!(told(&sent).starts_with("not sent: connecting: Connection refused"), "{}", told(&sent));
    assert_eq!(sent.unsent.len(), 1, "both were tried");
    let unnamed = caller().callee(target(["http://does-not-exist.invalid".parse().unwrap()]));
    assert!(told(&unnamed.send(post("/", ""), soon(), Once::FIRST).await).starts_with("not sent: "));
    let empty = caller().callee(target([]));
    assert!(
        told(&empty.send(post("/", ""), soon(), Once::FIRST).await)
            .starts_with("not sent: the service has no address")
    );
}

#[tokio::test]
async fn a_black_hole_ends_in_the_connect_timeout() {
    let (hole, _filling) = black_hole();
    let server = Scripted::new(answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"));
    let callee = caller().callee(target([hole, server.endpoint()]));
    let started = Instant::now();
    let sent = callee.send(post("/", ""), soon(), Once::FIRST).await;
    assert_eq!(told(&sent), "200 {}");
    assert!(
        matches!(sent.unsent[0].why, NotSentReason::ConnectTimeout { waited_ms: 250 }),
        "{:?}",
        sent.unsent
    );
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());

    let first_again = callee.clone();
    let _other = callee.send(post("/", ""), soon(), Once::FIRST).await;
    let sent = first_again.send(post("/", ""), Instant::now() + Duration::from_millis(50), Once::FIRST).await;
    assert_eq!(told(&sent), "not sent: the deadline passed before it could be sent");
}

/// The callee closes every connection right after its answer, without a word. Whatever is lost that way may be
/// unclear, never sent twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_callee_that_closes_idle_connections_is_never_asked_twice() {
    let server = Scripted::new(|mut peer| {
        if peer.request().is_some() {
            peer.answer("{}");
        }
    });
    let callee = caller().callee(target([server.endpoint()]));
    let mut calls = JoinSet::new();
    for task in 0..4 {
        let callee = callee.clone();
        calls.spawn(async move {
            for call in 0..100 {
                let sent =
                    told(&callee.send(post(&format!("/{task}/{call}"), "{}"), soon(), Once::FIRST).await);
                assert!(sent == "200 {}" || sent.starts_with("unclear"), "{sent}");
            }
        });
    }
    calls.join_all().await;
    let seen = server.seen();
    assert_eq!(seen.len(), seen.iter().collect::<HashSet<_>>().len(), "no request twice");
    let counted = callee.snapshot();
    assert_eq!(counted.answered_2xx + counted.unclear, 400, "{counted:?}");
    assert!(seen.len() as u64 >= counted.answered_2xx);
}

#[tokio::test]
async fn a_connection_closed_while_idle_is_not_used() {
    let server = Scripted::new(|mut peer| {
        if peer.request().is_some() {
            peer.answer("{}");
        }
    });
    let callee = caller().callee(target([server.endpoint()]));
    for _ in 0..20 {
        assert_eq!(told(&callee.send(post("/", ""), soon(), Once::FIRST).await), "200 {}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(callee.snapshot().connections_opened, 20);
}

#[tokio::test]
async fn a_dropped_call_takes_its_connection_along() {
    let server = Scripted::new(|mut peer| {
        while let Some(request) = peer.request() {
            // The answer to a dropped call never ends, so that calls are dropped before and within it.
            if request.contains("dropped") {
                peer.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{\"a");
                peer.wait_for_end();
            } else {
                peer.answer(request.lines().next().unwrap());
            }
        }
    });
    let callee = caller().callee(target([server.endpoint()]));
    for call in 0..10 {
        let dropped = callee.send(post(&format!("/dropped/{call}"), "{}"), soon(), Once::FIRST);
        assert!(tokio::time::timeout(Duration::from_millis(call), dropped).await.is_err());
        let sent = callee.send(post(&format!("/{call}"), "{}"), soon(), Once::FIRST).await;
        assert_eq!(told(&sent), format!("200 POST /{call} HTTP/1.1"), "an answer goes to its own request");
    }
    assert_eq!(callee.snapshot().in_flight, 0);
}

#[tokio::test]
async fn an_answer_before_the_request_is_read_ends_the_connection() {
    let server = Scripted::new(|mut peer| {
        peer.read(16);
        peer.answer(&peer.index.to_string());
        peer.wait_for_end();
    });
    let callee = caller().callee(target([server.endpoint()]));
    let large = "x".repeat(8 * 1024 * 1024);
    assert_eq!(told(&callee.send(post("/", &large), soon(), Once::FIRST).await), "200 0");
    assert_eq!(told(&callee.send(post("/", "{}"), soon(), Once::FIRST).await), "200 1");
}

#[tokio::test]
async fn a_full_pool_turns_calls_away_unsent_and_serves_the_waiting_in_order() {
    let server = Scripted::new(|mut peer| {
        while peer.request().is_some() {
            std::thread::sleep(Duration::from_millis(150));
            peer.answer("{}");
        }
    });
    let pool = PoolLimits {
        connections_max: 1,
        waiters_max: 2,
        wait_max: Duration::from_millis(225),
        ..PoolLimits::default()
    };
    let callee = caller().callee(Target { pool, ..target([server.endpoint()]) });
    let mut calls = JoinSet::new();
    for call in 0..4_u64 {
        let callee = callee.clone();
        calls.spawn(async move {
            tokio::time::sleep(Duration::from_millis(call * 5)).await;
            (call, told(&callee.send(post(&format!("/{call}"), ""), soon(), Once::FIRST).await))
        });
    }
    let mut told = calls.join_all().await;
    told.sort();
    assert_eq!(told[0].1, "200 {}");
    assert_eq!(told[1].1, "200 {}");
    assert_eq!(told[2].1, "not sent: no connection became free within 225 ms");
    assert!(
        told[3].1.starts_with("not sent: all 1 places are taken and 2 calls wait already"),
        "{}",
        told[3].1
    );
    assert_eq!(server.seen(), ["POST /0 HTTP/1.1", "POST /1 HTTP/1.1"]);
}

#[tokio::test]
async fn an_idle_connection_grows_old() {
    let server = Scripted::new(|mut peer| {
        while peer.request().is_some() {
            peer.answer("{}");
        }
    });
    let pool = PoolLimits { idle_max: Duration::from_millis(30), ..PoolLimits::default() };
    let callee = caller().callee(Target { pool, protocol: Protocol::Http1, ..target([server.endpoint()]) });
    for pause_ms in [0, 0, 60] {
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        assert_eq!(told(&callee.send(post("/", ""), soon(), Once::FIRST).await), "200 {}");
    }
    let counted = callee.snapshot();
    assert_eq!(
        (counted.connections_opened, counted.connections_reused, counted.connections_closed),
        (2, 1, 1)
    );
}

#[tokio::test]
async fn a_call_past_its_deadline_is_not_sent_and_costs_no_connection() {
    let server = Scripted::new(|mut peer| {
        while peer.request().is_some() {
            peer.answer("{}");
        }
    });
    let timeouts = Timeouts { connect: Duration::MAX, response: Duration::MAX };
    let pool = PoolLimits { wait_max: Duration::MAX, lifetime: Duration::MAX, ..PoolLimits::default() };
    let callee = caller().callee(Target { timeouts, pool, ..target([server.endpoint()]) });
    for (deadline, expected) in [
        (soon(), "200 {}"),
        (Instant::now(), "not sent: the deadline passed before it could be sent"),
        (soon(), "200 {}"),
    ] {
        assert_eq!(told(&callee.send(post("/", ""), deadline, Once::FIRST).await), expected);
    }
    assert_eq!(server.seen().len(), 2);
    assert_eq!(callee.snapshot().connections_opened, 1);
}

#[tokio::test]
async fn every_endpoint_is_called() {
    let answering = |name: &'static str| {
        Scripted::new(move |mut peer| {
            while peer.request().is_some() {
                peer.answer(name);
            }
        })
    };
    let (a, b) = (answering("a"), answering("b"));
    let callee = caller().callee(target([a.endpoint(), b.endpoint()]));
    let mut seen = HashSet::new();
    for _ in 0..50 {
        seen.insert(told(&callee.send(post("/", ""), soon(), Once::FIRST).await));
    }
    assert_eq!(seen, HashSet::from(["200 a", "200 b"].map(str::to_owned)));
}
