//! When to try again: capped exponential back-off with full jitter, as a function of its arguments.

use crate::bounds::RETRY_AFTER_MS_MAX;

/// How often and how far apart one half is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Retry {
    /// Attempts in all, 1 to [`crate::bounds::ATTEMPTS_MAX`]. `None`: no limit but [`crate::bounds::PATIENCE_MS`].
    pub attempts_max: Option<u32>,
    /// Ceiling of the first delay, in milliseconds.
    pub first_ms: u64,
    /// Growth of the ceiling from one delay to the next, in percent: 200 doubles it. At least 100.
    pub factor_percent: u32,
    /// Largest ceiling, in milliseconds.
    pub max_ms: u64,
}

impl Retry {
    /// The default before the pivot: 5 attempts, 200 ms doubling to 10 s.
    pub const FORWARD: Self =
        Self { attempts_max: Some(5), first_ms: 200, factor_percent: 200, max_ms: 10_000 };
    /// The default for compensations, the pivot and what follows it: 1 s doubling to 60 s, without limit.
    pub const PERSISTENT: Self =
        Self { attempts_max: None, first_ms: 1_000, factor_percent: 200, max_ms: 60_000 };

    /// The ceiling of the delay after the `failures`-th failure (from 1), in milliseconds.
    #[must_use]
    pub fn ceiling_ms(&self, failures: u32) -> u64 {
        let mut ceiling = u128::from(self.first_ms);
        let max = u128::from(self.max_ms);
        for _ in 1..failures {
            if ceiling >= max || self.factor_percent <= 100 {
                break;
            }
            // Rounded up, so that a ceiling of a few milliseconds grows at all.
            ceiling = (ceiling * u128::from(self.factor_percent)).div_ceil(100);
        }
        u64::try_from(ceiling.min(max)).unwrap_or(self.max_ms)
    }

    /// The delay after the `failures`-th failure, in milliseconds: full jitter (uniform from 0 to the ceiling) drawn
    /// from `chance`, and never before what the service asked for with `Retry-After`
    /// (at most [`RETRY_AFTER_MS_MAX`]).
    #[must_use]
    pub fn delay_ms(&self, failures: u32, chance: u64, retry_after_ms: Option<u64>) -> u64 {
        let span = u128::from(self.ceiling_ms(failures)) + 1;
        // Multiply-shift: an unbiased enough draw without a division by a variable.
        let jittered = ((u128::from(chance) * span) >> 64) as u64;
        jittered.max(retry_after_ms.unwrap_or(0).min(RETRY_AFTER_MS_MAX))
    }
}

/// Chance for one attempt, the same on every run and every machine: a SplitMix64 finalizer over what names the attempt.
#[must_use]
pub fn chance(run: u128, step: u16, compensation: bool, attempt: u32) -> u64 {
    let parts =
        [run as u64, (run >> 64) as u64, u64::from(step), u64::from(compensation), u64::from(attempt)];
    parts.into_iter().fold(0, |hash, part| mix(hash.wrapping_add(part).wrapping_add(0x9E37_79B9_7F4A_7C15)))
}

/// SplitMix64's output function (Steele, Lea, Flood 2014).
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
