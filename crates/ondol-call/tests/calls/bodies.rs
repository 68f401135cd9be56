//! Answers whose bodies pause.

use std::time::Duration;

use ondol_call::Request;
use ondol_call::policy::settings::{Fallback, Settings, Throttle};
use tokio::task::JoinSet;

use crate::asked::{ask, brisk, ended, get, service, with};
use crate::support::{Scripted, caller, post};

/// Longer than any silence that [`brisk`] settings bear.
const SILENCE: Duration = Duration::from_millis(450);

/// A service that is silent before its head, or within its body.
fn pausing(content_type: &'static str, before: bool) -> Scripted {
    Scripted::new(move |mut peer| {
        while peer.request().is_some() {
            if before {
                std::thread::sleep(SILENCE);
            }
            peer.write(format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: 2\r\n\r\na"
            ));
            std::thread::sleep(SILENCE);
            peer.write("b");
        }
    })
}

fn grpc() -> Request {
    with(post("/", "{}"), &[("content-type", "application/grpc+proto")])
}

#[tokio::test]
async fn only_streams_may_be_silent() {
    #[rustfmt::skip]
    let table = [
        (get("/"), "application/json",         false, Some(300), "200 a, then the body stopped for "),
        (get("/"), "text/event-stream",        false, Some(300), "200 ab"),
        (get("/"), "text/event-stream; a=b",   false, Some(300), "200 ab"),
        (grpc(),   "application/grpc+proto",   false, Some(300), "200 ab"),
        (grpc(),   "application/grpc+proto",   true,  None,      "200 ab"),
        (grpc(),   "application/grpc+proto",   true,  Some(300), "unclear: no answer within "),
        (with(grpc(), &[("grpc-timeout", "300m")]), "application/grpc+proto", true, None, "unclear: no answer within "),
    ];
    for (request, content_type, before, response_ms, told) in table {
        let server = pausing(content_type, before);
        let settings = Settings { response: response_ms.map(Duration::from_millis), ..brisk() };
        let callee = caller().callee(service([server.endpoint()], settings));
        let asked = ask(&callee, request).await;
        assert!(asked.told.starts_with(told), "{content_type}, {before}: {} ({})", asked.told, asked.story);
    }
}

#[tokio::test]
async fn events_are_passed_on_as_they_come_also_where_answers_are_kept() {
    let server = pausing("text/event-stream", false);
    let fallback = Some(Fallback::Cached { not_older_than: Duration::from_mins(1) });
    let callee = caller().callee(service([server.endpoint()], Settings { fallback, ..brisk() }));
    let came = tokio::time::timeout(SILENCE / 2, callee.call(get("/"), None)).await;
    assert_eq!(ended(came.expect("the head is there at once")).await.told, "200 ab");
}

/// Streams whose heads come late are no calls that the service is slow with.
#[tokio::test]
async fn a_stream_that_says_nothing_holds_no_place_for_ever() {
    let server = Scripted::new(|mut peer| {
        while peer.request().is_some_and(|request| request.starts_with("POST")) {}
        peer.answer("ok");
    });
    // One of them is kept for undoing.
    let throttle = Throttle { limit_min: 3, limit_max: 3, limit_start: 3, ..Throttle::default() };
    let settings = Settings { throttle, response: None, ..brisk() };
    let callee = caller().callee(service([server.endpoint()], settings));
    let mut streams = JoinSet::new();
    for _ in 0..2 {
        let callee = callee.clone();
        streams.spawn(async move { ask(&callee, grpc()).await.told });
    }
    let both = async {
        while server.seen().len() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), both).await.expect("both are sent");
    let held = ask(&callee, get("/")).await.told;
    assert!(held.starts_with("rejected: no place became free among 3 calls"), "{held}");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(11)).await;
    tokio::time::resume();
    tokio::task::yield_now().await;
    assert_eq!(ask(&callee, get("/")).await.told, "200 ok");
    assert_eq!(streams.len(), 2, "they go on");
    assert!(streams.try_join_next().is_none(), "they wait for their heads");
}
