//! The policy of calls as `tower` layers, for a service that calls others from Rust and has no proxy beside it: around
//! any HTTP client that is a `tower::Service<http::Request<B>>`, such as hyper-util's, reqwest or tonic's `Channel`.
//!
//! * [`CallLayer`] puts every policy around one client; [`Balanced`] does so around several, one for each endpoint.
//! * [`Settings`] say how, [`Options`] what else there is to know; both have defaults for everything.
//! * [`Story`] says why a call went as it did, and [`CallError`] why it came to nothing and what to change.
//! * [`Origin`] makes an endpoint of a client; [`carry`] hands a request's trace and deadline on to what it calls.
//!
//! The order is fixed: deadline → fallback → rate → retry with budget and back-off → for each attempt: throttle →
//! endpoint, with its breaker → response timeout. The decisions are `ondol-call`'s, which the proxy and the engine
//! have as well. `docs/calls.md` has the settings and the table of what is repeated.
//!
//! **What may be repeated.** An idempotent method; a request with an `idempotency-key`, where
//! [`Options::key_honoured`] says that the callee honours it; and a request that says so itself: with
//! [`Repeat::Safe`] in its extensions. For a retry its body is copied: by `Clone`, or by [`Options::copy`].
//!
//! **What headers say.** `ondol-deadline-ms`, `grpc-timeout` and `x-envoy-expected-rq-timeout-ms` bound the call, and
//! are sent on with what is left. `ondol-half: compensation` has places of its own. `ondol-attempt` says that somebody
//! above retries, too, and leaves one more attempt at most.
//!
//! **The client** must send a request once: without retries of its own, and without following redirects, after which
//! a refused connection no longer means that nothing was sent.
//!
//! It is not a pool or a client, and it never looks into a body: how fast one comes is the user's to bound. Of the
//! settings `hedge`, `cache`, `body_idle` and a `cached` fallback have no effect here; the proxy has those. A retry on
//! a fresh connection is one on whichever the client takes.

mod attempt;
mod attempts;
mod balanced;
mod body;
pub mod carry;
mod clock;
mod desk;
mod error;
mod failed;
mod fallback;
mod kind;
mod layer;
mod limit;
mod options;
mod origin;
mod story;

pub use balanced::Balanced;
pub use body::CallBody;
pub use clock::Clock;
pub use error::{About, CallError};
pub use failed::Failed;
pub use layer::CallLayer;
pub use limit::Limit;
pub use options::Options;
pub use origin::{NotAnOrigin, Origin};
pub use story::{Decision, NoMore, Story};

pub use ondol_call::policy::balance::Why;
pub use ondol_call::policy::moment::Moment;
pub use ondol_call::policy::rate::TooEarly;
pub use ondol_call::policy::retry::{Repeat, Stop};
pub use ondol_call::policy::settings::{self, Settings};
pub use ondol_call::{FallbackKind, How};
