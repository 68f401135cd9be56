//! What can be asked: a query in words, a window of time, how many.

use std::time::Duration;

use ondol_telemetry::query::{Filter, LIMIT_MAX, Query, SyntaxError, Window};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::clock;
use crate::problem::{Answer, Code, Problem};
use crate::wire::telemetry::QueryHint;

/// Records on a page where nothing is said.
const LIMIT_DEFAULT: usize = 100;

/// The window of what is counted, where nothing is said.
pub(super) const COUNTED: Duration = Duration::from_hours(1);

/// A search.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Search {
    /// Words and fields: `service:checkout level:error "timed out" user.id:u1`, with `AND`, `OR`, `NOT`, brackets, `*` and ranges.
    pub(super) q: Option<String>,
    /// Only from this moment on: RFC 3339, `-15m` (so long ago) or nanoseconds since 1970.
    pub(super) from: Option<String>,
    /// Only before this moment.
    pub(super) to: Option<String>,
    /// How many at most, 1 to 10000; 100 where nothing is said.
    pub(super) limit: Option<usize>,
    /// The `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
    /// Count all that match, after the page is full, too; dearer.
    pub(super) count: Option<bool>,
}

/// A window of time, and what in it.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Within {
    /// Words and fields, as for a search.
    pub(super) q: Option<String>,
    /// From this moment on; an hour ago where nothing is said.
    pub(super) from: Option<String>,
    /// Before this moment; now where nothing is said.
    pub(super) to: Option<String>,
    /// The length of a step, such as `1m`; a sixtieth of the window where nothing is said.
    pub(super) step: Option<String>,
}

/// A window of time.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Times {
    /// From this moment on; an hour ago where nothing is said.
    pub(super) from: Option<String>,
    /// Before this moment; now where nothing is said.
    pub(super) to: Option<String>,
}

impl Search {
    /// The question, without its pages.
    pub(super) fn asked(&self, now_ns: u64) -> Answer<(Query, Vec<QueryHint>)> {
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(bad(format!("`limit` is {limit}; give 1 to {LIMIT_MAX}")));
        }
        let filter = filter(self.q.as_deref())?;
        let from_ns = self.from.as_deref().map_or(Ok(0), |text| moment("from", text, now_ns))?;
        let to_ns = self.to.as_deref().map_or(Ok(u64::MAX), |text| moment("to", text, now_ns))?;
        let window = window(from_ns, to_ns)?;
        let hints = filter.hints().into_iter();
        let hints = hints.map(|hint| QueryHint { written: hint.written, meant: hint.meant }).collect();
        Ok((Query { filter, window, limit, count: self.count.unwrap_or(false) }, hints))
    }
}

/// Reads a query.
pub(super) fn filter(text: Option<&str>) -> Answer<Filter> {
    Filter::parse(text.unwrap_or_default()).map_err(|error: SyntaxError| {
        Problem::new(Code::QuerySyntax, error.to_string())
            .with("column", error.column())
            .with("problem", error.problem())
            .with("fix", error.fix())
    })
}

/// A window, by default the last hour.
pub(super) fn recent(from: Option<&str>, to: Option<&str>, now_ns: u64) -> Answer<Window> {
    let to_ns = to.map_or(Ok(now_ns), |text| moment("to", text, now_ns))?;
    let ago = u64::try_from(COUNTED.as_nanos()).unwrap_or(u64::MAX);
    let from_ns = from.map_or(Ok(to_ns.saturating_sub(ago)), |text| moment("from", text, now_ns))?;
    window(from_ns, to_ns)
}

fn window(from_ns: u64, to_ns: u64) -> Answer<Window> {
    if from_ns >= to_ns {
        return Err(bad("`from` is not before `to`; the window is empty"));
    }
    Ok(Window { from_ns, to_ns })
}

/// Reads a moment: RFC 3339 with up to nine digits of a second, so long ago, `now`, or nanoseconds since 1970.
pub(in crate::api) fn moment(name: &str, text: &str, now_ns: u64) -> Answer<u64> {
    let read = match text.strip_prefix('-') {
        Some(ago) => length_ns(ago).map(|ago| now_ns.saturating_sub(ago)),
        None if text == "now" => Some(now_ns),
        None if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        None => clock::parse_ns(text),
    };
    read.ok_or_else(|| {
        bad(format!(
            "`{name}` is {text:?}; write it like 2026-11-23T08:00:00Z, -15m, or in nanoseconds since 1970"
        ))
    })
}

/// Reads a length such as `15m`.
pub(super) fn length_ns(text: &str) -> Option<u64> {
    clock::length(text).and_then(|length| u64::try_from(length.as_nanos()).ok())
}

pub(super) fn bad(why: impl Into<String>) -> Problem {
    Problem::new(Code::BadRequest, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_790_164_800_000_000_000;

    #[test]
    fn moments_keep_their_nanoseconds() {
        #[rustfmt::skip]
        let table = [
            ("2026-09-23T12:00:00Z",            Some(1_790_164_800_000_000_000)),
            ("2026-09-23T12:00:00.123456789Z",  Some(1_790_164_800_123_456_789)),
            ("2026-09-23T21:00:00+09:00",       Some(1_790_164_800_000_000_000)),
            ("1790164800123456789",             Some(1_790_164_800_123_456_789)),
            ("-15m",                            Some(NOW - 900_000_000_000)),
            ("-1d",                             Some(NOW - 86_400_000_000_000)),
            ("now",                             Some(NOW)),
            ("-",                               None),
            ("15m",                             None),
            ("yesterday",                       None),
            ("",                                None),
        ];
        for (text, expected) in table {
            assert_eq!(moment("from", text, NOW).ok(), expected, "{text:?}");
        }
    }
}
