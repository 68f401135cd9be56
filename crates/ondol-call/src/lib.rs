//! The resilient caller: connections, timeouts and what an answer means.
//!
//! A [`Caller`] owns every connection. [`Caller::callee`] gives a cheap [`Callee`] handle for one [`Target`], and
//! [`Callee::send`] sends one [`Request`] **at most once**: only tries that certainly never left this machine move on
//! to another endpoint. What physically happened comes back as [`Sent`]; [`outcome::classify`] is the pure table
//! that says what it means for one half of a step.
//!
//! It is not a retrier (whether a *step* is tried again is the saga core's judgement), not a journal, and it knows no
//! saga. [`Callee::call`] makes a call with every policy of its target, in the order that [`policy`] and `call` give.

mod answer;
mod attempt;
mod body;
mod call;
mod callee;
mod caller;
mod clock;
mod collect;
mod connect;
mod desk;
mod dns;
mod exchange;
mod fallback;
mod fault;
mod health;
mod http1;
mod http2;
mod json;
mod metrics;
pub mod outcome;
pub mod policy;
mod pool;
mod pools;
mod reason;
mod request;
mod retry_after;
mod shelf;
mod socket;
mod story;
mod target;
mod tls;
mod upgrade;

pub use answer::{Answer, NotSent, NotSentReason, Sent, Try, Unclear, UnclearReason};
pub use body::{AnswerBody, AnswerBodyError, Body, BoxError, REPLAY_MAX};
pub use call::{CallError, Called, FallbackKind, Judged};
pub use callee::{Callee, Once};
pub use caller::{Caller, Options};
pub use desk::{EndpointNow, Lane, TargetNow, Told};
pub use fault::{FaultKind, FaultRule};
pub use json::endless_number;
pub use metrics::{DURATION_BUCKETS_MS, Snapshot};
pub use outcome::{Rules, Verdict, classify};
pub use request::Request;
pub use story::{Decision, How, Story};
pub use target::{
    Apart, Endpoint, EndpointError, Health, Operation, OperationOf, PoolLimits, Protocol, Target, Timeouts,
};
pub use tls::TlsError;
