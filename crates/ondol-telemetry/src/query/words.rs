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

/// Calls `each` with where every word begins and ends, as [`words`] finds them, but for texts of which all words are wanted:
/// 64 bytes are asked at once, and then only where words begin and end is looked at.
#[inline]
pub(crate) fn each_word(text: &[u8], mut each: impl FnMut(usize, usize)) {
    // Where the word that is not yet at its end began; one if there is such a word.
    let (mut begun, mut inside) = (0, 0);
    let mut words = |at: usize, parts: u64| {
        let before = parts << 1 | inside;
        let (mut begins, mut ends) = (parts & !before, before & !parts);
        if inside == 1 && ends != 0 {
            each(begun, at + ends.trailing_zeros() as usize);
            ends &= ends - 1;
        }
        while ends != 0 {
            each(at + begins.trailing_zeros() as usize, at + ends.trailing_zeros() as usize);
            begins &= begins - 1;
            ends &= ends - 1;
        }
        if begins != 0 {
            begun = at + begins.trailing_zeros() as usize;
        }
        inside = parts >> 63;
    };
    let (chunks, rest) = text.as_chunks::<64>();
    for (at, chunk) in chunks.iter().enumerate() {
        words(at * 64, parts(chunk));
    }
    // What follows the end is part of no word, and ends the last one.
    let mut last = [b' '; 64];
    last[..rest.len()].copy_from_slice(rest);
    words(text.len() - rest.len(), parts(&last));
}

/// [`part`] of 64 bytes: a bit each, the first the lowest.
fn parts(bytes: &[u8; 64]) -> u64 {
    let mut are = [0_u8; 64];
    for (is, byte) in are.iter_mut().zip(bytes) {
        let (letter, digit) = ((byte | 0x20).wrapping_sub(b'a') < 26, byte.wrapping_sub(b'0') < 10);
        *is = u8::from(letter) | u8::from(digit) | u8::from(*byte == b'_') | u8::from(*byte >= 0x80);
    }
    let (eights, _) = are.as_chunks::<8>();
    eights.iter().enumerate().fold(0, |sum, (at, eight)| {
        // Each byte's bit meets its place in the highest byte of the product, and no two bits the same place.
        let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        sum | bits << (8 * at)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn all_words_at_once_are_the_words_one_by_one(text in "[a-z0-9_가 .é-]{0,200}") {
            let mut at_once = Vec::new();
            each_word(text.as_bytes(), |from, to| at_once.push(&text[from..to]));
            prop_assert_eq!(at_once, words(&text).collect::<Vec<_>>());
        }

        #[test]
        fn every_byte_is_asked_alike(bytes in prop::array::uniform32(any::<u8>())) {
            let mut all = [0; 64];
            all[32..].copy_from_slice(&bytes);
            let expected = all.iter().rev().fold(0, |sum, byte| sum << 1 | u64::from(part(*byte)));
            prop_assert_eq!(parts(&all), expected);
        }
    }
}
