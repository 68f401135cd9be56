//! The binary from outside, as a shell sees it: what it prints, and what it exits with.

mod lint;
mod sagas;
mod support;
mod usage;
mod world;
