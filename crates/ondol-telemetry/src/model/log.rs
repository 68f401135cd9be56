//! A log record.

use serde::Serialize;

use super::{Attributes, Source, SpanId, TraceId};

/// One line of a log (OpenTelemetry Logs Data Model).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Log {
    /// When it was written, else when it was observed, else when it arrived: nanoseconds since 1970.
    pub time_ns: u64,
    /// The request it was written in.
    pub trace_id: Option<TraceId>,
    /// The span it was written in.
    pub span_id: Option<SpanId>,
    /// How bad it is: OTLP's 1 to 24; 0 where nobody said.
    pub severity: u8,
    /// Who wrote it.
    pub source: Source,
    /// The logger; empty where it did not say.
    pub scope: String,
    /// The message. A body that is no text is written as JSON.
    pub body: String,
    /// What else is known.
    pub attributes: Attributes,
}

impl Log {
    /// The severity as a level.
    pub const fn level(&self) -> Level {
        Level::of(self.severity)
    }
}

/// OTLP's six ranges of severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nobody said: severity 0, or a number outside 1 to 24.
    #[default]
    Unset,
    /// 1 to 4.
    Trace,
    /// 5 to 8.
    Debug,
    /// 9 to 12.
    Info,
    /// 13 to 16.
    Warn,
    /// 17 to 20.
    Error,
    /// 21 to 24.
    Fatal,
}

impl Level {
    /// The level of a severity number.
    pub const fn of(severity: u8) -> Self {
        match severity {
            1..=4 => Self::Trace,
            5..=8 => Self::Debug,
            9..=12 => Self::Info,
            13..=16 => Self::Warn,
            17..=20 => Self::Error,
            21..=24 => Self::Fatal,
            _ => Self::Unset,
        }
    }

    /// The lowest severity number of the level.
    pub const fn lowest(self) -> u8 {
        match self {
            Self::Unset => 0,
            Self::Trace => 1,
            Self::Debug => 5,
            Self::Info => 9,
            Self::Warn => 13,
            Self::Error => 17,
            Self::Fatal => 21,
        }
    }

    /// Its name, as queries and pages write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }
}
