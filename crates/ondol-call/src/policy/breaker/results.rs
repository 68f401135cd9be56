//! How requests to one endpoint ended lately.

use super::super::moment::Moment;
use super::super::window::Window;

/// What is older, in seconds, says nothing of the present. As Linkerd has it.
pub(super) const SECONDS: usize = 10;

#[derive(Clone, Debug)]
pub(super) struct Results {
    ok: Window<SECONDS>,
    of: Window<SECONDS>,
}

impl Default for Results {
    fn default() -> Self {
        Self { ok: Window::new(), of: Window::new() }
    }
}

impl Results {
    pub(super) fn add(&mut self, now: Moment, ok: bool) {
        self.ok.add(now, u64::from(ok));
        self.of.add(now, 1);
    }

    /// Successes, and of how many.
    pub(super) fn share(&self, now: Moment) -> (u64, u64) {
        (self.ok.sum(now), self.of.sum(now))
    }
}
