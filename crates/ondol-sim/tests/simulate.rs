//! Two hundred seeds of the simulator, and proof that it finds a bug in the engine's loop.

use ondol_engine::Bug;
use ondol_sim::simulate::{Setup, run};

#[test]
fn two_hundred_seeds_hold() {
    let (mut sagas, mut probes, mut looks) = ((0, 0, 0), 0, 0);
    for seed in 0..200 {
        let outcome = run(Setup::of(seed));
        assert!(
            outcome.violations.is_empty(),
            "seed {seed}: {:#?}\nrepeat it with: cargo run -p ondol-sim --bin simulate -- --from {seed} --count 1",
            outcome.violations
        );
        sagas = (sagas.0 + outcome.accepted, sagas.1 + outcome.completed, sagas.2 + outcome.compensated);
        probes += outcome.probes;
        looks += outcome.looks;
    }
    // A simulator in which nothing ever fails, or nothing ever works, shows nothing.
    assert!(
        sagas.0 == 190 * 12 + 10 * 100 && sagas.1 > 400 && sagas.2 > 400,
        "accepted, completed, compensated: {sagas:?}"
    );
    assert!(looks > 100, "lines are seldom looked at: {looks} times");
    assert!(probes > 1_000, "targets that are down get too few probes to show anything: {probes}");
}

#[test]
fn one_seed_is_one_run() {
    assert_eq!(run(Setup::of(42)), run(Setup::of(42)));
}

#[test]
fn sending_before_the_intent_is_durable_is_found() {
    let found = (0..1_000).find(|&seed| {
        let setup = Setup { bug: Some(Bug::SendBeforeAppend), ..Setup::of(seed) };
        !run(setup).violations.is_empty()
    });
    assert!(found.is_some(), "no seed below 1,000 shows it");
}

#[test]
fn without_the_barrier_a_late_request_does_harm() {
    let found =
        (0..1_000).find(|&seed| !run(Setup { barrier: false, ..Setup::of(seed) }).violations.is_empty());
    assert!(found.is_some(), "no seed below 1,000 shows it");
}
