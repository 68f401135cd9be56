//! Why an automation stopped.

use std::path::{Path, PathBuf};

/// Says what was tried, on what, and what to do next.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file or folder.
    #[error("cannot {what} {path}: {source}")]
    File {
        /// The operation.
        what: &'static str,
        /// The place.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A program that could not be started, or ended before it was useful.
    #[error("{program}: {why}")]
    Program {
        /// Its name.
        program: String,
        /// What happened, and what to do.
        why: String,
    },
    /// A program that ended before it was up.
    #[error("{program} ended ({status}) before it was up; its log {} ends with\n    {}", log.display(), said.join("\n    "))]
    Early {
        /// Its name.
        program: &'static str,
        /// How it ended.
        status: std::process::ExitStatus,
        /// Its log.
        log: PathBuf,
        /// The log's end.
        said: Vec<String>,
    },
    /// A conversation over HTTP that did not go as it must.
    #[error("{request}: {why}")]
    Http {
        /// Method and address.
        request: String,
        /// What happened.
        why: String,
    },
    /// The services' files could not be audited.
    #[error(transparent)]
    Audit(#[from] airline::audit::Error),
    /// It could not be run here, so it shows nothing; never taken for a success.
    #[error("SKIPPED {0}")]
    Skipped(String),
    /// It ran, and what it checked does not hold. The details were printed.
    #[error("{0}")]
    Failed(String),
}

impl Error {
    /// A file error.
    pub(crate) fn file(what: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::File { what, path: path.to_owned(), source }
    }

    /// A program error.
    pub(crate) fn program(program: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Program { program: program.into(), why: why.into() }
    }
}
