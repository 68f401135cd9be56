//! Time for the engine. The only module here that reads a clock.
//!
//! Facts carry wall-clock time, since they are compared across restarts. Waiting is done in monotonic time, so that a
//! clock that is set while Ondol runs fires nothing early and delays nothing.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Where the engine learns the time.
pub trait Clock: Send + Sync + 'static {
    /// Wall clock, milliseconds since the Unix epoch. May jump.
    fn wall_ms(&self) -> u64;
    /// Milliseconds since any fixed moment. Never goes back.
    fn mono_ms(&self) -> u64;
}

/// The machine's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// Clocks of this machine; monotonic time counts from now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this module is where time comes in")]
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this module is where time comes in")]
    fn wall_ms(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
    }

    fn mono_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }
}

/// A reading of the wall clock that never jumps: it runs with monotonic time and leans towards the wall clock by at most
/// one part in a hundred, so a jump of the wall clock is never seen as time that passed.
#[derive(Clone, Copy, Debug)]
pub struct SteadyTime {
    wall_ms: u64,
    mono_ms: u64,
}

/// One millisecond in a hundred: an hour's jump is caught up with in four days, a second's in two minutes.
const SLEW: u64 = 100;

/// Corrections are made at most this often, in milliseconds, so that one of less than a millisecond is not lost.
const CORRECT_EVERY_MS: u64 = 1_000;

impl SteadyTime {
    /// Begins with what both clocks show, in milliseconds.
    #[must_use]
    pub const fn new(wall_ms: u64, mono_ms: u64) -> Self {
        Self { wall_ms, mono_ms }
    }

    /// The time in Unix milliseconds, given what both clocks show.
    pub fn now_ms(&mut self, wall_ms: u64, mono_ms: u64) -> u64 {
        let elapsed_ms = mono_ms.saturating_sub(self.mono_ms);
        let reckoned_ms = self.wall_ms.saturating_add(elapsed_ms);
        if elapsed_ms < CORRECT_EVERY_MS {
            return reckoned_ms;
        }
        let lean_ms = elapsed_ms / SLEW;
        let corrected_ms =
            wall_ms.clamp(reckoned_ms.saturating_sub(lean_ms), reckoned_ms.saturating_add(lean_ms));
        *self = Self { wall_ms: corrected_ms, mono_ms };
        corrected_ms
    }
}

#[cfg(test)]
mod tests {
    use super::SteadyTime;

    #[test]
    fn a_jump_of_the_wall_clock_is_leaned_into() {
        const HOUR: i64 = 3_600_000;
        const START: u64 = 1_000_000_000;
        //  wall jump, seconds that pass, error allowed (ms)
        let table = [(0, 10, 0), (HOUR, 10, 100), (-HOUR, 10, 100), (50, 3_600, 50), (-50, 3_600, 50)];
        for (jump, seconds, error) in table {
            let mut time = SteadyTime::new(START, 0);
            let mut now = START;
            for second in 1..=seconds {
                let mono = second * 1_000;
                now = time.now_ms((START + mono).saturating_add_signed(jump), mono);
            }
            let off = now.abs_diff(START + seconds * 1_000);
            assert!(off <= error, "jump {jump}: off by {off} ms, allowed {error}");
        }
    }
}
