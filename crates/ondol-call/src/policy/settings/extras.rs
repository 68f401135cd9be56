//! What is off unless asked for: hedges, a rate, a cache, a fallback.

use std::time::Duration;

use bytes::Bytes;

/// One call in a hundred: the slowest percent is cut off for one percent more load (Dean and Barroso, 2013).
const EXTRA_LOAD: f64 = 0.01;

/// A second copy of slow calls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hedge {
    /// The share of calls that may get a second copy, 0 to 1; 0.01 by default.
    pub extra_load: f64,
}

impl Default for Hedge {
    fn default() -> Self {
        Self { extra_load: EXTRA_LOAD }
    }
}

/// How many calls a second. It has no default: only the owner of a contract knows its rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Calls a second in the long run; above 0, and at most a thousand million.
    pub per_second: f64,
    /// How many may come at once; 0 counts as 1.
    pub burst: u32,
}

/// An answer is stale after an hour, whatever it says of itself: a mistyped `max-age` must not outlive a shift.
const FRESH_MAX: Duration = Duration::from_hours(1);
/// A whole cache of such answers is 64 MiB.
const CACHED_BODY_MAX: usize = 64 * 1024;
/// With [`CACHED_BODY_MAX`], the most memory that a target's cache takes.
const CACHED_ENTRIES_MAX: usize = 1_024;

/// Whether answers are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cache {
    /// For how long an answer is fresh that does not say so itself; zero, not at all, by default.
    pub fresh_unsaid: Duration,
    /// No answer is fresh for longer; 1 h by default.
    pub fresh_max: Duration,
    /// Longer bodies are not kept, in bytes; 64 KiB by default.
    pub body_max: usize,
    /// The oldest goes when there are more; 1,024 by default.
    pub entries_max: usize,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            fresh_unsaid: Duration::ZERO,
            fresh_max: FRESH_MAX,
            body_max: CACHED_BODY_MAX,
            entries_max: CACHED_ENTRIES_MAX,
        }
    }
}

/// What is answered instead of a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// Always this.
    Static {
        /// Its status, 100 to 599.
        status: u16,
        /// Its media type.
        content_type: String,
        /// Its body.
        body: Bytes,
    },
    /// The last good answer to the same request.
    Cached {
        /// Nothing older.
        not_older_than: Duration,
    },
    /// Another service's answer, on that service's budget.
    Alternate {
        /// Its name.
        service: String,
        /// It keeps idempotency keys in the same store, so that what the first did is not done again.
        shares_keys: bool,
    },
}
