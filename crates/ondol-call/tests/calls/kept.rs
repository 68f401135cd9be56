//! Answers that are kept, and calls that share one.

use std::time::Duration;

use ondol_call::policy::settings::{Cache, Fallback, Settings};
use ondol_call::{Callee, Decision, Request};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::asked::{Asked, ask, brisk, ended, get, keyed, service, with};
use crate::support::{Scripted, caller, field, raw};

const FRESH: &str = "cache-control: max-age=60\r\n";
const PUBLIC: &str = "cache-control: public, max-age=60\r\n";

/// A service whose answers are for whoever asks, after this long.
fn personal(fields: &'static str, pause: Duration) -> Scripted {
    Scripted::new(move |mut peer| {
        while let Some(request) = peer.request() {
            std::thread::sleep(pause);
            peer.write(raw(200, fields, field(&request, "authorization").unwrap_or("all")));
        }
    })
}

fn keeping(server: &Scripted) -> Callee {
    let settings = Settings { cache: Some(Cache::default()), ..brisk() };
    caller().callee(service([server.endpoint()], settings))
}

fn cache(asked: &Asked) -> &'static str {
    let said = asked.story.decisions().iter().find_map(|decision| match decision {
        Decision::Cache(said) => Some(*said),
        _ => None,
    });
    said.unwrap_or("nothing")
}

/// A request, what is told, and what the cache said.
type Row = (Request, &'static str, &'static str);

#[tokio::test]
async fn an_answer_is_kept_for_whom_it_is_meant() {
    let by = |who: &str| with(get("/"), &[("authorization", who)]);
    let new = with(get("/"), &[("cache-control", "no-cache")]);
    let mut head = get("/");
    head.method = http::Method::HEAD;
    #[rustfmt::skip]
    let table: [(&'static str, [Row; 2], usize); 8] = [
        // the answers' fields, two requests and what is told of each, calls
        (FRESH,  [(get("/"),     "200 all", "miss"),    (get("/"),     "200 all", "hit")],     1),
        (FRESH,  [(get("/"),     "200 all", "miss"),    (by("ann"),    "200 ann", "miss")],    2),
        (FRESH,  [(by("ann"),    "200 ann", "miss"),    (by("bob"),    "200 bob", "miss")],    2),
        (PUBLIC, [(by("ann"),    "200 ann", "miss"),    (by("bob"),    "200 ann", "hit")],     1),
        (FRESH,  [(get("/"),     "200 all", "miss"),    (get("/?a"),   "200 all", "miss")],    2),
        (FRESH,  [(get("/"),     "200 all", "miss"),    (new,          "200 all", "nothing")], 2),
        (FRESH,  [(keyed("/"),   "200 all", "nothing"), (keyed("/"),   "200 all", "nothing")], 2),
        ("",     [(get("/"),     "200 all", "miss"),    (get("/"),     "200 all", "miss")],    2),
    ];
    for (fields, requests, calls) in table {
        let server = personal(fields, Duration::ZERO);
        let callee = keeping(&server);
        for (request, told, said) in requests {
            let asked = ask(&callee, request).await;
            assert_eq!((&*asked.told, cache(&asked)), (told, said), "{fields:?}: {}", asked.story);
            let age = asked.headers.get("age").map(|age| age.to_str().unwrap());
            assert_eq!(age, (said == "hit").then_some("0"), "{fields:?}");
        }
        assert_eq!(server.seen().len(), calls, "{fields:?}");
    }
}

#[tokio::test]
async fn an_answer_is_kept_no_longer_than_it_is_fresh() {
    let server = Scripted::always(raw(200, "cache-control: max-age=1\r\n", "5"));
    let callee = keeping(&server);
    for (pause_ms, said) in [(0, "miss"), (0, "hit"), (1_010, "miss"), (0, "hit")] {
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        assert_eq!(cache(&ask(&callee, get("/")).await), said);
    }
}

#[tokio::test]
async fn equal_calls_at_once_are_one_attempt_where_the_answer_can_be_shared() {
    #[rustfmt::skip]
    let table = [
        (FRESH, 100, 1),
        // Whoever finds nothing kept calls by itself, and waits for nobody any more.
        ("",     20, 20),
    ];
    for (fields, at_once, attempts) in table {
        let server = personal(fields, Duration::from_millis(60));
        let callee = keeping(&server);
        let mut calls = JoinSet::new();
        for _ in 0..at_once {
            let callee = callee.clone();
            calls.spawn(async move { ask(&callee, get("/")).await.told });
        }
        assert_eq!(calls.join_all().await, vec!["200 all"; at_once]);
        assert_eq!(server.seen().len(), attempts, "{fields:?}");
    }
}

/// An answer of unknown length that goes on for long is a stream: it is passed on as it comes, and nobody waits for it.
#[tokio::test]
async fn an_answer_of_unknown_length_is_not_withheld() {
    const PAUSE: Duration = Duration::from_millis(600);
    let fallback = Some(Fallback::Cached { not_older_than: Duration::from_mins(1) });
    let cache = Some(Cache::default());
    #[rustfmt::skip]
    let table = [
        (Settings { cache, ..brisk() },    PAUSE,          "miss",    false),
        (Settings { fallback, ..brisk() }, PAUSE,          "nothing", false),
        // What comes at once is kept.
        (Settings { cache, ..brisk() },    Duration::ZERO, "hit",     true),
    ];
    for (settings, pause, said, kept) in table {
        let server = Scripted::new(move |mut peer| {
            while peer.request().is_some() {
                peer.write(format!("HTTP/1.1 200 OK\r\n{FRESH}transfer-encoding: chunked\r\n\r\n1\r\na\r\n"));
                std::thread::sleep(pause);
                peer.write("1\r\nb\r\n0\r\n\r\n");
            }
        });
        let settings = Settings { body_idle: Duration::from_secs(5), ..settings };
        let callee = caller().callee(service([server.endpoint()], settings));
        let head = async || {
            let began = Instant::now();
            let came = callee.call(get("/"), None).await;
            (came, began.elapsed())
        };
        // The second waits for the first, as long as that may be shared.
        for (called, took) in <[_; 2]>::from(tokio::join!(head(), head())) {
            assert!(kept || took < PAUSE / 2, "{took:?}");
            assert_eq!(ended(called).await.told, "200 ab");
        }
        assert_eq!(cache_said(&callee).await, said);
    }
}

async fn cache_said(callee: &Callee) -> &'static str {
    cache(&ask(callee, get("/")).await)
}
