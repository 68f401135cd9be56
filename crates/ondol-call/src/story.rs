//! Why a call went as it did, decision by decision, as data: the header `ondol-decisions`, `ondol call --explain` and
//! `GET /v1/calls/explain` are ways to write it down.

use std::fmt;
use std::time::Duration;

use crate::call::FallbackKind;
use crate::policy::retry::{Place, Stop};
use crate::target::Endpoint;

/// Decisions of one call that are kept; a call has about four an attempt.
const DECISIONS_MAX: usize = 64;

/// Between two decisions, and never within one.
const SEPARATOR: &str = "; ";

/// One decision, with what it was taken on.
#[derive(Clone, Debug)]
pub enum Decision {
    /// How long the call may take.
    Deadline {
        /// All of it.
        within: Duration,
        /// The request itself brought it.
        asked: bool,
    },
    /// An endpoint was chosen.
    Picked {
        /// This one …
        endpoint: Endpoint,
        /// … with this expected cost, in milliseconds …
        cost_ms: f64,
        /// … and not this one, with that cost.
        instead_of: Option<(Endpoint, f64)>,
        /// Why, in words, where it was not by cost.
        because: Option<&'static str>,
    },
    /// An attempt ended.
    Ended {
        /// Where.
        endpoint: Endpoint,
        /// As what.
        how: How,
        /// After how long.
        took: Duration,
    },
    /// There is another attempt.
    Again {
        /// Where.
        place: Place,
        /// After how long.
        wait: Duration,
        /// What is left of the retry budget.
        budget: i64,
    },
    /// There is none.
    Stopped(Stop),
    /// A second copy was sent.
    Hedged {
        /// After how long.
        after: Duration,
    },
    /// No second copy was sent, though it is configured.
    NotHedged(String),
    /// A limit turned it away.
    Rejected(String),
    /// What the cache had.
    Cache(&'static str),
    /// Another answer was given.
    Fallback(FallbackKind),
    /// Or not, and why.
    NoFallback(String),
}

/// How an attempt ended, for a person.
#[derive(Clone, Debug)]
pub enum How {
    /// With this status.
    Status(u16),
    /// Without any.
    Failed(String),
}

/// The decisions of one call, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Story(Vec<Decision>);

impl Story {
    pub(crate) fn tell(&mut self, decision: Decision) {
        if self.0.len() < DECISIONS_MAX {
            self.0.push(decision);
        }
    }

    /// Every decision, oldest first.
    pub fn decisions(&self) -> &[Decision] {
        &self.0
    }

    /// Whether anybody will ask: something else happened than one attempt that was answered.
    pub(crate) fn is_remarkable(&self) -> bool {
        self.0.iter().any(|decision| match decision {
            Decision::Again { .. }
            | Decision::Hedged { .. }
            | Decision::Rejected(_)
            | Decision::Fallback(_)
            | Decision::Ended { how: How::Failed(_), .. } => true,
            Decision::Ended { how: How::Status(status), .. } => *status >= 500,
            Decision::Deadline { .. }
            | Decision::Picked { .. }
            | Decision::Stopped(_)
            | Decision::NotHedged(_)
            | Decision::Cache(_)
            | Decision::NoFallback(_) => false,
        })
    }
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, decision) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(SEPARATOR)?;
            }
            // Whoever splits it gets one part a decision.
            f.write_str(&decision.to_string().replace(SEPARATOR, ", "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deadline { within, asked } => {
                let whose = if *asked { "as the request asked" } else { "the default" };
                write!(f, "{} ms to go, {whose}", within.as_millis())
            }
            Self::Picked { endpoint, cost_ms, instead_of, because } => {
                picked(f, endpoint, *cost_ms, instead_of.as_ref(), *because)
            }
            Self::Ended { endpoint, how, took } => {
                let ms = took.as_secs_f64() * 1_000.0;
                match how {
                    How::Status(status) => write!(f, "{endpoint} answered {status} after {ms:.1} ms"),
                    How::Failed(why) => write!(f, "{endpoint} failed after {ms:.1} ms: {why}"),
                }
            }
            Self::Again { place, wait, budget } => again(f, *place, *wait, *budget),
            Self::Stopped(stop) => write!(f, "not tried again: {stop}"),
            Self::Hedged { after } => {
                write!(f, "no answer after {} ms: sent a second copy", after.as_millis())
            }
            Self::NotHedged(why) => write!(f, "no second copy: {why}"),
            Self::Rejected(limit) => write!(f, "turned away by a limit of the caller: {limit}"),
            Self::Cache(what) => write!(f, "cache: {what}"),
            Self::Fallback(kind) => write!(f, "answered by the fallback instead: {}", kind.as_str()),
            Self::NoFallback(why) => write!(f, "no fallback: {why}"),
        }
    }
}

/// Below this nothing is known of a latency, and all cost the same.
const COST_KNOWN_MS: f64 = 0.001;

fn picked(
    f: &mut fmt::Formatter<'_>,
    endpoint: &Endpoint,
    cost_ms: f64,
    instead_of: Option<&(Endpoint, f64)>,
    because: Option<&str>,
) -> fmt::Result {
    write!(f, "chose {endpoint}")?;
    match instead_of {
        Some((other, other_ms)) if cost_ms.max(*other_ms) >= COST_KNOWN_MS => {
            write!(f, " over {other} (cost {cost_ms:.1} ms against {other_ms:.1} ms)")?;
        }
        Some((other, _)) => write!(f, " over {other}")?,
        None => {}
    }
    because.map_or(Ok(()), |because| write!(f, ": {because}"))
}

fn again(f: &mut fmt::Formatter<'_>, place: Place, wait: Duration, budget: i64) -> fmt::Result {
    f.write_str("tried again ")?;
    if wait.is_zero() {
        f.write_str("at once")?;
    } else {
        write!(f, "after {} ms", wait.as_millis())?;
    }
    f.write_str(match place {
        Place::Another => " elsewhere",
        Place::FreshConnection => " over a fresh connection",
        Place::Anywhere => "",
    })?;
    write!(f, " (retry budget left: {budget})")
}
