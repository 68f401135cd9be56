//! Where this program learns the time. Everything else takes it as an argument.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The wall clock, milliseconds since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "this module is where time comes in")]
pub(crate) fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.ok().and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or(0)
}

/// A moment to measure from.
#[expect(clippy::disallowed_methods, reason = "this module is where time comes in")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
