//! A service as the file says it: where it is, how to speak to it, and what holds for all of its calls.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calls::{Budget, Cache, CallRetry, Fallback, Hedge, Operation, Rate, Throttle};
use super::fault::FaultRule;
use crate::bounds::calls::{BREAKER_COUNT_MAX, CONNECTING_MAX, FAULT_RULES_MAX, OPERATIONS_MAX};
use crate::calls::Switch;
use crate::duration::Duration;
use crate::share::Share;

/// A program with its own data and its own instances.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its address: http or https, host and port.
    pub url: Option<String>,
    /// Its addresses, where it has several instances.
    pub urls: Option<Vec<String>>,
    /// Does it keep a barrier, so that a half takes effect at most once and never after it was undone? It also means that
    /// a request with an `Idempotency-Key` may be sent twice.
    #[serde(default)]
    pub barrier: bool,
    /// How long a call may take.
    pub timeout: Option<Timeout>,
    /// Headers of every request. Secrets may be used here: `Bearer ${{ secrets.NAME }}`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// How to speak to it.
    pub protocol: Option<Protocol>,
    /// How much to ask of it at once, and how long to keep connections.
    pub limits: Option<Limits>,
    /// How a call through the proxy or the library is tried again. A saga's steps have their own `retry`.
    pub retry: Option<CallRetry>,
    /// How many retries there may be in all.
    pub budget: Option<Budget>,
    /// A second request where the first is slow; `none` by default.
    #[serde(default)]
    pub hedge: Switch<Hedge>,
    /// When an address is left alone for a while.
    pub breaker: Option<Breaker>,
    /// How many calls may be in flight, as the service bears them.
    pub throttle: Option<Throttle>,
    /// How calls are spread over the addresses.
    pub balance: Option<Balance>,
    /// How many calls a second are sent; `none` by default.
    #[serde(default)]
    pub rate: Switch<Rate>,
    /// Are answers to GET kept for a while? `none` by default.
    #[serde(default)]
    pub cache: Switch<Cache>,
    /// What is answered where no call succeeded; `none` by default. Never used for a write that may have happened.
    #[serde(default)]
    pub fallback: Switch<Fallback>,
    /// Where the service says whether it is well.
    pub health: Option<Health>,
    /// Faults to inject, for tests; needs `allow_faults: true` at the top.
    #[schemars(length(max = FAULT_RULES_MAX))]
    pub faults: Option<Vec<FaultRule>>,
    /// What is different for some of its calls. The first that matches holds.
    #[schemars(length(max = OPERATIONS_MAX))]
    pub operations: Option<Vec<Operation>>,
}

/// How long a call may take.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Timeout {
    /// DNS, TCP and TLS together. Default 1s.
    pub connect: Option<Duration>,
    /// From sending one attempt to its answer. Default for a saga's step 10s; elsewhere 3s, and at most 45 % of what remains
    /// of `total`.
    pub response: Option<Duration>,
    /// A whole call with its retries, through the proxy or the library. Default 10s, or what the caller has left.
    pub total: Option<Duration>,
    /// Between two pieces of an answer's body. Default 20s.
    pub body_idle: Option<Duration>,
}

/// How to speak to a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// HTTP/1.1.
    #[default]
    Http1,
    /// HTTP/2; over plain http with prior knowledge.
    Http2,
}

/// How much to ask of one service at once, and how long to keep connections.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Connections to one address. Default 64.
    #[schemars(range(min = 1, max = 1024))]
    pub connections: Option<u32>,
    /// Requests in flight to the whole service.
    #[schemars(range(min = 1, max = 16384))]
    pub in_flight: Option<u32>,
    /// Connections to one address that are being opened at once. Default 8.
    #[schemars(range(min = 1, max = CONNECTING_MAX))]
    pub connecting: Option<u32>,
    /// How long a connection is kept unused. Default 4s.
    pub idle: Option<Duration>,
    /// How long a connection is used, a fifth more or less. Default 5m.
    pub lifetime: Option<Duration>,
}

/// When an address is left alone for a while. The last one is never left alone because of errors.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Breaker {
    /// Failures in a row that open it. Default 5.
    #[schemars(range(min = 1, max = BREAKER_COUNT_MAX))]
    pub failures: Option<u32>,
    /// The share of calls in ten seconds that must succeed. Default 80%.
    pub success: Option<Share>,
    /// Calls in these ten seconds before their share counts. Default 10.
    #[schemars(range(min = 1, max = BREAKER_COUNT_MAX))]
    pub samples: Option<u32>,
    /// How long it is open the first time; doubles while probes fail. Default 1s.
    pub open: Option<Duration>,
    /// How long it is open at most. Default 60s.
    pub open_max: Option<Duration>,
}

/// How calls are spread over the addresses.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Balance {
    /// Over how long an address that is new or back gets its full share; `0s` is at once. Default 30s.
    pub slow_start: Option<Duration>,
    /// The latency as which a failure counts, so that fast failures attract nothing. Default 5s.
    pub failure_counts_as: Option<Duration>,
}

/// Where a service says whether it is well.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Health {
    /// The path of a GET that answers 2xx where all is well.
    pub path: String,
    /// How often each address is asked. Default 5s.
    pub every: Option<Duration>,
}
