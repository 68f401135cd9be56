//! Where this program learns the time. Everything else takes it as an argument.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The wall clock, milliseconds since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "this module is where time comes in")]
pub(crate) fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.ok().and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or(0)
}

/// The wall clock, nanoseconds since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "this module is where time comes in")]
pub(crate) fn wall_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.ok().and_then(|since| u64::try_from(since.as_nanos()).ok()).unwrap_or(0)
}

/// How far the zone of this machine is from UTC now, in seconds east.
pub(crate) fn zone_s() -> i32 {
    jiff::tz::TimeZone::system().to_offset(jiff::Timestamp::now()).seconds()
}

/// A moment to measure from.
#[expect(clippy::disallowed_methods, reason = "this module is where time comes in")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
