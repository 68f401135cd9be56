//! How often a call is tried, how long between, and what that may cost.

use std::time::Duration;

/// One more, on another endpoint: the second hit of two independent failures is rare, the third hardly ever helps.
/// Envoy and Linkerd choose the same.
const ATTEMPTS: u32 = 2;
/// A read may be repeated without a thought, and is what a person waits for.
const ATTEMPTS_READ: u32 = 3;
/// About a round trip within a region: the first retry is not felt. Envoy's base.
const BACKOFF_FIRST: Duration = Duration::from_millis(25);
/// The usual doubling: four steps from the base to the cap.
const BACKOFF_FACTOR: f64 = 2.0;
/// Ten times the base, as Envoy has it; more would eat a 10 s deadline to no use.
const BACKOFF_MAX: Duration = Duration::from_millis(250);
/// Finagle's and the Gateway API's 20 %: a target that fails wholly sees a fifth more, not twice as much.
const BUDGET_SHARE: f64 = 0.2;
/// So that a target with few calls may be retried at all. Finagle's 10/s.
const BUDGET_PER_SECOND: u32 = 10;

/// How often a call is tried, and after what.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// Attempts in all, the first included; 2 by default. 0 counts as 1.
    pub attempts: u32,
    /// Attempts in all for GET and HEAD; 3 by default. 0 counts as 1.
    pub attempts_read: u32,
    /// How long between two of them.
    pub backoff: Backoff,
    /// Statuses treated as 502 is, beside the table's own: 500 where it means a passing fault. None by default.
    pub statuses: Vec<u16>,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: ATTEMPTS,
            attempts_read: ATTEMPTS_READ,
            backoff: Backoff::default(),
            statuses: Vec::new(),
        }
    }
}

/// Full jitter: a wait is anything from nothing to a ceiling that grows (Brooker, AWS 2015).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// The ceiling before the first retry; 25 ms by default.
    pub first: Duration,
    /// What each further ceiling is multiplied by, at least 1; 2 by default.
    pub factor: f64,
    /// No ceiling is higher; 250 ms by default.
    pub max: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: BACKOFF_FIRST, factor: BACKOFF_FACTOR, max: BACKOFF_MAX }
    }
}

/// What retries, hedges and the engine's own retries may cost, from this caller to this target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// So many of the last ten seconds' requests, 0 to 1; 0.2 by default.
    pub share: f64,
    /// So many a second beside that; 10 by default.
    pub per_second: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self { share: BUDGET_SHARE, per_second: BUDGET_PER_SECOND }
    }
}
