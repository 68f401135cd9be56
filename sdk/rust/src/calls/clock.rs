//! The one reader of clocks in these layers. Everything that waits, waits on tokio's clock, so that paused time in a
//! test pauses all of it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ondol_call::policy::moment::Moment;
use tokio::time::Instant;

/// Time, as an argument of the layers. A cheap copy.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
    wall_ms: fn() -> u64,
}

impl Clock {
    /// A clock that starts now, on tokio's clock, and takes dates from the system.
    pub fn system() -> Self {
        Self::new(now(), system_ms)
    }

    /// A clock that starts at `start`. `wall_ms` is Unix time in milliseconds, and only reads a `Retry-After` that is
    /// a date.
    pub fn new(start: Instant, wall_ms: fn() -> u64) -> Self {
        Self { start, wall_ms }
    }

    /// What the policies take for now: what has passed since the start.
    pub fn now(&self) -> Moment {
        Moment::at(now().saturating_duration_since(self.start))
    }

    pub(super) fn wall_ms(&self) -> u64 {
        (self.wall_ms)()
    }
}

/// Now, on tokio's clock.
pub(super) fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "this module is where time comes in")]
fn system_ms() -> u64 {
    // A machine that thinks it is before 1970 takes no date for the future, which only shortens a wait.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    millis(since)
}

/// Whole milliseconds for a header or a person.
pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
