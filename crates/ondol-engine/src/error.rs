//! What can go wrong between a client and the engine. Stable codes and HTTP statuses are the server's.

use ondol_store::log::LogError;

/// A saga was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// No such definition.
    #[error("there is no definition `{name}`{}; `GET /v1/definitions` lists them", version_of(*version))]
    UnknownDefinition {
        /// What was asked for.
        name: String,
        /// Which version was asked for.
        version: Option<u32>,
    },
    /// The id is taken by another request.
    #[error("saga `{id}` exists and was submitted with another request; choose another id")]
    IdTaken {
        /// The id.
        id: String,
    },
    /// Ondol has as much to do as it can hold.
    #[error("as many sagas are being accepted as fit ({limit}); try again in a second, with the same id")]
    Overloaded {
        /// The bound that was hit.
        limit: usize,
    },
    /// The disk is nearly full.
    #[error(
        "{free_bytes} bytes are left on the disk, too few to promise anything new; free some, then try again"
    )]
    NoSpace {
        /// What is left.
        free_bytes: u64,
    },
    /// Nobody knows whether it was accepted.
    #[error(
        "writing failed, so it is unknown whether the saga was accepted; submit it again with the same id"
    )]
    OutcomeUnknown,
    /// Ondol is going down.
    #[error("Ondol is shutting down; submit it again with the same id when it is back")]
    ShuttingDown,
    /// The saga's own journal cannot be read.
    #[error("the journal of saga `{id}` cannot be read: {why}")]
    JournalIllegal {
        /// The saga.
        id: String,
        /// What is wrong with it.
        why: String,
    },
}

fn version_of(version: Option<u32>) -> String {
    version.map_or_else(String::new, |version| format!(" version {version}"))
}

/// A verb was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// No such saga.
    #[error("there is no saga `{id}`")]
    NotFound {
        /// The id.
        id: String,
    },
    /// The saga went on since the person looked.
    #[error("the saga went on: it is at event {seq}, not {expected}; look again, then decide")]
    Stale {
        /// Where it is.
        seq: u64,
        /// Where the person saw it.
        expected: u64,
    },
    /// Not allowed now.
    #[error("{reason}")]
    NotAllowed {
        /// Why not.
        reason: &'static str,
    },
    /// The saga has no such step.
    #[error("definition `{definition}` has no step `{step}`; its steps are {known}")]
    UnknownStep {
        /// What was asked for.
        step: String,
        /// The definition.
        definition: String,
        /// Its steps.
        known: String,
    },
    /// Too much waits for this saga.
    #[error("too many requests wait for this saga; try again in a second")]
    Overloaded,
    /// Nobody knows whether it was carried out.
    #[error("writing failed, so it is unknown whether this was carried out; look at the saga, then decide")]
    OutcomeUnknown,
    /// Ondol is going down.
    #[error("Ondol is shutting down; try again when it is back")]
    ShuttingDown,
    /// The saga's journal cannot be read.
    #[error("the journal of saga `{id}` cannot be read: {why}")]
    JournalIllegal {
        /// The saga.
        id: String,
        /// What is wrong with it.
        why: String,
    },
}

/// A saga could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The log is being opened again.
    #[error("the store is being opened again after a failed write; try again in a second")]
    Reopening,
    /// The log failed.
    #[error("reading the journal failed")]
    Log(#[from] LogError),
    /// The journal makes no sense.
    #[error("the journal of saga `{id}` cannot be read: {why}")]
    JournalIllegal {
        /// The saga.
        id: String,
        /// What is wrong with it.
        why: String,
    },
}

/// The engine could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The log could not be opened.
    #[error("the store cannot be opened")]
    Open(#[source] LogError),
    /// The log could not be read while starting.
    #[error("the store cannot be read while starting")]
    Recover(#[source] LogError),
    /// A definition cannot be read.
    #[error(transparent)]
    Definition(#[from] crate::registry::BadDefinition),
    /// Another Ondol took the store over.
    #[error(
        "another Ondol has opened the same store (epoch {epoch}); this one stops so that every saga has one owner"
    )]
    Fenced {
        /// Its epoch.
        epoch: u64,
    },
}

/// An error with everything that led to it.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
