//! Every plan of up to three steps, in every history its budgets allow. Prints what was visited.
//!
//! `cargo test -p ondol-sim --test explore -- deep` adds budgets that take minutes.

use std::io::{Write as _, stdout};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ondol_core::{Half, Plan, Question};
use ondol_sim::explore::{Barrier, Budget, Found, PROPERTIES, Root, Watch, every_plan, search_all};

/// Fewer visited states than this prove too little.
const STATES_MIN: u64 = 1_000_000;

const NONE: Budget = Budget { timeouts: 0, late: 0, doubles: 0, faults: 0, crashes: 0, verbs: 0, jumps: 0 };

/// A budget by name, and the longest plans it is spent on.
struct Profile {
    name: &'static str,
    steps_max: usize,
    barrier: Barrier,
    budget: Budget,
}

const fn with_barrier(name: &'static str, steps_max: usize, budget: Budget) -> Profile {
    Profile { name, steps_max, barrier: Barrier::On, budget }
}

/// Without a barrier a late request undoes every promise, so there is none in these.
const fn without_barrier(name: &'static str, steps_max: usize, budget: Budget) -> Profile {
    Profile { name, steps_max, barrier: Barrier::Off, budget }
}

#[rustfmt::skip]
const PROFILES: [Profile; 12] = [
    with_barrier("everything",          1, Budget { timeouts: 2, late: 1, doubles: 1, faults: 2, crashes: 1, verbs: 1, jumps: 1 }),
    with_barrier("three faults",        2, Budget { faults: 3, ..NONE }),
    with_barrier("network and faults",  2, Budget { timeouts: 2, late: 2, doubles: 1, faults: 1, ..NONE }),
    with_barrier("network and crashes", 2, Budget { timeouts: 1, late: 1, crashes: 2, ..NONE }),
    with_barrier("people and time",     2, Budget { timeouts: 1, late: 1, faults: 1, verbs: 1, jumps: 1, ..NONE }),
    with_barrier("network",             3, Budget { timeouts: 2, late: 1, ..NONE }),
    with_barrier("doubled requests",    3, Budget { timeouts: 1, late: 1, doubles: 1, ..NONE }),
    with_barrier("faults",              3, Budget { faults: 2, ..NONE }),
    with_barrier("crashes",             3, Budget { late: 1, crashes: 1, ..NONE }),
    with_barrier("people",              3, Budget { timeouts: 1, verbs: 1, ..NONE }),
    with_barrier("time",                3, Budget { timeouts: 1, jumps: 1, ..NONE }),
    without_barrier("no barrier",       3, Budget { timeouts: 1, faults: 1, ..NONE }),
];

#[rustfmt::skip]
const DEEP: [Profile; 4] = [
    with_barrier("deep: everything",    2, Budget { timeouts: 1, late: 1, doubles: 1, faults: 1, crashes: 1, verbs: 1, jumps: 1 }),
    with_barrier("deep: crashes",       3, Budget { timeouts: 1, late: 1, crashes: 1, ..NONE }),
    with_barrier("deep: people",        3, Budget { timeouts: 1, late: 1, verbs: 2, ..NONE }),
    with_barrier("deep: faults",        3, Budget { timeouts: 1, late: 1, faults: 1, jumps: 1, ..NONE }),
];

/// What is left when an expression cannot be evaluated the first time: a person.
const EXPRESSIONS: Budget =
    Budget { timeouts: 0, late: 0, doubles: 0, faults: 0, crashes: 0, verbs: 1, jumps: 0 };

fn main() {
    let plans: Vec<Vec<Plan>> = (1..=3).map(every_plan).collect();
    let counts: Vec<usize> = plans.iter().map(Vec::len).collect();
    print(&format!("plans of 1, 2, 3 steps: {counts:?}\n\n"));
    print(&format!(
        "{:<22}{:>7}{:>11}{:>13}{:>11}{:>13}{:>9}{:>9}\n",
        "budget", "roots", "states", "transitions", "completed", "compensated", "parked", "seconds"
    ));
    let mut all = Found::default();
    let mut all_roots = 0;
    let mut all_seconds = Duration::ZERO;
    let deep = std::env::args().any(|argument| argument == "deep");
    let profiles = PROFILES.iter().chain(DEEP.iter().filter(|_| deep));
    let profiles = profiles.map(|profile| (profile.name, roots(&plans, profile)));
    for (name, roots) in profiles.chain([("expressions", failing_roots(&plans))]) {
        let (found, seconds) = timed(|| search_all(&roots));
        row(name, roots.len(), &found, seconds);
        if let Some(counterexample) = &found.broken {
            panic!("{counterexample}");
        }
        all.add(found);
        all_roots += roots.len();
        all_seconds += seconds;
    }
    row("all", all_roots, &all, all_seconds);
    print("\nchecks        property\n");
    for property in PROPERTIES {
        print(&format!("{:>12}  {}\n", all.tally.of(property), property.statement()));
        assert!(all.tally.of(property) > 0, "nothing put {property:?} to the test");
    }
    assert!(all.states >= STATES_MIN, "{} states are fewer than {STATES_MIN}", all.states);
}

/// Every plan the profile is for, with its condition true and false.
fn roots(plans: &[Vec<Plan>], profile: &Profile) -> Vec<Root> {
    let root = |plan: &Plan, truth| Root {
        plan: Arc::new(plan.clone()),
        truth,
        fails: None,
        barrier: profile.barrier,
        budget: profile.budget,
        watch: Watch::Everything,
    };
    let both = |plan| {
        let conditional = Plan::steps(plan).iter().any(|step| step.condition);
        [true, false]
            .into_iter()
            .filter(move |truth| conditional || *truth)
            .map(move |truth| root(plan, truth))
    };
    plans.iter().take(profile.steps_max).flatten().flat_map(both).collect()
}

/// Every plan, once for each question whose expression fails.
fn failing_roots(plans: &[Vec<Plan>]) -> Vec<Root> {
    let mut roots = Vec::new();
    for plan in plans.iter().flatten() {
        let mut questions = vec![Question::Output];
        for (step, declared) in plan.ids().zip(plan.steps()) {
            questions.push(Question::Request(step, Half::Action));
            questions.extend(declared.compensation.map(|_| Question::Request(step, Half::Compensation)));
            questions.extend(declared.condition.then_some(Question::Condition(step)));
        }
        for fails in questions {
            for truth in [true, false] {
                let plan = Arc::new(plan.clone());
                let fails = Some(fails);
                let (barrier, budget, watch) = (Barrier::On, EXPRESSIONS, Watch::Everything);
                roots.push(Root { plan, truth, fails, barrier, budget, watch });
            }
        }
    }
    roots
}

#[expect(clippy::disallowed_methods, reason = "measures how long the proof takes")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    (work(), began.elapsed())
}

fn row(name: &str, roots: usize, found: &Found, took: Duration) {
    print(&format!(
        "{name:<22}{roots:>7}{:>11}{:>13}{:>11}{:>13}{:>9}{:>9.1}\n",
        found.states,
        found.transitions,
        found.ends.completed,
        found.ends.compensated,
        found.ends.parked,
        took.as_secs_f64()
    ));
}

/// As it goes, so that a long run shows where it is.
fn print(text: &str) {
    stdout().write_all(text.as_bytes()).expect("the output of a test can be written");
}
