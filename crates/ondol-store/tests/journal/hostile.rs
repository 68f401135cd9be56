//! Bytes from anywhere: an error or a batch, never a panic.

use ondol_core::Event;
use ondol_store::journal::{canonical, decode, encode, peek};
use proptest::prelude::*;

use crate::samples;
use crate::strategies::batch;

/// Whatever these bytes are, nothing panics; and if they are a batch, writing it settles its form.
fn check(bytes: &[u8]) {
    let _ = peek(bytes);
    if let Ok(first) = canonical(bytes) {
        assert_eq!(canonical(&first), Ok(first.clone()));
        assert_eq!(decode(&first), decode(bytes));
    }
}

proptest! {
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check(&bytes);
    }

    /// Behind a right version and head, so that more of the decoder is reached.
    #[test]
    fn any_events(count in 0_u8..5, events in prop::collection::vec(any::<u8>(), 0..400)) {
        check(&[&[1, 2, 16, count][..], &events].concat());
    }

    #[test]
    fn damaged_batches(events in batch(), flips in prop::collection::vec(any::<(prop::sample::Index, u8)>(), 1..4)) {
        let mut bytes = encode(&events);
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        check(&bytes);
    }
}

#[test]
fn every_truncation_is_an_error() {
    for (name, events) in samples::all() {
        let bytes = encode(&events);
        for length in 0..bytes.len() {
            check(&bytes[..length]);
            assert!(decode(&bytes[..length]).is_err(), "{name} cut to {length} bytes");
        }
    }
}

#[test]
fn a_promise_reserves_no_memory() {
    // Head: 4,294,967,295 events; then none.
    check(&[1, 6, 16, 0xff, 0xff, 0xff, 0xff, 0x0f]);
    // An event that claims to be 2^63 bytes long.
    check(&[1, 2, 16, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);
}

/// The worst that a record can ask for is one fact of no content after another.
#[test]
fn memory_is_bounded_by_the_record() {
    let compensated = [2, 10 << 3 | 2, 0];
    let bytes = [&[1, 2, 16, 100][..], &compensated.repeat(100)].concat();
    let events = decode(&bytes).unwrap();
    assert!(events.capacity() * size_of::<Event>() <= 32 * bytes.len());
}
