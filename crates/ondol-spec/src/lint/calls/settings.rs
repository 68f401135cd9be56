//! The settings that a service and an operation have alike.

use super::fallback;
use super::within::{Side, duration, in_order, ms, share};
use crate::bounds::calls::{
    BACKOFF_MS_MAX, BUDGET_SHARE_MAX, CACHE_MS_MAX, HEDGE_SHARE_MAX, HEDGE_SHARE_MIN, QUEUE_WAIT_MS_MAX,
};
use crate::calls::{
    BudgetSettings, CacheSettings, CallSettings, CallTimeouts, HedgeSettings, RateSettings, RetrySettings,
    Switch, ThrottleSettings,
};
use crate::duration::Duration;
use crate::finding::{Code, Fault};
use crate::lint::{factor_percent, service};
use crate::model;
use crate::place::Faults;
use crate::share::Share;

/// What one place of the file says: a service, or an operation.
pub(crate) struct Given<'a> {
    timeout: model::OperationTimeout,
    retry: Option<&'a model::CallRetry>,
    budget: Option<&'a model::Budget>,
    hedge: &'a Switch<model::Hedge>,
    throttle: Option<&'a model::Throttle>,
    rate: &'a Switch<model::Rate>,
    cache: &'a Switch<model::Cache>,
    fallback: &'a Switch<model::Fallback>,
}

impl<'a> From<&'a model::Service> for Given<'a> {
    fn from(service: &'a model::Service) -> Self {
        let timeout = service.timeout.as_ref();
        Self {
            timeout: model::OperationTimeout {
                response: timeout.and_then(|timeout| timeout.response),
                total: timeout.and_then(|timeout| timeout.total),
                body_idle: timeout.and_then(|timeout| timeout.body_idle),
            },
            retry: service.retry.as_ref(),
            budget: service.budget.as_ref(),
            hedge: &service.hedge,
            throttle: service.throttle.as_ref(),
            rate: &service.rate,
            cache: &service.cache,
            fallback: &service.fallback,
        }
    }
}

impl<'a> From<&'a model::Operation> for Given<'a> {
    fn from(operation: &'a model::Operation) -> Self {
        let none = model::OperationTimeout { response: None, total: None, body_idle: None };
        Self {
            timeout: operation.timeout.clone().unwrap_or(none),
            retry: operation.retry.as_ref(),
            budget: operation.budget.as_ref(),
            hedge: &operation.hedge,
            throttle: operation.throttle.as_ref(),
            rate: &operation.rate,
            cache: &operation.cache,
            fallback: &operation.fallback,
        }
    }
}

/// Compiles what one place says; `under` is what its service says, and `faults` stands at the place.
pub(crate) fn compile(given: &Given<'_>, under: &CallSettings, faults: &mut Faults) -> CallSettings {
    CallSettings {
        timeout: faults.key("timeout", |faults| timeouts(&given.timeout, under.timeout, faults)),
        retry: faults.key("retry", |faults| {
            given.retry.map_or_else(RetrySettings::default, |given| retry(given, &under.retry, faults))
        }),
        budget: faults.key("budget", |faults| given.budget.map(|given| budget(given, under.budget, faults))),
        hedge: faults.key("hedge", |faults| {
            let bounds = HEDGE_SHARE_MIN..=HEDGE_SHARE_MAX;
            let mut load =
                |given: &model::Hedge| share("extra_load", Some(given.extra_load), &bounds, faults);
            given.hedge.and_then(|given| Some(HedgeSettings { extra_load: load(given)? }))
        }),
        throttle: faults
            .key("throttle", |faults| given.throttle.map(|given| throttle(given, under.throttle, faults))),
        rate: given
            .rate
            .and_then(|given| Some(RateSettings { per_second: given.per_second, burst: given.burst })),
        cache: faults.key("cache", |faults| {
            let mut ttl = |given: &model::Cache| ms("ttl", Some(given.ttl), &(1..=CACHE_MS_MAX), faults);
            given.cache.and_then(|given| Some(CacheSettings { ttl_ms: ttl(given)?, entries: given.entries }))
        }),
        fallback: faults
            .key("fallback", |faults| given.fallback.and_then(|given| fallback::compile(given, faults))),
    }
}

