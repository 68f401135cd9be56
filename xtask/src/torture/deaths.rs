//! How and when Ondol and the services die: a plan from the seed.

use crate::bookings::Chance;
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

    /// How often a life passes there at most, if `share` bookings come in it: beyond it the death is not reached. By
    /// experience: appends are grouped, each booking has five answers, and few sagas are open at a restart.
    const fn visits_max(self, share: u64) -> u64 {
        match self {
            Self::AfterAppend => 1 + share,
            Self::AfterAnswer => 1 + share * 2,
            Self::MidRecovery => 8,
        }
    }
}

/// The end of one life of Ondol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Death {
    /// SIGKILL, this long after so many bookings were accepted in this life.
    Random { accepted: u64, after: Duration },
    /// At a place, when it passes there for the `visit`-th time.
    At { point: Point, visit: u64 },
}

impl Death {
    /// Are new bookings released in a life that ends so? One that ends in recovery would accept none.
    pub(super) const fn takes_load(self) -> bool {
        !matches!(self, Self::At { point: Point::MidRecovery, .. })
    }
}

/// One life of Ondol's: how it ends, and the service that is killed meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) death: Death,
    pub(super) service: Option<Service>,
    /// Planned again, because it was not reached.
    pub(super) again: bool,
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

    /// How many of `bookings` are released in each life that takes load, so that the deaths meet all of them. Some are
    /// kept for lives that have to be repeated.
    pub(super) const fn share(self, bookings: u64) -> u64 {
        bookings * 9 / 10 / (self.random + 2 * self.each_point)
    }
}

/// Moments of a random death behind an acceptance, in milliseconds: any moment of a saga's course.
const RANDOM_AFTER_MS: u64 = 300;

/// All lives, in any order but for the first: it must last until there are sagas to be recovered.
pub(super) fn plan(seed: u64, toll: Toll, share: u64) -> Vec<Life> {
    let mut chance = Chance::new(seed, u64::MAX);
    let mut deaths = Vec::new();
    for _ in 1..toll.random {
        let after = Duration::from_millis(chance.within(0, RANDOM_AFTER_MS));
        deaths.push(Death::Random { accepted: chance.within(0, share + 1), after });
    }
    for point in Point::ALL {
        for _ in 0..toll.each_point {
            deaths.push(Death::At { point, visit: chance.within(1, point.visits_max(share) + 1) });
        }
    }
    chance.shuffle(&mut deaths);
    deaths.insert(0, Death::Random { accepted: share, after: Duration::ZERO });
    let lives = deaths.len() as u64;
    let with_service = (0..).zip(deaths).map(|(number, death): (u64, Death)| {
        // Spread evenly over the lives.
        let dies = (number + 1) * toll.services / lives > number * toll.services / lives;
        let any = usize::try_from(chance.within(0, Service::ALL.len() as u64)).unwrap_or(0);
        Life { death, service: dies.then_some(Service::ALL[any]), again: false }
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
            let lives = plan(3, toll, toll.share(bookings));
            let random =
                lives.iter().filter(|life| matches!(life.death, Death::Random { .. })).count() as u64;
            assert_eq!(random, toll.random);
            for wanted in Point::ALL {
                let at = |life: &&Life| matches!(life.death, Death::At { point, .. } if point == wanted);
                assert_eq!(lives.iter().filter(at).count() as u64, toll.each_point);
            }
            assert_eq!(lives.iter().filter(|life| life.service.is_some()).count() as u64, toll.services);
            assert_eq!(plan(3, toll, toll.share(bookings)), lives);
        }
    }
}
