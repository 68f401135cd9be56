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

/// A page of a search: the question, and how many of its first answers were on the pages before.
pub(super) struct Page {
    pub(super) query: Query,
    pub(super) skipped: usize,
    pub(super) hints: Vec<QueryHint>,
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

    /// The question of this page, where pages are counted.
    pub(super) fn page(&self, now_ns: u64) -> Answer<Page> {
        let (mut query, hints) = self.asked(now_ns)?;
        let mut skipped = 0;
        if let Some(text) = &self.cursor {
            (query.window.to_ns, skipped) = cursor(text)?;
        }
        // The last page is shorter, and not refused.
        query.limit = LIMIT_MAX.min(skipped + query.limit);
        Ok(Page { query, skipped, hints })
    }
}

impl Page {
    /// This page's rows of all that were found, and the cursor of the next. It keeps what comes meanwhile off later pages,
    /// but nothing that was found: clocks run ahead, so some of it may have been `until` a time that is still to come.
    pub(super) fn cut<T>(
        &self,
        rows: Vec<T>,
        now_ns: u64,
        until: impl Fn(&T) -> u64,
    ) -> (Vec<T>, Option<String>) {
        let more = rows.len() >= self.query.limit && self.query.limit < LIMIT_MAX;
        let to_ns = match self.query.window.to_ns {
            u64::MAX => rows.iter().map(|row| until(row).saturating_add(1)).fold(now_ns, u64::max),
            to_ns => to_ns,
        };
        let next = more.then(|| format!("{to_ns}.{}", self.query.limit));
        (rows.into_iter().skip(self.skipped).collect(), next)
    }
}

/// Reads a cursor back.
fn cursor(text: &str) -> Answer<(u64, usize)> {
    let read = text.split_once('.').and_then(|(to, skipped)| Some((to.parse().ok()?, skipped.parse().ok()?)));
    match read {
        Some((to_ns, skipped)) if skipped < LIMIT_MAX => Ok((to_ns, skipped)),
        _ => Err(bad("`cursor` is none; give the `next_cursor` of the page before")),
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
pub(super) fn moment(name: &str, text: &str, now_ns: u64) -> Answer<u64> {
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

    #[test]
    fn pages_follow_one_another() {
        let search = |cursor: Option<String>| Search { limit: Some(2), cursor, ..Search::default() };
        let first = search(None).page(NOW).expect("a page");
        assert_eq!((first.query.limit, first.query.window.to_ns), (2, u64::MAX));
        let (rows, next) = first.cut(vec![7, NOW - 1], NOW, |row| *row);
        assert_eq!((rows, next.as_deref()), (vec![7, NOW - 1], Some("1790164800000000000.2")));
        let second = search(next).page(NOW + 9).expect("a page");
        assert_eq!((second.query.limit, second.query.window.to_ns), (4, NOW));
        let (rows, next) = second.cut(vec![7, 8, 9], NOW + 9, |row| *row);
        assert_eq!((rows, next), (vec![9], None));
        let (_, ahead) = first.cut(vec![7, NOW + 5], NOW, |row| *row);
        assert_eq!(ahead.as_deref(), Some("1790164800000000006.2"), "what is ahead of the clock stays");
        let last = search(Some("7.9999".to_owned())).page(NOW).expect("the server's own cursor is taken");
        assert_eq!((last.query.limit, last.skipped), (LIMIT_MAX, 9_999));
        for cursor in ["", "1", "1.x", "1.10000"] {
            assert!(search(Some(cursor.to_owned())).page(NOW).is_err(), "{cursor:?}");
        }
    }
}
