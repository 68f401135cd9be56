//! What was picked, instead of what, and why.

use std::fmt;

/// An endpoint for an attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pick {
    /// Which.
    pub index: usize,
    /// Its Peak-EWMA × (in flight + 1), in nanoseconds; less is better.
    pub score: f64,
    /// The other choice, and its score.
    pub instead_of: Option<(usize, f64)>,
    /// Why.
    pub why: Why,
    /// Too few endpoints are usable; for the log.
    pub panic: Option<Panic>,
}

/// Why an endpoint was picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is usable, and the better of two or the only one.
    Load,
    /// It was left alone, and its time is up: this request probes it.
    Probe,
    /// No endpoint is usable; errors never eject the last.
    NoneUsable,
    /// No endpoint is even there.
    NonePresent,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Load => "least loaded of two",
            Self::Probe => "its probe is due",
            Self::NoneUsable => "every endpoint fails",
            Self::NonePresent => "no endpoint takes connections",
        })
    }
}

/// Too few endpoints are usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panic {
    /// How many are.
    pub usable: usize,
    /// How many there are.
    pub of: usize,
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { usable, of } = self;
        write!(f, "only {usable} of {of} endpoints are usable; none is left alone for its success share now")
    }
}
