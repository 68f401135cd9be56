//! A line of prose: a time at its beginning, a level near it, and ids anywhere.

use super::stamp::{self, Here};
use super::{Line, ids};
use crate::lines::severity::severity;
use crate::model::Attributes;

/// A level is one of this many words.
const LEVEL_WITHIN: usize = 6;

pub(super) fn read(text: &str, here: Here) -> Line {
    let head = head(text, here);
    let (trace_id, span_id) = ids::find(text);
    let body = if head.rest.is_empty() { text } else { head.rest };
    Line {
        time_ns: head.time_ns.unwrap_or(here.now_ns),
        severity: head.severity,
        trace_id,
        span_id,
        scope: String::new(),
        body: body.to_owned(),
        attributes: Attributes::default(),
    }
}

/// What a line says of itself at its beginning.
pub(super) struct Head<'t> {
    pub(super) time_ns: Option<u64>,
    pub(super) severity: u8,
    /// Without the time, and without the level where it comes first or right after the time.
    pub(super) rest: &'t str,
}

pub(super) fn head(text: &str, here: Here) -> Head<'_> {
    if let Some(head) = klog(text, here) {
        return head;
    }
    let (time_ns, rest) = match stamp::leading(text, here) {
        Some((time_ns, rest)) => (Some(time_ns), rest.trim_start_matches([' ', '\t', '|', ':', '-'])),
        None => (None, text),
    };
    let Some((severity, from, to)) = level(rest, time_ns.is_some()) else {
        return Head { time_ns, severity: 0, rest };
    };
    // `panic: no seat` is how Go says it, and is found by it.
    let rest = if from == 0 && !rest.starts_with("panic") {
        rest[to..].trim_start_matches([' ', '\t', '|', ':', '-'])
    } else {
        rest
    };
    Head { time_ns, severity, rest }
}

/// Go's `klog`: `I0129 08:59:14.315323       1 file.go:12] text`.
fn klog(text: &str, here: Here) -> Option<Head<'_>> {
    let severity = match text.bytes().next()? {
        b'I' => 9,
        b'W' => 13,
        b'E' => 17,
        b'F' => 21,
        _ => return None,
    };
    let (month, day) = (text.get(1..3)?, text.get(3..5)?);
    let date = [month, day].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let clock = text.get(5..)?.strip_prefix(' ').filter(|_| date)?;
    // The year is that of the nearest such day; a stamp with all but the year is what syslog writes.
    let month: usize = month.parse().ok()?;
    let name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        .get(month.checked_sub(1)?)?;
    let length = clock.find(' ').unwrap_or(clock.len());
    let time_ns = stamp::whole(&format!("{name} {day} {}", &clock[..length]), here)?;
    Some(Head { time_ns: Some(time_ns), severity, rest: clock[length..].trim_start() })
}

/// The level among the first words of the first line: its severity and where it stands. A word in lower case is one only
/// in brackets, before a colon, or first after the time: else `no error` were an error.
fn level(text: &str, timed: bool) -> Option<(u8, usize, usize)> {
    let first = text.lines().next()?;
    let mut at = 0;
    for index in 0..LEVEL_WITHIN {
        at += first[at..].len() - first[at..].trim_start().len();
        let length = first[at..].find(char::is_whitespace).unwrap_or(first.len() - at);
        let written = &first[at..at + length];
        if written.is_empty() {
            return None;
        }
        let word = written.trim_matches(|part: char| part.is_ascii_punctuation());
        let marked = written.starts_with(['[', '<', '(']) || (index == 0 && written.ends_with(':'));
        // `INFO:app` ends where the level ends.
        let (word, length) = match written.split_once(':') {
            Some((before, _)) if upper_word(before) => (before, before.len()),
            _ => (word, length),
        };
        let clear = upper_word(word) || marked || (timed && index == 0);
        if let Some(severity) = severity(word).filter(|_| clear) {
            return Some((severity, at, at + length));
        }
        at += written.len();
    }
    None
}

fn upper_word(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase())
}
