//! Why a call came to nothing.

use std::sync::Arc;
use std::time::Duration;

use super::{Limit, NoMore, Story};

/// Why a call came to nothing. `E` is the inner service's error.
#[derive(Debug, thiserror::Error)]
pub enum CallError<E> {
    /// Its deadline had passed before it could be sent.
    #[error("calling {}: the deadline passed before it could be sent; give the call more time (ondol-deadline-ms, deadline)", .call.target)]
    Expired {
        /// Which call.
        call: About,
    },
    /// A limit of this caller turned it away.
    #[error("calling {}: {limit}", .call.target)]
    Rejected {
        /// Which call.
        call: About,
        /// Which limit, its value and its setting.
        limit: Limit,
    },
    /// There is nobody to call.
    #[error("calling {}: it has no endpoint; give it one (Balanced::new)", .call.target)]
    NoEndpoint {
        /// Which call.
        call: About,
    },
    /// The inner service did not get ready for it, so it was sent nothing.
    #[error("calling {}: the client of {endpoint} was not ready within {} ms; {no_more}", .call.target, .waited.as_millis())]
    NotReady {
        /// Which call.
        call: About,
        /// The last endpoint that was tried.
        endpoint: Arc<str>,
        /// How long it was waited for.
        waited: Duration,
        /// Why it was not tried again.
        no_more: NoMore,
    },
    /// The service was sent nothing, or vouches that it did not process it.
    #[error("calling {}: {endpoint} certainly did not act upon it; {no_more}", .call.target)]
    NotSent {
        /// Which call.
        call: About,
        /// The last endpoint that was tried.
        endpoint: Arc<str>,
        /// Why it was not tried again.
        no_more: NoMore,
        /// What failed.
        source: E,
    },
    /// No answer in time. It may have acted upon it.
    #[error("calling {}: {endpoint} did not answer within {} ms (response, deadline); {no_more}", .call.target, .waited.as_millis())]
    TimedOut {
        /// Which call.
        call: About,
        /// The last endpoint that was tried.
        endpoint: Arc<str>,
        /// How long the last attempt waited.
        waited: Duration,
        /// Why it was not tried again.
        no_more: NoMore,
    },
    /// It failed before an answer. It may have acted upon it.
    #[error("calling {}: {endpoint} failed before an answer; {no_more}", .call.target)]
    Failed {
        /// Which call.
        call: About,
        /// The last endpoint that was tried.
        endpoint: Arc<str>,
        /// Why it was not tried again.
        no_more: NoMore,
        /// What failed.
        source: E,
    },
}

/// Which call it was, and how it went.
#[derive(Clone, Debug)]
pub struct About {
    /// The target's name.
    pub target: Arc<str>,
    /// Every decision, to the end.
    pub story: Story,
}

impl About {
    /// Of a call that goes on; its story is added at its end.
    pub(super) fn new(target: &Arc<str>) -> Self {
        Self { target: Arc::clone(target), story: Story::default() }
    }
}

impl<E> CallError<E> {
    /// Which call it was, and how it went.
    pub fn about(&self) -> &About {
        match self {
            Self::Expired { call }
            | Self::Rejected { call, .. }
            | Self::NoEndpoint { call }
            | Self::NotReady { call, .. }
            | Self::NotSent { call, .. }
            | Self::TimedOut { call, .. }
            | Self::Failed { call, .. } => call,
        }
    }

    /// When calling again makes sense, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Rejected { limit, .. } => limit.retry_after(),
            Self::Expired { .. }
            | Self::NoEndpoint { .. }
            | Self::NotReady { .. }
            | Self::NotSent { .. }
            | Self::TimedOut { .. }
            | Self::Failed { .. } => None,
        }
    }

    /// The service may have acted upon the last attempt: whoever calls again needs an idempotency key. Attempts before
    /// it were only followed by another where that is harmless.
    pub fn may_have_acted(&self) -> bool {
        match self {
            Self::TimedOut { .. } | Self::Failed { .. } => true,
            Self::Expired { .. }
            | Self::Rejected { .. }
            | Self::NoEndpoint { .. }
            | Self::NotReady { .. }
            | Self::NotSent { .. } => false,
        }
    }

    pub(super) fn ended(mut self, story: Story) -> Self {
        match &mut self {
            Self::Expired { call }
            | Self::Rejected { call, .. }
            | Self::NoEndpoint { call }
            | Self::NotReady { call, .. }
            | Self::NotSent { call, .. }
            | Self::TimedOut { call, .. }
            | Self::Failed { call, .. } => call.story = story,
        }
        self
    }
}
