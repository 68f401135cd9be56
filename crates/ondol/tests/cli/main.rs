//! The binary from outside, as a shell sees it: what it prints, and what it exits with.

mod calls;
mod exec;
mod lint;
mod repeat;
mod sagas;
mod support;
mod telemetry;
#[cfg(feature = "torture")]
mod torture;
mod usage;
mod world;
