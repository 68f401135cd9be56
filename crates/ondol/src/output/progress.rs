//! A sign of life on standard error for whatever takes longer than a second. Never on standard output.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::{Duration, Instant};

/// What is over sooner needs no sign of life.
const QUIET: Duration = Duration::from_secs(1);

/// A line that says what is being waited for: redrawn on a terminal, elsewhere printed when it changes.
pub(crate) struct Progress {
    begun: Instant,
    terminal: bool,
    shown: String,
}

impl Progress {
    /// Nothing is shown yet.
    pub(crate) fn new() -> Self {
        Self { begun: crate::clock::now(), terminal: stderr().is_terminal(), shown: String::new() }
    }

    /// Shows this from the second on.
    pub(crate) fn show(&mut self, text: &str) {
        if self.begun.elapsed() < QUIET || text == self.shown {
            return;
        }
        text.clone_into(&mut self.shown);
        if self.terminal {
            // Back to the first column and clear to the end of the line (ECMA-48 EL).
            let _ = write!(stderr(), "\r\u{1b}[K{text}").and_then(|()| stderr().flush());
        } else {
            super::note(text);
        }
    }

    /// Takes the line away, so that the answer stands alone.
    pub(crate) fn clear(&mut self) {
        if self.terminal && !self.shown.is_empty() {
            let _ = write!(stderr(), "\r\u{1b}[K").and_then(|()| stderr().flush());
        }
        self.shown.clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
