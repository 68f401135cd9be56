//! Retry, budget, breaker and balancer against endpoints that fail.

use std::time::Duration;

use ondol_call::policy::breaker::Change;
use ondol_call::policy::moment::Moment;

use crate::world::{Course, Manner, World};

const SEEDS: u64 = 12;

fn at(secs: u64) -> Moment {
    Moment::START + Duration::from_secs(secs)
}

fn always(manner: Manner) -> Course {
    vec![(Duration::ZERO, manner)]
}

/// What part of the attempts between `from` and `to` seconds went to endpoint `index`.
fn share(world: &World, index: usize, from: u64, to: u64) -> f64 {
    let within = world.attempts.iter().filter(|attempt| (at(from)..at(to)).contains(&attempt.at));
    let (mut of, mut all) = (0.0, 0.0);
    for attempt in within {
        of += f64::from(u8::from(attempt.index == index));
        all += 1.0;
    }
    of / all
}

/// No ten seconds cost more than a fifth of their calls, and ten a second.
#[track_caller]
fn check_budget(world: &World, about: &str) {
    let (mut first_call, mut first_paid, mut last_call, mut paid) = (0, 0, 0, 0);
    let ten = Duration::from_secs(10);
    for (now, cost) in &world.withdrawn {
        paid += cost;
        while last_call < world.calls.len() && world.calls[last_call] <= *now {
            last_call += 1;
        }
        while now.since(world.calls[first_call]) >= ten {
            first_call += 1;
        }
        while now.since(world.withdrawn[first_paid].0) >= ten {
            paid -= world.withdrawn[first_paid].1;
            first_paid += 1;
        }
        let most = (last_call - first_call) as f64 * 0.2 + 100.0;
        assert!(f64::from(paid) <= most, "{about}: {paid} of {most} in the ten seconds before {now:?}");
    }
}

#[test]
fn two_of_three_that_fail_add_little_load() {
    use Manner::{Anything, Refuses, Says, Stalls};
    for manner in [Says(503), Stalls, Refuses, Says(500), Anything] {
        for seed in 0..SEEDS {
            let about = format!("{manner:?}, seed {seed}");
            let courses = vec![always(manner), always(Manner::Well), always(manner)];
            let world = World::new(seed, courses).run(Duration::from_secs(40));
            check_budget(&world, &about);
            // One that failed less than five times in a row is avoided by the balancer alone, for five seconds each time.
            let opened = |(_, _, change): &&(_, _, _)| matches!(change, Change::Opened { times: 1, .. });
            let opened = world.changes.iter().filter(opened).map(|(at, ..)| *at).max();
            let opened = opened.unwrap_or_else(|| panic!("{about}: nothing opened"));
            let calls = world.calls.iter().filter(|at| **at > opened).count() as f64;
            let attempts = world.attempts.iter().filter(|attempt| attempt.at > opened).count() as f64;
            assert!(attempts <= 1.2 * calls, "{about}: {attempts} attempts of {calls} calls");
            let all = world.attempts.len() as f64 / world.calls.len() as f64;
            assert!(all <= 1.2, "{about}: {all} attempts a call from the beginning");
            let succeeded = world.succeeded as f64 / world.calls.len() as f64;
            assert!(succeeded > 0.9, "{about}: {succeeded} succeeded");
        }
    }
}

#[test]
fn errors_never_eject_the_last_endpoint() {
    for manner in [Manner::Says(503), Manner::Says(500), Manner::Stalls, Manner::Anything] {
        for count in 1..=3 {
            for seed in 0..SEEDS / 4 {
                let world = World::new(seed, vec![always(manner); count]).run(Duration::from_secs(15));
                assert!(world.usable_min >= 1, "{count} endpoints, {manner:?}, seed {seed}");
                // And every call is tried.
                assert!(
                    world.attempts.len() >= world.calls.len(),
                    "{count} endpoints, {manner:?}, seed {seed}"
                );
            }
        }
    }
}

#[test]
fn fast_429s_attract_nothing() {
    for seed in 0..SEEDS {
        let courses = vec![always(Manner::Says(429)), always(Manner::Well), always(Manner::Well)];
        let world = World::new(seed, courses).run(Duration::from_secs(20));
        let share = share(&world, 0, 0, 20);
        assert!(share < 0.05, "seed {seed}: {share}");
        assert!(world.changes.is_empty(), "it is well, and says so itself: {:?}", world.changes);
    }
}

#[test]
fn a_returned_endpoint_gets_its_share_back_gradually() {
    for seed in 0..SEEDS / 2 {
        let returns = vec![(Duration::ZERO, Manner::Refuses), (Duration::from_secs(5), Manner::Well)];
        let courses = vec![returns, always(Manner::Well), always(Manner::Well)];
        let world = World::new(seed, courses).run(Duration::from_mins(1));
        let closed =
            |(_, index, change): &&(_, usize, _)| *index == 0 && matches!(change, Change::Closed { .. });
        let (closed, ..) = world.changes.iter().find(closed).expect("it returns");
        let back = closed.since_start().as_secs();
        assert!((5..13).contains(&back), "seed {seed}: back after {back} s");
        let shares: Vec<_> = [(0, 3), (3, 10), (10, 20), (20, 30), (33, 45)]
            .map(|(from, to)| share(&world, 0, back + from, back + to))
            .to_vec();
        assert!(shares.is_sorted(), "seed {seed}: {shares:?}");
        assert!(shares[0] < 0.1 && shares[2] < 0.3, "seed {seed}: {shares:?}");
        assert!((0.28..0.39).contains(&shares[4]), "seed {seed}: {shares:?}");
        // Every one of the others has the same, and no one fails for it.
        assert_eq!(world.succeeded + in_flight(&world), world.calls.len(), "seed {seed}");
    }
}

/// Calls of the last moment are still under way when the world stops.
fn in_flight(world: &World) -> usize {
    let missing = world.calls.len() - world.succeeded;
    assert!(missing <= 15, "{missing} of {} calls did not succeed", world.calls.len());
    missing
}
