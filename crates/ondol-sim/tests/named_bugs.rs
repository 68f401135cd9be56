//! Each deliberate bug is found, by a short history.

use std::fmt::Write as _;
use std::sync::Arc;

use ondol_core::Bug;
use ondol_sim::explore::{Barrier, Budget, Counterexample, Root, Watch, parse, search};

const NONE: Budget = Budget { timeouts: 0, late: 0, doubles: 0, faults: 0, crashes: 0, verbs: 0, jumps: 0 };

/// One after the other, so that the first history found needs as little to go wrong as possible.
const BUDGETS: [Budget; 12] = [
    NONE,
    Budget { timeouts: 1, ..NONE },
    Budget { faults: 1, ..NONE },
    Budget { verbs: 1, ..NONE },
    Budget { crashes: 1, ..NONE },
    Budget { jumps: 1, ..NONE },
    Budget { timeouts: 2, ..NONE },
    Budget { timeouts: 1, late: 1, ..NONE },
    Budget { late: 1, crashes: 1, ..NONE },
    Budget { timeouts: 1, verbs: 1, ..NONE },
    Budget { timeouts: 1, jumps: 1, ..NONE },
    Budget { faults: 3, ..NONE },
];

const PLANS: [&str; 10] =
    ["a", "a b", "a b:a", "a*", "a b*:a", "a* b-:a", "a? b:a", "a b-:a", "a b-:a c:b", "a b:a c*:b"];

fn find(
    bug: Option<Bug>,
    plans: &[&str],
    barrier: Barrier,
    budgets: &[Budget],
    watch: Watch,
) -> Option<Counterexample> {
    for budget in budgets {
        for line in plans {
            let plan = parse(line).expect("the plans of these tests are plans");
            let plan = Arc::new(match bug {
                Some(bug) => plan.with_bug(bug),
                None => plan,
            });
            for truth in [true, false] {
                let root = Root { plan: plan.clone(), truth, fails: None, barrier, budget: *budget, watch };
                if let Some(found) = search(&root).broken {
                    return Some(found);
                }
            }
        }
    }
    None
}

/// With a barrier where that suffices, else without one.
fn find_bug(bug: Bug, watch: Watch) -> Option<Counterexample> {
    let without = [Budget { timeouts: 1, ..NONE }, Budget { timeouts: 1, crashes: 1, ..NONE }];
    find(Some(bug), &PLANS, Barrier::On, &BUDGETS, watch)
        .or_else(|| find(Some(bug), &PLANS, Barrier::Off, &without, watch))
}

#[test]
fn every_bug_is_found() {
    let mut text = String::new();
    for bug in Bug::ALL {
        let found = find_bug(bug, Watch::Everything).unwrap_or_else(|| panic!("{bug:?} was not found"));
        writeln!(text, "{bug:?}\n{found}").expect("text can be written");
    }
    println!("{text}");
    insta::assert_snapshot!("shortest_histories", text);
}

#[test]
fn every_bug_does_harm_or_is_seen_before_it_can() {
    let mut text = String::new();
    for bug in Bug::ALL {
        match find_bug(bug, Watch::Harm) {
            Some(found) => writeln!(text, "{bug:?}\n{found}"),
            None => writeln!(text, "{bug:?}\nno harm in these plans and budgets\n"),
        }
        .expect("text can be written");
    }
    println!("{text}");
    insta::assert_snapshot!("shortest_harm", text);
}

#[test]
fn these_plans_and_budgets_hold_without_a_bug() {
    assert_eq!(find(None, &PLANS, Barrier::On, &BUDGETS, Watch::Everything), None);
}

#[test]
fn without_a_barrier_a_late_action_outlives_its_compensation() {
    let late = Budget { timeouts: 2, late: 1, ..NONE };
    let found = find(None, &["a"], Barrier::Off, &[late], Watch::Everything);
    let found = found.expect("the late action is found");
    println!("{found}");
    insta::assert_snapshot!("without_a_barrier", found.to_string());
}
