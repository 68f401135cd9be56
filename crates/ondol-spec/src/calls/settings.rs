//! The settings that a service and an operation have alike.

use super::Switch;
use crate::share::Share;

/// What the file says about calls in one place: a service, or one of its operations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallSettings {
    /// How long a call may take.
    pub timeout: CallTimeouts,
    /// How it is tried again; of the proxy and the library, not of sagas' steps.
    pub retry: RetrySettings,
    /// How many retries there may be. Given in an operation it is counted apart from the service's.
    pub budget: Option<BudgetSettings>,
    /// A second request where the first is slow.
    pub hedge: Switch<HedgeSettings>,
    /// How many calls may be in flight. Given in an operation it is counted apart from the service's.
    pub throttle: Option<ThrottleSettings>,
    /// How many calls a second are sent. Given in an operation it is counted apart from the service's.
    pub rate: Switch<RateSettings>,
    /// Which answers are kept.
    pub cache: Switch<CacheSettings>,
    /// What is answered where no call succeeded.
    pub fallback: Switch<Fallback>,
}

/// How long a call may take, in milliseconds, 1 to [`crate::bounds::CALL_TIMEOUT_MS_MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallTimeouts {
    /// From sending one attempt to the head of its answer; not above `total_ms` where both are said.
    pub response_ms: Option<u64>,
    /// The whole call with its retries.
    pub total_ms: Option<u64>,
    /// Between two pieces of the answer's body.
    pub body_idle_ms: Option<u64>,
}

/// How a call is tried again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RetrySettings {
    /// Attempts in all, 1 to [`crate::bounds::calls::ATTEMPTS_MAX`].
    pub attempts: Option<u32>,
    /// Attempts in all of GET and HEAD; said wherever `attempts` is.
    pub get_attempts: Option<u32>,
    /// The first delay in milliseconds, not above `max_ms` where both are said.
    pub first_ms: Option<u64>,
    /// By how much each delay is longer than the one before, in percent: 100 to 10,000.
    pub factor_percent: Option<u32>,
    /// The longest delay in milliseconds.
    pub max_ms: Option<u64>,
    /// Statuses tried again beside the rule, sorted; never 501 to 504.
    pub on: Option<Vec<u16>>,
}

/// How many retries there may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BudgetSettings {
    /// As a share of the calls, at most [`crate::bounds::calls::BUDGET_SHARE_MAX`].
    pub share: Option<Share>,
    /// A second on top of it. Never 0 where the share is 0.
    pub per_second: Option<u32>,
}

/// A second request where the first is slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HedgeSettings {
    /// The share of calls that get one.
    pub extra_load: Share,
}

/// How many calls may be in flight; `min` ≤ `start` ≤ `max` as far as they are said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThrottleSettings {
    /// The least.
    pub min: Option<u32>,
    /// The most.
    pub max: Option<u32>,
    /// At the beginning.
    pub start: Option<u32>,
    /// Calls that wait.
    pub queue: Option<u32>,
    /// How long they wait, in milliseconds.
    pub wait_ms: Option<u64>,
}

/// How many calls a second are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateSettings {
    /// Calls a second, at least 1.
    pub per_second: u32,
    /// Calls that may come at once, at least 1.
    pub burst: Option<u32>,
}

/// Which answers are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheSettings {
    /// How long an answer is fresh where it does not say so itself, in milliseconds.
    pub ttl_ms: u64,
    /// How many are kept.
    pub entries: Option<u32>,
}

/// What is answered where no call succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// This answer.
    Static {
        /// Its status, 200 to 599.
        status: u16,
        /// Its body: JSON of at most [`crate::bounds::calls::STATIC_BODY_BYTES_MAX`] bytes.
        body: Option<Box<str>>,
    },
    /// The last good answer.
    Cached {
        /// How old it may be, in milliseconds.
        age_ms_max: u64,
    },
    /// The answer of another service of the file; following alternates never leads back here.
    Alternate {
        /// Its name.
        service: String,
        /// Does it know this service's idempotency keys?
        shares_keys: bool,
    },
}
