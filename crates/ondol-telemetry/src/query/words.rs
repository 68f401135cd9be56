//! What a word is: to the index, to the executor and to the language of queries alike.

/// The words of a text: the longest runs of ASCII letters, digits, `_` and anything beyond ASCII.
///
/// `order-7 timed_out` has the words `order`, `7` and `timed_out`. Case is kept; who compares, folds it.
pub fn words(text: &str) -> Words<'_> {
    Words { rest: text }
}

/// See [`words`].
#[derive(Clone, Debug)]
pub struct Words<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let bytes = self.rest.as_bytes();
        let from = bytes.iter().position(|byte| PART[usize::from(*byte)])?;
        let length =
            bytes[from..].iter().position(|byte| !PART[usize::from(*byte)]).unwrap_or(bytes.len() - from);
        let (word, rest) = self.rest[from..].split_at(length);
        self.rest = rest;
        Some(word)
    }
}

/// [`part`] of every byte: looking it up is twice as fast as asking.
static PART: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = part(byte as u8);
        byte += 1;
    }
    table
};

/// Is this byte part of a word? Bytes of a character beyond ASCII all are, so that a word never ends inside one.
pub(crate) const fn part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        let cases: [(&str, &[&str]); 6] = [
            ("", &[]),
            (" - ", &[]),
            ("order-7 timed_out", &["order", "7", "timed_out"]),
            ("결제가 실패: 402", &["결제가", "실패", "402"]),
            ("a=b&c", &["a", "b", "c"]),
            ("[x]", &["x"]),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text).collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
