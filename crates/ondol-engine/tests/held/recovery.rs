//! After a start every saga goes on, whoever else waits.

use std::time::Duration;

use ondol_core::Phase;
use ondol_engine::Options;

use crate::support::{Machine, Mood, little_room, lock, saga, seconds};

#[tokio::test(start_paused = true)]
async fn a_dead_target_keeps_nobody_from_being_read_back() {
    const SAGAS: usize = 300;
    let mut machine = Machine::start(Options::default()).await;
    machine.world.set("shop", Mood::Slow(Duration::from_hours(1)));
    machine.world.set("bank", Mood::Slow(Duration::from_hours(1)));
    // Named so that they are read back last.
    for number in 0..5 {
        machine.submit(&format!("z-{number}"), "pay").await.unwrap();
    }
    // More than are read at once, and far more than may be in memory.
    for number in 0..SAGAS {
        machine.submit_with(&format!("a-{number}"), "buy", 1_024).await.unwrap();
    }
    machine.world.set("shop", Mood::Away);
    machine.world.set("bank", Mood::Answers);
    machine.restart_with(little_room()).await;
    seconds(10).await;
    let snapshot = machine.handle.stats().snapshot();
    assert_eq!(snapshot.unrecovered, 0, "{snapshot:?}");
    assert!(snapshot.live_bytes <= little_room().live_bytes_max as u64, "{snapshot:?}");
    for number in 0..5 {
        assert_eq!(machine.story(&format!("z-{number}")).await.saga.phase(), Phase::Completed);
    }
    assert_eq!(machine.waiting("shop").await, SAGAS, "all of them wait for one probe");
    machine.world.set("shop", Mood::Answers);
    seconds(10).await;
    for number in 0..SAGAS {
        assert_eq!(machine.story(&format!("a-{number}")).await.saga.phase(), Phase::Completed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_probe_whose_saga_cannot_be_read_is_not_lost() {
    let machine = Machine::start(little_room()).await;
    machine.world.set("shop", Mood::Away);
    machine.submit("bad", "buy").await.unwrap();
    seconds(1).await;
    *lock(&machine.tricks.spoiled) = Some(saga("bad").stream());
    // So much that it has to leave memory.
    for number in 0..30 {
        machine.submit_with(&format!("a-{number}"), "buy", 1_024).await.unwrap();
    }
    seconds(60).await;
    assert_eq!(machine.handle.stats().snapshot().illegal, 1, "it was read back for the probe");
    machine.world.set("shop", Mood::Answers);
    seconds(10).await;
    assert_eq!(machine.story("a-29").await.saga.phase(), Phase::Completed);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_wrong_at_the_start_puts_nobody_to_sleep_for_long() {
    const DAY_MS: i64 = 86_400_000;
    let mut machine = Machine::start(little_room()).await;
    machine.world.set("shop", Mood::Busy);
    machine.submit("a", "buy").await.unwrap();
    seconds(1).await;
    machine.world.set("shop", Mood::Answers);
    machine.set_clock(-100 * DAY_MS);
    machine.restart().await;
    seconds(8 * 60).await;
    assert_eq!(machine.story("a").await.saga.phase(), Phase::Running, "ten minutes were asked for");
    seconds(5 * 60).await;
    assert_eq!(machine.story("a").await.saga.phase(), Phase::Completed);
}
