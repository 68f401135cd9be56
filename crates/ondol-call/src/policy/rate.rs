//! How many calls a second: the generic cell rate algorithm (ITU-T I.371), which needs one number of memory.

use std::time::Duration;

use super::moment::{Moment, nanos};
use super::settings;

/// A rate of one target or operation. Put it behind a lock; nothing in it takes long.
#[derive(Clone, Debug)]
pub struct Rate {
    settings: settings::Rate,
    /// One call's share of the time.
    interval: Duration,
    /// How far ahead of time calls may run: all of a burst but its first.
    tolerance: Duration,
    /// When the next call would come if all came evenly: the theoretical arrival time.
    expected: Moment,
}

/// It is too early.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("over the rate of {per_second} calls a second (rate.per_second), the next may go in {} ms", .wait.as_millis())]
pub struct TooEarly {
    /// After so long a call is admitted, if no other comes before it.
    pub wait: Duration,
    /// The limit.
    pub per_second: f64,
}

impl Rate {
    /// A rate that nothing was taken from.
    pub fn new(settings: settings::Rate) -> Self {
        // Rounded up to whole nanoseconds: never faster than it says.
        #[expect(clippy::cast_sign_loss, reason = "clamped above 0; an absurdly low rate saturates")]
        let interval = (1e9 / settings.per_second.max(f64::MIN_POSITIVE)).ceil() as u64;
        let interval = Duration::from_nanos(interval.max(1));
        let tolerance = interval.saturating_mul(settings.burst.saturating_sub(1));
        Self { settings, interval, tolerance, expected: Moment::START }
    }

    /// A call wants to go. Of any stretch of time T, at most `burst` + T × `per_second` calls are admitted.
    pub fn admit(&mut self, now: Moment) -> Result<(), TooEarly> {
        let ahead = self.expected.since(now);
        if let Some(wait) = ahead.checked_sub(self.tolerance).filter(|wait| nanos(*wait) > 0) {
            return Err(TooEarly { wait, per_second: self.settings.per_second });
        }
        self.expected = self.expected.max(now) + self.interval;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_and_then_one_at_a_time() {
        let mut rate = Rate::new(settings::Rate { per_second: 10.0, burst: 3 });
        #[rustfmt::skip]
        let table: [(u64, Result<(), u64>); 9] = [
            (1_000, Ok(())),
            (1_000, Ok(())),
            (1_000, Ok(())),
            (1_000, Err(100)),
            (1_060, Err(40)),
            (1_100, Ok(())),
            (1_100, Err(100)),
            (9_000, Ok(())),
            (9_000, Ok(())),
        ];
        for (ms, expected) in table {
            let admitted = rate.admit(Moment::at(Duration::from_millis(ms)));
            let wait_ms = admitted.map_err(|early| early.wait.as_millis());
            assert_eq!(wait_ms, expected.map_err(u128::from), "at {ms} ms");
        }
    }
}
