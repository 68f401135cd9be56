//! Time as the policies see it: what has passed since the caller started. Nothing here reads a clock.

use std::ops::Add;
use std::time::Duration;

/// A point in time, in nanoseconds since the caller's start; good for 584 years, then it stands still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

impl Moment {
    /// The caller's start.
    pub const START: Self = Self(0);

    /// The moment `since_start` after the caller's start.
    pub fn at(since_start: Duration) -> Self {
        Self(nanos(since_start))
    }

    /// What has passed since the caller's start.
    pub fn since_start(self) -> Duration {
        Duration::from_nanos(self.0)
    }

    /// What has passed since `earlier`; zero if that is later, since two threads may bring their moments in any order.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// Whole seconds since the caller's start: the number of a one-second bucket.
    pub(crate) fn second(self) -> u64 {
        self.0 / SECOND
    }

    /// The first moment of second `number`.
    pub(crate) fn of_second(number: u64) -> Self {
        Self(number.saturating_mul(SECOND))
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(nanos(duration)))
    }
}

const SECOND: u64 = 1_000_000_000;

/// Nanoseconds of `duration`, or the most that fit.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// `duration` × `factor`, which is finite and not negative; stops at the longest that a [`Moment`] can hold.
pub(crate) fn scaled(duration: Duration, factor: f64) -> Duration {
    // A cast from a float saturates, where `Duration::mul_f64` panics.
    #[expect(clippy::cast_sign_loss, reason = "neither factor nor duration is negative")]
    let nanos = (nanos(duration) as f64 * factor) as u64;
    Duration::from_nanos(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_never_overflows() {
        let second = Duration::from_secs(1);
        let end = Moment::at(Duration::MAX);
        assert_eq!((Moment::START + second).since(Moment::START), second);
        assert_eq!(Moment::START.since(Moment::START + second), Duration::ZERO);
        assert_eq!(end + second, end);
        assert_eq!(scaled(Duration::MAX, 2.0), end.since_start());
        assert_eq!(scaled(second, 0.25), Duration::from_millis(250));
        assert_eq!(Moment::of_second(7).second(), 7);
    }
}
