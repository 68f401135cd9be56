//! Requests whose bodies are still coming.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream;
use http_body_util::StreamBody;
use hyper::body::Frame;
use ondol_call::policy::retry::Stop;
use ondol_call::policy::settings::Settings;
use ondol_call::{Body, REPLAY_MAX, Request};

use crate::asked::{ask, brisk, keyed, service, with};
use crate::support::{Scripted, caller, field, post, raw, refusing};

const KIB: usize = 1_024;
const HALF: usize = REPLAY_MAX / 2;

/// A body that comes in these pieces, each but the first after a pause. The client goes away where one is missing.
fn coming(pieces: Vec<Option<usize>>, pause: Duration) -> Body {
    let pieces = stream::iter(pieces.into_iter().enumerate()).then(move |(index, piece)| async move {
        if index > 0 {
            tokio::time::sleep(pause).await;
        }
        let data = piece.map(|length| Frame::data(Bytes::from(vec![b'x'; length])));
        data.ok_or_else(|| std::io::Error::other("the client is gone"))
    });
    Body::streamed(StreamBody::new(pieces))
}

fn sending(request: Request, pieces: &[usize], pause: Duration) -> Request {
    let pieces = pieces.iter().copied().map(Some).collect();
    Request { body: coming(pieces, pause), ..request }
}

/// Answers 503 to its first request, and how long the body was to every other.
fn failing_once() -> Scripted {
    let requests = AtomicUsize::new(0);
    Scripted::new(move |mut peer| {
        while let Some(request) = peer.request() {
            let body = request.split_once("\r\n\r\n").unwrap().1.len();
            match requests.fetch_add(1, Relaxed) {
                0 => peer.write(raw(503, "", "")),
                _ => peer.write(raw(200, "", &body.to_string())),
            }
        }
    })
}

/// A request, the pieces of its body, what is told, calls, and why there was no further.
type Row = (Request, &'static [usize], &'static str, usize, Option<Stop>);

#[tokio::test]
async fn a_short_body_is_sent_again_where_that_is_safe_and_a_long_one_is_not() {
    let is_unsafe = Stop::FinalForUnsafe(http::StatusCode::SERVICE_UNAVAILABLE);
    #[rustfmt::skip]
    let table: [Row; 5] = [
        (keyed("/"),      &[1, 2, 3],       "200 6",     2, None),
        (keyed("/"),      &[HALF, HALF],    "200 65536", 2, None),
        (keyed("/"),      &[HALF, HALF, 1], "503 ",      1, Some(Stop::BodyTooLong)),
        (keyed("/"),      &[200 * KIB],     "503 ",      1, Some(Stop::BodyTooLong)),
        (post("/", "{}"), &[1, 2, 3],       "503 ",      1, Some(is_unsafe)),
    ];
    for (request, pieces, told, calls, stop) in table {
        let server = failing_once();
        let callee = caller().callee(service([server.endpoint(), server.endpoint()], brisk()));
        let asked = ask(&callee, sending(request, pieces, Duration::ZERO)).await;
        assert_eq!((&*asked.told, asked.stop()), (told, stop), "{pieces:?}: {}", asked.story);
        assert_eq!(server.seen().len(), calls, "{pieces:?}");
    }
}

#[tokio::test]
async fn a_body_of_which_nothing_was_sent_goes_elsewhere_whole_however_long_it_is() {
    let server = failing_once();
    let callee = caller().callee(service([refusing(), server.endpoint()], brisk()));
    assert_eq!(ask(&callee, keyed("/")).await.told, "200 2", "once failed, then well");
    for _ in 0..8 {
        let request = sending(post("/", ""), &[200 * KIB, 1], Duration::ZERO);
        assert_eq!(ask(&callee, request).await.told, "200 204801");
    }
}

