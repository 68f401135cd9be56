//! Whatever fails in the engine, it begins again from what the log holds.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use ondol_core::Phase;
use ondol_engine::{Health, Options, SubmitError};

use crate::support::{Machine, saga, seconds};

#[tokio::test(start_paused = true)]
async fn an_append_that_panics_is_an_append_that_failed() {
    let machine = Machine::start(Options::default()).await;
    machine.tricks.panics.store(1, SeqCst);
    assert!(matches!(machine.submit("a", "buy").await, Err(SubmitError::OutcomeUnknown)));
    machine.handle.health().wait_for(|health| *health == Health::Ready).await.unwrap();
    assert!(machine.submit("a", "buy").await.unwrap().created);
    seconds(1).await;
    assert_eq!(machine.story("a").await.saga.phase(), Phase::Completed);
    assert_eq!(machine.handle.stats().snapshot().reopened, 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_cannot_be_read_after_it_was_opened_again_is_opened_once_more() {
    let machine = Machine::start(Options::default()).await;
    machine.submit("a", "buy").await.unwrap();
    machine.tricks.failing.store(3, SeqCst);
    machine.tricks.panics.store(1, SeqCst);
    assert!(matches!(machine.submit("b", "buy").await, Err(SubmitError::OutcomeUnknown)));
    machine.handle.health().wait_for(|health| *health == Health::Ready).await.unwrap();
    seconds(1).await;
    assert_eq!(machine.handle.stats().snapshot().reopened, 4);
    assert_eq!(machine.story("a").await.saga.phase(), Phase::Completed);
}

#[tokio::test(start_paused = true)]
async fn who_asks_while_the_store_is_away_is_told_at_once() {
    let machine = Machine::start(Options::default()).await;
    machine.tricks.closed.store(100, SeqCst);
    machine.tricks.panics.store(1, SeqCst);
    let began = tokio::time::Instant::now();
    for id in ["a", "b", "a"] {
        assert!(matches!(machine.submit(id, "buy").await, Err(SubmitError::OutcomeUnknown)));
    }
    machine.handle.targets().await;
    assert!(machine.handle.settled(&saga("a"), Duration::from_mins(1)).await.is_err());
    assert!(began.elapsed() < Duration::from_secs(1));
    machine.handle.health().wait_for(|health| *health == Health::Ready).await.unwrap();
    assert!(machine.submit("b", "buy").await.unwrap().created);
}
