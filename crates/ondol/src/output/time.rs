//! Times as people say them: how long ago, and when exactly.

use jiff::tz::TimeZone;
use jiff::{Span, SpanRelativeTo, Timestamp};

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A length of time in its two largest units.
pub(crate) fn length(ms: i64) -> String {
    let two = |major: i64, minor: i64, words: (&str, &str)| match minor {
        0 => format!("{major} {}", words.0),
        _ => format!("{major} {} {minor} {}", words.0, words.1),
    };
    match ms.max(0) {
        ms if ms < SECOND_MS => format!("{ms} ms"),
        ms if ms < 10 * SECOND_MS && ms % SECOND_MS >= 100 => {
            format!("{}.{} s", ms / SECOND_MS, ms % SECOND_MS / 100)
        }
        ms if ms < MINUTE_MS => format!("{} s", ms / SECOND_MS),
        ms if ms < HOUR_MS => two(ms / MINUTE_MS, ms % MINUTE_MS / SECOND_MS, ("min", "s")),
        ms if ms < DAY_MS => two(ms / HOUR_MS, ms % HOUR_MS / MINUTE_MS, ("h", "min")),
        ms => two(ms / DAY_MS, ms % DAY_MS / HOUR_MS, ("d", "h")),
    }
}

/// A length in nanoseconds with three digits of its unit; from a minute on in its two largest units.
pub(crate) fn nanos(ns: u64) -> String {
    let (size, unit) = match ns {
        0..1_000 => return format!("{ns} ns"),
        1_000..1_000_000 => (1e3, "µs"),
        1_000_000..1_000_000_000 => (1e6, "ms"),
        1_000_000_000..60_000_000_000 => (1e9, "s"),
        _ => return length(i64::try_from(ns / 1_000_000).unwrap_or(i64::MAX)),
    };
    let value = ns as f64 / size;
    let digits = if value < 9.995 { 2 } else { usize::from(value < 99.95) };
    format!("{value:.digits$} {unit}")
}

/// The reader's moment: what is past for him, and how his clock shows it.
pub(crate) struct Now {
    ms: i64,
    zone: TimeZone,
}

impl Now {
    /// This moment, in the reader's time zone.
    pub(crate) fn read() -> Self {
        Self { ms: crate::clock::wall_ms(), zone: TimeZone::system() }
    }

    /// A given moment, in UTC.
    #[cfg(test)]
    pub(crate) fn at(text: &str) -> Self {
        Self { ms: parse(text).expect("a time in a test"), zone: TimeZone::UTC }
    }

    /// Unix milliseconds.
    pub(crate) const fn ms(&self) -> i64 {
        self.ms
    }

    /// "3 min ago" or "in 12 s".
    pub(crate) fn relative(&self, at_ms: i64) -> String {
        match self.ms - at_ms {
            0 => "now".to_owned(),
            ms if ms > 0 => format!("{} ago", length(ms)),
            ms => format!("in {}", length(-ms)),
        }
    }

    /// `2026-11-23 09:03:28+00:00` on the reader's clock; the text itself where it is no time.
    pub(crate) fn absolute(&self, text: &str) -> String {
        match text.parse::<Timestamp>() {
            Ok(at) => at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S%:z").to_string(),
            Err(_) => super::text::line(text),
        }
    }

    /// `2026-11-23 09:03:28.123` on the reader's clock, of nanoseconds since 1970.
    pub(crate) fn stamp(&self, at_ns: u64) -> String {
        match Timestamp::from_nanosecond(at_ns.into()) {
            Ok(at) => at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S%.3f").to_string(),
            Err(_) => format!("{at_ns} ns"),
        }
    }

    /// `2026-11-23 09:03:28+00:00 (3 min ago)`
    pub(crate) fn moment(&self, text: &str) -> String {
        match parse(text) {
            Some(at_ms) => format!("{} ({})", self.absolute(text), self.relative(at_ms)),
            None => super::text::line(text),
        }
    }
}

/// Milliseconds since the Unix epoch of an RFC 3339 time.
pub(crate) fn parse(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// A length such as `10s`, `5m` or `2d`.
pub(crate) fn parse_length(text: &str) -> Result<std::time::Duration, String> {
    let span: Result<Span, _> = text.parse();
    let duration = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()));
    let duration = duration.ok().and_then(|duration| std::time::Duration::try_from(duration).ok());
    duration.ok_or_else(|| format!("{text:?} is not a length of time; write 500ms, 10s, 5m, 2h or 1d"))
}

/// A moment as the API takes it: RFC 3339, or so long ago (`2h`).
pub(crate) fn parse_moment(text: &str) -> Result<String, String> {
    if parse(text).is_some() {
        return Ok(text.to_owned());
    }
    let ago = parse_length(text).map_err(|_| {
        format!("{text:?} is not a moment; write 2026-11-23T09:00:00Z, or how long ago: 10m, 2h, 1d")
    })?;
    let ago_ms = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
    let at = Timestamp::from_millisecond(crate::clock::wall_ms().saturating_sub(ago_ms));
    at.map(|at| at.to_string()).map_err(|_| format!("{text:?} is before the beginning of time"))
}

#[cfg(test)]
mod tests {
    use super::{Now, length, nanos, parse_length};

    #[test]
    fn lengths_are_said_in_two_units() {
        let table = [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_590, "1.5 s"),
            (7_000, "7 s"),
            (59_999, "59 s"),
            (60_000, "1 min"),
            (61_000, "1 min 1 s"),
            (3_600_000, "1 h"),
            (90_000_000, "1 d 1 h"),
        ];
        for (ms, said) in table {
            assert_eq!(length(ms), said, "{ms} ms");
        }
        let now = Now::at("2026-11-23T09:00:00Z");
        assert_eq!(now.moment("2026-11-23T08:59:00Z"), "2026-11-23 08:59:00+00:00 (1 min ago)");
        assert_eq!(now.relative(now.ms() + 61_000), "in 1 min 1 s");
    }

    #[test]
    fn short_lengths_have_three_digits() {
        #[rustfmt::skip]
        let table = [
            (0, "0 ns"), (999, "999 ns"), (1_000, "1.00 µs"), (12_345, "12.3 µs"), (999_999, "1000 µs"),
            (1_234_567, "1.23 ms"), (123_456_789, "123 ms"), (1_500_000_000, "1.50 s"), (90_000_000_000, "1 min 30 s"),
        ];
        for (ns, said) in table {
            assert_eq!(nanos(ns), said, "{ns} ns");
        }
    }

    #[test]
    fn lengths_are_read() {
        for (text, ms) in [("500ms", 500), ("10s", 10_000), ("2m", 120_000), ("1d", 86_400_000)] {
            assert_eq!(parse_length(text).map(|length| length.as_millis()), Ok(ms), "{text}");
        }
        for text in ["", "10", "soon", "-5s"] {
            assert!(parse_length(text).is_err(), "{text:?} was taken");
        }
    }
}
