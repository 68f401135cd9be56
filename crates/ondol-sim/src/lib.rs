//! Proof: the exhaustive explorer and the seeded simulator.
//!
//! It is never shipped. Nothing here decides anything about a saga; it only watches the real core decide.

pub mod explore;
#[cfg(feature = "simulate")]
pub mod simulate;
