//! Pages of log lines. A cursor says behind which line a page begins, so that pages have no end and lines that come, or are
//! put into files, meanwhile move nothing.

use ondol_telemetry::model::Key;
use ondol_telemetry::query::{Mark, Query, Start};

use super::params::{Search, bad};
use crate::problem::Answer;
use crate::wire::telemetry::{QueryHint, log};

/// A page of lines: the question, and where it begins.
pub(super) struct Lines {
    pub(super) query: Query,
    pub(super) start: Start,
    pub(super) hints: Vec<QueryHint>,
    /// When the first page was asked for: `-15m` means the same on every page.
    asked_ns: u64,
}

impl Lines {
    pub(super) fn of(search: &Search, now_ns: u64) -> Answer<Self> {
        let (asked_ns, after) = match search.cursor.as_deref() {
            None => (now_ns, None),
            Some(text) => {
                let wrong = || bad("`cursor` is none; give the `next_cursor` of the page before");
                read(text).map(|(asked_ns, mark)| (asked_ns, Some(mark))).ok_or_else(wrong)?
            }
        };
        let (query, hints) = search.asked(asked_ns)?;
        Ok(Self { query, start: Start { after, ..Start::default() }, hints, asked_ns })
    }

    /// The cursor of the page that begins there.
    pub(super) fn cursor(&self, next: Mark) -> String {
        let Mark { key, shown } = next;
        format!("{}.{}.{}.{shown}", self.asked_ns, key.time_ns, log::digest(key))
    }
}

fn read(cursor: &str) -> Option<(u64, Mark)> {
    let mut parts = cursor.split('.');
    let mut part = || parts.next();
    let asked_ns = part()?.parse().ok()?;
    let time_ns = part()?.parse().ok()?;
    let key = Key { time_ns, digest: digest(part()?)? };
    let shown = part()?.parse().ok()?;
    parts.next().is_none().then_some((asked_ns, Mark { key, shown }))
}

/// Reads a line's `key`.
pub(super) fn digest(text: &str) -> Option<u64> {
    let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    u64::from_str_radix(text, 16).ok().filter(|_| digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_begins_the_next_page_and_keeps_the_window_of_the_first() {
        let search = |cursor: Option<&str>| Search {
            from: Some("-10s".to_owned()),
            cursor: cursor.map(str::to_owned),
            ..Search::default()
        };
        let first = Lines::of(&search(None), 20_000_000_000).expect("a page");
        let mark = Mark { key: Key { time_ns: 77, digest: 0xab }, shown: 3 };
        let next = first.cursor(mark);
        assert_eq!(next, "20000000000.77.00000000000000ab.3");
        let second = Lines::of(&search(Some(&next)), 90_000_000_000).expect("a page");
        assert_eq!((second.start.after, second.query.window), (Some(mark), first.query.window));
        assert_eq!(second.cursor(mark), next);
        for cursor in [
            "",
            "1.2",
            "1.2.3.4",
            "1.2.00000000000000ab",
            "1.2.00000000000000ab.x",
            "1.2.00000000000000ab.3.4",
        ] {
            assert!(Lines::of(&search(Some(cursor)), 1).is_err(), "{cursor:?}");
        }
    }
}
