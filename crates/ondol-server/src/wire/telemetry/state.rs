//! How telemetry is kept, and what came of what was sent.

use ondol_telemetry::{Account, Signal, SignalStatus};
use serde::Serialize;
use utoipa::ToSchema;

use super::Moment;

/// How telemetry is kept.
#[derive(Serialize, ToSchema)]
pub(crate) struct TelemetryStatus {
    pub(crate) signals: Vec<SignalView>,
}

/// How one signal is kept.
#[derive(Serialize, ToSchema)]
#[schema(as = Signal)]
pub(crate) struct SignalView {
    /// `traces`, `logs` or `metrics`.
    pub(crate) signal: &'static str,
    /// Records in memory and in files: spans, lines, requests of metrics.
    pub(crate) records: u64,
    pub(crate) files: u64,
    /// On disk, all together.
    pub(crate) bytes: u64,
    /// In memory, until it is in files.
    pub(crate) memory_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) oldest_ns: Option<Moment>,
    /// At the present rate, for how many days records are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) holds_days: Option<f64>,
}

/// What came of what was sent, since the start.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ledger {
    pub(crate) accounts: Vec<AccountView>,
}

/// What one instance of a service sent of one signal.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
pub(crate) struct AccountView {
    pub(crate) service: String,
    pub(crate) instance: String,
    /// `traces`, `logs` or `metrics`.
    pub(crate) signal: &'static str,
    pub(crate) received: u64,
    pub(crate) stored: u64,
    /// Sent again, and kept once.
    pub(crate) duplicates: u64,
    /// Not taken, for what they are.
    pub(crate) rejected: u64,
    /// When something last came.
    pub(crate) last_ns: Moment,
}

impl SignalView {
    pub(crate) fn new(signal: Signal, status: &SignalStatus) -> Self {
        Self {
            signal: signal.name(),
            records: status.records,
            files: status.files,
            bytes: status.bytes,
            memory_bytes: status.memory,
            oldest_ns: status.oldest_ns.map(Moment),
            holds_days: status.holds_days,
        }
    }
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        let Account { service, instance, signal, counted, last_ns } = account;
        Self {
            service,
            instance,
            signal: signal.name(),
            received: counted.received,
            stored: counted.stored,
            duplicates: counted.duplicates,
            rejected: counted.rejected,
            last_ns: Moment(last_ns),
        }
    }
}
