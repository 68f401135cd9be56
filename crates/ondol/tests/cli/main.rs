//! The binary from outside, as a shell sees it: what it prints, and what it exits with.

mod lint;
mod support;
mod usage;
