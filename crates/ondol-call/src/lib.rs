//! The resilient caller: connections, timeouts and what an answer means.
//!
//! A [`Caller`] owns every connection. [`Caller::callee`] gives a cheap [`Callee`] handle for one [`Target`], and
//! [`Callee::send`] sends one [`Request`] **at most once**: only tries that certainly never left this machine move on
//! to another endpoint. What physically happened comes back as [`Sent`]; [`outcome::classify`] is the pure table
//! that says what it means for one half of a step.
//!
//! It is not a retrier (whether a *step* is tried again is the saga core's judgement), not a journal, and it knows no
//! saga. Hedging, breakers, throttles, caches and fallbacks are not here yet; `callee` says where each belongs.

mod answer;
mod callee;
mod caller;
mod clock;
mod connect;
mod dns;
mod exchange;
mod http1;
mod http2;
mod json;
mod metrics;
pub mod outcome;
pub mod policy;
mod pool;
mod reason;
mod request;
mod retry_after;
mod socket;
mod target;
mod tls;

pub use answer::{Answer, NotSent, NotSentReason, Sent, Try, Unclear, UnclearReason};
pub use callee::Callee;
pub use caller::{Caller, Options};
pub use json::endless_number;
pub use metrics::Snapshot;
pub use outcome::{Rules, Verdict, classify};
pub use request::Request;
pub use target::{Endpoint, EndpointError, PoolLimits, Protocol, Target, Timeouts};
pub use tls::TlsError;
