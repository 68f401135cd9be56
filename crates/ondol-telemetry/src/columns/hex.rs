//! Ids as hexadecimal digits in columns.

use arrow_array::StringArray;
use arrow_array::builder::StringBuilder;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// A column of ids; zero becomes an empty text.
pub(super) fn column<const BYTES: usize>(ids: impl ExactSizeIterator<Item = [u8; BYTES]>) -> StringArray {
    let mut column = StringBuilder::with_capacity(ids.len(), ids.len() * 2 * BYTES);
    let mut text = [0_u8; 64];
    for id in ids {
        if id == [0; BYTES] {
            column.append_value("");
            continue;
        }
        column.append_value(digits(id, &mut text));
    }
    column.finish()
}

/// An id's digits, for an index.
pub(super) fn digits<const BYTES: usize>(id: [u8; BYTES], text: &mut [u8; 64]) -> &str {
    for (pair, byte) in text.chunks_exact_mut(2).zip(id) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    std::str::from_utf8(&text[..2 * BYTES]).expect("digits are ASCII")
}

/// The id in a column; zero for an empty text and for what is no id.
pub(super) fn id<const BYTES: usize>(text: &str) -> [u8; BYTES] {
    let mut id = [0; BYTES];
    if text.len() != 2 * BYTES {
        return id;
    }
    for (byte, pair) in id.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let (Some(high), Some(low)) = (digit(pair[0]), digit(pair[1])) else { return [0; BYTES] };
        *byte = high << 4 | low;
    }
    id
}

const fn digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back() {
        let ids = [[0, 0], [0x0f, 0xa0], [255, 1]];
        let texts = column(ids.iter().copied());
        assert_eq!(texts.iter().flatten().collect::<Vec<_>>(), ["", "0fa0", "ff01"]);
        assert_eq!(texts.iter().flatten().map(id::<2>).collect::<Vec<_>>(), ids);
        assert_eq!(id::<2>("xy01"), [0, 0]);
    }
}
