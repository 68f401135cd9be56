//! Some of a service's calls, and what is different for them.

use super::{CallSettings, Pattern};

/// What is different for the calls that match.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Which calls.
    pub pattern: Pattern,
    /// May they be repeated although their method says otherwise?
    pub idempotent: bool,
    /// What the file says for them; join it with [`CallSettings::over`].
    pub settings: CallSettings,
}

impl Operation {
    /// Does a call belong to it? See [`Pattern::matches`].
    #[must_use]
    pub fn matches(&self, method: &str, path: &str) -> bool {
        self.pattern.matches(method, path)
    }
}
