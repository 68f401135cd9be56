//! Time as the edge needs it. The only module here that reads a clock.

use std::time::Duration;

use ondol_engine::{Clock, SystemClock};
use tokio::time::Instant;

/// Wall clock, Unix milliseconds.
pub(crate) fn wall_ms() -> u64 {
    SystemClock::new().wall_ms()
}

/// Reads RFC 3339, as nanoseconds since 1970; times before are 1970.
pub(crate) fn parse_ns(text: &str) -> Option<u64> {
    let moment: jiff::Timestamp = text.parse().ok()?;
    Some(u64::try_from(moment.as_nanosecond()).unwrap_or(0))
}

/// Reads a length such as `15m` or `2h`; a day has 24 hours.
pub(crate) fn length(text: &str) -> Option<Duration> {
    let span: jiff::Span = text.parse().ok()?;
    let length = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(length).ok()
}

/// Wall clock, nanoseconds since 1970.
pub(crate) fn wall_ns() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or(0)
}

/// This moment on the runtime's monotonic clock, for deadlines.
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// `duration` from now.
pub(crate) fn after(duration: Duration) -> Instant {
    now() + duration
}

/// How far the zone of this machine is from UTC now, in seconds east.
pub(crate) fn zone_s() -> i32 {
    jiff::tz::TimeZone::system().to_offset(jiff::Timestamp::now()).seconds()
}

/// RFC 3339 in UTC with milliseconds.
pub(crate) fn text(unix_ms: u64) -> String {
    ondol_engine::rfc3339(unix_ms)
}