fn timeouts(given: &model::OperationTimeout, under: CallTimeouts, faults: &mut Faults) -> CallTimeouts {
    let mut timeout =
        |name: &str, given: Option<Duration>| faults.key(name, |faults| service::ms(given, faults));
    let own = CallTimeouts {
        response_ms: timeout("response", given.response),
        total_ms: timeout("total", given.total),
        body_idle_ms: timeout("body_idle", given.body_idle),
    };
    let response = Side { name: "response", own: own.response_ms, under: under.response_ms };
    let total = Side { name: "total", own: own.total_ms, under: under.total_ms };
    in_order(&response, &total, duration, Code::BadOrder, faults);
    own
}

fn retry(given: &model::CallRetry, under: &RetrySettings, faults: &mut Faults) -> RetrySettings {
    let first_ms = ms("first", given.first, &(0..=BACKOFF_MS_MAX), faults);
    let max_ms = ms("max", given.max, &(0..=BACKOFF_MS_MAX), faults);
    let first = Side { name: "first", own: first_ms, under: under.first_ms };
    let max = Side { name: "max", own: max_ms, under: under.max_ms };
    in_order(&first, &max, duration, Code::BadRetry, faults);
    RetrySettings {
        attempts: given.attempts,
        // Whoever says `attempts: 1` means GET as well.
        get_attempts: given.get_attempts.or(given.attempts),
        first_ms,
        factor_percent: given.factor.map(factor_percent),
        max_ms,
        on: faults.key("on", |faults| given.on.as_deref().map(|on| statuses(on, faults))),
    }
}

/// What the retry table has a rule for need not, and must not, be listed.
fn statuses(given: &[u16], faults: &mut Faults) -> Vec<u16> {
    for (at, status) in given.iter().enumerate() {
        let what = match status {
            501 => "is never tried again",
            502..=504 => "is always tried again",
            _ => continue,
        };
        let fault = Fault::new(Code::RetryStatus, format!("{status} {what}"), "remove it");
        faults.index(at, |faults| faults.add(fault));
    }
    let mut sorted = given.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted
}

fn budget(given: &model::Budget, under: Option<BudgetSettings>, faults: &mut Faults) -> BudgetSettings {
    let share = share("share", given.share, &(Share::percent(0)..=BUDGET_SHARE_MAX), faults);
    let own = BudgetSettings { share, per_second: given.per_second };
    let under = under.unwrap_or_default();
    let nothing = own.share.or(under.share) == Some(Share::percent(0))
        && own.per_second.or(under.per_second) == Some(0);
    if nothing {
        let message =
            "`share` is 0% and `per_second` is 0, and the retries of sagas wait for this budget, too";
        let fix = "write `per_second: 1`; a call is not retried with `retry: { attempts: 1 }`";
        faults.add(Fault::new(Code::OutOfBounds, message, fix));
    }
    own
}

fn throttle(
    given: &model::Throttle,
    under: Option<ThrottleSettings>,
    faults: &mut Faults,
) -> ThrottleSettings {
    let under = under.unwrap_or_default();
    let side = |name, own: Option<u32>, under: Option<u32>| Side {
        name,
        own: own.map(u64::from),
        under: under.map(u64::from),
    };
    let min = side("min", given.min, under.min);
    let start = side("start", given.start, under.start);
    let max = side("max", given.max, under.max);
    // Where the outer two are in order, at most one of the other pairs is not: one mistake is one finding.
    if in_order(&min, &max, |n| n.to_string(), Code::BadOrder, faults) {
        in_order(&min, &start, |n| n.to_string(), Code::BadOrder, faults);
        in_order(&start, &max, |n| n.to_string(), Code::BadOrder, faults);
    }
    ThrottleSettings {
        min: given.min,
        max: given.max,
        start: given.start,
        queue: given.queue,
        wait_ms: ms("wait", given.wait, &(0..=QUEUE_WAIT_MS_MAX), faults),
    }
}
