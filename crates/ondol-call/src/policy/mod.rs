//! The policy of calls: pure functions of time, chance and events.
//!
//! Nothing here reads a clock, rolls its own dice, waits, locks or sends. Who calls these functions brings the
//! [`Moment`](moment::Moment) and the [`Dice`](dice::Dice), wraps what has state in a lock of its own, and does what
//! is answered. Every decision comes with its reason.
//!
//! It is not the order of the layers: the caller has that.

pub mod backoff;
pub mod balance;
pub mod breaker;
pub mod budget;
pub mod cache;
pub mod deadline;
pub mod dice;
pub mod fallback;
pub mod hedge;
pub mod moment;
pub mod rate;
pub mod retry;
pub mod settings;
pub mod throttle;
mod window;
