//! The one reader of the wall clock: webhook timestamps are compared with it.

use std::time::{SystemTime, UNIX_EPOCH};

/// Unix seconds; 0 if the clock stands before 1970.
#[expect(clippy::disallowed_methods, reason = "this module owns the clock")]
pub(crate) fn now_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
