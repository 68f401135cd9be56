//! What a file sets about calls: within its bounds, in order, and safe.

mod alternates;
mod fallback;
mod faults;
mod operation;
mod settings;
mod target;
mod within;

pub(crate) use alternates::check as alternates;
pub(crate) use faults::rules as fault_rules;
pub(crate) use operation::compile as operations;
pub(crate) use settings::compile as settings;
pub(crate) use target::{balance, breaker, health, pool};
