//! The table of what may be retried, as services behave and not as enums say.

use std::time::Duration;

use http::StatusCode;
use ondol_call::policy::retry::Stop;
use ondol_call::policy::settings::Settings;
use ondol_call::{Apart, Callee, Operation, Protocol, Request, Target};

use crate::asked::{Asked, ask, brisk, ended, get, keyed, service, with};
use crate::support::{Peer, Scripted, caller, post, raw, refusing};
use crate::whole::{PREFACE, SETTINGS, ok, until_request};

/// What a service does with each request.
#[derive(Clone, Copy, Debug)]
enum Does {
    Says(u16, &'static str),
    /// Resets the connection once the request was read.
    Resets,
    /// Closes it without a word.
    Closes,
    Silent,
    /// A head, the beginning of a body, and the end.
    Cuts,
}

fn does(does: Does) -> Scripted {
    Scripted::new(move |mut peer: Peer| {
        while peer.request().is_some() {
            match does {
                Does::Says(status, fields) => peer.write(raw(status, fields, "x")),
                Does::Resets => return peer.reset(),
                Does::Closes => return,
                Does::Silent => return peer.wait_for_end(),
                Does::Cuts => return peer.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab"),
            }
        }
    })
}

/// Why no further attempt was made.
#[derive(Clone, Copy, Debug)]
enum Ends {
    /// Attempts are used up.
    Used,
    /// It would be retried, were it safe.
    Unsafe,
    Ambiguous,
    Final,
    /// The service asks to wait for longer than there is time.
    TooFar,
    /// It succeeded; nothing is said.
    Well,
}

impl Ends {
    fn is(self, stop: Option<Stop>, calls: usize, status: u16) -> bool {
        let status = StatusCode::from_u16(status).unwrap();
        match self {
            Self::Used => stop == Some(Stop::AttemptsUsedUp { attempts: calls as u32 }),
            Self::Unsafe => stop == Some(Stop::FinalForUnsafe(status)),
            Self::Ambiguous => stop == Some(Stop::Ambiguous),
            Self::Final => stop == Some(Stop::Final(status)),
            Self::TooFar => matches!(stop, Some(Stop::PushedBackTooFar { .. })),
            Self::Well => stop.is_none(),
        }
    }
}

/// The four ways to ask: GET, POST, POST with a key that is honoured, POST of an operation that may be repeated.
async fn in_each_way(callee: &Callee, way: usize) -> Asked {
    match way {
        0 => ask(callee, get("/quote")).await,
        1 => ask(callee, post("/quote", "{}")).await,
        2 => ask(callee, keyed("/quote")).await,
        _ => ended(callee.call(post("/quote", "{}"), Some(0)).await).await,
    }
}

fn repeatable(settings: &Settings) -> Operation {
    Operation { settings: settings.clone(), idempotent: true, apart: Apart::default() }
}

#[tokio::test]
async fn the_table() {
    use Does::{Closes, Cuts, Resets, Says, Silent};
    use Ends::{Ambiguous, Final, TooFar, Unsafe, Used, Well};
    let settings = Settings { response: Some(Duration::from_millis(100)), ..brisk() };
    let reset = "unclear: the connection failed before an answer: ";
    let cut = "200 ab, then the connection failed within the body: ";
    #[rustfmt::skip]
    let table = [
        // what both endpoints do, what is told, calls and reasons for: GET, POST, with a key, of the operation
        (Resets,                           reset,                 [3, 1, 2, 2], [Used, Ambiguous, Used, Used]),
        (Closes,                           reset,                 [3, 1, 2, 2], [Used, Ambiguous, Used, Used]),
        (Silent,                           "unclear: no answer ", [3, 1, 2, 2], [Used, Ambiguous, Used, Used]),
        (Cuts,                             cut,                   [1; 4],       [Well; 4]),
        (Says(429, ""),                    "429 x",               [3, 2, 2, 2], [Used; 4]),
        (Says(429, "retry-after: 0\r\n"),  "429 x",               [3, 2, 2, 2], [Used; 4]),
        (Says(429, "retry-after: 60\r\n"), "429 x",               [1; 4],       [TooFar; 4]),
        (Says(502, ""),                    "502 x",               [3, 1, 2, 2], [Used, Unsafe, Used, Used]),
        (Says(503, ""),                    "503 x",               [3, 1, 2, 2], [Used, Unsafe, Used, Used]),
        (Says(503, "ondol-effect: none\r\n"), "503 x",            [3, 2, 2, 2], [Used; 4]),
        (Says(504, ""),                    "504 x",               [3, 1, 2, 2], [Used, Unsafe, Used, Used]),
        (Says(425, ""),                    "425 x",               [3, 2, 2, 2], [Used; 4]),
        (Says(408, ""),                    "408 x",               [3, 1, 2, 2], [Used, Unsafe, Used, Used]),
        (Says(500, ""),                    "500 x",               [1; 4],       [Final; 4]),
        (Says(501, ""),                    "501 x",               [1; 4],       [Final; 4]),
        (Says(404, ""),                    "404 x",               [1; 4],       [Final; 4]),
        (Says(200, ""),                    "200 x",               [1; 4],       [Well; 4]),
    ];
    for (manner, told, calls, reasons) in table {
        for way in 0..4 {
            let peers = [does(manner), does(manner)];
            let operations = vec![repeatable(&settings)];
            let target =
                Target { operations, ..service(peers.iter().map(Scripted::endpoint), settings.clone()) };
            let asked = in_each_way(&caller().callee(target), way).await;
            assert!(asked.told.starts_with(told), "{manner:?}, way {way}: {}", asked.told);
            let seen = peers.each_ref().map(|peer| peer.seen().len());
            assert_eq!(seen.iter().sum::<usize>(), calls[way], "{manner:?}, way {way}: {}", asked.story);
            assert!(seen[0].abs_diff(seen[1]) <= 1, "{manner:?}: each attempt elsewhere, not {seen:?}");
            let status = asked.told[..3].parse().unwrap_or(200);
            let stop = asked.stop();
            assert!(reasons[way].is(stop, calls[way], status), "{manner:?}, way {way}: {stop:?}");
        }
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_is_looked_for_once_at_each_endpoint() {
    let callee = caller().callee(service([refusing(), refusing()], brisk()));
    for request in [get("/"), post("/", "{}"), keyed("/")] {
        let asked = ask(&callee, request).await;
        assert!(asked.told.starts_with("not sent: connecting: "), "{}", asked.told);
        assert_eq!((asked.stop(), asked.attempts()), (Some(Stop::NoEndpointLeft), 2));
    }
}

#[tokio::test]
async fn a_connection_reset_before_the_request_was_read_is_never_asked_twice_for_a_write() {
    for _ in 0..20 {
        let server = Scripted::new(Peer::reset);
        let callee = caller().callee(service([server.endpoint(), server.endpoint()], brisk()));
        let asked = ask(&callee, post("/", "{}")).await;
        let unclear = asked.told.starts_with("unclear: the connection failed before an answer");
        let ways: Vec<_> = asked.story.decisions().iter().map(ToString::to_string).collect();
        let sent = ways.iter().filter(|way| way.contains("failed before an answer")).count();
        assert_eq!(sent, usize::from(unclear), "sent once at most: {}", asked.story);
    }
}

/// The first endpoint is asked first by the same seed; whichever it is, the other is away.
#[tokio::test]
async fn a_call_that_was_sent_is_never_said_not_to_have_been() {
    let reset = "unclear: the connection failed before an answer";
    #[rustfmt::skip]
    let table = [
        (Does::Resets,         keyed("/"), reset),
        (Does::Silent,         keyed("/"), "unclear: no answer within "),
        (Does::Says(503, ""),  keyed("/"), "503 x"),
        (Does::Says(503, ""),  get("/"),   "503 x"),
    ];
    for (manner, request, told) in table {
        let server = does(manner);
        // Two attempts, so that the one that is not sent is the last.
        let mut settings = Settings { response: Some(Duration::from_millis(60)), ..brisk() };
        settings.retry.attempts_read = 2;
        let callee = caller().callee(service([server.endpoint(), refusing()], settings));
        for _ in 0..8 {
            let asked = ask(&callee, request.clone()).await;
            assert!(asked.told.starts_with(told), "{manner:?}: {} ({})", asked.told, asked.story);
        }
    }
}

#[tokio::test]
async fn a_write_without_a_key_that_http2_turned_away_is_sent_again() {
    let server = Scripted::new(|mut peer| {
        peer.read(PREFACE);
        peer.write(SETTINGS);
        until_request(&mut peer);
        if peer.index == 0 {
            // GOAWAY, with stream 0 as the last that was looked at.
            return peer.write([0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        }
        peer.write(ok(1));
        peer.wait_for_end();
    });
    let target = Target { protocol: Protocol::Http2, ..service([server.endpoint()], brisk()) };
    let asked = ask(&caller().callee(target), post("/", "{}")).await;
    assert_eq!((&*asked.told, asked.attempts()), ("200 ", 2), "{}", asked.story);
}

#[tokio::test]
async fn the_engine_gets_one_attempt_more_at_most() {
    let table = [("1", 2), ("7", 2)];
    for (number, calls) in table {
        let server = does(Does::Says(503, ""));
        let callee = caller().callee(service([server.endpoint(), server.endpoint()], brisk()));
        let request: Request = with(get("/"), &[("ondol-attempt", number)]);
        assert_eq!(ask(&callee, request).await.told, "503 x");
        assert_eq!(server.seen().len(), calls, "attempt {number}");
    }
}
