//! Short sentences for a person at night: who answered what, in the callee's own words where it has some.

use std::borrow::Cow;

use http::header;
use serde::Deserialize;

use crate::answer::Answer;

/// Enough to recognise an error, short enough for a line of the console and a journal record.
const WORDS_MAX: usize = 200;

/// How a problem says that the same key is still at work: its `code`, or the last segment of its `type`.
const IN_PROGRESS: &str = "in_progress";

/// The members of RFC 9457 that matter here, and `code`, which this system and many others add.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Problem<'a> {
    #[serde(borrow)]
    detail: Option<Cow<'a, str>>,
    #[serde(borrow)]
    title: Option<Cow<'a, str>>,
    #[serde(borrow)]
    code: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
}

impl<'a> Problem<'a> {
    /// What the body says if it is a JSON object with such members; otherwise nothing.
    pub(crate) fn read(body: &'a [u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }

    /// Another attempt with the same key is still at work. Nothing but these very words: `shipment_in_progress` is what a
    /// business says.
    pub(crate) fn is_in_progress(&self) -> bool {
        let last = |kind: &Cow<'_, str>| kind.rsplit(['/', ':', '#']).next() == Some(IN_PROGRESS);
        self.code.as_deref() == Some(IN_PROGRESS) || self.kind.as_ref().is_some_and(last)
    }
}

/// "payment answered 402 Payment Required: the card has expired".
pub(crate) fn answered(service: &str, answer: &Answer) -> String {
    let problem = Problem::read(&answer.body);
    let words = match problem.detail.or(problem.title) {
        Some(words) => clean(words.as_bytes()),
        None => clean(&answer.body),
    };
    let colon = if words.is_empty() { "" } else { ": " };
    format!("{service} answered {}{colon}{words}", answer.status)
}

/// "auth answered 302 Found, pointing to /login; redirects are not followed, call the final address".
pub(crate) fn redirected(service: &str, answer: &Answer) -> String {
    let status = answer.status;
    match answer.headers.get(header::LOCATION) {
        None => format!("{service} answered {status}; redirects are not followed, call the final address"),
        Some(location) => format!(
            "{service} answered {status}, pointing to {}; redirects are not followed, call the final address",
            clean(location.as_bytes())
        ),
    }
}

/// The beginning of a text as one line: UTF-8 as far as it is, control characters and white space as single spaces.
fn clean(bytes: &[u8]) -> String {
    let cut = &bytes[..bytes.len().min(WORDS_MAX)];
    let text = match std::str::from_utf8(cut) {
        Ok(text) => Cow::Borrowed(text),
        // A character that the cut went through is left out, not shown as damaged.
        Err(error) if error.error_len().is_none() => String::from_utf8_lossy(&cut[..error.valid_up_to()]),
        Err(_) => String::from_utf8_lossy(cut),
    };
    let spaced = |c: char| c.is_control() || c.is_whitespace();
    let words: Vec<&str> = text.split(spaced).filter(|word| !word.is_empty()).collect();
    let ellipsis = if cut.len() < bytes.len() { " …" } else { "" };
    words.join(" ") + ellipsis
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_one_short_line() {
        let (cut_within, cut_before) = ("없".repeat(67), "없".repeat(66) + " …");
        #[rustfmt::skip]
        let table: [(&[u8], &str); 6] = [
            (b"",                                 ""),
            (b"  no\r\n\tseat \x1b[31mleft\0 ",   "no seat [31mleft"),
            (b"\xff\xfe",                         "\u{fffd}\u{fffd}"),
            ("없는 좌석".as_bytes(),               "없는 좌석"),
            (&[b'a'; 201],                        &("a".repeat(200) + " …")),
            (cut_within.as_bytes(),               &cut_before),
        ];
        for (bytes, expected) in table {
            assert_eq!(clean(bytes), expected);
        }
    }
}
