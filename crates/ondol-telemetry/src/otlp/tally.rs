//! What became of the records of a request, by who wrote them.

use crate::model::Source;
use crate::telemetry::Counted;

/// How far ahead of this machine's clock a record may be: clocks of machines differ, by an hour where a time zone was
/// set wrongly.
const AHEAD_NS: u64 = 3_600_000_000_000;

/// What a record must obey.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Now: nanoseconds since 1970.
    pub(crate) now_ns: u64,
    /// Older records would be deleted at once.
    pub(crate) oldest_ns: u64,
}

impl Rules {
    pub(crate) const fn judge(self, time_ns: u64) -> Fate {
        if time_ns < self.oldest_ns {
            Fate::TooOld
        } else if time_ns > self.now_ns.saturating_add(AHEAD_NS) {
            Fate::InTheFuture
        } else {
            Fate::Stored
        }
    }
}

/// What became of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Stored,
    Duplicate,
    TooOld,
    InTheFuture,
    NoId,
}

/// What became of the records of one source in one request.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    pub(crate) service: String,
    pub(crate) instance: String,
    pub(crate) counted: Counted,
    too_old: u64,
    in_the_future: u64,
    no_id: u64,
}

impl Tally {
    pub(crate) fn of(source: &Source) -> Self {
        Self {
            service: source.service.clone(),
            instance: source.instance.clone(),
            counted: Counted::default(),
            too_old: 0,
            in_the_future: 0,
            no_id: 0,
        }
    }

    /// All records of a source came before.
    pub(crate) fn again(source: &Source, records: u64) -> Self {
        let counted = Counted { received: records, duplicates: records, ..Counted::default() };
        Self { counted, ..Self::of(source) }
    }

    pub(crate) const fn count(&mut self, fate: Fate) {
        self.counted.received += 1;
        match fate {
            Fate::Stored => self.counted.stored += 1,
            Fate::Duplicate => self.counted.duplicates += 1,
            Fate::TooOld => self.too_old += 1,
            Fate::InTheFuture => self.in_the_future += 1,
            Fate::NoId => self.no_id += 1,
        }
        match fate {
            Fate::Stored | Fate::Duplicate => {}
            Fate::TooOld | Fate::InTheFuture | Fate::NoId => self.counted.rejected += 1,
        }
    }

    /// Why records were rejected, for the sender's log; empty where none was.
    pub(crate) fn message(tallies: &[Self]) -> String {
        let sum = |of: fn(&Self) -> u64| tallies.iter().map(of).sum::<u64>();
        let reasons = [
            (sum(|tally| tally.too_old), "older than telemetry is kept (--telemetry-age)"),
            (sum(|tally| tally.in_the_future), "over an hour in the future: check the sender's clock"),
            (sum(|tally| tally.no_id), "spans without a trace id or a span id"),
        ];
        let said =
            reasons.iter().filter(|(count, _)| *count > 0).map(|(count, reason)| format!("{count} {reason}"));
        said.collect::<Vec<_>>().join("; ")
    }
}
