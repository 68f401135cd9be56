//! The journal codec: every event survives, every released format stays readable, no bytes do harm.

mod errors;
mod fixtures;
mod hostile;
mod peek;
mod samples;
mod strategies;
mod trip;
