//! When an endpoint is left alone, how one is chosen, and how much a target gets at once.

use std::time::Duration;

/// Linkerd's and Envoy's 5, less than which is chance in a service that fails now and then.
const FAILURES_IN_A_ROW: u32 = 5;
/// A retry hides one failure of five; an endpoint worse than that costs callers.
const SUCCESS_SHARE_MIN: f64 = 0.8;
/// With fewer, one failure too many decides: 1 of 4 is below 80 % already.
const SAMPLES_MIN: u64 = 10;
/// A restart is often over by then, and one lost probe a second costs nobody anything.
const OPEN_FIRST: Duration = Duration::from_secs(1);
/// An endpoint that recovers is back within about a minute, however long it was away.
const OPEN_MAX: Duration = Duration::from_mins(1);
/// Callers that opened together do not probe together. Linkerd's ratio.
const OPEN_JITTER: f64 = 0.5;
/// A refusal is cheap and certain: look again soon.
const ABSENT_FIRST: Duration = Duration::from_millis(250);
/// A pod that is scheduled anew is seen within this; a refused connection every 5 s is free.
const ABSENT_MAX: Duration = Duration::from_secs(5);

/// When an endpoint is left alone, and for how long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Breaker {
    /// So many hard failures in a row open it; 5 by default.
    pub failures: u32,
    /// A smaller share of successes opens it, 0 to 1; 0.8 by default.
    pub success_share: f64,
    /// How many results the share needs to mean anything; 10 by default.
    pub samples: u64,
    /// For how long it opens first; 1 s by default, doubling.
    pub open_first: Duration,
    /// For how long it opens at most, before jitter; 60 s by default.
    pub open_max: Duration,
    /// Every opening is longer by up to this share of itself, 0 to 1; 0.5 by default.
    pub jitter: f64,
    /// For how long an endpoint that refused a connection is taken as absent first; 250 ms by default, doubling.
    pub absent_first: Duration,
    /// For how long at most, before jitter; 5 s by default.
    pub absent_max: Duration,
}

impl Default for Breaker {
    fn default() -> Self {
        Self {
            failures: FAILURES_IN_A_ROW,
            success_share: SUCCESS_SHARE_MIN,
            samples: SAMPLES_MIN,
            open_first: OPEN_FIRST,
            open_max: OPEN_MAX,
            jitter: OPEN_JITTER,
            absent_first: ABSENT_FIRST,
            absent_max: ABSENT_MAX,
        }
    }
}

/// Never throttled below this: fewer in flight cannot show that the target is well again.
const LIMIT_MIN: u32 = 8;
/// At 50 ms a call this is 10,000 calls/s, more than one caller sends; beyond it lies a leak.
const LIMIT_MAX: u32 = 512;
/// At 50 ms a call this is over 1,000 calls/s before anything is known.
const LIMIT_START: u32 = 64;
/// As many as the start's limit: one round trip's worth of burst.
const QUEUE_MAX: usize = 64;
/// Two round trips of a usual service: whoever waited this long would wait longer.
const QUEUE_WAIT_MAX: Duration = Duration::from_millis(100);
/// Undoing must get through when everything else is full, and is rarely more than a tenth.
const RESERVED_SHARE: f64 = 0.1;

/// How many calls are in flight to a target at once: a limit that finds itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Throttle {
    /// The lowest limit; 8 by default.
    pub limit_min: u32,
    /// The highest limit; 512 by default.
    pub limit_max: u32,
    /// The first limit; 64 by default.
    pub limit_start: u32,
    /// How many calls may wait for a place; 64 by default.
    pub queue_max: usize,
    /// How long each may wait; 100 ms by default.
    pub wait_max: Duration,
    /// The share of the limit kept for compensations, 0 to 1; 0.1 by default.
    pub reserved: f64,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            limit_min: LIMIT_MIN,
            limit_max: LIMIT_MAX,
            limit_start: LIMIT_START,
            queue_max: QUEUE_MAX,
            wait_max: QUEUE_WAIT_MAX,
            reserved: RESERVED_SHARE,
        }
    }
}

/// Finagle's and tower's: a latency of a minute ago has lost all but 0.25 % of its weight.
const LATENCY_DECAY: Duration = Duration::from_secs(10);
/// Longer than any answer worth having, so that an endpoint which fails fast is never the fastest. Linkerd's biaser.
const FAILURE_COSTS: Duration = Duration::from_secs(5);
/// Caches fill, code is compiled, pools connect: half a minute is what JVM services need.
const SLOW_START: Duration = Duration::from_secs(30);
/// Envoy's panic threshold: below it the fault is rather the caller's, or the network's, than every endpoint's.
const PANIC_BELOW: f64 = 0.5;

/// How an endpoint is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Balance {
    /// The time in which a latency's weight falls to 1/e; 10 s by default.
    pub decay: Duration,
    /// The latency that a failure counts as; 5 s by default.
    pub penalty: Duration,
    /// The time in which a new or returned endpoint comes to its full share; 30 s by default.
    pub slow_start: Duration,
    /// A smaller share of usable endpoints is panic, 0 to 1; 0.5 by default.
    pub panic_below: f64,
}

impl Default for Balance {
    fn default() -> Self {
        Self {
            decay: LATENCY_DECAY,
            penalty: FAILURE_COSTS,
            slow_start: SLOW_START,
            panic_below: PANIC_BELOW,
        }
    }
}
