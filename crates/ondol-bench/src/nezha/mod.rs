//! One day of the Train-Ticket benchmark (`shared/data/nezha`): spans and logs that none of us wrote.
//!
//! It is read as it lies, duplicates included. What must be true of it afterwards is in [`Expected`], reckoned here from
//! the rows alone.

mod envelope;
mod expected;
mod read;

pub use envelope::Severity;
pub use expected::{Expected, Trace};
pub use read::NezhaError;

/// The day.
#[derive(Debug)]
pub struct Day {
    /// Who wrote: one instance of a service each.
    pub pods: Vec<Pod>,
    /// Names of spans, each once.
    pub names: Vec<String>,
    /// In the order in which they began; rows that came twice are here twice.
    pub spans: Vec<SpanRow>,
    /// In the order in which they were written; rows that came twice are here twice.
    pub logs: Vec<LogRow>,
}

/// One instance of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pod {
    /// Such as `ts-route-service-b6c59fb57-zv8dt`.
    pub name: String,
    /// The name without the two suffixes of its deployment.
    pub service: String,
    /// The machine; empty for a pod that wrote no logs, since only those say it.
    pub node: String,
}

/// A row of `trace/*.csv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanRow {
    /// The trace.
    pub trace: u128,
    /// The span.
    pub id: u64,
    /// Who caused it; none where the file says `root`.
    pub parent: Option<u64>,
    /// Index into [`Day::pods`].
    pub pod: u32,
    /// Index into [`Day::names`].
    pub name: u32,
    /// Nanoseconds since 1970.
    pub start_ns: u64,
    /// Nanoseconds since 1970.
    pub end_ns: u64,
}

/// A row of `log/*.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRow {
    /// Nanoseconds since 1970.
    pub time_ns: u64,
    /// Index into [`Day::pods`].
    pub pod: u32,
    /// The trace.
    pub trace: u128,
    /// The span.
    pub span: u64,
    /// By the word behind the time.
    pub severity: Severity,
    /// What was logged, without the envelope and without its last line feed.
    pub body: String,
}

impl Day {
    /// Who wrote a row.
    pub fn pod(&self, pod: u32) -> &Pod {
        &self.pods[pod as usize]
    }

    /// The first moment of the day that any row names.
    pub fn begin_ns(&self) -> u64 {
        let spans = self.spans.iter().map(|span| span.start_ns);
        spans.chain(self.logs.iter().map(|log| log.time_ns)).min().unwrap_or_default()
    }

    /// The last moment of the day that any row names.
    pub fn end_ns(&self) -> u64 {
        let spans = self.spans.iter().map(|span| span.end_ns);
        spans.chain(self.logs.iter().map(|log| log.time_ns)).max().unwrap_or_default()
    }

    /// So many whole hours later, the day ends within the last hour before `now_ns`.
    pub fn hours_until(&self, now_ns: u64) -> i64 {
        (now_ns.saturating_sub(self.end_ns()) / HOUR_NS).cast_signed()
    }
}

/// Nanoseconds of a minute.
pub const MINUTE_NS: u64 = 60_000_000_000;

/// Nanoseconds of an hour.
pub const HOUR_NS: u64 = 3_600_000_000_000;
