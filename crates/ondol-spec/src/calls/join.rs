//! An operation's settings over those of its service.

use super::{BudgetSettings, CallSettings, CallTimeouts, RetrySettings, ThrottleSettings};

impl CallSettings {
    /// These settings, and `under` for what they do not say: an operation's over its service's.
    ///
    /// `timeout`, `retry`, `budget` and `throttle` are joined key by key. `hedge`, `rate`, `cache` and `fallback` are
    /// one decision each and hold as a whole.
    #[must_use]
    pub fn over(&self, under: &Self) -> Self {
        Self {
            timeout: timeouts(self.timeout, under.timeout),
            retry: retry(&self.retry, &under.retry),
            budget: both(self.budget, under.budget, budget),
            hedge: self.hedge.or(under.hedge),
            throttle: both(self.throttle, under.throttle, throttle),
            rate: self.rate.or(under.rate),
            cache: self.cache.or(under.cache),
            fallback: self.fallback.clone().or(under.fallback.clone()),
        }
    }
}

fn both<T>(over: Option<T>, under: Option<T>, join: fn(T, T) -> T) -> Option<T> {
    match (over, under) {
        (Some(over), Some(under)) => Some(join(over, under)),
        (over, under) => over.or(under),
    }
}

fn timeouts(over: CallTimeouts, under: CallTimeouts) -> CallTimeouts {
    CallTimeouts {
        response_ms: over.response_ms.or(under.response_ms),
        total_ms: over.total_ms.or(under.total_ms),
        body_idle_ms: over.body_idle_ms.or(under.body_idle_ms),
    }
}

fn retry(over: &RetrySettings, under: &RetrySettings) -> RetrySettings {
    RetrySettings {
        attempts: over.attempts.or(under.attempts),
        get_attempts: over.get_attempts.or(under.get_attempts),
        first_ms: over.first_ms.or(under.first_ms),
        factor_percent: over.factor_percent.or(under.factor_percent),
        max_ms: over.max_ms.or(under.max_ms),
        on: over.on.clone().or_else(|| under.on.clone()),
    }
}

fn budget(over: BudgetSettings, under: BudgetSettings) -> BudgetSettings {
    BudgetSettings { share: over.share.or(under.share), per_second: over.per_second.or(under.per_second) }
}

fn throttle(over: ThrottleSettings, under: ThrottleSettings) -> ThrottleSettings {
    ThrottleSettings {
        min: over.min.or(under.min),
        max: over.max.or(under.max),
        start: over.start.or(under.start),
        queue: over.queue.or(under.queue),
        wait_ms: over.wait_ms.or(under.wait_ms),
    }
}
