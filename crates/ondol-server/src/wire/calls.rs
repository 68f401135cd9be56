//! How services are called, and why a call went as it did.

use std::time::Duration;

use ondol_call::{EndpointNow, FallbackKind, Snapshot, Told};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::outbound::ServiceNow;

/// Remarkable calls of one service that are shown where nothing is said: what fits a screen.
pub(crate) const LIMIT_DEFAULT: usize = 10;

/// And at most: more are not kept.
pub(crate) const LIMIT_MAX: usize = 64;

/// What to explain.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ExplainParams {
    /// Only this service; all of the system where nothing is said.
    pub(crate) service: Option<String>,
    /// Remarkable calls of each service, 0 to 64; 10 where nothing is said.
    pub(crate) limit: Option<usize>,
}

/// How services are called.
#[derive(Serialize, ToSchema)]
pub(crate) struct CallsExplained {
    /// In the order of their names.
    pub(crate) services: Vec<ServiceCalls>,
}

/// How one service is called, by sagas and through the proxy.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServiceCalls {
    name: String,
    endpoints: Vec<EndpointView>,
    /// Retries, hedges and repetitions of steps that can be paid for now. Below 0
    /// where the calls that earned it are older than what it paid for.
    retry_budget: i64,
    throttle: ThrottleView,
    counts: CallCounts,
    /// The last remarkable calls through the proxy, newest first: those that were tried again, hedged, turned away or
    /// answered by a fallback, or that failed.
    calls: Vec<ToldCall>,
}

/// An address of a service.
#[derive(Serialize, ToSchema)]
#[schema(as = Endpoint)]
pub(crate) struct EndpointView {
    address: String,
    /// May it be called? Where no address may, all are.
    usable: bool,
    /// Why not, or what is special.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// When it is called again, in milliseconds from now, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    again_in_ms: Option<u64>,
    /// Moving average of its latencies, in milliseconds; failures count as slow answers. Absent where nothing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ms: Option<f64>,
    /// Attempts on their way.
    in_flight: u32,
    /// What went wrong last, however long ago.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
}

/// How many calls there may be at once.
#[derive(Serialize, ToSchema)]
#[schema(as = CallThrottle)]
pub(crate) struct ThrottleView {
    /// As many as it stands, as found out so far.
    limit: u32,
    in_flight: u32,
    /// Calls that wait for a place.
    queued: usize,
}

/// What calls came to since the start, of sagas and through the proxy together.
#[derive(Serialize, ToSchema)]
pub(crate) struct CallCounts {
    /// By the class of the service's answer.
    answered_2xx: u64,
    answered_3xx: u64,
    answered_4xx: u64,
    answered_5xx: u64,
    answered_other: u64,
    /// The service was sent nothing.
    not_sent: u64,
    /// The service may have done it.
    unclear: u64,
    /// A limit turned the call away, or its deadline had passed.
    rejected: u64,
    fallbacks: FallbackCounts,
    /// Requests handed to a connection.
    attempts: u64,
    /// Attempts because an earlier one of the same call had failed. Attempts of a step are calls of their own.
    retries: u64,
    /// Attempts because an earlier one of the same call was slow.
    hedges: u64,
}

/// Calls with another answer than the service's own, by kind.
#[derive(Serialize, ToSchema)]
pub(crate) struct FallbackCounts {
    r#static: u64,
    cached: u64,
    alternate: u64,
}

/// One remarkable call.
#[derive(Serialize, ToSchema)]
pub(crate) struct ToldCall {
    /// How long ago it ended, in milliseconds.
    age_ms: u64,
    method: String,
    /// Without the query, which may hold what is nobody's business.
    path: String,
    /// The status, or why there was none.
    ended: String,
    /// What was decided on the way, in words, oldest first.
    decisions: Vec<String>,
}

impl ServiceCalls {
    /// With the last `limit` remarkable calls.
    pub(crate) fn new(now: ServiceNow, limit: usize) -> Self {
        let ServiceNow { target, saga, proxy } = now;
        let told = target.told.iter().rev().take(limit);
        Self {
            calls: told.map(|told| ToldCall::new(told, target.at)).collect(),
            name: target.name,
            endpoints: target.endpoints.into_iter().map(EndpointView::from).collect(),
            retry_budget: target.budget,
            throttle: ThrottleView {
                limit: target.limit,
                in_flight: target.in_flight,
                queued: target.queued,
            },
            counts: CallCounts::sum(&[saga, proxy]),
        }
    }
}

impl From<EndpointNow> for EndpointView {
    fn from(now: EndpointNow) -> Self {
        Self {
            address: now.endpoint,
            usable: now.usable,
            why: now.why,
            again_in_ms: now.again_in.map(millis),
            // Microseconds are as fine as anybody looks.
            latency_ms: now.latency.map(|latency| (latency.as_secs_f64() * 1e6).round() / 1e3),
            in_flight: now.in_flight,
            last_error: now.last_error,
        }
    }
}

impl CallCounts {
    fn sum(each: &[Snapshot]) -> Self {
        let sum = |of: fn(&Snapshot) -> u64| each.iter().map(of).sum();
        let fallbacks = |kind: FallbackKind| each.iter().map(|one| one.fallbacks[kind as usize]).sum();
        Self {
            answered_2xx: sum(|one| one.answered_2xx),
            answered_3xx: sum(|one| one.answered_3xx),
            answered_4xx: sum(|one| one.answered_4xx),
            answered_5xx: sum(|one| one.answered_5xx),
            answered_other: sum(|one| one.answered_other),
            not_sent: sum(|one| one.not_sent),
            unclear: sum(|one| one.unclear),
            rejected: sum(|one| one.rejected),
            fallbacks: FallbackCounts {
                r#static: fallbacks(FallbackKind::Static),
                cached: fallbacks(FallbackKind::Cached),
                alternate: fallbacks(FallbackKind::Alternate),
            },
            attempts: sum(|one| one.dispatched),
            retries: sum(|one| one.retries),
            hedges: sum(|one| one.hedges),
        }
    }
}

impl ToldCall {
    fn new(told: &Told, now: Duration) -> Self {
        Self {
            age_ms: millis(now.saturating_sub(told.at)),
            method: told.method.to_string(),
            path: told.path.clone(),
            ended: told.ended.clone(),
            decisions: told.story.decisions().iter().map(ToString::to_string).collect(),
        }
    }
}

fn millis(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}
