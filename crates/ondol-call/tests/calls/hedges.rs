//! Second copies of slow calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use ondol_call::policy::settings::{Budget, Hedge, Settings};
use ondol_call::{Apart, Callee, Decision, Operation, Request, Target};
use tokio::time::Instant;

use crate::asked::{Asked, ask, brisk, ended, get, keyed, service, with};
use crate::support::{Scripted, black_hole, caller, post, refusing};

/// Half of all calls may get a second copy, so that the delay is about the median.
fn hedging() -> Settings {
    Settings { hedge: Some(Hedge { extra_load: 0.5 }), ..brisk() }
}

/// Services of which the first copy of `/slow` and every copy of `/stuck` is never answered, with how many of those
/// connections were closed by the caller. The first copy of `/lost` is cut after 100 ms.
struct Pair {
    servers: [Scripted; 2],
    closed: Arc<AtomicUsize>,
}

fn pair() -> Pair {
    let (slow, closed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let servers = [(), ()].map(|()| {
        let (slow, closed) = (Arc::clone(&slow), Arc::clone(&closed));
        Scripted::new(move |mut peer| {
            while let Some(request) = peer.request() {
                let path = request.split(' ').nth(1).unwrap();
                let stuck = path == "/stuck" || path == "/slow" && slow.fetch_add(1, Relaxed) == 0;
                if stuck {
                    peer.wait_for_end();
                    closed.fetch_add(1, Relaxed);
                    return;
                }
                if path == "/lost" {
                    return std::thread::sleep(Duration::from_millis(100));
                }
                peer.answer("ok");
            }
        })
    });
    Pair { servers, closed }
}

impl Pair {
    fn seen(&self, path: &str) -> usize {
        self.servers.iter().flat_map(Scripted::seen).filter(|line| line.contains(path)).count()
    }
}

/// Lets it learn how long answers take.
async fn learn(callee: &Callee) {
    for _ in 0..110 {
        assert_eq!(ask(callee, get("/")).await.told, "200 ok");
    }
}

async fn learnt(pair: &Pair, settings: Settings) -> Callee {
    let callee = caller().callee(service(pair.servers.iter().map(Scripted::endpoint), settings));
    learn(&callee).await;
    callee
}

fn hedges(asked: &Asked) -> usize {
    asked.story.decisions().iter().filter(|decision| matches!(decision, Decision::Hedged { .. })).count()
}

fn why_not(asked: &Asked) -> Vec<&str> {
    let why = asked.story.decisions().iter().filter_map(|decision| match decision {
        Decision::NotHedged(why) => Some(why.as_str()),
        _ => None,
    });
    why.collect()
}

#[tokio::test]
async fn a_slow_first_copy_is_overtaken_and_given_up() {
    for request in [get("/slow"), keyed("/slow")] {
        let pair = pair();
        let callee = learnt(&pair, hedging()).await;
        let (hedged, budget) = (callee.snapshot().hedges, callee.explain().budget);
        let began = Instant::now();
        let asked = ask(&callee, request).await;
        assert_eq!((&*asked.told, hedges(&asked)), ("200 ok", 1), "{}", asked.story);
        assert!(began.elapsed() < Duration::from_millis(290), "{:?}: {}", began.elapsed(), asked.story);
        assert_eq!((pair.seen("/slow"), callee.snapshot().hedges), (2, hedged + 1));
        // The call itself earns a fifth of one, if the seconds stand well.
        assert!((-1..=0).contains(&(callee.explain().budget - budget)), "one is paid");
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(pair.closed.load(Relaxed), 1, "the first copy's connection is closed");
        assert!(callee.explain().endpoints.iter().all(|endpoint| endpoint.in_flight == 0));
    }
}

#[tokio::test]
async fn a_call_has_one_second_copy_at_most() {
    let pair = pair();
    let callee = learnt(&pair, hedging()).await;
    let before = callee.snapshot().hedges;
    let asked = ask(&callee, get("/stuck")).await;
    assert!(asked.told.starts_with("unclear: no answer within "), "{}", asked.told);
    assert_eq!((hedges(&asked), callee.snapshot().hedges - before), (1, 1), "{}", asked.story);
    assert_eq!(pair.seen("/stuck"), 4, "three attempts and a copy: {}", asked.story);
}

#[tokio::test]
async fn what_gets_no_second_copy_pays_for_none() {
    let none = Settings { budget: Budget { share: 0.0, per_second: 0 }, ..hedging() };
    let not_safe = "only GET, HEAD, operations with `idempotent: true` and requests with an idempotency key";
    #[rustfmt::skip]
    let table: [(Settings, bool, Request, &str); 3] = [
        (hedging(), true,  post("/slow", "{}"), not_safe),
        (none,      true,  get("/slow"),        "the retry budget has 0 left and this costs 1"),
        (hedging(), false, get("/slow"),        "there is no other endpoint"),
    ];
    for (settings, both, request, why) in table {
        let pair = pair();
        let count = if both { 2 } else { 1 };
        let endpoints = pair.servers.iter().take(count).map(Scripted::endpoint);
        let callee = caller().callee(service(endpoints, settings));
        learn(&callee).await;
        let (before, budget) = (callee.snapshot().hedges, callee.explain().budget);
        let asked = ask(&callee, request).await;
        assert!(why_not(&asked)[0].starts_with(why), "{}", asked.story);
        assert_eq!((hedges(&asked), callee.snapshot().hedges), (0, before));
        assert!(
            callee.explain().budget >= budget - 2,
            "no more than its retry after a timeout: {}",
            asked.story
        );
    }
}

#[tokio::test]
async fn failures_do_not_teach_how_long_answers_take() {
    let callee = caller().callee(service([refusing()], hedging()));
    for _ in 0..110 {
        ask(&callee, get("/")).await;
    }
    let asked = ask(&callee, get("/")).await;
    assert_eq!(why_not(&asked), ["only 0 of 100 latencies are known"]);
}

#[tokio::test]
async fn a_copy_that_is_not_sent_leaves_the_call_as_the_other_left_it() {
    let (hole, _filling) = black_hole();
    // The one is away before the copy that is sent is cut, the other after.
    for away in [refusing(), hole] {
        let pair = pair();
        let owner = caller();
        let mut settings = hedging();
        settings.retry.attempts = 1;
        let target = |other| service([pair.servers[0].endpoint(), other], settings.clone());
        learn(&owner.callee(target(pair.servers[1].endpoint()))).await;
        // The other endpoint is replaced; what is known of latencies stays.
        let callee = owner.callee(target(away));
        let asked = ask(&callee, keyed("/lost")).await;
        assert!(asked.told.starts_with("unclear: the connection failed before"), "{}", asked.story);
        assert_eq!(pair.seen("/lost"), 1, "{}", asked.story);
    }
}

#[tokio::test]
async fn an_operation_that_is_said_to_be_idempotent_is_hedged_without_a_key() {
    let pair = pair();
    let operation = Operation { settings: hedging(), idempotent: true, apart: Apart::default() };
    let target = service(pair.servers.iter().map(Scripted::endpoint), hedging());
    let callee = caller().callee(Target { operations: vec![operation], ..target });
    let search = async |path: &str| ended(callee.call(post(path, "{}"), Some(0)).await).await;
    for _ in 0..110 {
        assert_eq!(search("/").await.told, "200 ok");
    }
    let asked = search("/slow").await;
    assert_eq!((&*asked.told, hedges(&asked)), ("200 ok", 1), "{}", asked.story);
}

#[tokio::test]
async fn a_call_of_the_engines_gets_a_copy_or_a_retry_and_not_both() {
    let pair = pair();
    let callee = learnt(&pair, hedging()).await;
    let asked = ask(&callee, with(get("/stuck"), &[("ondol-attempt", "1")])).await;
    assert_eq!((hedges(&asked), pair.seen("/stuck")), (1, 2), "{}", asked.story);
}
