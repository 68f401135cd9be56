//! When to try again.

use ondol_core::bounds::RETRY_AFTER_MS_MAX;
use ondol_core::retry::{Retry, chance};
use ondol_core::{Answer, Attempt, Half, Input, Outcome, Plan, Question, Saga, Step};

#[test]
fn ceilings_grow_by_the_factor_up_to_the_maximum() {
    let retry =
        |first_ms, factor_percent, max_ms| Retry { attempts_max: None, first_ms, factor_percent, max_ms };
    #[rustfmt::skip]
    let table: [(Retry, [u64; 7]); 8] = [
        (Retry::FORWARD,            [200, 400, 800, 1_600, 3_200, 6_400, 10_000]),
        (Retry::PERSISTENT,         [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]),
        (retry(100, 100, 1_000),    [100, 100, 100, 100, 100, 100, 100]),
        (retry(100, 150, 1_000),    [100, 150, 225, 338, 507, 761, 1_000]),
        (retry(1, 101, 10),         [1, 2, 3, 4, 5, 6, 7]),
        (retry(500, 200, 400),      [400, 400, 400, 400, 400, 400, 400]),
        (retry(500, 100, 400),      [400, 400, 400, 400, 400, 400, 400]),
        (retry(0, 200, 400),        [0, 0, 0, 0, 0, 0, 0]),
    ];
    for (retry, ceilings) in table {
        let actual = [1, 2, 3, 4, 5, 6, 7].map(|failures| retry.ceiling_ms(failures));
        assert_eq!(actual, ceilings, "{retry:?}");
        assert_eq!(retry.ceiling_ms(0), ceilings[0]);
    }
    assert_eq!(Retry::FORWARD.ceiling_ms(u32::MAX), 10_000);
    let steep = Retry { attempts_max: None, first_ms: 1, factor_percent: u32::MAX, max_ms: 3_600_000 };
    assert_eq!([1, 2].map(|failures| steep.ceiling_ms(failures)), [1, 3_600_000]);
}

#[test]
fn delays_are_drawn_between_zero_and_the_ceiling() {
    #[rustfmt::skip]
    let table: [(u32, u64, Option<u64>, u64); 9] = [
        (1, 0,               None,             0),
        (1, u64::MAX,        None,             200),
        (1, u64::MAX / 2,    None,             100),
        (3, u64::MAX,        None,             800),
        (1, u64::MAX,        Some(100),        200),
        (1, 0,               Some(100),        100),
        (1, u64::MAX,        Some(1_000),      1_000),
        (1, 0,               Some(RETRY_AFTER_MS_MAX),     600_000),
        (1, 0,               Some(RETRY_AFTER_MS_MAX + 1), 600_000),
    ];
    for (failures, chance, retry_after_ms, delay_ms) in table {
        let actual = Retry::FORWARD.delay_ms(failures, chance, retry_after_ms);
        assert_eq!(actual, delay_ms, "{failures} {chance} {retry_after_ms:?}");
    }
}

/// Frozen: a draw that changed would be another due time for the same attempt in the next version.
#[test]
fn chance_is_frozen_and_differs_by_everything_that_names_an_attempt() {
    #[rustfmt::skip]
    let table: [((u128, u16, bool, u32), u64); 7] = [
        ((0, 0, false, 1),             11_949_023_478_716_900_198),
        ((1, 0, false, 1),             1_299_429_071_463_041_273),
        ((1 << 64, 0, false, 1),       4_388_860_610_121_965_938),
        ((0, 1, false, 1),             15_144_923_551_112_801_655),
        ((0, 0, true, 1),              10_409_440_499_747_965_988),
        ((0, 0, false, 2),             359_321_901_608_841_519),
        ((u128::MAX, 255, true, 64),   224_114_112_671_930_263),
    ];
    for ((run, step, compensation, attempt), draw) in table {
        assert_eq!(chance(run, step, compensation, attempt), draw, "{run} {step} {compensation} {attempt}");
    }
}

