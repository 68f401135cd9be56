//! W3C trace context of a call. Ids are derived, never drawn, so that a repeat of one attempt is the same span.

use ondol_core::{Attempt, Half};

/// The parts of a `traceparent` (W3C Trace Context, level 1).
pub(super) fn parent(run: u128, attempt: Attempt, submitted: (u128, u64)) -> String {
    let trace_id = if submitted.0 == 0 { nonzero(run) } else { submitted.0 };
    format!("00-{trace_id:032x}-{:016x}-01", span(run, attempt))
}

/// The span of one attempt.
pub(crate) fn span(run: u128, attempt: Attempt) -> u64 {
    let half = match attempt.half {
        Half::Action => 0,
        Half::Compensation => 1,
    };
    let place = (u64::from(attempt.step) << 33) | (half << 32) | u64::from(attempt.number);
    let mixed = mix(mix(mix(run as u64) ^ (run >> 64) as u64) ^ place);
    if mixed == 0 { 1 } else { mixed }
}

/// A trace id of zero is invalid.
const fn nonzero(run: u128) -> u128 {
    if run == 0 { 1 } else { run }
}

/// The finalizer of splitmix64 (Steele, Lea and Flood 2014): a bijection, so different places stay different.
const fn mix(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_span_is_the_same_for_an_attempt_and_another_for_every_other() {
        let mut seen = HashSet::new();
        for run in [1_u128, 2, 1 << 64] {
            for step in 0..4 {
                for half in [Half::Action, Half::Compensation] {
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
