//! The fast path for lists agrees with the decoder.

use ondol_core::Fact;
use ondol_store::journal::{Pinned, decode, encode, peek};
use proptest::prelude::*;

use crate::strategies::batch;

proptest! {
    #[test]
    fn peek_sees_what_decode_sees(events in batch()) {
        let bytes = encode(&events);
        let pinned = match decode(&bytes).unwrap().first().map(|event| &event.fact) {
            Some(Fact::Submitted(submission)) => Some(Pinned {
                definition: submission.definition.clone(),
                version: submission.version,
            }),
            _ => None,
        };
        prop_assert_eq!(peek(&bytes), Ok(pinned));
    }
}
