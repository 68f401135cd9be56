//! The one reader of the monotonic clock, and the arithmetic of chance. Paused time in a test pauses all of it.

use std::time::Duration;

use tokio::time::Instant;

use crate::policy::dice::Dice;

/// Now, on tokio's clock.
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Longer than anything here lives; a configured duration beyond it would overflow the clock.
const FAR: Duration = Duration::from_hours(24 * 365);

/// `duration` after `start`, however long it is.
pub(crate) fn after(start: Instant, duration: Duration) -> Instant {
    start + duration.min(FAR)
}

/// Whole milliseconds for a person to read.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// `base` ±20 %, the same for the same `seed` and `count`, so that connections opened together do not end together.
pub(crate) fn jittered(base: Duration, seed: u64, count: u64) -> Duration {
    base.min(FAR).mul_f64(0.8 + 0.4 * Dice::after(seed, count).unit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_spread_over_forty_percent_and_no_further() {
        let base = Duration::from_secs(10);
        let all: Vec<_> = (0..1_000).map(|count| jittered(base, 7, count)).collect();
        let (min, max) = (all.iter().min().unwrap(), all.iter().max().unwrap());
        assert!(*min >= Duration::from_secs(8) && *min < Duration::from_millis(8_050), "{min:?}");
        assert!(*max <= Duration::from_secs(12) && *max > Duration::from_millis(11_950), "{max:?}");
        assert_eq!(jittered(base, 7, 1), jittered(base, 7, 1));
    }
}
