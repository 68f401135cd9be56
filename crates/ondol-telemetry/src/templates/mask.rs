//! A line as words, with what is surely a value taken out: numbers, ids, addresses, times, durations.

use std::hash::Hasher as _;

use rustc_hash::FxHasher;

/// How a value is written in a template.
pub(super) const VALUE: &str = "<*>";
/// The hash of a word that is only a value.
pub(super) const ANY: u64 = 0;
/// A name may end in this many digits (`travel2`, `utf8`); a longer number is a value.
const NAME_DIGITS_MAX: usize = 2;
/// A name has at least this many letters before its digits; `D13` is a value.
const NAME_LETTERS_MIN: usize = 3;

/// So many hexadecimal digits, decimal ones among them, are an id, even where they look like a name: `deadbeef01`.
const HEX_DIGITS_MIN: usize = 8;

/// One line, masked. Kept between lines, so that no line allocates.
#[derive(Debug, Default)]
pub(super) struct Masked {
    /// The line with values as [`VALUE`].
    pub(super) text: String,
    /// Its words.
    pub(super) words: Vec<Word>,
}

/// One word of a masked line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Its first byte in the text.
    pub(super) from: u32,
    /// The first byte after it.
    pub(super) to: u32,
    /// Of its text; [`ANY`] for a value.
    pub(super) hash: u64,
}

/// What a byte is to a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Between words.
    Space,
    /// Between words, and part of the text: `,` `=` `[`.
    Mark,
    /// Inside a word, between its parts: `.` `-` `/`.
    Glue,
    Letter,
    Digit,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Glue; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b' ' | b'\t' | b'\n' | b'\r' => Class::Space,
            b',' | b';' | b'=' | b':' | b'[' | b']' | b'(' | b')' | b'{' | b'}' | b'<' | b'>' | b'"'
            | b'\'' | b'|' | b'&' | b'!' | b'?' | b'`' => Class::Mark,
            b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            _ => Class::Glue,
        };
        byte += 1;
    }
    classes
};

fn class(byte: u8) -> Class {
    CLASSES[usize::from(byte)]
}

impl Masked {
    /// Masks at most `bytes_max` bytes and `words_max` words of a line.
    pub(super) fn read(&mut self, line: &str, bytes_max: usize, words_max: usize) {
        self.text.clear();
        self.words.clear();
        let end = line.floor_char_boundary(bytes_max);
        let (considered, bytes) = (&line[..end], &line.as_bytes()[..end]);
        let mut at = 0;
        while at < bytes.len() {
            if self.words.len() == words_max {
                self.text.push('…');
                return;
            }
            match class(bytes[at]) {
                Class::Space | Class::Mark => {
                    let from = at;
                    let list = loop {
                        let list = list(&bytes[at..]);
                        at += 1;
                        if list.is_some() || at == bytes.len() || !between(bytes[at]) {
                            break list;
                        }
                    };
                    self.text.push_str(&considered[from..at]);
                    if let Some(length) = list {
                        self.value();
                        at += length;
                    }
                }
                Class::Glue | Class::Letter | Class::Digit => {
                    let length = bytes[at..].iter().position(|byte| between(*byte));
                    let to = length.map_or(bytes.len(), |length| at + length);
                    self.word(&considered[at..to]);
                    at = to;
                }
            }
        }
        let kept = self.text.trim_end_matches(['\t', '\n', '\r', ' ']).len();
        self.text.truncate(kept);
        if end < line.len() {
            self.text.push('…');
        }
    }

    /// A word: its parts one after the other, with values in a row as one.
    fn word(&mut self, word: &str) {
        let joined = self.joins();
        let from = self.text.len();
        let mut after_value = joined.is_some();
        let mut hex_goes_on = joined == Some(':');
        let mut rest = word;
        while !rest.is_empty() {
            let glue = rest.bytes().position(|byte| class(byte) != Class::Glue).unwrap_or(rest.len());
            let (glue, after) = rest.split_at(glue);
            let part = after.bytes().position(|byte| class(byte) == Class::Glue).unwrap_or(after.len());
            let (part, after) = after.split_at(part);
            let goes_on = after_value && glue.len() <= 1;
            let value = is_value(part.as_bytes())
                || (goes_on && hex_goes_on && !part.is_empty() && is_hex(part.as_bytes()));
            if !(value && goes_on) {
                self.text.push_str(glue);
                self.text.push_str(if value { VALUE } else { part });
            }
            (after_value, hex_goes_on) = (value, true);
            rest = after;
        }
        self.close(from, joined.is_some());
    }