#[test]
fn chance_is_even() {
    let draws: Vec<u64> = (0..4_000).map(|run| chance(run, 1, false, 1)).collect();
    for bit in 0..64 {
        let ones = draws.iter().filter(|draw| *draw >> bit & 1 == 1).count();
        assert!((1_800..2_200).contains(&ones), "bit {bit} is set {ones} times in 4,000");
    }
}

fn saga(retry: Retry) -> Saga {
    let step = Step {
        name: "a".into(),
        after: Vec::new(),
        condition: false,
        action: retry,
        compensation: Some(retry),
        pivot: false,
    };
    let draft = ondol_core::plan::Draft {
        steps: vec![step],
        timeout_ms: 3_600_000,
        output: false,
        notify: ondol_core::Notify::default(),
    };
    Saga::new(Plan::new(draft).expect("it is a plan").into())
}

fn feed(saga: &mut Saga, input: &Input) {
    for event in saga.decide(input, 0) {
        saga.apply(&event).expect("what is decided applies");
    }
}

/// Each half draws for itself, by run, step, half and attempt, from a ceiling that grows with each failure.
#[test]
fn due_times_follow_from_run_half_attempt_and_failures() {
    let retry = Retry { attempts_max: Some(9), first_ms: 1_000_000, factor_percent: 200, max_ms: 3_600_000 };
    for run in [7, u128::MAX] {
        let mut saga = saga(retry);
        let submission = ondol_core::Submission { run, ..crate::script::submission() };
        feed(&mut saga, &Input::Submit(Box::new(submission)));
        feed(&mut saga, &Input::Answer(Question::Request(0, Half::Action), Answer::Rendered(1)));
        let unclear = Outcome::Unclear { reason: "no answer".into(), retry_after_ms: None };
        let attempt = Attempt { step: 0, half: Half::Action, number: 1 };
        feed(&mut saga, &Input::Outcome(attempt, unclear.clone()));
        let due_ms = retry.delay_ms(1, chance(run, 0, false, 1), None);
        assert_eq!(saga.wanted().wake_at_ms, Some(due_ms), "run {run}");
        feed(&mut saga, &Input::Verb(ondol_core::Verb::Cancel));
        feed(&mut saga, &Input::Answer(Question::Request(0, Half::Compensation), Answer::Rendered(2)));
        let attempt = Attempt { step: 0, half: Half::Compensation, number: 1 };
        feed(&mut saga, &Input::Outcome(attempt, unclear.clone()));
        let due_ms = retry.delay_ms(1, chance(run, 0, true, 1), None);
        assert_eq!(saga.wanted().wake_at_ms, Some(due_ms), "run {run}");
    }
}

#[test]
fn the_ceiling_of_the_second_delay_is_the_second() {
    let retry = Retry { attempts_max: Some(9), first_ms: 1_000, factor_percent: 10_000, max_ms: 3_600_000 };
    let mut saga = saga(retry);
    feed(&mut saga, &Input::Submit(Box::new(crate::script::submission())));
    feed(&mut saga, &Input::Answer(Question::Request(0, Half::Action), Answer::Rendered(1)));
    let unclear = |retry_after_ms| Outcome::Unclear { reason: "no answer".into(), retry_after_ms };
    let attempt = |number| Attempt { step: 0, half: Half::Action, number };
    feed(&mut saga, &Input::Outcome(attempt(1), unclear(None)));
    let due_ms = saga.wanted().wake_at_ms.expect("it waits");
    for event in saga.decide(&Input::Timer, due_ms) {
        saga.apply(&event).expect("what is decided applies");
    }
    let events = saga.decide(&Input::Outcome(attempt(2), unclear(None)), due_ms);
    for event in &events {
        saga.apply(event).expect("what is decided applies");
    }
    let delay_ms = retry.delay_ms(2, chance(7, 0, false, 2), None);
    assert_eq!(saga.wanted().wake_at_ms, Some(due_ms + delay_ms));
    assert!(delay_ms > 1_000, "the draw of this test is above the first ceiling");
}
