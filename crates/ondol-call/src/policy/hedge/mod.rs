//! When a slow call gets a second copy (Dean and Barroso, "The Tail at Scale", 2013). The delay is not set but found:
//! the latency that only the wanted share of calls exceeds.

mod latencies;

use std::time::Duration;

use http::Method;

use super::moment::Moment;
use super::settings;
use latencies::{Latencies, exceeded_by};

/// A hedge draws so much from the retry budget.
pub const COST: u32 = 1;
/// With fewer, the hundredth of them is chance.
const SAMPLES_MIN: u32 = 100;
/// Latencies are forgotten after one to two of these: long enough for the samples of a quiet service, short enough to
/// follow a load that changes.
const PERIOD: Duration = Duration::from_secs(30);

/// What is known of a call that might be hedged.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Its method.
    pub method: &'a Method,
    /// It has an idempotency key that the callee honours, or its operation is said to be idempotent.
    pub keyed: bool,
    /// Its `ondol-attempt`, which only an engine's call has.
    pub engine_attempt: Option<u32>,
    /// It was hedged, or retried, already.
    pub repeated: bool,
}

/// Why a call gets no second copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhyNot {
    /// Only reads, keyed requests and what the settings vouch for: two copies are under way at once, which is more than a
    /// method's idempotence promises.
    #[error(
        "only GET, HEAD, operations with `idempotent: true` and requests with an idempotency key that the service honours are hedged"
    )]
    NotSafe,
    /// The engine's second attempt is a second copy.
    #[error("attempt {attempt} of the engine's is never hedged")]
    EngineRetry {
        /// `ondol-attempt`.
        attempt: u32,
    },
    /// One at most.
    #[error("it was sent a second time already")]
    Repeated,
    /// Nothing to derive the delay from.
    #[error("only {samples} of {SAMPLES_MIN} latencies are known")]
    TooFewSamples {
        /// How many are.
        samples: u32,
    },
}

/// The hedging of one target. Put it behind a lock; nothing in it takes long.
#[derive(Clone, Debug)]
pub struct Hedge {
    settings: settings::Hedge,
    older: Latencies,
    newer: Latencies,
    /// When `newer` began.
    since: Moment,
}

impl Hedge {
    /// A hedge that knows no latency yet.
    pub fn new(settings: settings::Hedge) -> Self {
        let (older, newer) = (Latencies::new(), Latencies::new());
        Self { settings, older, newer, since: Moment::START }
    }

    /// A call's *first* copy was answered after `latency`, or was given up after so long because the second was
    /// faster. That of a second copy is never recorded: it would make the first copies look faster than they are, and
    /// hedges beget hedges.
    pub fn record(&mut self, now: Moment, latency: Duration) {
        let passed = now.since(self.since);
        if passed >= PERIOD {
            let newer = std::mem::replace(&mut self.newer, Latencies::new());
            // After a long silence even the newer are old.
            self.older = if passed < PERIOD * 2 { newer } else { Latencies::new() };
            self.since = now;
        }
        self.newer.record(latency);
    }

    /// How long after its first copy `call` gets its second, if it is not answered by then and the budget pays
    /// [`COST`].
    pub fn after(&self, call: &Call<'_>) -> Result<Duration, WhyNot> {
        let read = *call.method == Method::GET || *call.method == Method::HEAD;
        if !read && !call.keyed {
            return Err(WhyNot::NotSafe);
        }
        if let Some(attempt) = call.engine_attempt.filter(|attempt| *attempt > 1) {
            return Err(WhyNot::EngineRetry { attempt });
        }
        if call.repeated {
            return Err(WhyNot::Repeated);
        }
        let samples = self.older.total.saturating_add(self.newer.total);
        if samples < SAMPLES_MIN {
            return Err(WhyNot::TooFewSamples { samples });
        }
        Ok(exceeded_by([&self.older, &self.newer], self.settings.extra_load.clamp(0.0, 1.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(samples: u32) -> Hedge {
        let mut hedge = Hedge::new(settings::Hedge::default());
        (0..samples).for_each(|_| hedge.record(Moment::START, Duration::from_millis(8)));
        hedge
    }

    #[test]
    fn which_calls_are_hedged() {
        // All lie in the bucket from 7,936 to 8,064 µs, and a hundredth of them is taken to lie at its end.
        let ms = Ok(Duration::from_nanos(8_064_000 - 1_280));
        let retry = Err(WhyNot::EngineRetry { attempt: 2 });
        #[rustfmt::skip]
        let table = [
            // method, keyed, attempt, repeated, samples
            (Method::GET,  false, None,    false, 100, ms),
            (Method::HEAD, false, Some(1), false, 100, ms),
            (Method::POST, true,  Some(1), false, 100, ms),
            (Method::POST, false, None,    false, 100, Err(WhyNot::NotSafe)),
            (Method::PUT,  false, None,    false, 100, Err(WhyNot::NotSafe)),
            (Method::GET,  false, Some(2), false, 100, retry),
            (Method::POST, true,  Some(2), false, 100, retry),
            (Method::GET,  false, None,    true,  100, Err(WhyNot::Repeated)),
            (Method::GET,  false, None,    false, 99,  Err(WhyNot::TooFewSamples { samples: 99 })),
        ];
        for (method, keyed, engine_attempt, repeated, samples, expected) in table {
            let call = Call { method: &method, keyed, engine_attempt, repeated };
            assert_eq!(known(samples).after(&call), expected, "{call:?}");
        }
    }

    #[test]
    fn old_latencies_are_forgotten() {
        let call = Call { method: &Method::GET, keyed: false, engine_attempt: None, repeated: false };
        for (secs, samples) in [(29, None), (59, None), (60, Some(1))] {
            let mut hedge = known(100);
            hedge.record(Moment::at(Duration::from_secs(secs)), Duration::from_millis(8));
            let expected = samples.map(|samples| WhyNot::TooFewSamples { samples });
            assert_eq!(hedge.after(&call).err(), expected, "after {secs} s");
        }
    }
}
