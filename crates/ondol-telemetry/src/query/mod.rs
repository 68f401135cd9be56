//! What can be asked. Everything here is data and pure functions; `store` answers.

mod filter;
mod language;
mod matches;
mod page;
mod search;
mod words;

pub use filter::{Field, Filter, Term, Test};
pub use language::{DEPTH_MAX, Hint, QUERY_BYTES_MAX, SyntaxError, TERMS_MAX};
pub use page::{Mark, Order, Page, Start};
pub(crate) use search::holding;
pub(crate) use words::each_word;
pub use words::{Words, words};

use serde::Serialize;

use crate::model::{Log, SpanId, TraceId};

/// A span of time: nanoseconds since 1970, the end not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Window {
    /// The first nanosecond.
    pub from_ns: u64,
    /// The first nanosecond after it.
    pub to_ns: u64,
}

impl Window {
    /// All of time.
    pub const EVER: Self = Self { from_ns: 0, to_ns: u64::MAX };

    /// Does it hold this moment?
    pub const fn holds(self, at_ns: u64) -> bool {
        self.from_ns <= at_ns && at_ns < self.to_ns
    }

    /// How many steps of this length it touches; steps begin at multiples of their length.
    pub const fn steps(self, step_ns: u64) -> u64 {
        if self.from_ns >= self.to_ns {
            return 0;
        }
        ((self.to_ns - 1) / step_ns - self.from_ns / step_ns).saturating_add(1)
    }
}

/// A question for records, newest first.
#[derive(Clone, Debug)]
pub struct Query {
    /// Which.
    pub filter: Filter,
    /// When they were written; for spans, when they began.
    pub window: Window,
    /// How many at most, 1 to [`LIMIT_MAX`].
    pub limit: usize,
    /// Count all that match, even after `limit` are found. Dearer.
    pub count: bool,
}

/// The most records that one answer holds: a page that a person reads, and an answer that fits in memory.
pub const LIMIT_MAX: usize = 10_000;

/// The most steps of one histogram: more cannot be drawn.
pub const STEPS_MAX: u64 = 2_000;

/// Records found, newest first where nothing else was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found<T> {
    /// At most as many as were asked for.
    pub rows: Vec<T>,
    /// How many match; where `exact` is false, at least this many.
    pub matched: u64,
    /// Is `matched` all of them?
    pub exact: bool,
}

/// A page of traces, the newest first: by the newest span that matches, then by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FoundTraces {
    /// At most as many as were asked for.
    pub rows: Vec<TraceRow>,
    /// How many spans match; where `exact` is false, at least this many.
    pub matched: u64,
    /// Is `matched` all of them?
    pub exact: bool,
    /// When the newest span that matches on this page began: nanoseconds since 1970.
    pub newest_ns: Option<u64>,
    /// Where the next page begins; nothing on the last.
    pub next: Option<TracePlace>,
}

/// A trace's place among those that were found. It is the same wherever its spans lie, in memory or in whatever files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TracePlace {
    /// When its newest span that matches began: nanoseconds since 1970.
    pub time_ns: u64,
    /// Its id.
    pub trace_id: TraceId,
}

/// How many log records of each level were written in one step of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// When the step begins: nanoseconds since 1970.
    pub from_ns: u64,
    /// By level, in the order of [`crate::model::Level`].
    pub levels: [u64; 7],
}

/// One trace, without its spans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TraceRow {
    /// Its id.
    pub trace_id: TraceId,
    /// The service of the root, else of the earliest span.
    pub service: String,
    /// The name of the root, else of the earliest span.
    pub name: String,
    /// When the earliest span began: nanoseconds since 1970.
    pub start_ns: u64,
    /// From the earliest beginning to the latest end.
    pub duration_ns: u64,
    /// How many spans, each once.
    pub spans: u64,
    /// How many of them failed.
    pub errors: u64,
    /// How many name a parent that is not there.
    pub orphans: u64,
    /// Is there a span without a parent?
    pub rooted: bool,
    /// What each service had to do with it, by name.
    pub services: Vec<Share>,
}

/// What one service had to do with a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Its name.
    pub service: String,
    /// Its spans.
    pub spans: u64,
    /// Its failed spans.
    pub errors: u64,
}

/// A line, and the lines around it of the same instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Around {
    /// Before it, oldest first.
    pub before: Vec<Log>,
    /// The line itself, if there is one.
    pub line: Option<Log>,
    /// After it, oldest first.
    pub after: Vec<Log>,
}

/// Services, and who calls whom.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ServiceMap {
    /// Every service that had spans.
    pub services: Vec<ServiceFigures>,
    /// Every pair of which one called the other.
    pub calls: Vec<CallFigures>,
}

/// Rate, errors and duration of one service: of its spans that have no parent within the service.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ServiceFigures {
    /// Its name.
    pub service: String,
    /// All its spans.
    pub spans: u64,
    /// The figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// Calls from one service to another.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CallFigures {
    /// Who calls.
    pub from: String,
    /// Who is called.
    pub to: String,
    /// The figures, as the callee saw them.
    #[serde(flatten)]
    pub figures: Figures,
}

/// Requests, errors and durations.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// How many.
    pub requests: u64,
    /// How many of them failed.
    pub errors: u64,
    /// Half of them took at most this many nanoseconds (within a bucket's width).
    pub p50_ns: u64,
    /// 95 of 100 took at most this many nanoseconds.
    pub p95_ns: u64,
    /// 99 of 100 took at most this many nanoseconds.
    pub p99_ns: u64,
    /// A slow or failed one to look at.
    pub exemplar: Option<(TraceId, SpanId)>,
}
