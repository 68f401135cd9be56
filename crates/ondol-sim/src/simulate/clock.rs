//! Clocks in virtual time; the wall clock can be set.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use ondol_engine::Clock;
use tokio::time::Instant;

/// Wall clock at the start of every simulation (Unix milliseconds).
const START_MS: u64 = 1_700_000_000_000;

/// The simulated machine's clocks.
#[derive(Debug)]
pub(crate) struct SimClock {
    started: Instant,
    set_by_ms: AtomicI64,
}

impl SimClock {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), set_by_ms: AtomicI64::new(0) }
    }

    /// Somebody sets the wall clock forward or back.
    pub(crate) fn jump(&self, by_ms: i64) {
        self.set_by_ms.fetch_add(by_ms, Relaxed);
    }
}

impl Clock for SimClock {
    fn wall_ms(&self) -> u64 {
        let passed = self.started.elapsed().as_millis() as u64;
        START_MS.saturating_add(passed).saturating_add_signed(self.set_by_ms.load(Relaxed))
    }

    fn mono_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }
}
