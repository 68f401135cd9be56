//! The journal's codec: one batch of core events to the bytes of one record, and back.
//!
//! A batch is what one input caused; it is appended as one record. The bytes are a version and then
//! protobuf, described in `proto/journal.proto` together with the rules by which that file may change.
//!
//! It is pure translation. It does not know which event may follow which ([`ondol_core::Saga::apply`]
//! does), does not read or write a log, and repairs nothing: bytes it cannot translate completely are
//! a [`DecodeError`] that names the place.

mod error;
mod frame;
mod from_wire;
mod peek;
mod to_wire;
mod wire;

use ondol_core::Event;

pub use error::{DecodeError, Fault, Part};
pub use peek::{Pinned, peek};

/// The format version that [`encode`] writes, and the newest that [`decode`] reads.
pub const FORMAT_VERSION: u8 = 1;

/// The bytes of one batch. The same events give the same bytes, at any time and on any machine.
pub fn encode(events: &[Event]) -> Vec<u8> {
    frame::write(events)
}

/// The batch in `bytes`.
///
/// Memory is bounded by the record: at most 32 bytes are allocated for each byte of it, whatever it
/// claims to hold.
///
/// # Errors
/// [`DecodeError`] where the bytes are not completely a batch of a known version. Never panics.
pub fn decode(bytes: &[u8]) -> Result<Vec<Event>, DecodeError> {
    frame::read(bytes)
}

/// The same batch as this version writes it: a record of any version, or one with fields in another
/// order, becomes canonical. Fuzzing holds on to `canonical(canonical(x)) == canonical(x)`.
///
/// # Errors
/// As [`decode`].
pub fn canonical(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    decode(bytes).map(|events| encode(&events))
}
