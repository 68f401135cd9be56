//! The day once more, at another time and with other ids.

use std::fmt::Write as _;

use crate::nezha::{Day, HOUR_NS, LogRow, MINUTE_NS};

/// How a pass over the day differs from the day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    /// Everything is so many whole hours later; minutes and seconds stay as they are.
    pub hours: i64,
    /// What is laid over all ids; 0 leaves them as they are.
    mask: u64,
}

/// Hours from one pass to the next: the day is seven hours long.
const STRIDE_HOURS: i64 = 8;

impl Pass {
    /// So many passes, one after the other, the last of them so many hours after the day. Only the first has the day's ids.
    pub fn schedule(hours: i64, count: u64) -> Vec<Self> {
        let back = |number: u64| STRIDE_HOURS * (count - 1 - number).cast_signed();
        (0..count).map(|number| Self::numbered(hours - back(number), number)).collect()
    }

    /// Everything that this pass may have written, in whole minutes: from, to, in nanoseconds since 1970.
    pub fn window(self, day: &Day) -> (u64, u64) {
        let (begin, end) = (self.time(day.begin_ns()), self.time(day.end_ns()));
        (begin - begin % MINUTE_NS, end - end % MINUTE_NS + MINUTE_NS)
    }

    /// The pass with this number; number 0 has the day's own ids.
    pub fn numbered(hours: i64, number: u64) -> Self {
        let mask = if number == 0 { 0 } else { fastrand::Rng::with_seed(number).u64(1..) };
        Self { hours, mask }
    }

    /// A moment of the day in this pass.
    pub fn time(self, at_ns: u64) -> u64 {
        at_ns.saturating_add_signed(self.hours * HOUR_NS.cast_signed())
    }

    /// A trace's id in this pass.
    pub fn trace(self, id: u128) -> u128 {
        id ^ (u128::from(self.mask) << 64 | u128::from(self.mask))
    }

    /// A span's id in this pass.
    pub const fn span(self, id: u64) -> u64 {
        id ^ self.mask
    }

    /// A message in this pass: where it names its own trace and span, it names those of the pass.
    pub fn body(self, log: &LogRow) -> String {
        if self.mask == 0 {
            return log.body.clone();
        }
        let mut own = String::with_capacity(32);
        let mut other = String::with_capacity(32);
        // Writing to a string does not fail.
        let _ = write!(own, "{:032x}", log.trace);
        let _ = write!(other, "{:032x}", self.trace(log.trace));
        let body = log.body.replacen(&own, &other, 1);
        own.clear();
        other.clear();
        let _ = write!(own, "{:016x}", log.span);
        let _ = write!(other, "{:016x}", self.span(log.span));
        body.replacen(&own, &other, 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nezha::Severity;

    #[test]
    fn a_pass_changes_ids_everywhere_and_times_by_hours() {
        let body = "TraceID: 000000000000000000000000000000aa SpanID: 00000000000000bb [x][00bb]".to_owned();
        let log = LogRow { time_ns: 5, pod: 0, trace: 0xaa, span: 0xbb, severity: Severity::Info, body };
        let same = Pass::numbered(2, 0);
        assert_eq!((same.trace(0xaa), same.span(0xbb), same.body(&log)), (0xaa, 0xbb, log.body.clone()));
        assert_eq!(same.time(5), 2 * HOUR_NS + 5);
        let other = Pass::numbered(0, 1);
        let expected =
            format!("TraceID: {:032x} SpanID: {:016x} [x][00bb]", other.trace(0xaa), other.span(0xbb));
        assert_eq!(other.body(&log), expected);
        assert_ne!(other.trace(0xaa), Pass::numbered(0, 2).trace(0xaa));
        assert_ne!(other.trace(0xaa), 0xaa);
    }
}
