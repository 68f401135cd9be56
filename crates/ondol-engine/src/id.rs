//! Names of sagas, and of the streams that keep them.

use std::fmt;
use std::sync::Arc;

use ondol_store::log::StreamId;

/// Bytes in a saga id: long enough for an order number with a prefix, short enough for a header and a log line.
pub const SAGA_ID_BYTES_MAX: usize = 128;

/// Prefix of the streams that hold sagas.
pub const SAGA_STREAMS: &str = "s/";
/// Prefix of the streams that hold definitions.
pub const DEFINITION_STREAMS: &str = "d/";

/// Name of one saga: `[A-Za-z0-9._-]{1,128}`, and not `.` or `..`, which no address can carry. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SagaId(Arc<str>);

/// A run as text: 26 characters of Crockford's base 32, as ULIDs are written.
#[must_use]
pub fn run_text(run: u128) -> String {
    ulid::Ulid(run).to_string()
}

/// The text is not a saga id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a saga id is 1 to {SAGA_ID_BYTES_MAX} characters of A-Z a-z 0-9 . _ - and neither `.` nor `..`; choose another or leave it out"
)]
pub struct BadSagaId;

impl SagaId {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`BadSagaId`] where it has another form.
    pub fn new(text: &str) -> Result<Self, BadSagaId> {
        // Every client takes these two out of an address before it sends it.
        if !well_formed(text) || matches!(text, "." | "..") {
            return Err(BadSagaId);
        }
        Ok(Self(text.into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The stream that holds this saga's journal.
    #[must_use]
    pub fn stream(&self) -> StreamId {
        StreamId::new(format!("{SAGA_STREAMS}{}", self.0)).expect("a saga id fits a stream id")
    }

    /// The saga whose journal a stream holds; `None` for streams of other things.
    #[must_use]
    pub fn of_stream(stream: &StreamId) -> Option<Self> {
        let text = std::str::from_utf8(stream.as_bytes()).ok()?.strip_prefix(SAGA_STREAMS)?;
        // A saga that is there goes on, whatever its name.
        well_formed(text).then(|| Self(text.into()))
    }
}

fn well_formed(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    !text.is_empty() && text.len() <= SAGA_ID_BYTES_MAX && text.bytes().all(allowed)
}

impl fmt::Debug for SagaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SagaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_fits_an_address() {
        let longest = "x".repeat(SAGA_ID_BYTES_MAX);
        let long = "x".repeat(SAGA_ID_BYTES_MAX + 1);
        #[rustfmt::skip]
        let table = [
            ("order-4711", true), ("a.b_c-D", true), ("...", true), (&*longest, true),
            ("", false), (".", false), ("..", false), ("a/b", false), ("a b", false), ("ä", false), (&*long, false),
        ];
        for (text, good) in table {
            assert_eq!(SagaId::new(text).is_ok(), good, "{text:?}");
        }
        let stream = StreamId::new("s/..").expect("a stream");
        assert!(SagaId::of_stream(&stream).is_some(), "what was accepted before is not forgotten");
    }
}
