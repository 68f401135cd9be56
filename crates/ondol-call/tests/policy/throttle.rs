//! The throttle against targets with and without a limit of their own.

use std::time::Duration;

use ondol_call::policy::moment::Moment;
use ondol_call::policy::settings;
use ondol_call::policy::throttle::{Enter, Lane, Left, Place, Throttle};

/// A step of virtual time.
const STEP: Duration = Duration::from_millis(1);
/// How long the target takes.
const TAKES: Duration = Duration::from_millis(20);

struct Run {
    throttle: Throttle,
    /// Calls of the undoing lane that had to wait although fewer than their tenth were in flight.
    kept_out: u32,
    /// The lowest and the highest limit of the second half.
    limits: (u32, u32),
}

/// Sends as much as the throttle lets through for a minute, to a target that answers 503 when more than `capacity`
/// are with it. `undoing` calls that undo are wanted at every moment.
fn run(capacity: usize, undoing: u32) -> Run {
    let steps = 60_000_u32;
    let mut throttle = Throttle::new(settings::Throttle::default());
    let mut in_flight: Vec<(Moment, Place, Lane, Left)> = Vec::new();
    let (mut kept_out, mut limits) = (0, (u32::MAX, 0));
    for step in 0..steps {
        let now = Moment::START + STEP * step;
        in_flight.retain(|(until, place, _, left)| {
            if *until <= now {
                throttle.left(now, *place, *left);
            }
            *until > now
        });
        let mut go = |throttle: &mut Throttle, lane| {
            let Enter::Go(place) = throttle.try_enter(now, lane, 0) else { return false };
            let left = if in_flight.len() < capacity { Left::Ok } else { Left::Overloaded };
            in_flight.push((now + TAKES, place, lane, left));
            true
        };
        // Forward first, so that it takes all it can; then those that undo.
        while go(&mut throttle, Lane::Forward) {}
        let wanted = (0..undoing).find(|_| !go(&mut throttle, Lane::Undoing));
        let undone = in_flight.iter().filter(|(_, _, lane, _)| *lane == Lane::Undoing).count() as u32;
        kept_out += u32::from(wanted.is_some() && undone < throttle.reserved());
        if step > steps / 2 {
            limits = (limits.0.min(throttle.limit()), limits.1.max(throttle.limit()));
        }
    }
    Run { throttle, kept_out, limits }
}

#[test]
fn the_limit_finds_the_target_s() {
    #[rustfmt::skip]
    let table = [
        // capacity, lowest, highest limit
        (4,        8,   10),
        (20,      15,   26),
        (40,      32,   48),
        (150,    120,  172),
        (10_000, 512,  512),
    ];
    for (capacity, lowest, highest) in table {
        for undoing in [0, 2, 100] {
            let Run { limits, .. } = run(capacity, undoing);
            assert!(limits.0 >= lowest && limits.1 <= highest, "{capacity}, {undoing} undo: {limits:?}");
        }
    }
}

#[test]
fn undoing_always_gets_its_tenth() {
    for capacity in [4, 20, 40, 150, 10_000] {
        let Run { kept_out, throttle, .. } = run(capacity, 100);
        assert_eq!(kept_out, 0, "capacity {capacity}");
        assert!(f64::from(throttle.reserved()) >= f64::from(throttle.limit()) * 0.1);
    }
}
