//! Proof: the exhaustive explorer and the seeded simulator.
