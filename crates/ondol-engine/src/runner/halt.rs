//! Why a runner cannot go on.

use ondol_store::log::LogError;
use tokio::task::JoinError;

/// Why the runner cannot go on.
#[derive(Debug)]
pub(crate) enum Halt {
    /// What is in memory may be ahead of the log or behind it. Drop it, and begin again from what the log holds.
    Broken(Broken),
    /// Another Ondol owns the log.
    Fenced(u64),
}

/// Why memory is not to be trusted any more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    /// The log failed.
    #[error("the log failed")]
    Log(#[from] LogError),
    /// A stream of this process holds what it did not write.
    #[error("`{0}` holds something else in the log than in memory")]
    Foreign(String),
    /// A task ended without telling what came of it.
    #[error("a part of the engine failed; this is a bug in Ondol, please report it")]
    Task(#[from] JoinError),
}
