//! How calls to one target, or of one operation, are to be treated. Plain data with the defaults and their reasons.

mod endpoints;
mod extras;
mod tries;

use std::time::Duration;

pub use endpoints::{Balance, Breaker, Throttle};
pub use extras::{Cache, Fallback, Hedge, Rate};
pub use tries::{Backoff, Budget, Retry};

/// Long enough for a chain of services, short enough that a person still waits; the caller's own remaining time
/// counts if it is shorter.
const DEADLINE: Duration = Duration::from_secs(10);
/// Silence between two pieces of a body: a stream this quiet is stalled, not slow.
const BODY_IDLE: Duration = Duration::from_secs(20);

/// Everything that can be set for a target or one of its operations.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// For the whole call, all attempts and waits together; 10 s by default.
    pub deadline: Duration,
    /// From an attempt's dispatch to its response's head. None, the default: the smaller of 3 s and 45 % of what
    /// remains, as [`deadline::attempt_timeout`](super::deadline::attempt_timeout) has it.
    pub response: Option<Duration>,
    /// For the next piece of a body; 20 s by default.
    pub body_idle: Duration,
    /// How often, and after what.
    pub retry: Retry,
    /// How many retries and hedges all calls together may cost.
    pub budget: Budget,
    /// A second copy of slow calls; none by default.
    pub hedge: Option<Hedge>,
    /// When an endpoint is left alone.
    pub breaker: Breaker,
    /// How many calls are in flight to the target at once.
    pub throttle: Throttle,
    /// How an endpoint is chosen.
    pub balance: Balance,
    /// How many calls a second; none by default, which is no limit.
    pub rate: Option<Rate>,
    /// Whether answers are kept; none by default.
    pub cache: Option<Cache>,
    /// What is answered instead of a failure; none by default.
    pub fallback: Option<Fallback>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            deadline: DEADLINE,
            response: None,
            body_idle: BODY_IDLE,
            retry: Retry::default(),
            budget: Budget::default(),
            hedge: None,
            breaker: Breaker::default(),
            throttle: Throttle::default(),
            balance: Balance::default(),
            rate: None,
            cache: None,
            fallback: None,
        }
    }
}
