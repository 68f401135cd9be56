//! What the file says about calls, compiled: plain values in milliseconds, counts and shares.
//!
//! `None` and [`Switch::Unsaid`] are what the file does not say. The defaults are the caller's; they are **not** here.
//! All of it is live: a change holds for the next call.

mod fault;
mod join;
mod operation;
mod pattern;
mod settings;
mod switch;
mod target;

pub use fault::{FaultEffect, FaultRule};
pub use operation::Operation;
pub use pattern::Pattern;
pub use settings::{
    BudgetSettings, CacheSettings, CallSettings, CallTimeouts, Fallback, HedgeSettings, RateSettings,
    RetrySettings, ThrottleSettings,
};
pub use switch::Switch;
pub use target::{BalanceSettings, BreakerSettings, HealthSettings, PoolSettings};
