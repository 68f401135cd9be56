//! The API over real HTTP on loopback, with a service in this process.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test that calls them")]

mod audit;
mod batches;
mod calls;
mod events;
mod files;
mod guard;
mod lists;
mod log_pages;
mod notices;
mod operation;
mod otlp;
mod proxied;
mod submit;
mod support;
mod system;
mod telemetry;
mod verbs;
mod why;
