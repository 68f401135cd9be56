//! The limits of what a file may set about calls, each with its reason. The defaults are the caller's, not the file's.

use crate::share::Share;

/// Operations of one service: each call looks through them in order.
pub const OPERATIONS_MAX: usize = 64;

/// Attempts of one call in all. Whoever needs more waits for a service that is away, and that is a saga's work.
pub const ATTEMPTS_MAX: u32 = 10;

/// Longest delay between two attempts, in milliseconds: somebody waits meanwhile.
pub const BACKOFF_MS_MAX: u64 = 60_000;

/// Share of the calls that may be retries. At all of them a service in trouble gets twice its load, and no call is saved
/// by more.
pub const BUDGET_SHARE_MAX: Share = Share::ALL;

/// Retries a second whatever the load. A service with so many callers has a share that counts.
pub const BUDGET_PER_SECOND_MAX: u32 = 10_000;

/// Least share of calls that are hedged: the delay is read off the slowest thousandth, and a finer one is chance.
pub const HEDGE_SHARE_MIN: Share = Share { millionths: 1_000 };

/// Largest share of calls that are hedged. Above it the callee sees a second caller, not a rescue of the slow few.
pub const HEDGE_SHARE_MAX: Share = Share::percent(10);

/// Failures in a row, or samples, that a breaker waits for: so many are an outage on any scale.
pub const BREAKER_COUNT_MAX: u32 = 10_000;

/// Largest success rate that a breaker demands. At 100% the first failure would open it; that is `failures: 1`.
pub const BREAKER_SUCCESS_MAX: Share = Share::percent(99);

/// Shortest time that a breaker is open, in milliseconds: a shorter one is no rest.
pub const BREAKER_OPEN_MS_MIN: u64 = 100;

/// Longest time that a breaker is open, in milliseconds: an address that is back is found within minutes.
pub const BREAKER_OPEN_MS_MAX: u64 = 600_000;

/// Calls in flight to one target; as `limits.in_flight`.
pub const THROTTLE_MAX: u32 = 16_384;

/// Calls that wait for their turn. More would be answered after their caller has left.
pub const QUEUE_MAX: u32 = 4_096;

/// Longest wait for a turn, in milliseconds. As long as a whole call has by default.
pub const QUEUE_WAIT_MS_MAX: u64 = 10_000;

/// Longest slow start of an address, in milliseconds: no cache takes longer to warm than this.
pub const SLOW_START_MS_MAX: u64 = 600_000;

/// The latency as which a failure counts at most, in milliseconds: above it an address never comes back into the draw.
pub const FAILURE_COUNTS_AS_MS_MAX: u64 = 60_000;

/// Calls a second, and calls at once, of a rate limit. One process does not send more.
pub const RATE_MAX: u32 = 1_000_000;

/// Longest life of a cached answer, and oldest answer that is better than none, in milliseconds: one day.
pub const CACHE_MS_MAX: u64 = 86_400_000;

/// Answers kept for one service or operation: each may be as large as a body.
pub const CACHE_ENTRIES_MAX: u32 = 10_000;

/// Bytes of the body of a static fallback, as JSON. It stands in the file; a larger answer belongs into a service.
pub const STATIC_BODY_BYTES_MAX: usize = 64 << 10;

/// Shortest and longest time between two looks at a service's health, in milliseconds. More often is load, less often
/// tells nobody anything.
pub const HEALTH_EVERY_MS: std::ops::RangeInclusive<u64> = 100..=600_000;

/// Connections to one address that are opened at once: more do not finish sooner and look like an attack.
pub const CONNECTING_MAX: u32 = 64;

/// How long a connection may be idle, in milliseconds. Below it no connection is used twice; above it the other side
/// has closed it.
pub const IDLE_MS: std::ops::RangeInclusive<u64> = 100..=600_000;

/// How long a connection may live, in milliseconds. Below it connecting is the work; above it a moved address is
/// called for a day.
pub const LIFETIME_MS: std::ops::RangeInclusive<u64> = 1_000..=86_400_000;

/// Rules of injected faults for one service: a test names a few.
pub const FAULT_RULES_MAX: usize = 16;
