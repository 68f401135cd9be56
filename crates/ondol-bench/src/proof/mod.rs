//! What was sent, looked at through the API, beside what the rows say.
//!
//! It knows the API's answers as any client does: by their JSON. It shares no code with the store.

mod answer;
mod logs;
mod map;
mod queries;
mod stories;
mod traces;

use serde::Serialize;

pub use logs::logs;
pub use map::{ledger, map};
pub use queries::{Asked, Measure, queries};
pub use stories::stories;
pub use traces::traces;

/// One line of the proof.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// Does it hold?
    pub held: bool,
    /// What, for people.
    pub line: String,
}

impl Check {
    pub(crate) fn new(held: bool, line: impl Into<String>) -> Self {
        Self { held, line: line.into() }
    }

    /// Two that must be the same.
    pub(crate) fn same(what: &str, found: u64, expected: u64) -> Self {
        let held = found == expected;
        let line =
            if held { format!("{what}: {found}") } else { format!("{what}: {found}, expected {expected}") };
        Self { held, line }
    }
}
