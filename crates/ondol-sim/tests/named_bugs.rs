//! Each deliberate bug is found, and by a short history.

use std::fmt::Write as _;
use std::sync::Arc;

use ondol_core::Bug;
use ondol_sim::explore::{Barrier, Budget, Counterexample, Root, parse, search};

const NONE: Budget = Budget { timeouts: 0, late: 0, doubles: 0, faults: 0, crashes: 0, verbs: 0, jumps: 0 };

/// What suffices to find each of these bugs; one after the other, so that the first history found needs little.
const BUDGETS: [Budget; 7] = [
    NONE,
    Budget { timeouts: 1, ..NONE },
    Budget { faults: 1, ..NONE },
    Budget { verbs: 1, ..NONE },
    Budget { crashes: 1, ..NONE },
    Budget { jumps: 1, ..NONE },
    Budget { timeouts: 2, late: 1, faults: 2, crashes: 1, verbs: 1, jumps: 1, ..NONE },
];

const PLANS: [&str; 8] = ["a", "a b", "a b:a", "a*", "a b*:a", "a* b-:a", "a? b:a", "a b-:a c:b"];

fn find(bug: Option<Bug>, plans: &[&str], barrier: Barrier, budgets: &[Budget]) -> Option<Counterexample> {
    for budget in budgets {
        for line in plans {
            let plan = parse(line).expect("the plans of these tests are plans");
            let plan = Arc::new(match bug {
                Some(bug) => plan.with_bug(bug),
                None => plan,
            });
            for truth in [true, false] {
                let root = Root { plan: plan.clone(), truth, fails: None, barrier, budget: *budget };
                if let Some(found) = search(&root).broken {
                    return Some(found);
                }
            }
        }
    }
    None
}

#[test]
fn every_bug_is_found() {
    let mut text = String::new();
    for bug in Bug::ALL {
        let on = find(Some(bug), &PLANS, Barrier::On, &BUDGETS);
        let found = on.or_else(|| find(Some(bug), &PLANS, Barrier::Off, &[Budget { timeouts: 1, ..NONE }]));
        match found {
            Some(found) => writeln!(text, "{bug:?}\n{found}").expect("text can be written"),
            None => panic!("{bug:?} was not found"),
        }
    }
    println!("{text}");
    insta::assert_snapshot!("shortest_histories", text);
}

#[test]
fn the_plans_and_budgets_of_these_tests_hold_without_a_bug() {
    assert_eq!(find(None, &PLANS, Barrier::On, &BUDGETS[..6]), None);
}

#[test]
fn without_a_barrier_a_late_action_outlives_its_compensation() {
    let late = Budget { timeouts: 2, late: 1, ..NONE };
    let found = find(None, &["a"], Barrier::Off, &[late]).expect("the late action is found");
    println!("{found}");
    insta::assert_snapshot!("without_a_barrier", found.to_string());
}
