//! The idempotency key of a half, and the digest of the request that came with it.
//!
//! A key names one half of one step of one run; every attempt of that half carries the same key. The digest
//! tells a repeat (same request) from a mistake (same key, other request).

use sha2::{Digest as _, Sha256};
use std::fmt;

/// One side of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Half {
    /// The business effect.
    Action,
    /// What undoes it.
    Compensation,
}

impl Half {
    /// The word used in headers, keys and the barrier's table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Compensation => "compensation",
        }
    }

    /// Reads the word back; `None` for any other word.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "action" => Some(Self::Action),
            "compensation" => Some(Self::Compensation),
            _ => None,
        }
    }
}

impl fmt::Display for Half {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Longest accepted key in bytes: a server-minted run id, a step name of at most 48 bytes and a half take under
/// 100; four times that leaves room and still fits every database's index.
pub const KEY_BYTES_MAX: usize = 400;

/// (run, step, half): the same for every attempt of that half.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// The run id that the server minted; not the saga's id, which a caller chose.
    pub run: String,
    /// The step's name.
    pub step: String,
    /// Which half of the step.
    pub half: Half,
}

impl Key {
    /// Reads `run/step/half`; `None` if it has another form or is longer than [`KEY_BYTES_MAX`].
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > KEY_BYTES_MAX {
            return None;
        }
        let (rest, half) = text.rsplit_once('/')?;
        let (run, step) = rest.rsplit_once('/')?;
        let half = Half::parse(half)?;
        (!run.is_empty() && !step.is_empty()).then(|| Self {
            run: run.to_owned(),
            step: step.to_owned(),
            half,
        })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}/{}", self.run, self.step, self.half)
    }
}

/// SHA-256 of a request: method, target (path and query) and body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Digests a request. Every part is preceded by its length, so that no two requests share their bytes.
    pub fn of(method: &str, target: &str, body: &[u8]) -> Self {
        let mut hash = Sha256::new();
        for part in [method.as_bytes(), target.as_bytes(), body] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// The 32 bytes as the barrier stores them.
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_from_the_right() {
        let cases = [
            ("r1/pay/action", Some(("r1", "pay", Half::Action))),
            ("r1/pay/compensation", Some(("r1", "pay", Half::Compensation))),
            ("a/b/pay/action", Some(("a/b", "pay", Half::Action))),
            ("r1/pay/undo", None),
            ("r1/action", None),
            ("/pay/action", None),
            ("r1//action", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let key = Key::parse(text);
            let parts = key.as_ref().map(|key| (key.run.as_str(), key.step.as_str(), key.half));
            assert_eq!(parts, expected, "{text:?}");
            if let Some(key) = key {
                assert_eq!(key.to_string(), text);
            }
        }
        assert_eq!(Key::parse(&format!("{}/pay/action", "r".repeat(KEY_BYTES_MAX))), None);
    }

    #[test]
    fn a_digest_separates_its_parts() {
        let digest = Digest::of("PUT", "/a", b"bc");
        assert_eq!(digest, Digest::of("PUT", "/a", b"bc"));
        for other in
            [Digest::of("PUT", "/ab", b"c"), Digest::of("POST", "/a", b"bc"), Digest::of("PUT", "/a", b"b")]
        {
            assert_ne!(digest, other);
        }
    }
}
