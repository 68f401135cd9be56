//! Measurements: what the binaries of this crate share. It is run by `cargo xtask bench` and never shipped.
//!
//! It judges nothing: it loads, counts and prints one JSON line; the comparison is made by who ran it.

pub mod api;
mod load;
pub mod nezha;
pub mod otlp;
mod pace;
pub mod proof;
mod report;
mod requests;
mod spent;
mod wire;

pub use load::{Load, closed_loop};
pub use report::{Report, cpu_seconds};
pub use requests::{Measured, Requests};
pub use spent::Spent;
pub use wire::{MESSAGE_BYTES_MAX, Message, Wire};
