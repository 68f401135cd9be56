//! Digests that tell a repeat from another request.

use sha2::{Digest as _, Sha256};

/// The first half of a SHA-256 over parts, each behind its length, so that no two lists of parts are the same bytes.
pub(crate) fn of(parts: &[&[u8]]) -> u128 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let hash: [u8; 32] = hash.finalize().into();
    let (first, _) = hash.split_at(16);
    first.iter().fold(0, |number, byte| (number << 8) | u128::from(*byte))
}

/// Valid JSON without the white space between its parts. Order and numbers stay as they are: they may matter to a service.
pub(crate) fn compacted(json: &str) -> String {
    let (mut in_text, mut escaped) = (false, false);
    let kept = |c: &char| {
        let kept = in_text || !c.is_ascii_whitespace();
        match c {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            _ => {}
        }
        kept
    };
    json.chars().filter(kept).collect()
}

/// Whether two texts are the same, in a time that does not depend on where they differ: their digests are compared.
pub(crate) fn same_secret(one: &str, other: &str) -> bool {
    let hash = |text: &str| -> [u8; 32] { Sha256::digest(text.as_bytes()).into() };
    let differing = hash(one).iter().zip(hash(other)).fold(0, |bits, (a, b)| bits | (a ^ b));
    differing == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_between_parts_says_nothing() {
        #[rustfmt::skip]
        let table = [
            (" { \"a b\" :\n[ 1.10 ,\t2 ] }\r\n", r#"{"a b":[1.10,2]}"#),
            (r#""\" \\" "#,                      r#""\" \\""#),
            ("null",                             "null"),
        ];
        for (json, expected) in table {
            assert_eq!(compacted(json), expected);
        }
    }

    #[test]
    fn parts_are_told_apart_and_secrets_compared() {
        assert_eq!(of(&[b"ab", b"c"]), of(&[b"ab", b"c"]));
        assert_ne!(of(&[b"ab", b"c"]), of(&[b"a", b"bc"]));
        for (one, other, same) in [("", "", true), ("a", "a", true), ("a", "b", false), ("a", "aa", false)] {
            assert_eq!(same_secret(one, other), same, "{one:?} {other:?}");
        }
    }
}
