//! A notice nobody takes becomes undelivered, also where nobody can be reached to take it.

use std::time::Duration;

use ondol_core::{NoticeState, Phase, VerbKind};

use crate::support::{Machine, Mood, RECEIVER, little_room, seconds};

const DAY_S: u64 = 86_400;

#[tokio::test(start_paused = true)]
async fn a_receiver_that_is_away_for_days_makes_its_notices_undelivered() {
    let machine = Machine::start(little_room()).await;
    machine.world.set(RECEIVER, Mood::Away);
    for number in 0..50 {
        machine.submit_with(&format!("a-{number}"), "buy", 1_024).await.unwrap();
    }
    seconds(3 * DAY_S).await;
    let state = |story: &ondol_engine::Story| story.saga.notices()[0].state;
    assert!(matches!(state(&machine.story("a-0").await), NoticeState::Due { .. }), "not yet");
    seconds(DAY_S / 2).await;
    for number in 0..50 {
        let story = machine.story(&format!("a-{number}")).await;
        assert_eq!(state(&story), NoticeState::Undelivered, "a-{number}");
        let noticed =
            story.events.iter().filter(|event| matches!(event.fact, ondol_core::Fact::Noticed { .. }));
        assert_eq!(noticed.count(), 10, "one failure for each interval of the schedule, not for each probe");
    }
    assert_eq!(machine.waiting("notices of buy").await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_is_back_is_told_within_an_interval() {
    // Seconds away, seconds until it is told: in line at once, else when the notice is due again.
    for (away, told) in [(3, 3), (60, 3), (7_000, 3), (7_300, 7_200)] {
        let machine = Machine::start(little_room()).await;
        machine.world.set(RECEIVER, Mood::Away);
        machine.submit("a", "buy").await.unwrap();
        seconds(away).await;
        machine.world.set(RECEIVER, Mood::Answers);
        seconds(told).await;
        assert_eq!(machine.story("a").await.saga.notices()[0].state, NoticeState::Delivered, "away {away} s");
    }
}

#[tokio::test(start_paused = true)]
async fn want_of_a_place_on_this_side_is_no_receiver_that_is_away() {
    let machine = Machine::start(little_room()).await;
    machine.world.set(RECEIVER, Mood::Crowded);
    machine.submit("a", "buy").await.unwrap();
    seconds(DAY_S).await;
    let targets = machine.handle.targets().await;
    let (_, status) = targets.iter().find(|(name, _)| &**name == "notices of buy").unwrap();
    assert_eq!(status.down_since_ms, None);
    let calls = machine.world.calls(RECEIVER) as u64;
    assert!(calls <= DAY_S / 30 + 1, "{calls} times it was tried, each time for half a minute");
    machine.world.set(RECEIVER, Mood::Answers);
    tokio::time::sleep(Duration::from_secs(31)).await;
    let story = machine.story("a").await;
    assert_eq!(story.saga.phase(), Phase::Completed);
    assert_eq!(story.saga.notices()[0].state, NoticeState::Delivered);
    assert_eq!(story.saga.notices()[0].failures, 0);
}

#[tokio::test(start_paused = true)]
async fn a_notice_that_is_on_its_way_is_not_sent_again_because_another_became_due() {
    let machine = Machine::start(little_room()).await;
    machine.world.set("shop", Mood::Refuses);
    machine.world.set(RECEIVER, Mood::Away);
    machine.submit("a", "both").await.unwrap();
    seconds(4 * DAY_S).await;
    assert_eq!(machine.story("a").await.saga.notices()[0].state, NoticeState::Undelivered);
    machine.world.set("shop", Mood::Answers);
    machine.world.set(RECEIVER, Mood::Slow(Duration::from_mins(1)));
    machine.act("a", VerbKind::Retry).await;
    seconds(10).await;
    machine.world.calls(RECEIVER);
    // The first notice is due again while the second is on its way.
    machine.act("a", VerbKind::Resend).await;
    seconds(DAY_S).await;
    let story = machine.story("a").await;
    assert!(story.saga.notices().iter().all(|notice| notice.state == NoticeState::Delivered));
    assert_eq!(machine.world.calls(RECEIVER), 1, "only the first was still to be sent");
}
