//! The running example: booking a flight, over five services that each own their data.
//!
//! Every service is a process with one SQLite file. Together they are what `ondol.yaml` beside this crate
//! describes; the demo, the tutorial and the torture test run them. What they share:
//!
//! * every change that a saga makes goes through the SDK's barrier ([`app`]), unless `--barrier off`;
//! * every service can be told to misbehave ([`faults`]), on demand or by seeded chance;
//! * [`audit`] proves by SQL over the five files that nothing is inconsistent.
//!
//! It is an example, not a product: it has no users but the demo's, and its admin endpoints are open.

pub mod app;
pub mod args;
pub mod audit;
pub mod auth;
mod clock;
pub mod faults;
pub mod flight;
pub mod inbox;
pub mod payment;
pub mod reservation;
pub mod server;
pub mod telemetry;
