//! How many calls are in flight to a target at once: additive increase, multiplicative decrease (Jacobson 1988), as
//! Netflix's concurrency-limits uses it. It learns from what goes wrong anyway and never slows calls to measure.
//!
//! The queue is the caller's; that a call may enter it is decided here.

use std::time::Duration;

use super::moment::Moment;
use super::settings;

/// What the limit falls to. Netflix's 0.9: TCP's half is for networks, where a loss says more.
const DECREASE: f64 = 0.9;

/// Which way a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Everything else.
    Forward,
    /// Compensations: a tenth is theirs, however full it is.
    Undoing,
}

/// A place in flight, from [`Throttle::try_enter`]; give it back to [`Throttle::left`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a place that is not given back is lost"]
pub struct Place {
    lane: Lane,
    since: Moment,
}

/// Whether a call may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enter {
    /// It may.
    Go(Place),
    /// It may wait for a place, at most for so long.
    Wait(Duration),
    /// Too many wait already.
    Full {
        /// The present limit of calls in flight.
        limit: u32,
        /// How many wait.
        queued: usize,
    },
}

/// How a call left, as far as the target's capacity goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// It was answered in time.
    Ok,
    /// It timed out, or was answered 429 or 503.
    Overloaded,
    /// Anything else, which says nothing of capacity: not sent, cut, given up.
    Other,
}

/// The throttle of one target. Put it behind a lock; nothing in it takes long.
#[derive(Clone, Debug)]
pub struct Throttle {
    settings: settings::Throttle,
    limit: f64,
    forward: u32,
    undoing: u32,
    /// When the limit last fell. What entered before then was sent under the old limit and says nothing of the new.
    fell_at: Option<Moment>,
}

impl Throttle {
    /// A throttle at its first limit.
    pub fn new(settings: settings::Throttle) -> Self {
        let mut throttle = Self { settings, limit: 0.0, forward: 0, undoing: 0, fell_at: None };
        throttle.set_limit(f64::from(settings.limit_start));
        throttle
    }

    /// The present limit of calls in flight, both lanes together.
    pub fn limit(&self) -> u32 {
        #[expect(clippy::cast_sign_loss, reason = "never below the lowest limit, which is at least 1")]
        let limit = self.limit as u32;
        limit
    }

    /// Calls in flight, both lanes together.
    pub fn in_flight(&self) -> u32 {
        self.forward + self.undoing
    }

    /// How many places are kept for [`Lane::Undoing`]; at least one.
    pub fn reserved(&self) -> u32 {
        #[expect(clippy::cast_sign_loss, reason = "a share of a limit is not negative")]
        let reserved = (f64::from(self.limit()) * self.settings.reserved.clamp(0.0, 1.0)).ceil() as u32;
        reserved.max(1)
    }

    /// A call wants to go, while `queued` wait already. Asked again for those that wait, with what waits beside them,
    /// whenever a place is given back.
    pub fn try_enter(&mut self, now: Moment, lane: Lane, queued: usize) -> Enter {
        let (limit, reserved) = (self.limit(), self.reserved());
        let free = self.in_flight() < limit;
        let goes = match lane {
            Lane::Forward => free && self.forward < limit.saturating_sub(reserved).max(1),
            // Its own places even where the limit fell below what is in flight, or a fall would cost it its turn.
            Lane::Undoing => free || self.undoing < reserved,
        };
        if goes {
            *self.lane(lane) += 1;
            Enter::Go(Place { lane, since: now })
        } else if queued < self.settings.queue_max {
            Enter::Wait(self.settings.wait_max)
        } else {
            Enter::Full { limit, queued }
        }
    }

