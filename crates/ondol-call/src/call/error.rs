//! Why a call came to nothing.

use std::time::Duration;

use crate::answer::{NotSentReason, UnclearReason};
use crate::desk::Rejected;

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The service was sent nothing. It can be called again.
    #[error("it was sent nothing: {why}")]
    NotSent {
        /// The last reason.
        why: NotSentReason,
    },
    /// It may have done what it was asked.
    #[error("{why}")]
    Unclear {
        /// The last reason.
        why: UnclearReason,
    },
    /// A limit of this caller turned it away. It can be called again.
    #[error("{limit}")]
    Rejected {
        /// Which limit, its value and its setting.
        limit: String,
        /// When there may be room, where that is known.
        retry_after: Option<Duration>,
    },
    /// Its deadline had passed when it came.
    #[error("the caller's deadline had passed on arrival")]
    Expired,
}

impl CallError {
    /// When calling again makes sense, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Rejected { retry_after, .. } => *retry_after,
            Self::NotSent { .. } | Self::Unclear { .. } | Self::Expired => None,
        }
    }

    /// It was time that ran out.
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::Unclear { why } => {
                matches!(
                    why,
                    UnclearReason::ResponseTimeout { .. }
                        | UnclearReason::ClientSilent { .. }
                        | UnclearReason::BodyTimeout { .. }
                        | UnclearReason::BodyDeadline { .. }
                )
            }
            Self::NotSent { why } => matches!(why, NotSentReason::Deadline),
            Self::Expired => true,
            Self::Rejected { .. } => false,
        }
    }
}

impl From<Rejected> for CallError {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected { retry_after: rejected.retry_after(), limit: rejected.to_string() }
    }
}
