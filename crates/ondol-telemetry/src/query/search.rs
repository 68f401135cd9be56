//! Finding a text in a text, without regard to the case of ASCII letters, and without allocating.

use memchr::memchr2_iter;
use memchr::memmem::Finder;

use super::words::part;

/// Where a pattern may begin and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Border {
    /// At the ends of the text.
    Ends,
    /// Anywhere, so that no word is cut.
    Words,
}

/// Does `text` hold `wanted` with no word cut at its ends? `timed out` is in `it timed out.`, not in `untimed outage`.
/// Nothing is held by everything.
pub(crate) fn contains(text: &str, wanted: &str) -> bool {
    places(text.as_bytes(), wanted.as_bytes(), 0)
        .any(|at| begins_word(text.as_bytes(), at, wanted) && ends_word(text.as_bytes(), at, wanted))
}

/// Which of many texts hold `wanted`, as [`contains`] says of each. They stand one after another in `folded`, with ASCII
/// letters in lower case, and begin and end at `offsets`. Searched as one, they are searched several times as fast.
pub(crate) fn holding(folded: &[u8], offsets: &[i32], wanted: &str) -> Vec<bool> {
    let texts: Vec<(usize, usize)> = offsets
        .windows(2)
        .map(|pair| (pair[0].cast_unsigned() as usize, pair[1].cast_unsigned() as usize))
        .collect();
    let mut hold = vec![wanted.is_empty(); texts.len()];
    let (Some((first, _)), false) = (texts.first(), wanted.is_empty()) else { return hold };
    let finder = Finder::new(wanted.as_bytes());
    let (mut from, mut row) = (*first, 0);
    while let Some(found) = folded.get(from..).and_then(|rest| finder.find(rest)) {
        let at = from + found;
        row += texts[row..].partition_point(|(_, end)| *end <= at);
        let Some((begin, end)) = texts.get(row).copied() else { break };
        let text = &folded[begin..end];
        hold[row] = at + wanted.len() <= end
            && begins_word(text, at - begin, wanted)
            && ends_word(text, at - begin, wanted);
        from = if hold[row] { end } else { at + 1 };
    }
    hold
}

/// Does `text` match `pattern`, of which each `*` stands for any characters, none too? Pieces are taken from the left as
/// early as they come, which never misses a match, so the time is that of finding each piece once.
pub(crate) fn like(text: &str, pattern: &str, border: Border) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return match border {
            Border::Ends => text.eq_ignore_ascii_case(pattern),
            Border::Words => contains(text, pattern),
        };
    };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    let text = text.as_bytes();
    let start = match border {
        Border::Ends => is_at(text, 0, first.as_bytes()).then_some(0),
        Border::Words => places(text, first.as_bytes(), 0).find(|at| begins_word(text, *at, first)),
    };
    let Some(start) = start else { return false };
    let mut from = start + first.len();
    for piece in middle.split('*') {
        let Some(at) = places(text, piece.as_bytes(), from).next() else { return false };
        from = at + piece.len();
    }
    match border {
        Border::Ends => {
            text.len() >= from + last.len() && is_at(text, text.len() - last.len(), last.as_bytes())
        }
        Border::Words => {
            last.is_empty() || places(text, last.as_bytes(), from).any(|at| ends_word(text, at, last))
        }
    }
}

/// Every place, from `from` on, where `wanted` stands in `text`.
fn places<'a>(text: &'a [u8], wanted: &'a [u8], from: usize) -> impl Iterator<Item = usize> + 'a {
    let first = wanted.first().copied();
    let found = first.map(|first| {
        let rest = text.get(from..).unwrap_or_default();
        let found = memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), rest);
        found.map(move |at| from + at).filter(|at| is_at(text, *at, wanted))
    });
    let empty = first.is_none().then_some(from);
    empty.into_iter().chain(found.into_iter().flatten())
}

fn is_at(text: &[u8], at: usize, wanted: &[u8]) -> bool {
    text.get(at..at + wanted.len()).is_some_and(|found| found.eq_ignore_ascii_case(wanted))
}

/// If `wanted` begins with a word, does that word begin here, too?
fn begins_word(text: &[u8], at: usize, wanted: &str) -> bool {
    let inside = wanted.bytes().next().is_some_and(part);
    !(inside && at > 0 && part(text[at - 1]))
}

/// If `wanted` ends with a word, does that word end there, too?
fn ends_word(text: &[u8], at: usize, wanted: &str) -> bool {
    let inside = wanted.bytes().next_back().is_some_and(part);
    let after = text.get(at + wanted.len());
    !(inside && after.copied().is_some_and(part))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_found_whole_and_patterns_where_they_may_be() {
        // text, pattern, matches all of it, is found in it
        let cases = [
            ("it timed out.", "timed out", false, true),
            ("untimed outage", "timed out", false, false),
            ("timed out", "timed out", true, true),
            ("timed  out", "timed out", false, false),
            ("Timed OUT", "timed out", true, true),
            ("xtimed timed out", "timed", false, true),
            ("[a]-b", "[a]-", false, true),
            ("reconnect", "conn*", false, false),
            ("was connected", "conn*", false, true),
            ("reconnected", "*conn*", true, true),
            ("connect", "conn*", true, true),
            ("connection was refused", "conn*refused", true, true),
            ("connection was refusedx refused", "conn*refused", true, true),
            ("connection was refusedx", "conn*refused", false, false),
            ("get /orders/7", "get /*", true, true),
            ("get /orders/7", "*orders*7", true, true),
            ("abab", "ab*ab", true, true),
            ("aba", "ab*ba", false, false),
            ("aXbXc", "a*b*c", true, true),
            ("결제가 실패", "결제*", true, true),
            ("결제가 실패", "결제", false, false),
            ("", "*", true, true),
        ];
        for (text, pattern, whole, part) in cases {
            assert_eq!(like(text, pattern, Border::Ends), whole, "all of {text:?} is {pattern:?}");
            assert_eq!(like(text, pattern, Border::Words), part, "{pattern:?} is in {text:?}");
        }
    }

    proptest! {
        #[test]
        fn many_texts_at_once_are_texts_one_by_one(
            texts in prop::collection::vec("[ab 결.]{0,6}", 0..8),
            wanted in "[ab 결.]{0,3}",
            skipped in 0..3_usize,
        ) {
            let ends = texts.iter().scan(0, |end, text| {
                *end += i32::try_from(text.len()).unwrap();
                Some(*end)
            });
            let offsets: Vec<i32> = std::iter::once(0).chain(ends).collect();
            // A part of a column has the column's texts in front of its own.
            let offsets = &offsets[skipped.min(texts.len())..];
            let expected: Vec<bool> =
                texts.iter().skip(skipped).map(|text| contains(text, &wanted)).collect();
            prop_assert_eq!(holding(texts.concat().as_bytes(), offsets, &wanted), expected);
        }
    }
}
