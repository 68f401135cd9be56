//! The seeded simulator: the real engine, in virtual time, over a log, a network and clocks that fail.
//!
//! It links `ondol-engine` unchanged and replaces exactly its three seams: [`Log`](ondol_store::log::Log) (the memory log
//! with its faults), [`Caller`](ondol_engine::Caller) ([`network`]: services with true effects behind it) and
//! [`Clock`](ondol_engine::Clock) ([`clock`]). One seed is one run, the same every time; nothing here reads a real clock.

mod client;
mod clock;
mod fate;
mod held;
mod log;
mod network;
mod probes;
mod run;
mod system;
mod truth;
mod verdict;

pub use run::{Outcome, Setup, run};
