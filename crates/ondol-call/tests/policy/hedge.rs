//! How much load hedges add.

use std::time::Duration;

use http::Method;
use ondol_call::policy::dice::Dice;
use ondol_call::policy::hedge::{Call, Hedge};
use ondol_call::policy::moment::Moment;
use ondol_call::policy::settings;

/// A latency in milliseconds, given chance.
type Shape = fn(&mut Dice) -> f64;

/// The share of calls that are hedged, one call a millisecond, after a minute to learn in.
fn hedged(shape: Shape, extra_load: f64, seed: u64) -> f64 {
    const CALLS: u64 = 150_000;
    const LEARN: u64 = 60_000;
    let mut hedge = Hedge::new(settings::Hedge { extra_load });
    let mut dice = Dice::new(seed);
    let call = Call { method: &Method::GET, keyed: false, engine_attempt: None, repeated: false };
    let mut hedges = 0_u32;
    // Asked for once in a hundred calls: the histogram moves slowly and the test is faster.
    let mut after = None;
    for number in 0..CALLS {
        if number % 100 == 0 {
            after = hedge.after(&call).ok();
        }
        let first = Duration::from_secs_f64(shape(&mut dice) / 1e3);
        let mut recorded = first;
        if let Some(after) = after.filter(|after| first > *after) {
            let second = after + Duration::from_secs_f64(shape(&mut dice) / 1e3);
            recorded = first.min(second);
            hedges += u32::from(number >= LEARN);
        }
        hedge.record(Moment::START + Duration::from_millis(number), recorded);
    }
    f64::from(hedges) / (CALLS - LEARN) as f64
}

#[test]
fn hedges_add_about_the_load_that_was_asked_for() {
    #[rustfmt::skip]
    let shapes: [(&str, Shape); 4] = [
        ("even",        |dice| 5.0 + 10.0 * dice.unit()),
        ("exponential", |dice| -10.0 * (1.0 - dice.unit()).ln()),
        ("two humps",   |dice| if dice.unit() < 0.97 { 5.0 + dice.unit() } else { 80.0 + 40.0 * dice.unit() }),
        ("heavy tail",  |dice| 2.0 / (1.0 - dice.unit()).sqrt()),
    ];
    for (name, shape) in shapes {
        for extra_load in [0.01, 0.05] {
            for seed in 0..2 {
                let share = hedged(shape, extra_load, seed);
                let (min, max) = (extra_load * 0.6, extra_load * 1.15);
                assert!((min..max).contains(&share), "{name}, {extra_load}, seed {seed}: {share}");
            }
        }
    }
}
