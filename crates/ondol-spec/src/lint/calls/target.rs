//! The settings that only a whole service has.

use super::within::{Side, duration, in_order, ms, share};
use crate::bounds::calls::{
    BREAKER_OPEN_MS_MAX, BREAKER_OPEN_MS_MIN, BREAKER_SUCCESS_MAX, FAILURE_COUNTS_AS_MS_MAX, HEALTH_EVERY_MS,
    IDLE_MS, LIFETIME_MS, SLOW_START_MS_MAX,
};
use crate::calls::{BalanceSettings, BreakerSettings, HealthSettings, PoolSettings};
use crate::finding::Code;
use crate::model;
use crate::place::Faults;
use crate::share::Share;

/// Compiles `limits`, as far as it is about connections.
pub(crate) fn pool(service: &model::Service, faults: &mut Faults) -> PoolSettings {
    let Some(given) = &service.limits else { return PoolSettings::default() };
    faults.key("limits", |faults| PoolSettings {
        connections_max: given.connections,
        connecting_max: given.connecting,
        idle_ms: ms("idle", given.idle, &IDLE_MS, faults),
        lifetime_ms: ms("lifetime", given.lifetime, &LIFETIME_MS, faults),
    })
}

/// Compiles `breaker`.
pub(crate) fn breaker(service: &model::Service, faults: &mut Faults) -> BreakerSettings {
    let Some(given) = &service.breaker else { return BreakerSettings::default() };
    faults.key("breaker", |faults| {
        let bounds = BREAKER_OPEN_MS_MIN..=BREAKER_OPEN_MS_MAX;
        let open_ms = ms("open", given.open, &bounds, faults);
        let open_ms_max = ms("open_max", given.open_max, &bounds, faults);
        let open = Side { name: "open", own: open_ms, under: None };
        let open_max = Side { name: "open_max", own: open_ms_max, under: None };
        in_order(&open, &open_max, duration, Code::BadOrder, faults);
        BreakerSettings {
            failures: given.failures,
            success: share("success", given.success, &(Share::percent(0)..=BREAKER_SUCCESS_MAX), faults),
            samples: given.samples,
            open_ms,
            open_ms_max,
        }
    })
}

/// Compiles `balance`.
pub(crate) fn balance(service: &model::Service, faults: &mut Faults) -> BalanceSettings {
    let Some(given) = &service.balance else { return BalanceSettings::default() };
    faults.key("balance", |faults| {
        let slow_start_ms = ms("slow_start", given.slow_start, &(0..=SLOW_START_MS_MAX), faults);
        let counts_as = &(1..=FAILURE_COUNTS_AS_MS_MAX);
        let failure_counts_as_ms = ms("failure_counts_as", given.failure_counts_as, counts_as, faults);
        BalanceSettings { slow_start_ms, failure_counts_as_ms }
    })
}

/// Compiles `health`.
pub(crate) fn health(service: &model::Service, faults: &mut Faults) -> Option<HealthSettings> {
    let given = service.health.as_ref()?;
    faults.key("health", |faults| {
        let checked = crate::path::check(&given.path, &given.path, "remove the query");
        faults.key("path", |faults| faults.take(checked));
        let every_ms = ms("every", given.every, &HEALTH_EVERY_MS, faults);
        Some(HealthSettings { path: given.path.clone(), every_ms })
    })
}
