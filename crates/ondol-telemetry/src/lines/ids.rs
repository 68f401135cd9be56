//! Ids of traces and spans in a text.

use crate::model::{SpanId, TraceId};

/// How far ids are looked for, in bytes. They stand near the beginning.
const LOOK_BYTES_MAX: usize = 4 << 10;
/// How many characters may stand between a name and its id: `trace_id":"`.
const BETWEEN_MAX: usize = 4;

/// The ids that a text says are those of its request: behind `trace_id`, `TraceID:` and the like, as W3C `traceparent`,
/// or as 32 and 16 hexadecimal digits side by side. Other digits (checksums, keys) are left alone.
pub(super) fn find(text: &str) -> (Option<TraceId>, Option<SpanId>) {
    let end = text.floor_char_boundary(LOOK_BYTES_MAX);
    let (mut trace, mut span) = (None, None);
    let mut waiting: Option<(TraceId, usize)> = None;
    for (from, to) in runs(&text.as_bytes()[..end]) {
        let digits = &text[from..to];
        let named = |name: &str| is_named(&text[..from], name);
        if let Ok(id) = digits.parse::<TraceId>() {
            if trace.is_none() && named("trace") {
                trace = Some(id);
            }
            waiting = Some((id, to));
        } else if let Ok(id) = digits.parse::<SpanId>() {
            let beside = waiting.filter(|(_, end)| *end + 1 == from);
            if let Some((before, _)) = beside
                && trace.is_none_or(|known| known == before)
            {
                (trace, span) = (Some(before), span.or(Some(id)));
            } else if span.is_none() && named("span") {
                span = Some(id);
            }
        }
    }
    (trace.filter(|id| id.0 != [0; 16]), span.filter(|id| id.0 != [0; 8]))
}

/// Runs of 16 or 32 hexadecimal digits that are no part of a longer word.
fn runs(text: &[u8]) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() {
            let length =
                text[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
            let from = at;
            at += length.max(1);
            if matches!(length, 16 | 32) && text[from..at].iter().all(u8::is_ascii_hexdigit) {
                return Some((from, at));
            }
        }
        None
    })
}

/// Does the text end in `trace_id: `, `TraceID=`, `trace.id":"` or the like?
fn is_named(before: &str, name: &str) -> bool {
    let sign = |part: char| part.is_ascii_punctuation() || part == ' ';
    let bare = before.trim_end_matches(sign);
    if before.len() - bare.len() > BETWEEN_MAX || before.len() == bare.len() {
        return false;
    }
    let Some(bare) = strip_end(bare, "id") else { return false };
    let bare = bare.strip_suffix(['_', '-', '.', ' ']).unwrap_or(bare);
    strip_end(bare, name).is_some()
}

fn strip_end<'t>(text: &'t str, end: &str) -> Option<&'t str> {
    let at = text.len().checked_sub(end.len())?;
    let found = text.get(at..)?.eq_ignore_ascii_case(end);
    found.then(|| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_where_the_text_says_so() {
        const T: &str = "96b4037808250b1fd21cbd435e19449d";
        const S: &str = "a118ac4eed71378b";
        let cases = [
            (format!("x TraceID: {T} SpanID: {S} y"), true, true),
            (format!("trace_id={T} span_id={S}"), true, true),
            (format!("{{\"trace.id\":\"{T}\"}}"), true, false),
            (format!("trace id {}", T.to_uppercase()), true, false),
            (format!("traceparent: 00-{T}-{S}-01"), true, true),
            (format!("[app,{T},{S}] hi"), true, true),
            (format!("[{T}-{S}] hi"), true, true),
            (format!("md5 {T}"), false, false),
            (format!("trace_id={T}0"), false, false),
            (format!("trace_id={}", "0".repeat(32)), false, false),
            (format!("trace_id of the request that failed was {T}"), false, false),
            (format!("key {S} 결제 trace_id"), false, false),
            (format!("추적ID: {T}"), false, false),
        ];
        for (text, trace, span) in cases {
            let found = find(&text);
            assert_eq!(found.0, trace.then(|| T.parse().expect("an id")), "{text}");
            assert_eq!(found.1, span.then(|| S.parse().expect("an id")), "{text}");
        }
    }
}