    /// A call left: its place is free, and the limit learns.
    pub fn left(&mut self, now: Moment, place: Place, left: Left) {
        let used = self.in_flight();
        let count = self.lane(place.lane);
        *count = count.saturating_sub(1);
        match left {
            // One more for each round of successes, and only while the limit is felt: growing unused would make it
            // meaningless at the next burst.
            Left::Ok if f64::from(used) * 2.0 >= self.limit => self.set_limit(self.limit + 1.0 / self.limit),
            Left::Overloaded if self.fell_at.is_none_or(|fell_at| place.since >= fell_at) => {
                self.set_limit(self.limit * DECREASE);
                self.fell_at = Some(now);
            }
            Left::Ok | Left::Overloaded | Left::Other => {}
        }
    }

    fn lane(&mut self, lane: Lane) -> &mut u32 {
        match lane {
            Lane::Forward => &mut self.forward,
            Lane::Undoing => &mut self.undoing,
        }
    }

    fn set_limit(&mut self, limit: f64) {
        let min = f64::from(self.settings.limit_min.max(1));
        self.limit = limit.min(f64::from(self.settings.limit_max)).max(min);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Moment {
        Moment::at(Duration::from_millis(ms))
    }

    fn go(throttle: &mut Throttle, ms: u64, lane: Lane) -> Place {
        match throttle.try_enter(at(ms), lane, 0) {
            Enter::Go(place) => place,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_lane_has_its_places() {
        let mut throttle = Throttle::new(settings::Throttle::default());
        assert_eq!((throttle.limit(), throttle.reserved()), (64, 7));
        let forward: Vec<_> = (0..57).map(|_| go(&mut throttle, 0, Lane::Forward)).collect();
        let wait = Enter::Wait(Duration::from_millis(100));
        assert_eq!(throttle.try_enter(at(0), Lane::Forward, 63), wait);
        assert_eq!(throttle.try_enter(at(0), Lane::Forward, 64), Enter::Full { limit: 64, queued: 64 });
        // The limit falls below what is in flight: undoing still has its tenth.
        (0..5).for_each(|ms| throttle.left(at(ms), Place { since: at(ms), ..forward[0] }, Left::Overloaded));
        assert_eq!((throttle.limit(), throttle.reserved(), throttle.in_flight()), (37, 4, 52));
        let _undoing: Vec<_> = (0..4).map(|_| go(&mut throttle, 5, Lane::Undoing)).collect();
        assert_eq!(throttle.try_enter(at(5), Lane::Undoing, 0), wait);
    }

    #[test]
    fn a_round_trip_lowers_the_limit_once() {
        let mut throttle =
            Throttle::new(settings::Throttle { limit_start: 100, ..settings::Throttle::default() });
        let early: Vec<_> = (0..20).map(|_| go(&mut throttle, 0, Lane::Forward)).collect();
        for place in early {
            throttle.left(at(10), place, Left::Overloaded);
        }
        assert_eq!(throttle.limit(), 90);
        let late = go(&mut throttle, 10, Lane::Forward);
        throttle.left(at(20), late, Left::Overloaded);
        assert_eq!(throttle.limit(), 81);
    }

    #[test]
    fn the_limit_rises_only_while_half_of_it_is_used() {
        #[rustfmt::skip]
        let table = [
            // in flight, calls that succeed one by one, limit
            (10, 1_000, 64),
            (32, 1_000, 64), // half of 64, but not of what comes next
            (33,    66, 65),
            (57,    66, 65),
        ];
        for (in_flight, calls, limit) in table {
            let mut throttle = Throttle::new(settings::Throttle::default());
            let mut places: Vec<_> = (0..in_flight).map(|_| go(&mut throttle, 0, Lane::Forward)).collect();
            for _ in 0..calls {
                let place = places.remove(0);
                let in_flight = throttle.in_flight();
                throttle.left(at(1), place, Left::Ok);
                assert_eq!(throttle.in_flight(), in_flight - 1);
                places.push(go(&mut throttle, 1, Lane::Forward));
            }
            assert_eq!(throttle.limit(), limit, "{in_flight} in flight");
        }
    }
}
