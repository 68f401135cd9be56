//! Which drafts are plans, and why others are not.

use ondol_core::bounds::{ATTEMPTS_MAX, BACKOFF_MS_MAX, STEP_NAME_BYTES_MAX, STEPS_MAX, TIMEOUT_MS_MAX};
use ondol_core::plan::Draft;
use ondol_core::{Notify, Plan, PlanError, Retry, Step, StepId, StepSet};

use crate::notation;

#[test]
fn every_rule_of_a_plan() {
    #[rustfmt::skip]
    let table: [(&str, Result<(), PlanError>); 17] = [
        ("a",                 Ok(())),
        ("a b:a c:a,b",       Ok(())),
        ("b:a a",             Ok(())),
        ("a-? b*:a c-?:b",    Ok(())),
        ("a b c*:a,b d-:c",   Ok(())),
        ("",                  Err(PlanError::StepCount(0))),
        ("a b a",             Err(PlanError::NameTwice(0, 2))),
        ("a:a",               Err(PlanError::Cycle(0))),
        ("a:b b:a",           Err(PlanError::Cycle(0))),
        ("a:b b:c c:b",       Err(PlanError::Cycle(1))),
        ("a b:d c:b d:c",     Err(PlanError::Cycle(3))),
        ("a* b*:a",           Err(PlanError::PivotTwice(0, 1))),
        ("a b?*:a",           Err(PlanError::PivotCondition(1))),
        ("a b*",              Err(PlanError::PivotBeside(0))),
        ("a b*:a c:a",        Err(PlanError::PivotBeside(2))),
        ("a* b:a",            Err(PlanError::CompensationBehindPivot(1))),
        ("a0",                Err(PlanError::Retry(0))),
    ];
    for (line, expected) in table {
        assert_eq!(notation::plan(line).map(|_| ()), expected, "plan {line:?}");
    }
}

fn draft() -> Draft {
    let step = Step {
        name: "a".into(),
        after: Vec::new(),
        condition: false,
        action: Retry::FORWARD,
        compensation: Some(Retry::PERSISTENT),
        pivot: false,
    };
    Draft { steps: vec![step], timeout_ms: 1, output: false, notify: Notify::default() }
}

fn changed(change: impl FnOnce(&mut Draft)) -> Result<(), PlanError> {
    let mut draft = draft();
    change(&mut draft);
    Plan::new(draft).map(|_| ())
}

fn with_retry(change: impl Fn(&mut Retry)) -> [Result<(), PlanError>; 2] {
    [
        changed(|draft| change(&mut draft.steps[0].action)),
        changed(|draft| change(draft.steps[0].compensation.as_mut().expect("it has one"))),
    ]
}

#[test]
fn names() {
    let longest = "x".repeat(STEP_NAME_BYTES_MAX);
    for name in ["a", "A-b_9", longest.as_str()] {
        assert_eq!(changed(|draft| draft.steps[0].name = name.into()), Ok(()), "{name}");
    }
    let longer = "x".repeat(STEP_NAME_BYTES_MAX + 1);
    for name in ["", "a b", "a.b", "é", longer.as_str()] {
        assert_eq!(changed(|draft| draft.steps[0].name = name.into()), Err(PlanError::Name(0)), "{name}");
    }
}

#[test]
fn bounds() {
    let many = |count: usize| {
        changed(|draft| {
            let step = draft.steps.remove(0);
            draft.steps = (0..count).map(|n| Step { name: format!("s{n}").into(), ..step.clone() }).collect();
        })
    };
    assert_eq!(many(STEPS_MAX), Ok(()));
    assert_eq!(many(STEPS_MAX + 1), Err(PlanError::StepCount(STEPS_MAX + 1)));
    assert_eq!(changed(|draft| draft.timeout_ms = 0), Err(PlanError::Timeout(0)));
    assert_eq!(changed(|draft| draft.timeout_ms = TIMEOUT_MS_MAX), Ok(()));
    let over = TIMEOUT_MS_MAX + 1;
    assert_eq!(changed(|draft| draft.timeout_ms = over), Err(PlanError::Timeout(over)));
    assert_eq!(
        changed(|draft| draft.steps[0].after = vec![0, 7]),
        Err(PlanError::UnknownPredecessor(0, 7)),
        "a step that does not exist is found before the cycle"
    );
    assert_eq!(
        changed(|draft| draft.steps[0].after = vec![1]),
        Err(PlanError::UnknownPredecessor(0, 1)),
        "one behind the last"
    );
    assert_eq!(changed(|draft| draft.steps[0].pivot = true), Err(PlanError::PivotCompensation(0)));
}

#[test]
fn retries() {
    let good = [Ok(()), Ok(())];
    let bad = [Err(PlanError::Retry(0)), Err(PlanError::Retry(0))];
    assert_eq!(with_retry(|retry| retry.attempts_max = None), good);
    assert_eq!(with_retry(|retry| retry.attempts_max = Some(1)), good);
    assert_eq!(with_retry(|retry| retry.attempts_max = Some(0)), bad);
    assert_eq!(with_retry(|retry| retry.attempts_max = Some(ATTEMPTS_MAX)), good);
    assert_eq!(with_retry(|retry| retry.attempts_max = Some(ATTEMPTS_MAX + 1)), bad);
    assert_eq!(with_retry(|retry| retry.factor_percent = 100), good);
    assert_eq!(with_retry(|retry| retry.factor_percent = 99), bad);
    assert_eq!(with_retry(|retry| retry.first_ms = BACKOFF_MS_MAX), good);
    assert_eq!(with_retry(|retry| retry.first_ms = BACKOFF_MS_MAX + 1), bad);
    assert_eq!(with_retry(|retry| retry.max_ms = BACKOFF_MS_MAX), good);
    assert_eq!(with_retry(|retry| retry.max_ms = BACKOFF_MS_MAX + 1), bad);
}

