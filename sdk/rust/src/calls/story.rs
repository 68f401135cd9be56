//! Why a call went as it did, decision by decision.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ondol_call::policy::balance::Why;
use ondol_call::policy::retry::Stop;
use ondol_call::{FallbackKind, How};

use super::Limit;

/// Decisions of one call that are kept; a call has about four an attempt.
const DECISIONS_MAX: usize = 64;

/// One decision, with what it was taken on. Endpoints are called as they were named.
#[derive(Clone, Debug)]
pub enum Decision {
    /// The request brought a deadline.
    Deadline {
        /// How long the call may take.
        within: Duration,
    },
    /// An endpoint was chosen.
    Picked {
        /// This one …
        endpoint: Arc<str>,
        /// … with this expected cost, in milliseconds …
        cost_ms: f64,
        /// … and not this one, with that cost.
        instead_of: Option<(Arc<str>, f64)>,
        /// Why.
        why: Why,
    },
    /// An attempt ended.
    Ended {
        /// Where.
        endpoint: Arc<str>,
        /// As what.
        how: How,
        /// After how long.
        took: Duration,
    },
    /// There is another attempt.
    Again {
        /// After how long.
        wait: Duration,
        /// What is left of the retry budget.
        budget: i64,
    },
    /// There is none.
    Stopped(NoMore),
    /// A limit turned it away.
    Rejected(Limit),
    /// Another answer was given.
    Fallback(FallbackKind),
    /// Or not, and why.
    NoFallback(String),
}

/// Why there was no further attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoMore {
    /// By the table of retries, the budget, or the deadline.
    #[error(transparent)]
    Policy(#[from] Stop),
    /// The body was gone with the first attempt.
    #[error("its body cannot be copied for another attempt (Options::copy)")]
    NotCopied,
}

/// The decisions of one call, oldest first: an extension of the answer, and a part of every error.
#[derive(Clone, Debug, Default)]
pub struct Story(Vec<Decision>);

impl Story {
    /// The story of the call that `answer` came from; none if no layer of ours made it.
    pub fn of<R>(answer: &http::Response<R>) -> Option<&Self> {
        answer.extensions().get()
    }

    /// Every decision, oldest first; at most 64.
    pub fn decisions(&self) -> &[Decision] {
        &self.0
    }

    pub(super) fn tell(&mut self, decision: Decision) {
        if self.0.len() < DECISIONS_MAX {
            self.0.push(decision);
        }
    }
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, decision) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            decision.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deadline { within } => write!(f, "deadline {} ms, asked for", within.as_millis()),
            Self::Picked { endpoint, cost_ms, instead_of, why } => {
                write!(f, "picked {endpoint} at cost {cost_ms:.1}")?;
                if let Some((other, cost)) = instead_of {
                    write!(f, " instead of {other} at {cost:.1}")?;
                }
                if *why == Why::Load { Ok(()) } else { write!(f, " ({why})") }
            }
            Self::Ended { endpoint, how, took } => {
                let ms = took.as_secs_f64() * 1_000.0;
                match how {
                    How::Status(status) => write!(f, "{endpoint} answered {status} in {ms:.1} ms"),
                    How::Failed(why) => write!(f, "{endpoint} failed in {ms:.1} ms: {why}"),
                }
            }
            Self::Again { wait, budget } => {
                write!(f, "tried again after {} ms, budget left {budget}", wait.as_millis())
            }
            Self::Stopped(no_more) => write!(f, "not tried again: {no_more}"),
            Self::Rejected(limit) => write!(f, "rejected: {limit}"),
            Self::Fallback(kind) => write!(f, "fallback: {}", kind.as_str()),
            Self::NoFallback(why) => write!(f, "no fallback: {why}"),
        }
    }
}
