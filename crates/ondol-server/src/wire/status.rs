//! How the server is.

use serde::Serialize;
use utoipa::ToSchema;

/// The server.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServerStatus {
    pub(crate) version: &'static str,
    /// `starting`, `ready`, `reopening` or `stopped`.
    pub(crate) health: &'static str,
    /// Why, where it is not ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) health_reason: Option<String>,
    pub(crate) started_at: String,
    pub(crate) sagas: SagaCounts,
    pub(crate) engine: EngineStatus,
    pub(crate) log: LogStatus,
    /// Services and receivers of notices.
    pub(crate) targets: Vec<TargetView>,
    /// Where the live system came from: `config`, `put` or `empty`.
    pub(crate) system: &'static str,
    /// What is wrong with the system file: it could not be read again, and the one before is in force; or unfinished sagas
    /// need what it does not have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) system_problem: Option<String>,
    /// Why traces and logs are not kept, where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) telemetry_problem: Option<String>,
    /// Bytes of memory the server has in use.
    pub(crate) memory_bytes: Option<u64>,
}

/// Sagas by status, as far as the lists have followed.
#[derive(Serialize, ToSchema)]
pub(crate) struct SagaCounts {
    pub(crate) running: u64,
    pub(crate) compensating: u64,
    pub(crate) parked: u64,
    pub(crate) completed: u64,
    pub(crate) compensated: u64,
}

/// The engine.
#[derive(Serialize, ToSchema)]
pub(crate) struct EngineStatus {
    /// Sagas in memory, awake or asleep.
    pub(crate) in_memory: u64,
    /// Bytes of the sagas that are awake, roughly.
    pub(crate) live_bytes: u64,
    /// Sagas that were in flight at the last start and are not read back yet.
    pub(crate) unrecovered: u64,
    /// Sagas whose journal cannot be read.
    pub(crate) illegal: u64,
    /// Times the store was opened again after a failed write.
    pub(crate) reopened: u64,
}

/// The log, and the lists that follow it.
#[derive(Serialize, ToSchema)]
pub(crate) struct LogStatus {
    /// The last durable record: the newest cursor of `/v1/events`.
    pub(crate) position: u64,
    /// How far lists have followed.
    pub(crate) view_position: u64,
    /// Records that lists are behind.
    pub(crate) view_lag: u64,
    /// Free bytes where the data is.
    pub(crate) free_bytes: Option<u64>,
    /// Is there enough room to accept new sagas?
    pub(crate) accepting: Option<bool>,
}

/// A service, or a receiver of notices.
#[derive(Serialize, ToSchema)]
#[schema(as = Target)]
pub(crate) struct TargetView {
    pub(crate) name: String,
    /// Can it be reached?
    pub(crate) up: bool,
    /// Does the system file not have this service any more? Its calls wait until it is added again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) removed: bool,
    /// For how long nobody could reach it, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) down_for_ms: Option<u64>,
    /// Why it was sent nothing, the last time that was so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// Calls on their way.
    pub(crate) in_flight: u32,
    /// Calls that wait in line.
    pub(crate) waiting: usize,
}

/// Is it alive, is it ready?
#[derive(Serialize, ToSchema)]
pub(crate) struct Word {
    pub(crate) status: &'static str,
}