    /// What stands between a value and the next word: `15:38:06`, `2023-01-29 15:38` and `1,5` are one value each.
    fn joins(&self) -> Option<char> {
        let last = self.text.chars().next_back().filter(|last| matches!(last, ':' | ' ' | ','))?;
        let before = self.text.len() - last.len_utf8();
        let value = self.words.last().is_some_and(|word| word.to as usize == before);
        (value && self.text[..before].ends_with(VALUE)).then_some(last)
    }

    /// Ends a word that began at `from`, unless it became part of the value before it.
    fn close(&mut self, from: usize, joined: bool) {
        let written = &self.text[from..];
        if written.is_empty() && joined {
            self.text.pop();
            return;
        }
        let hash = if written == VALUE { ANY } else { hash(written) };
        self.words.push(Word { from: from as u32, to: self.text.len() as u32, hash });
    }

    fn value(&mut self) {
        let from = self.text.len();
        self.text.push_str(VALUE);
        self.words.push(Word { from: from as u32, to: self.text.len() as u32, hash: ANY });
    }
}

fn between(byte: u8) -> bool {
    matches!(class(byte), Class::Space | Class::Mark)
}

/// Behind a `[`: the length of `a, b, c` before the `]`. A list is a value, however long it is.
fn list(bytes: &[u8]) -> Option<usize> {
    let inside = bytes.strip_prefix(b"[")?;
    let (mut commas, mut spaced) = (0, true);
    for (at, byte) in inside.iter().enumerate() {
        match byte {
            b']' => return (commas > 0).then_some(at),
            b',' => {
                commas += 1;
                spaced = true;
            }
            b' ' if spaced => {}
            b':' => spaced = false,
            _ if between(*byte) => return None,
            _ => spaced = false,
        }
    }
    None
}

/// Does a part of a word differ from line to line? It has a digit and is no name.
fn is_value(part: &[u8]) -> bool {
    let letters = part.iter().take_while(|byte| class(**byte) == Class::Letter).count();
    if letters == part.len() {
        return false;
    }
    if part.len() >= HEX_DIGITS_MIN && is_hex(part) {
        return true;
    }
    let digits = part[letters..].iter().all(u8::is_ascii_digit).then_some(part.len() - letters);
    !(letters >= NAME_LETTERS_MIN && digits.is_some_and(|digits| digits <= NAME_DIGITS_MAX))
}

fn is_hex(part: &[u8]) -> bool {
    part.iter().all(u8::is_ascii_hexdigit)
}

/// Never [`ANY`].
pub(super) fn hash(word: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(word.as_bytes());
    hasher.finish() | 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line, and what is left of it; `|` stands between words.
    fn check(line: &str, text: &str, words: &str) {
        let mut masked = Masked::default();
        masked.read(line, 200, 24);
        assert_eq!(masked.text, text, "{line}");
        let found: Vec<_> =
            masked.words.iter().map(|word| &masked.text[word.from as usize..word.to as usize]).collect();
        assert_eq!(found.join("|"), words, "{line}");
    }

    #[test]
    fn values_are_taken_out() {
        check("", "", "");
        check("user logged in", "user logged in", "user|logged|in");
        check("order 17 took 1.5ms\n", "order <*> took <*>", "order|<*>|took|<*>");
        check("at 2023-01-29 15:38:06,315 +09:00", "at <*>", "at|<*>");
        check("2023-01-29T08:59:14.315323886Z x", "<*> x", "<*>|x");
        check("id=f3d4d4ef-abcd-4456-8eed-59c0d717dd08,", "id=<*>,", "id|<*>");
        check("10.0.0.1:8080 -> [::1]:443", "<*> -> [::<*>]:<*>", "<*>|-|<*>|<*>");
        check(
            "t.s.TravelServiceImpl#532 utf8",
            "t.s.TravelServiceImpl#<*> utf8",
            "t.s.TravelServiceImpl#<*>|utf8",
        );
        check("ts-travel2-service-64469b5b48-25zj6", "ts-travel2-service-<*>", "ts-travel2-service-<*>");
        check(
            "/api/users/42/orders?page=3",
            "/api/users/<*>/orders?page=<*>",
            "/api/users/<*>/orders|page|<*>",
        );
        check("[getX][By Id][a: D1345]", "[getX][By Id][a: <*>]", "getX|By|Id|a|<*>");
        check("stations=[shanghai, suzhou], n=[0, 50]", "stations=[<*>], n=[<*>]", "stations|<*>|n|<*>");
        check("order_17 deadbeef01 0x1F", "order_<*>", "order_<*>");
        check("결제 실패: 402원", "결제 실패: <*>", "결제|실패|<*>");
    }

    #[test]
    fn a_long_line_is_cut() {
        let mut masked = Masked::default();
        masked.read("one two three", 200, 2);
        assert_eq!(masked.text, "one two…");
        masked.read("하나 둘", 7, 24);
        assert_eq!(masked.text, "하나…");
    }
}
