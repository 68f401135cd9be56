//! What a person may want to know of a target's policies.

use std::time::Duration;

use super::Desk;
use crate::policy::breaker::Admit;
use crate::policy::moment::Moment;
use crate::story::Story;

/// One target's policies, as they stand.
#[derive(Clone, Debug)]
pub struct TargetNow {
    /// Its name.
    pub name: String,
    /// When this was, since the caller's start.
    pub at: Duration,
    /// Its endpoints.
    pub endpoints: Vec<EndpointNow>,
    /// Retries that the budget can pay now.
    pub budget: i64,
    /// Calls that may be in flight at once.
    pub limit: u32,
    /// Calls that are.
    pub in_flight: u32,
    /// Calls that wait for a place.
    pub queued: usize,
    /// The last remarkable calls, oldest first.
    pub told: Vec<Told>,
}

/// One endpoint, as it stands.
#[derive(Clone, Debug)]
pub struct EndpointNow {
    /// Its address.
    pub endpoint: String,
    /// It may be asked.
    pub usable: bool,
    /// Why not, or what is special.
    pub why: Option<String>,
    /// When it is asked again, where that is by time.
    pub again_in: Option<Duration>,
    /// Its moving average of latencies; none where nothing is known.
    pub latency: Option<Duration>,
    /// Attempts on their way.
    pub in_flight: u32,
    /// What last went wrong.
    pub last_error: Option<String>,
}

/// One remarkable call.
#[derive(Clone, Debug)]
pub struct Told {
    /// When, since the caller's start.
    pub at: Duration,
    /// Its method.
    pub method: http::Method,
    /// Its path, without the query, which may hold what is nobody's business.
    pub path: String,
    /// How it ended.
    pub ended: String,
    /// Every decision.
    pub story: Story,
}

impl Desk {
    pub(crate) fn snapshot(&self) -> TargetNow {
        let now = self.now();
        let state = self.lock();
        let endpoints = state.endpoints.iter().map(|known| {
            let (usable, why, again_in) = match (&known.unhealthy, known.admits(now)) {
                (Some(why), _) => (false, Some(format!("its health check failed: {why}")), None),
                (None, Admit::Yes) => (true, None, None),
                (None, Admit::Probe) => (true, Some("its probe is due".to_owned()), None),
                (None, Admit::No { cause, until }) => {
                    (false, Some(cause.to_string()), Some(until.since(now)))
                }
            };
            EndpointNow {
                endpoint: known.endpoint.to_string(),
                usable,
                why,
                again_in,
                latency: known.load.latency_ns(now).map(|ns| Duration::from_secs_f64(ns / 1e9)),
                in_flight: known.load.in_flight(),
                last_error: known.last_error.clone(),
            }
        });
        TargetNow {
            name: self.name.clone(),
            at: now.since(Moment::START),
            endpoints: endpoints.collect(),
            budget: state.budgets[0].balance(now),
            limit: state.gates[0].throttle.limit(),
            in_flight: state.gates.iter().map(|gate| gate.throttle.in_flight()).sum(),
            queued: state.gates.iter().map(|gate| gate.queue.waiting()).sum(),
            told: state.told.iter().cloned().collect(),
        }
    }
}