#[test]
fn a_plan_knows_what_comes_before_and_after() {
    let plan = notation::plan("a b:a c*:b d-:c output notify").expect("it is a plan");
    let set = |set: StepSet| set.iter().collect::<Vec<StepId>>();
    assert_eq!(set(plan.ancestors(2)), [0, 1]);
    assert_eq!(set(plan.ancestors(0)), [] as [StepId; 0]);
    assert_eq!(set(plan.descendants(0)), [1, 2, 3]);
    assert_eq!(set(plan.descendants(9)), [] as [StepId; 0]);
    assert_eq!(set(plan.ancestors(9)), [] as [StepId; 0]);
    assert_eq!(plan.ids().collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert_eq!(plan.pivot(), Some(2));
    assert_eq!([0, 1, 2, 3].map(|step| plan.behind_pivot(step)), [false, false, false, true]);
    assert_eq!((plan.find("c"), plan.find("z")), (Some(2), None));
    assert_eq!(plan.step(3).map(|step| &*step.name), Some("d"));
    assert_eq!(plan.step(4), None);
    assert_eq!(plan.timeout_ms(), notation::TIMEOUT_MS);
    assert!(plan.output() && plan.notify().completed);
    let bare = notation::plan("a b").expect("it is a plan");
    assert!(!bare.output() && !bare.notify().completed && bare.pivot().is_none());
    assert!(!bare.behind_pivot(1));
}

#[test]
fn a_set_holds_every_step_a_plan_may_have() {
    let mut set = StepSet::default();
    assert_eq!((set.len(), set.is_empty()), (0, true));
    let steps: Vec<StepId> = vec![0, 63, 64, 65, 128, 255];
    for &step in &steps {
        set.insert(step);
        set.insert(step);
    }
    set.insert(256);
    assert_eq!(set.iter().collect::<Vec<_>>(), steps);
    assert_eq!((set.len(), set.is_empty()), (6, false));
    assert!(!set.contains(1) && !set.contains(256) && !set.contains(320));
    let mut other = StepSet::default();
    other.insert(7);
    other.insert(64);
    set.extend(&other);
    assert!(set.contains(7) && set.len() == 7);
    set.extend(&other);
    assert_eq!(set.len(), 7);
}

#[test]
fn errors_name_the_step_and_the_bound() {
    #[rustfmt::skip]
    let table: [(PlanError, &str); 12] = [
        (PlanError::StepCount(300),              "a saga has 1 to 256 steps, this one has 300"),
        (PlanError::Name(1),                     "step 1: a step name is 1 to 48 bytes of A-Z a-z 0-9 _ -"),
        (PlanError::NameTwice(1, 2),             "steps 1 and 2 have the same name"),
        (PlanError::UnknownPredecessor(1, 2),    "step 1 follows step 2, which does not exist"),
        (PlanError::Cycle(1),                    "step 1 follows itself through `after`"),
        (PlanError::PivotTwice(1, 2),            "steps 1 and 2 are both the pivot; a saga has at most one"),
        (PlanError::PivotCondition(1),           "step 1 is the pivot and cannot have a condition"),
        (PlanError::PivotCompensation(1),        "step 1 is the pivot and cannot have a compensation"),
        (PlanError::PivotBeside(1),              "step 1 is neither before nor after the pivot"),
        (PlanError::CompensationBehindPivot(1),  "step 1 comes after the pivot, so its compensation could never run"),
        (PlanError::Retry(1),                    "step 1: retry needs 1 to 64 attempts, delays up to 3600000 ms and a factor of at least 1"),
        (PlanError::Timeout(0),                  "a timeout is 1 to 34560000000 ms, this one is 0"),
    ];
    for (error, words) in table {
        assert_eq!(error.to_string(), words);
    }
}

#[test]
fn the_bounds_are_what_the_manual_says() {
    use ondol_core::bounds;
    #[rustfmt::skip]
    let table: [(u64, u64, &str); 12] = [
        (bounds::STEPS_MAX as u64,                       256, "steps"),
        (bounds::STEP_NAME_BYTES_MAX as u64,              48, "bytes of a step name"),
        (bounds::ATTEMPTS_MAX.into(),                     64, "attempts"),
        (bounds::BACKOFF_MS_MAX,                   3_600_000, "an hour"),
        (bounds::RETRY_AFTER_MS_MAX,                 600_000, "ten minutes"),
        (bounds::TIMEOUT_MS_MAX,              34_560_000_000, "400 days"),
        (bounds::PATIENCE_MS,                     86_400_000, "a day"),
        (bounds::TROUBLE_SHOWN_MS,                   900_000, "a quarter of an hour"),
        (bounds::REFUSALS_IN_A_ROW_MAX.into(),             3, "refusals in a row"),
        (bounds::EDITS_MAX as u64,                        16, "edits"),
        (bounds::FAILURES_MAX as u64,                     64, "failures"),
        (bounds::NOTICES_MAX as u64,                      64, "notices"),
    ];
    for (actual, expected, what) in table {
        assert_eq!(actual, expected, "{what}");
    }
}
