//! The settings that only a whole service has: its addresses, connections and health are shared by all operations.

use crate::share::Share;

/// When an address is left alone for a while; `open_ms` ≤ `open_ms_max` where both are said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BreakerSettings {
    /// Failures in a row that open it, at least 1.
    pub failures: Option<u32>,
    /// The share of calls that must succeed, at most [`crate::bounds::calls::BREAKER_SUCCESS_MAX`].
    pub success: Option<Share>,
    /// Calls before their share counts, at least 1.
    pub samples: Option<u32>,
    /// How long it is open the first time, in milliseconds.
    pub open_ms: Option<u64>,
    /// How long it is open at most, in milliseconds.
    pub open_ms_max: Option<u64>,
}

/// How calls are spread over the addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BalanceSettings {
    /// Over how long a new address gets its full share, in milliseconds; 0 is at once.
    pub slow_start_ms: Option<u64>,
    /// The latency as which a failure counts, in milliseconds.
    pub failure_counts_as_ms: Option<u64>,
}

/// Where a service says whether it is well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthSettings {
    /// The path of a GET, beginning with `/`.
    pub path: String,
    /// How often each address is asked, in milliseconds, within [`crate::bounds::calls::HEALTH_EVERY_MS`].
    pub every_ms: Option<u64>,
}

/// Connections to one address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolSettings {
    /// How many, 1 to 1,024.
    pub connections_max: Option<u32>,
    /// How many are opened at once, 1 to [`crate::bounds::calls::CONNECTING_MAX`].
    pub connecting_max: Option<u32>,
    /// How long one is kept unused, in milliseconds, within [`crate::bounds::calls::IDLE_MS`].
    pub idle_ms: Option<u64>,
    /// How long one is used, in milliseconds, within [`crate::bounds::calls::LIFETIME_MS`].
    pub lifetime_ms: Option<u64>,
}
