//! There and back.

use ondol_store::journal::{canonical, decode, encode};
use proptest::prelude::*;

use crate::samples;
use crate::strategies::batch;

proptest! {
    #[test]
    fn every_batch_survives(events in batch()) {
        let bytes = encode(&events);
        prop_assert_eq!(&decode(&bytes)?, &events);
        prop_assert_eq!(canonical(&bytes), Ok(bytes));
    }
}

#[test]
fn an_empty_batch_survives() {
    assert_eq!(decode(&encode(&[])), Ok(Vec::new()));
}

/// A saga of three steps with an input of 100 bytes and outputs of 20 is what DESIGN §8 plans storage with.
#[test]
fn a_saga_is_small() {
    let sizes: Vec<usize> = samples::three_steps().iter().map(|batch| encode(batch).len()).collect();
    assert_eq!(sizes, [196, 73, 73, 51], "bytes of each record");
}
