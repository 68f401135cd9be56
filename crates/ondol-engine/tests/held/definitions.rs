//! Definitions are durable before anybody is told that they are, and before anything that needs them.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use ondol_engine::{Health, Options, SubmitError, Windows};
use ondol_spec::Secrets;
use tokio::task::JoinSet;

use crate::support::{Machine, definitions, seconds};

async fn put(machine: &Machine, path: &str) -> Result<(), SubmitError> {
    let secrets = Arc::new(Secrets::default());
    machine.handle.put(definitions(path), secrets, Windows::new()).await.map(drop)
}

#[tokio::test(start_paused = true)]
async fn who_puts_what_is_on_its_way_already_waits_for_it() {
    let machine = Arc::new(Machine::start(Options::default()).await);
    machine.tricks.append_ms.store(10_000, SeqCst);
    let mut puts = JoinSet::new();
    // The third is new while the one before is on its way.
    for path in ["/second", "/second", "/third"] {
        let machine = Arc::clone(&machine);
        puts.spawn(async move { put(&machine, path).await });
        seconds(1).await;
    }
    assert!(puts.try_join_next().is_none(), "none is durable");
    seconds(8).await;
    let mut done = 0;
    while puts.try_join_next().is_some() {
        done += 1;
    }
    assert_eq!(done, 2, "the same version twice");
    seconds(10).await;
    assert!(puts.try_join_next().is_some_and(|put| put.is_ok()), "and the next one");
}

#[tokio::test(start_paused = true)]
async fn a_definition_that_somebody_else_wrote_is_not_taken_for_ours() {
    let machine = Machine::start(Options::default()).await;
    machine.tricks.conflicts.store(1, SeqCst);
    assert!(matches!(put(&machine, "/second").await, Err(SubmitError::OutcomeUnknown)));
    machine.handle.health().wait_for(|health| *health == Health::Ready).await.unwrap();
    assert_eq!(machine.handle.stats().snapshot().reopened, 1, "it begins again from what the log holds");
    put(&machine, "/second").await.unwrap();
}
