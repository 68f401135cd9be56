//! The `ondol` binary.
fn main() {}
