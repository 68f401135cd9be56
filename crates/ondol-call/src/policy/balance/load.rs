//! How busy and how fast one endpoint is: a peak-sensitive moving average of its latency (Peak-EWMA, as Finagle
//! introduced it): a slow answer counts at once and whole, fast ones win it back only in time.

use std::time::Duration;

use super::super::moment::{Moment, nanos};
use super::super::settings;

/// The load of one endpoint. Put it behind a lock; nothing in it takes long.
#[derive(Clone, Debug)]
pub struct Load {
    settings: settings::Balance,
    latency: Option<Latency>,
    /// What a failure counts as, for as long as that is: an endpoint that is to be left alone for five seconds is tried
    /// again after five. Were it part of the average it would decay for half a minute, and one that is back would wait.
    penalty: Option<Penalty>,
    in_flight: u32,
}

#[derive(Clone, Copy, Debug)]
struct Penalty {
    lasts: Duration,
    until: Moment,
}

#[derive(Clone, Copy, Debug)]
struct Latency {
    ns: f64,
    at: Moment,
}

/// What a request says about the endpoint's speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    /// It was answered, in this time.
    Took(Duration),
    /// It failed, or was turned away with 429 or 503: counts as the penalty, or as what was asked to wait if that is
    /// longer, so that an endpoint which fails fast is never the fastest.
    Failed {
        /// `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// It was given up, by the caller or for a hedge: counts as what it had taken so far, if that is more.
    GivenUp(Duration),
}

/// A `Retry-After` counts for no more, or one answer would keep an endpoint idle for the hour that it decays.
const ASKED_MAX: Duration = Duration::from_mins(1);

impl Load {
    /// The load of an endpoint about which nothing is known.
    pub fn new(settings: settings::Balance) -> Self {
        Self { settings, latency: None, penalty: None, in_flight: 0 }
    }

    /// A request goes to the endpoint.
    pub fn began(&mut self) {
        self.in_flight = self.in_flight.saturating_add(1);
    }

    /// It ended; once for each [`Load::began`].
    pub fn ended(&mut self, now: Moment, sample: Sample) {
        self.in_flight = self.in_flight.saturating_sub(1);
        let before = self.average_ns(now);
        let sample = match sample {
            Sample::Took(took) => took,
            Sample::Failed { retry_after } => {
                let lasts = retry_after.unwrap_or_default().min(ASKED_MAX).max(self.settings.penalty);
                let until = now + lasts;
                if self.penalty.is_none_or(|before| before.until < until) {
                    self.penalty = Some(Penalty { lasts, until });
                }
                return;
            }
            Sample::GivenUp(after) if before.is_some_and(|before| before > nanos(after) as f64) => return,
            Sample::GivenUp(after) => after,
        };
        let sample = nanos(sample) as f64;
        // What is left of the old value has decayed already; a new one adds what the old one lost.
        let ns = match (before, self.latency) {
            (Some(decayed), Some(old)) if decayed > sample => decayed + sample * (1.0 - decayed / old.ns),
            (Some(_) | None, _) => sample,
        };
        let at = self.latency.map_or(now, |old| old.at.max(now));
        self.latency = Some(Latency { ns, at });
    }

    /// The endpoint is used again after it was left alone: what it did before says nothing, and slow start spares it.
    pub fn returned(&mut self) {
        self.latency = None;
        self.penalty = None;
    }

    /// Requests that are with the endpoint now.
    pub fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// What the endpoint is taken to need for an answer, in nanoseconds: the moving average, or what its last failure
    /// counts as, for as long as that is. None if nothing is known.
    pub fn latency_ns(&self, now: Moment) -> Option<f64> {
        let average = self.average_ns(now);
        let Some(penalty) = self.penalty.filter(|penalty| now < penalty.until) else { return average };
        let penalty = nanos(penalty.lasts) as f64;
        Some(average.map_or(penalty, |average| average.max(penalty)))
    }

    /// The moving average; it decays while nothing comes, so that an endpoint which nobody picks is picked again some
    /// day.
    pub(super) fn average_ns(&self, now: Moment) -> Option<f64> {
        let Latency { ns, at } = self.latency?;
        let decay = self.settings.decay.as_secs_f64().max(f64::MIN_POSITIVE);
        Some(ns * (-now.since(at).as_secs_f64() / decay).exp())
    }

    /// What the endpoint is compared by: latency × (in flight + 1), where an unknown latency is `otherwise_ns`.
    pub(super) fn score(&self, now: Moment, otherwise_ns: f64) -> f64 {
        self.latency_ns(now).unwrap_or(otherwise_ns) * f64::from(self.in_flight.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(samples: &[(u64, Sample)], at_ms: u64, expected_ms: f64) {
        let mut load = Load::new(settings::Balance::default());
        let at = |ms| Moment::at(Duration::from_millis(ms));
        for (ms, sample) in samples {
            load.began();
            load.ended(at(*ms), *sample);
        }
        let ms = load.latency_ns(at(at_ms)).expect("there were samples") / 1e6;
        assert!((ms - expected_ms).abs() <= expected_ms * 0.01, "{ms} ms after {samples:?}");
        assert_eq!(load.in_flight(), 0);
    }

    #[test]
    fn slow_answers_count_at_once_and_fast_ones_in_time() {
        let took = |ms| Sample::Took(Duration::from_millis(ms));
        let failed = |secs: Option<u64>| Sample::Failed { retry_after: secs.map(Duration::from_secs) };
        let given_up = |ms| Sample::GivenUp(Duration::from_millis(ms));
        let e = std::f64::consts::E;
        #[rustfmt::skip]
        let table: [(&[_], u64, f64); 13] = [
            (&[(0, took(100))],                              0,      100.0),
            (&[(0, took(100))],                              10_000, 100.0 / e),
            (&[(0, took(10)), (0, took(100))],               0,      100.0),
            (&[(0, took(100)), (0, took(10))],               0,      100.0),
            (&[(0, took(100)), (10_000, took(10))],          10_000, 100.0 / e + 10.0 * (1.0 - 1.0 / e)),
            (&[(0, failed(None))],                           0,      5_000.0),
            (&[(0, failed(Some(1)))],                        0,      5_000.0),
            (&[(0, failed(Some(20)))],                       0,      20_000.0),
            (&[(0, failed(Some(3_600)))],                    0,      60_000.0),
            (&[(0, took(10)), (0, failed(None))],            4_999,  5_000.0),
            (&[(0, took(10)), (0, failed(None))],            5_000,  10.0 / e.sqrt()),
            (&[(0, failed(Some(20))), (0, failed(None))],    19_999, 20_000.0),
            (&[(0, took(10)), (0, given_up(5)), (0, given_up(50))], 0, 50.0),
        ];
        for (samples, at_ms, expected_ms) in table {
            check(samples, at_ms, expected_ms);
        }
    }
}
