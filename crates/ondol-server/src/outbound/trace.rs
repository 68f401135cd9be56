//! W3C trace context of a call. Ids are derived, never drawn, so that a repeat of one attempt is the same span.

use ondol_core::{Attempt, Half, StepId};

use crate::spread::mix;

/// The parts of a `traceparent` (W3C Trace Context, level 1).
pub(super) fn parent(run: u128, attempt: Attempt, submitted: (u128, u64)) -> String {
    format!("00-{:032x}-{:016x}-01", trace_id(run, submitted), span(run, attempt))
}

/// The trace of a saga: that of whoever submitted it, else its run.
pub(crate) const fn trace_id(run: u128, submitted: (u128, u64)) -> u128 {
    match (submitted.0, run) {
        // A trace id of zero is invalid.
        (0, 0) => 1,
        (0, run) => run,
        (trace_id, _) => trace_id,
    }
}

/// The span of one attempt.
pub(crate) fn span(run: u128, attempt: Attempt) -> u64 {
    at(run, place(attempt.step, attempt.half, attempt.number))
}

/// The span of one half: what its attempts are within. Attempts are numbered from 1.
pub(crate) fn half_span(run: u128, step: StepId, half: Half) -> u64 {
    at(run, place(step, half, 0))
}

/// The span of the saga: a place that no half has, since steps are numbered in 16 bits.
pub(crate) fn saga_span(run: u128) -> u64 {
    at(run, u64::MAX)
}

fn place(step: StepId, half: Half, number: u32) -> u64 {
    let half = match half {
        Half::Action => 0,
        Half::Compensation => 1,
    };
    (u64::from(step) << 33) | (half << 32) | u64::from(number)
}

fn at(run: u128, place: u64) -> u64 {
    let mixed = mix_of(mix_of(mix_of(run as u64) ^ (run >> 64) as u64) ^ place);
    if mixed == 0 { 1 } else { mixed }
}

/// One step of splitmix64 (Steele, Lea and Flood 2014).
const fn mix_of(bits: u64) -> u64 {
    mix(bits.wrapping_add(0x9E37_79B9_7F4A_7C15))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_span_is_the_same_for_an_attempt_and_another_for_every_other() {
        let mut seen = HashSet::new();
        for run in [1_u128, 2, 1 << 64] {
            assert!(seen.insert(saga_span(run)));
            for step in 0..4 {
                for half in [Half::Action, Half::Compensation] {
                    assert!(seen.insert(half_span(run, step, half)));
                    for number in 1..4 {
                        let attempt = Attempt { step, half, number };
                        assert!(seen.insert(span(run, attempt)), "{run} {attempt:?}");
                        assert_eq!(span(run, attempt), span(run, attempt));
                    }
                }
            }
        }
        let attempt = Attempt { step: 0, half: Half::Action, number: 1 };
        let own = parent(0xabc, attempt, (0, 0));
        assert!(own.starts_with("00-00000000000000000000000000000abc-") && own.ends_with("-01"), "{own}");
        assert!(parent(0xabc, attempt, (0xdef, 7)).starts_with("00-00000000000000000000000000000def-"));
    }
}
