//! How and when Ondol and the services die: a plan from the seed.

use super::chance::Chance;
use crate::stack::Service;
use std::time::Duration;

/// A place in Ondol's own course at which it dies by itself; `ondol serve --die-at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Point {
    /// An intent is durable, its request has not left.
    AfterAppend,
    /// An answer has come, it is not durable.
    AfterAnswer,
    /// A saga was read back, it has not gone on.
    MidRecovery,
}

impl Point {
    pub(super) const ALL: [Self; 3] = [Self::AfterAppend, Self::AfterAnswer, Self::MidRecovery];

    /// As the flag spells it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::AfterAppend => "after-append",
            Self::AfterAnswer => "after-answer",
            Self::MidRecovery => "mid-recovery",
        }
    }

    /// How often one life passes there at most, by experience: beyond it the death would not be reached.
    const fn visits_max(self) -> u64 {
        match self {
            Self::AfterAppend => 60,
            Self::AfterAnswer => 200,
            Self::MidRecovery => 8,
        }
    }
}

/// The end of one life of Ondol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Death {
    /// SIGKILL at any moment.
    Random { after: Duration },
    /// At a place, when it passes there for the `visit`-th time.
    At { point: Point, visit: u64 },
}

/// One life of Ondol's: how it ends, and the service that is killed meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) death: Death,
    pub(super) service: Option<Service>,
}

/// How many deaths there shall be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Toll {
    /// Ondol, at random.
    pub(super) random: u64,
    /// Ondol, at each point.
    pub(super) each_point: u64,
    /// Services, at random.
    pub(super) services: u64,
}

impl Toll {
    /// From this many bookings on the toll is the full one.
    const FULL_FROM: u64 = 5_000;

    /// The toll of so many bookings: in small runs less, so that they are quick.
    pub(super) fn of(bookings: u64) -> Self {
        let scaled = |full: u64| (full * bookings / Self::FULL_FROM).clamp(1, full);
        Self { random: scaled(52), each_point: scaled(22), services: scaled(52) }
    }
}

/// Moments of a random death after Ondol is up, in milliseconds: from within recovery to amid full load.
const RANDOM_AFTER_MS: std::ops::Range<u64> = 5..900;

/// All lives, in any order but for the first: it must last until the first sagas are there to be recovered.
pub(super) fn plan(seed: u64, toll: Toll) -> Vec<Life> {
    let mut chance = Chance::new(seed, u64::MAX);
    let mut deaths = Vec::new();
    for _ in 1..toll.random {
        let after = chance.within(RANDOM_AFTER_MS.start, RANDOM_AFTER_MS.end);
        deaths.push(Death::Random { after: Duration::from_millis(after) });
    }
    for point in Point::ALL {
        for _ in 0..toll.each_point {
            deaths.push(Death::At { point, visit: chance.within(1, point.visits_max() + 1) });
        }
    }
    chance.shuffle(&mut deaths);
    deaths.insert(0, Death::Random { after: Duration::from_millis(RANDOM_AFTER_MS.end) });
    let lives = deaths.len() as u64;
    let with_service = (0..).zip(deaths).map(|(number, death): (u64, Death)| {
        // Spread evenly over the lives.
        let dies = (number + 1) * toll.services / lives > number * toll.services / lives;
        let any = usize::try_from(chance.within(0, Service::ALL.len() as u64)).unwrap_or(0);
        Life { death, service: dies.then_some(Service::ALL[any]) }
    });
    with_service.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_full_toll_is_what_was_promised() {
        for (bookings, toll) in [
            (20_000, Toll { random: 52, each_point: 22, services: 52 }),
            (5_000, Toll { random: 52, each_point: 22, services: 52 }),
            (500, Toll { random: 5, each_point: 2, services: 5 }),
            (10, Toll { random: 1, each_point: 1, services: 1 }),
        ] {
            assert_eq!(Toll::of(bookings), toll, "{bookings}");
            let lives = plan(3, toll);
            let random =
                lives.iter().filter(|life| matches!(life.death, Death::Random { .. })).count() as u64;
            assert_eq!(random, toll.random);
            for wanted in Point::ALL {
                let at = |life: &&Life| matches!(life.death, Death::At { point, .. } if point == wanted);
                assert_eq!(lives.iter().filter(at).count() as u64, toll.each_point);
            }
            assert_eq!(lives.iter().filter(|life| life.service.is_some()).count() as u64, toll.services);
            assert_eq!(plan(3, toll), lives);
        }
    }
}