#[tokio::test]
async fn an_answer_before_the_body_is_whole_is_retried_with_all_of_it() {
    let requests = AtomicUsize::new(0);
    let server = Scripted::new(move |mut peer| {
        if requests.fetch_add(1, Relaxed) == 0 {
            peer.read(1);
            peer.write(raw(503, "", ""));
            return peer.wait_for_end();
        }
        while let Some(request) = peer.request() {
            peer.answer(&request.split_once("\r\n\r\n").unwrap().1.len().to_string());
        }
    });
    let callee = caller().callee(service([server.endpoint(), server.endpoint()], brisk()));
    let asked = ask(&callee, sending(keyed("/"), &[1, 2, 3], Duration::from_millis(60))).await;
    assert_eq!((&*asked.told, asked.attempts()), ("200 6", 2), "{}", asked.story);
}

#[tokio::test]
async fn a_client_that_goes_away_or_falls_silent_is_not_the_services_failure() {
    let (gone, silent) = (Duration::from_millis(5), Duration::from_mins(1));
    #[rustfmt::skip]
    let table = [
        (gone,   "unclear: the client went away before its request was whole"),
        (silent, "unclear: the client sent nothing more of its request for "),
    ];
    for (pause, told) in table {
        let server = Scripted::always(raw(200, "", ""));
        let callee = caller().callee(service([server.endpoint(), server.endpoint()], brisk()));
        for _ in 0..6 {
            let request = Request { body: coming(vec![Some(1), None], pause), ..keyed("/") };
            let asked = ask(&callee, request).await;
            assert!(asked.told.starts_with(told), "{}", asked.told);
            assert_eq!((asked.stop(), asked.attempts()), (Some(Stop::ClientGone), 1), "{}", asked.story);
        }
        for endpoint in callee.explain().endpoints {
            assert!(endpoint.usable && endpoint.last_error.is_none(), "{endpoint:?}");
        }
    }
}

#[tokio::test]
async fn a_service_that_does_not_read_is_told_from_a_client_that_does_not_send() {
    let server = Scripted::new(|mut peer| {
        peer.read(1);
        std::thread::sleep(Duration::from_secs(2));
    });
    let callee = caller().callee(service([server.endpoint()], brisk()));
    let request = sending(post("/", ""), &[64 * KIB; 512], Duration::ZERO);
    let asked = ask(&callee, request).await;
    assert!(asked.told.starts_with("unclear: no answer within "), "{}", asked.told);
}

#[tokio::test]
async fn a_body_that_moves_is_not_cut_by_a_deadline_that_nobody_asked_for() {
    let settings = Settings { deadline: Duration::from_millis(150), ..brisk() };
    #[rustfmt::skip]
    let table = [
        (post("/", ""),                                        "200 "),
        (with(post("/", ""), &[("ondol-deadline-ms", "150")]), "unclear: "),
    ];
    for (request, told) in table {
        let server = Scripted::always(raw(200, "", ""));
        let callee = caller().callee(service([server.endpoint()], settings.clone()));
        let asked = ask(&callee, sending(request, &[1; 6], Duration::from_millis(60))).await;
        assert!(asked.told.starts_with(told), "{}: {}", asked.told, asked.story);
    }
}

/// hyper takes a GET that says nothing of its body for one without.
#[tokio::test]
async fn a_body_of_unknown_length_is_sent_whatever_the_method() {
    let server = Scripted::new(|mut peer| {
        while let Some(request) = peer.request() {
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            let told = format!("{:?} {}", field(head, "transfer-encoding"), body.len());
            peer.answer(&told);
        }
    });
    let callee = caller().callee(service([server.endpoint()], brisk()));
    for method in [http::Method::GET, http::Method::DELETE, http::Method::POST] {
        let request =
            sending(Request { method: method.clone(), ..post("/", "") }, &[1, 2, 3], Duration::ZERO);
        assert_eq!(ask(&callee, request).await.told, "200 Some(\"chunked\") 6", "{method}");
    }
    let absent = Request { body: Body::absent(), ..post("/", "") };
    assert_eq!(ask(&callee, absent).await.told, "200 None 0");
}
