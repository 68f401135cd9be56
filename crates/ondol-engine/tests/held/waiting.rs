//! Who waits for a target that is away, and who waits for those who do.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use ondol_core::Phase;
use ondol_engine::Options;

use crate::support::{Machine, Mood, little_room, saga, seconds};

#[tokio::test(start_paused = true)]
async fn clients_that_wait_keep_nothing_in_memory() {
    let machine = Machine::start(little_room()).await;
    machine.world.set("shop", Mood::Away);
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..100 {
        let id = format!("a-{number}");
        machine.submit_with(&id, "buy", 1_024).await.expect("there is room for new ones");
        let handle = machine.handle.clone();
        clients.spawn(async move { handle.settled(&saga(&id), Duration::from_mins(1)).await });
        tokio::task::yield_now().await;
    }
    seconds(5).await;
    let snapshot = machine.handle.stats().snapshot();
    assert!(snapshot.live_bytes <= little_room().live_bytes_max as u64, "{snapshot:?}");
    machine.submit("other", "pay").await.unwrap();
    seconds(1).await;
    assert_eq!(machine.story("other").await.saga.phase(), Phase::Completed);
    machine.world.set("shop", Mood::Answers);
    while let Some(reached) = clients.join_next().await {
        let reached = reached.unwrap().unwrap().expect("it exists");
        assert_eq!(reached.saga.phase(), Phase::Completed, "they are told when it is so");
    }
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_back_is_called_though_a_long_call_is_out() {
    let machine = Machine::start(little_room()).await;
    machine.world.set("shop", Mood::Slow(Duration::from_hours(1)));
    machine.submit("long", "buy").await.unwrap();
    seconds(1).await;
    machine.world.set("shop", Mood::Away);
    machine.submit("short", "buy").await.unwrap();
    seconds(30).await;
    machine.world.set("shop", Mood::Answers);
    seconds(3).await;
    assert_eq!(machine.story("short").await.saga.phase(), Phase::Completed);
    assert_eq!(machine.story("long").await.saga.phase(), Phase::Running);
}

#[tokio::test(start_paused = true)]
async fn who_ended_leaves_the_line() {
    let machine = Machine::start(little_room()).await;
    machine.world.set("shop", Mood::Away);
    machine.submit("patient", "buy").await.unwrap();
    for number in 0..50 {
        machine.submit(&format!("a-{number}"), "hurry").await.unwrap();
    }
    assert_eq!(machine.waiting("shop").await, 51);
    seconds(5).await;
    assert_eq!(machine.story("a-49").await.saga.phase(), Phase::Compensated);
    assert_eq!(machine.waiting("shop").await, 1, "the others' time ran out");
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_the_disk_counts_as_being_in_memory() {
    let machine = Machine::start(Options::default()).await;
    machine.tricks.append_ms.store(10_000, SeqCst);
    let submit = machine.submit_with("a", "buy", 100_000);
    let looked = async {
        seconds(1).await;
        machine.handle.stats().snapshot().live_bytes
    };
    let (accepted, live_bytes) = tokio::join!(submit, looked);
    assert!(accepted.is_ok() && live_bytes > 100_000, "{live_bytes}");
}
