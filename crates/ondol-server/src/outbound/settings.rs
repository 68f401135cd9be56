//! What the system file says of a service's calls, joined with the caller's defaults.
//!
//! Where the file says one number of an ordered pair, the default of the other moves to fit: `throttle: { max: 32 }`
//! starts at 32, not at 64.

use std::time::Duration;

use bytes::Bytes;
use http::uri::InvalidUri;
use ondol_call::policy::settings as call;
use ondol_call::{
    Apart, Endpoint, FaultKind, FaultRule, Health, Operation, PoolLimits, Protocol, Target, Timeouts,
};
use ondol_spec::calls::{self as spec, CallSettings, FaultEffect, Switch};

/// Waits for a place in the pool are the throttle's business; this is for what is left.
const PLACE_WAIT: Duration = super::PLACE_WAIT;
/// How often a service is asked whether it is well, where the file does not say.
const HEALTH_EVERY: Duration = Duration::from_secs(5);

/// The whole target.
pub(super) fn target(
    name: &str,
    service: &ondol_spec::Service,
    endpoints: Vec<Endpoint>,
) -> Result<Target, InvalidUri> {
    let operations = service.operations.iter().map(|operation| Operation {
        settings: settings(&operation.settings.over(&service.calls), service),
        idempotent: operation.idempotent,
        apart: Apart {
            throttle: operation.settings.throttle.is_some(),
            budget: operation.settings.budget.is_some(),
            rate: !matches!(operation.settings.rate, Switch::Unsaid),
        },
    });
    let health = match &service.health {
        Some(health) => {
            Some(Health { path: health.path.parse()?, every: health.every_ms.map_or(HEALTH_EVERY, ms) })
        }
        None => None,
    };
    Ok(Target {
        timeouts: Timeouts { connect: ms(service.connect_ms), response: ms(service.response_ms) },
        protocol: match service.protocol {
            ondol_spec::model::Protocol::Http1 => Protocol::Http1,
            ondol_spec::model::Protocol::Http2 => Protocol::Http2,
        },
        pool: pool(&service.pool),
        settings: settings(&service.calls, service),
        operations: operations.collect(),
        key_honoured: service.barrier,
        health,
        faults: service.faults.iter().map(fault).collect(),
        ..Target::new(name, endpoints)
    })
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn pool(said: &spec::PoolSettings) -> PoolLimits {
    let default = PoolLimits::default();
    PoolLimits {
        connections_max: said.connections_max.map_or(default.connections_max, |max| max as usize),
        connecting_max: said.connecting_max.map_or(default.connecting_max, |max| max as usize),
        idle_max: said.idle_ms.map_or(default.idle_max, ms),
        lifetime: said.lifetime_ms.map_or(default.lifetime, ms),
        wait_max: PLACE_WAIT,
        ..default
    }
}

fn settings(said: &CallSettings, service: &ondol_spec::Service) -> call::Settings {
    let default = call::Settings::default();
    call::Settings {
        deadline: said.timeout.total_ms.map_or(default.deadline, ms),
        response: said.timeout.response_ms.map(ms),
        body_idle: said.timeout.body_idle_ms.map_or(default.body_idle, ms),
        retry: retry(&said.retry, default.retry),
        budget: said.budget.map_or(default.budget, |said| call::Budget {
            share: said.share.map_or(default.budget.share, ondol_spec::Share::fraction),
            per_second: said.per_second.unwrap_or(default.budget.per_second),
        }),
        hedge: said.hedge.on().map(|hedge| call::Hedge { extra_load: hedge.extra_load.fraction() }),
        breaker: breaker(&service.breaker, default.breaker),
        throttle: said.throttle.map_or(default.throttle, |said| throttle(said, default.throttle)),
        balance: call::Balance {
            slow_start: service.balance.slow_start_ms.map_or(default.balance.slow_start, ms),
            penalty: service.balance.failure_counts_as_ms.map_or(default.balance.penalty, ms),
            ..default.balance
        },
        rate: said.rate.on().map(|rate| call::Rate {
            per_second: f64::from(rate.per_second),
            // A second's worth may come at once where the file does not say.
            burst: rate.burst.unwrap_or(rate.per_second),
        }),
        cache: said.cache.on().map(|cache| {
            let default = call::Cache::default();
            call::Cache {
                fresh_unsaid: ms(cache.ttl_ms),
                fresh_max: default.fresh_max.max(ms(cache.ttl_ms)),
                entries_max: cache.entries.map_or(default.entries_max, |entries| entries as usize),
                ..default
            }
        }),
        fallback: said.fallback.on().map(fallback),
    }
}

fn retry(said: &spec::RetrySettings, default: call::Retry) -> call::Retry {
    let (first, max) = (said.first_ms.map(ms), said.max_ms.map(ms));
    let (first, max) = ordered(first, max, (default.backoff.first, default.backoff.max));
    call::Retry {
        attempts: said.attempts.unwrap_or(default.attempts),
        attempts_read: said.get_attempts.unwrap_or(default.attempts_read),
        backoff: call::Backoff {
            first,
            factor: said.factor_percent.map_or(default.backoff.factor, |percent| f64::from(percent) / 100.0),
            max,
        },
        statuses: said.on.clone().unwrap_or(default.statuses),
    }
}

fn breaker(said: &spec::BreakerSettings, default: call::Breaker) -> call::Breaker {
    let (first, max) = (said.open_ms.map(ms), said.open_ms_max.map(ms));
    let (open_first, open_max) = ordered(first, max, (default.open_first, default.open_max));
    call::Breaker {
        failures: said.failures.unwrap_or(default.failures),
        success_share: said.success.map_or(default.success_share, ondol_spec::Share::fraction),
        samples: said.samples.map_or(default.samples, u64::from),
        open_first,
        open_max,
        ..default
    }
}

fn throttle(said: spec::ThrottleSettings, default: call::Throttle) -> call::Throttle {
    let (limit_min, limit_max) = ordered(said.min, said.max, (default.limit_min, default.limit_max));
    let start = said.start.unwrap_or(default.limit_start);
    // What the file says of the start moves a bound that it does not say.
    let limit_min = if said.min.is_none() { limit_min.min(start) } else { limit_min };
    let limit_max = if said.max.is_none() { limit_max.max(start) } else { limit_max };
    call::Throttle {
        limit_min,
        limit_max,
        limit_start: start.clamp(limit_min, limit_max),
        queue_max: said.queue.map_or(default.queue_max, |queue| queue as usize),
        wait_max: said.wait_ms.map_or(default.wait_max, ms),
        ..default
    }
}

/// Two values of which the first is not above the second, where either may be a default.
fn ordered<T: Ord + Copy>(low: Option<T>, high: Option<T>, default: (T, T)) -> (T, T) {
    match (low, high) {
        (Some(low), Some(high)) => (low, high),
        (Some(low), None) => (low, default.1.max(low)),
        (None, Some(high)) => (default.0.min(high), high),
        (None, None) => default,
    }
}

fn fallback(said: &spec::Fallback) -> call::Fallback {
    match said {
        spec::Fallback::Static { status, body } => call::Fallback::Static {
            status: *status,
            content_type: "application/json".to_owned(),
            body: body.as_deref().map_or_else(Bytes::new, |body| Bytes::copy_from_slice(body.as_bytes())),
        },
        spec::Fallback::Cached { age_ms_max } => call::Fallback::Cached { not_older_than: ms(*age_ms_max) },
        spec::Fallback::Alternate { service, shares_keys } => {
            call::Fallback::Alternate { service: service.clone(), shares_keys: *shares_keys }
        }
    }
}

fn fault(said: &spec::FaultRule) -> FaultRule {
    FaultRule {
        share: said.share.fraction(),
        latency: ms(said.latency_ms),
        jitter: ms(said.jitter_ms),
        seed: u64::from(said.seed),
        kind: match said.effect {
            FaultEffect::Delay => FaultKind::Slow,
            FaultEffect::Status(status) => FaultKind::Status(status),
            // Cut before its first byte, an answer is lost.
            FaultEffect::LoseAnswer | FaultEffect::Reset { at_byte: 0 } => FaultKind::LoseAnswer,
            FaultEffect::Stall { at_byte: 0 } => FaultKind::Stall,
            FaultEffect::Stall { at_byte } => FaultKind::StallBody(u64::from(at_byte)),
            FaultEffect::Reset { at_byte }
            | FaultEffect::HalfClose { at_byte }
            | FaultEffect::WrongLength { at_byte } => FaultKind::CutBody(u64::from(at_byte)),
            FaultEffect::Goaway | FaultEffect::RefusedStream => FaultKind::TurnAway,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_moves_to_fit_what_the_file_says() {
        let said = |min, start, max| spec::ThrottleSettings { min, max, start, ..Default::default() };
        #[rustfmt::skip]
        let table = [
            (said(None, None, None),         (8, 64, 512)),
            (said(None, None, Some(32)),     (8, 32, 32)),
            (said(None, None, Some(4)),      (4, 4, 4)),
            (said(Some(100), None, None),    (100, 100, 512)),
            (said(Some(1_000), None, None),  (1_000, 1_000, 1_000)),
            (said(None, Some(4), None),      (4, 4, 512)),
            (said(None, Some(900), None),    (8, 900, 900)),
        ];
        for (said, expected) in table {
            let got = throttle(said, call::Throttle::default());
            assert_eq!((got.limit_min, got.limit_start, got.limit_max), expected, "{said:?}");
        }
    }
}
