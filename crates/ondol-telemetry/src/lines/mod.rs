//! Plain lines, from files and from the output of processes, as log records.
//!
//! ```text
//! bytes ─► clean (UTF-8, colours) ─► wrapper (Docker, CRI) ─► join (stack traces) ─► JSON, else logfmt, else plain ─► Line
//! ```
//!
//! A [`Joiner`] reads the lines of one stream of one process. Nothing is refused: a line that says nothing about itself is
//! a record with the time it arrived and no level. Where something had to be changed, the record says so:
//! [`CUT`], [`REPLACED`], [`DROPPED`]. It opens no files and reads no clock. [`otlp()`]
//! makes a request of lines, for whoever sends them.

mod clean;
mod fields;
mod ids;
mod joiner;
mod json;
mod logfmt;
mod otlp;
mod plain;
mod severity;
mod stack;
mod stamp;
#[cfg(test)]
mod tests;
mod wrapper;

pub use joiner::{Counted, Joiner};
pub use otlp::otlp;
pub(crate) use severity::severity;

use crate::model::{Attributes, Log, Source, SpanId, TraceId};

/// The longest record, in bytes, its further lines too: a stack trace of 256 frames is 30 KiB.
pub const RECORD_BYTES_MAX: usize = 64 << 10;
/// The most lines of one record: deep recursion prints a thousand frames, and the first ones tell.
pub const RECORD_LINES_MAX: usize = 256;
/// How long a record waits for further lines, in nanoseconds. A stack trace is written at one go.
pub const PATIENCE_NS: u64 = 500_000_000;
/// The most attributes of one record.
pub const ATTRIBUTES_MAX: usize = 128;

/// The attribute that says how many bytes were left out of a record, since it was longer than [`RECORD_BYTES_MAX`] or had
/// more lines than [`RECORD_LINES_MAX`].
pub const CUT: &str = "ondol.line.cut_bytes";
/// The attribute that says how many sequences were no UTF-8 and are shown as `�`.
pub const REPLACED: &str = "ondol.line.replaced";
/// The attribute that says how many attributes were left out, since there were more than [`ATTRIBUTES_MAX`].
pub const DROPPED: &str = "ondol.line.dropped_attributes";

/// A record read from one or more lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// When it was written, else when its first line arrived: nanoseconds since 1970.
    pub time_ns: u64,
    /// OTLP's 1 to 24; 0 where it does not say.
    pub severity: u8,
    /// The request it was written in.
    pub trace_id: Option<TraceId>,
    /// The span it was written in.
    pub span_id: Option<SpanId>,
    /// The logger; empty where it does not say.
    pub scope: String,
    /// The message, without the time and the level at its beginning.
    pub body: String,
    /// What else it says.
    pub attributes: Attributes,
}

impl Line {
    /// As a log record of whoever wrote it.
    pub fn into_log(self, source: Source) -> Log {
        let Self { time_ns, severity, trace_id, span_id, scope, body, attributes } = self;
        Log { time_ns, trace_id, span_id, severity, source, scope, body, attributes }
    }
}
