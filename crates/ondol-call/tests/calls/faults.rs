//! Faults on purpose: the caller sees each as it would see what it imitates.

use std::time::Duration;

use ondol_call::{FaultKind, FaultRule, Request, Target};
use tokio::time::Instant;

use crate::asked::{ask, brisk, get, keyed, service};
use crate::support::{Scripted, caller, post, raw};

fn rule(kind: FaultKind, latency_ms: u64) -> FaultRule {
    let latency = Duration::from_millis(latency_ms);
    FaultRule { share: 1.0, latency, jitter: Duration::ZERO, kind, seed: 7 }
}

#[tokio::test]
async fn each_kind_is_seen_as_what_it_imitates() {
    use FaultKind::{CutBody, LoseAnswer, Refuse, Slow, Stall, StallBody, Status, TurnAway};
    let (write, lost) = (post("/", "{}"), "unclear: an injected fault lost its answer");
    let (silent, refused) = ("unclear: no answer within ", "not sent: connecting: connection refused");
    let away = "not sent: an injected fault turned it away unprocessed";
    let stalled = "200 he, then the body stopped for ";
    let cut = "200 he, then the body was cut off by an injected fault";
    #[rustfmt::skip]
    let table: [(FaultRule, Request, &str, usize, usize); 17] = [
        // fault, request, what is told, attempts, requests that the service reads
        (rule(Slow, 50),         write.clone(), "200 hello", 1, 1),
        // Whoever is slower than is waited for is as good as silent.
        (rule(Slow, 900),        write.clone(), silent,      1, 0),
        (rule(Slow, 900),        keyed("/"),    silent,      2, 0),
        (rule(Status(503), 0),   write.clone(), "503 ",      1, 0),
        (rule(Status(503), 0),   keyed("/"),    "503 ",      2, 0),
        (rule(Status(429), 20),  write.clone(), "429 ",      2, 0),
        (rule(Status(500), 0),   get("/"),      "500 ",      1, 0),
        (rule(LoseAnswer, 0),    write.clone(), lost,        1, 1),
        (rule(LoseAnswer, 0),    keyed("/"),    lost,        2, 2),
        (rule(CutBody(2), 0),    get("/"),      cut,         1, 1),
        (rule(CutBody(99), 0),   get("/"),      "200 hello", 1, 1),
        (rule(Stall, 0),         write.clone(), silent,      1, 0),
        (rule(Stall, 0),         keyed("/"),    silent,      2, 0),
        (rule(StallBody(2), 0),  get("/"),      stalled,     1, 1),
        (rule(TurnAway, 0),      write.clone(), away,        2, 0),
        (rule(Refuse, 0),        write.clone(), refused,     2, 0),
        (rule(Refuse, 20),       keyed("/"),    refused,     2, 0),
    ];
    for (fault, request, told, attempts, read) in table {
        let server = Scripted::always(raw(200, "", "hello"));
        let (kind, latency) = (fault.kind, fault.latency);
        let endpoints = [server.endpoint(), server.endpoint()];
        let callee = caller().callee(Target { faults: vec![fault], ..service(endpoints, brisk()) });
        let began = Instant::now();
        let asked = ask(&callee, request).await;
        assert!(asked.told.starts_with(told), "{kind:?}: {} ({})", asked.told, asked.story);
        assert_eq!((asked.attempts(), server.seen().len()), (attempts, read), "{kind:?}: {}", asked.story);
        assert!(
            began.elapsed() >= latency.min(Duration::from_millis(290)),
            "{kind:?}: {:?}",
            began.elapsed()
        );
        let marked = matches!(kind, FaultKind::Status(_));
        assert_eq!(asked.headers.contains_key("ondol-fault"), marked, "{kind:?}");
    }
}

/// Which of 64 calls meet a fault of every other call.
async fn met(seed: u64) -> Vec<bool> {
    let server = Scripted::always(raw(200, "", ""));
    let fault = FaultRule { share: 0.5, seed, ..rule(FaultKind::Status(500), 0) };
    let callee = caller().callee(Target { faults: vec![fault], ..service([server.endpoint()], brisk()) });
    let mut met = Vec::new();
    for _ in 0..64 {
        met.push(ask(&callee, get("/")).await.told == "500 ");
    }
    met
}

#[tokio::test]
async fn the_same_seed_gives_the_same_faults() {
    let first = met(1).await;
    assert_eq!(first, met(1).await);
    assert_ne!(first, met(2).await);
    let count = first.iter().filter(|met| **met).count();
    assert!((20..=44).contains(&count), "{count} of 64");
}

#[tokio::test]
async fn faults_can_be_changed_while_it_runs() {
    let server = Scripted::always(raw(200, "", ""));
    let owner = caller();
    let target = |faults| Target { faults, ..service([server.endpoint()], brisk()) };
    for (faults, told) in
        [(vec![], "200 "), (vec![rule(FaultKind::Status(500), 0)], "500 "), (vec![], "200 ")]
    {
        assert_eq!(ask(&owner.callee(target(faults)), get("/")).await.told, told);
    }
}
