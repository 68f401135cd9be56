//! A journal record from anywhere: an error, or a batch whose form settles when it is written.

use ondol_core::{Event, Fact};
use ondol_store::journal::{Pinned, canonical, decode, encode, peek};

/// What [`decode`] promises to allocate at most for each byte of a record.
const BYTES_A_BYTE_MAX: usize = 32;

/// Any bytes.
pub(crate) fn check(data: &[u8]) {
    let _ = peek(data);
    let Ok(events) = decode(data) else { return };
    assert!(events.capacity() * size_of::<Event>() <= BYTES_A_BYTE_MAX * data.len(), "memory is bounded");
    let first = canonical(data).expect("what was decoded can be encoded");
    settled(&first, &events);
}

/// `bytes` are the canonical form of `events`.
pub(crate) fn settled(bytes: &[u8], events: &[Event]) {
    assert_eq!(encode(events), bytes, "encoding is deterministic");
    assert_eq!(canonical(bytes).as_deref(), Ok(bytes), "canonical(canonical(x)) == canonical(x)");
    assert_eq!(decode(bytes).as_deref(), Ok(events), "nothing is lost");
    let pinned = match events.first().map(|event| &event.fact) {
        Some(Fact::Submitted(submission)) => {
            Some(Pinned { definition: submission.definition.clone(), version: submission.version })
        }
        _ => None,
    };
    assert_eq!(peek(bytes), Ok(pinned), "a glance sees what a reader sees");
}
