//! What a breaker did and why, for a log and a person.

use std::fmt;
use std::time::Duration;

/// Why an endpoint is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Hard failures without a success between them.
    InARow {
        /// How many.
        failures: u32,
    },
    /// Too few successes lately.
    Share {
        /// Successes in the last ten seconds.
        ok: u64,
        /// Results in the last ten seconds.
        of: u64,
    },
    /// It was asked again, and failed.
    ProbeFailed,
    /// It refused a connection: it is absent, not failing.
    Refused,
}

impl Cause {
    /// It is not there, which is no error of its own.
    pub fn is_absence(self) -> bool {
        match self {
            Self::Refused => true,
            Self::InARow { .. } | Self::Share { .. } | Self::ProbeFailed => false,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InARow { failures } => write!(f, "it failed {failures} times in a row (breaker.failures)"),
            Self::Share { ok, of } => {
                write!(f, "only {ok} of {of} calls of the last 10 s succeeded (breaker.success_share)")
            }
            Self::ProbeFailed => f.write_str("it was asked again and failed"),
            Self::Refused => f.write_str("it takes no connection"),
        }
    }
}

/// What a breaker did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The endpoint is left alone.
    Opened {
        /// Why.
        cause: Cause,
        /// For how long, until one request may probe it.
        lasts: Duration,
        /// The how manieth time in succession.
        times: u32,
    },
    /// The endpoint is used again.
    Closed {
        /// Why it was not.
        was: Cause,
        /// After how many openings in succession.
        times: u32,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened { cause, lasts, times } => {
                write!(f, "left alone for {} ms: {cause}", lasts.as_millis())?;
                if *times > 1 { write!(f, "; {times} times in succession") } else { Ok(()) }
            }
            Self::Closed { was, .. } => write!(f, "used again; it was left alone because {was}"),
        }
    }
}
