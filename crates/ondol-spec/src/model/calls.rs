//! What a file may say about calls, for a whole service and for some of its operations alike.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Json, present};
use crate::bounds::calls::{
    ATTEMPTS_MAX, BUDGET_PER_SECOND_MAX, CACHE_ENTRIES_MAX, QUEUE_MAX, RATE_MAX, THROTTLE_MAX,
};
use crate::calls::Switch;
use crate::duration::Duration;
use crate::share::Share;

/// What is different for some calls of a service. What is not said is as the service has it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// `METHOD /path`: `*` for any method, `*` for one segment, `**` at the end for the rest.
    pub call: String,
    /// How long such a call may take.
    pub timeout: Option<OperationTimeout>,
    /// How such a call through the proxy or the library is tried again.
    pub retry: Option<CallRetry>,
    /// May it be repeated although its method says otherwise? Default false.
    #[serde(default)]
    pub idempotent: bool,
    /// How many retries there may be; counted apart from the service's.
    pub budget: Option<Budget>,
    /// A second request where the first is slow, or `none`.
    #[serde(default)]
    pub hedge: Switch<Hedge>,
    /// How many calls may be in flight; counted apart from the service's.
    pub throttle: Option<Throttle>,
    /// How many calls a second are sent, or `none`; counted apart from the service's.
    #[serde(default)]
    pub rate: Switch<Rate>,
    /// Are answers kept for a while? Or `none`. GET and HEAD only.
    #[serde(default)]
    pub cache: Switch<Cache>,
    /// What is answered where no call succeeded, or `none`.
    #[serde(default)]
    pub fallback: Switch<Fallback>,
}

/// How long a call of an operation may take.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationTimeout {
    /// From sending one attempt to its answer.
    pub response: Option<Duration>,
    /// The whole call with its retries.
    pub total: Option<Duration>,
    /// Between two pieces of the answer's body.
    pub body_idle: Option<Duration>,
}

/// How a call through the proxy or the library is tried again.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallRetry {
    /// Attempts in all; 1 is no retry. Default 2.
    #[schemars(range(min = 1, max = ATTEMPTS_MAX))]
    pub attempts: Option<u32>,
    /// Attempts in all of GET and HEAD. Default as `attempts` where that is given, else 3.
    #[schemars(range(min = 1, max = ATTEMPTS_MAX))]
    pub get_attempts: Option<u32>,
    /// The first delay; each is drawn between 0 and its length. Default 25ms.
    pub first: Option<Duration>,
    /// By how much each delay is longer than the one before. Default 2.
    #[schemars(range(min = 1, max = 100))]
    pub factor: Option<f64>,
    /// The longest delay. Default 250ms.
    pub max: Option<Duration>,
    /// Answers that are tried again although they look final, such as 500; only where a repeat is safe. Default none.
    #[schemars(length(max = 32), inner(range(min = 500, max = 599)))]
    pub on: Option<Vec<u16>>,
}

/// How many retries there may be in all. Hedges and the retries of sagas draw from it too.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Retries as a share of the calls of the last ten seconds. Default 20%.
    pub share: Option<Share>,
    /// Retries a second on top of it. Default 10.
    #[schemars(range(min = 0, max = BUDGET_PER_SECOND_MAX))]
    pub per_second: Option<u32>,
}

/// A second request where the first is slow. Only for GET and HEAD, and for what may be repeated.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hedge {
    /// The share of calls that get a second request; when it is sent follows from how long calls take.
    pub extra_load: Share,
}

/// How many calls may be in flight: more while they succeed, fewer when the service is overloaded.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    /// It never sinks below this. Default 8.
    #[schemars(range(min = 1, max = THROTTLE_MAX))]
    pub min: Option<u32>,
    /// It never rises above this. Default 512.
    #[schemars(range(min = 1, max = THROTTLE_MAX))]
    pub max: Option<u32>,
    /// Where it begins. Default 64.
    #[schemars(range(min = 1, max = THROTTLE_MAX))]
    pub start: Option<u32>,
    /// Calls that wait for their turn. Default 64.
    #[schemars(range(min = 0, max = QUEUE_MAX))]
    pub queue: Option<u32>,
    /// How long they wait. Default 100ms.
    pub wait: Option<Duration>,
}

/// How many calls a second are sent.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Calls a second.
    #[schemars(range(min = 1, max = RATE_MAX))]
    pub per_second: u32,
    /// Calls that may come at once.
    #[schemars(range(min = 1, max = RATE_MAX))]
    pub burst: Option<u32>,
}

/// Answers to GET and HEAD that are kept for a while.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// How long an answer is fresh where it does not say so itself.
    pub ttl: Duration,
    /// Answers that are kept; the one unused for longest goes first.
    #[schemars(range(min = 1, max = CACHE_ENTRIES_MAX))]
    pub entries: Option<u32>,
}

/// What is answered where no call succeeded: one of `static`, `cached` and `alternate`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fallback {
    /// This answer.
    #[serde(rename = "static")]
    pub fixed: Option<StaticAnswer>,
    /// The last good answer, not older than this.
    pub cached: Option<Duration>,
    /// The answer of another service of this file.
    pub alternate: Option<String>,
    /// With `alternate`: does it know the idempotency keys of this service? Then writes may go there too. Default false.
    #[serde(default)]
    pub shares_keys: bool,
}

/// An answer that stands in the file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StaticAnswer {
    /// Its status.
    #[schemars(range(min = 200, max = 599))]
    pub status: u16,
    /// Its JSON body, without expressions; none by default.
    #[serde(default, deserialize_with = "present")]
    #[schemars(!default)]
    pub body: Option<Json>,
}
