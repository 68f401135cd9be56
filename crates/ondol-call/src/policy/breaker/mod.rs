//! When one endpoint is left alone, and when it is asked again.
//!
//! Two things can be wrong with it. It **fails**: it answers badly or not in time. Or it is **absent**: it refused a
//! connection, so it is simply not there; one refusal is enough, since nothing was lost by it. In both cases one real
//! request probes it after a while, and the while grows as long as probes fail.
//!
//! A breaker knows one endpoint. What it may do with regard to the others is [`Leeway`], which the balancer gives.

mod change;
mod results;

use std::time::Duration;

use super::dice::Dice;
use super::moment::{Moment, scaled};
use super::settings;
pub use change::{Cause, Change};
use results::Results;

/// A probe that was neither ended nor abandoned for this long is lost, and another may go: longer than any call may
/// take by default, so that it only ever heals what a caller forgot.
const PROBE_MAX: Duration = Duration::from_secs(30);
/// For how long it must have stayed closed, at least, before it opens for the shortest time again: a whole window of
/// results. An endpoint that is well for a second and ill for the next has not recovered.
const RECOVERED_AFTER_MIN: Duration = Duration::from_secs(results::SECONDS as u64);

/// How a request to the endpoint ended, as far as the endpoint's health goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It answered. 4xx and 429 too: an endpoint that turns requests away by itself is well, and opening would send
    /// its load to the others; the balancer and the throttle heed that.
    Ok,
    /// It answered 500 or 501, which may be the request's fault: counts in the share of successes, not in the row.
    Soft,
    /// It timed out, was cut, or answered another 5xx.
    Hard,
    /// It refused the connection, or none could be made: it is absent.
    Unreachable,
}

/// What the other endpoints leave a breaker to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leeway {
    /// It may open.
    Free,
    /// Too few endpoints are usable for a share of successes to blame one of them: only a row of failures opens it.
    RowOnly,
    /// It is the last that is usable: errors never eject it.
    Last,
}

/// Whether the endpoint may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admit {
    /// It may.
    Yes,
    /// By one request, which then is the probe.
    Probe,
    /// Not now, unless there is no other.
    No {
        /// Why.
        cause: Cause,
        /// When to look again.
        until: Moment,
    },
}

/// A request's way through the breaker, from [`Breaker::began`]. Results of requests that began before the state last
/// changed say nothing of the present, and are known by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a probe that is neither ended nor abandoned holds its endpoint back"]
pub struct Pass {
    epoch: u64,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Closed { in_a_row: u32, last: Option<Shut> },
    Open { shut: Shut, until: Moment },
    Probing { shut: Shut, lost_at: Moment },
}

/// Why and how often in succession it was shut.
#[derive(Clone, Copy, Debug)]
struct Shut {
    cause: Cause,
    times: u32,
    lasted: Duration,
}

/// The breaker of one endpoint. Put it behind a lock; nothing in it takes long.
#[derive(Clone, Debug)]
pub struct Breaker {
    settings: settings::Breaker,
    state: State,
    /// When the state last changed.
    since: Moment,
    /// How often the state has changed.
    epoch: u64,
    results: Results,
}

impl Breaker {
    /// The breaker of an endpoint that is new at `now` and taken as well.
    pub fn new(settings: settings::Breaker, now: Moment) -> Self {
        let state = State::Closed { in_a_row: 0, last: None };
        Self { settings, state, since: now, epoch: 0, results: Results::default() }
    }

    /// Whether the endpoint may be asked at `now`. Changes nothing: [`Breaker::began`] takes the probe's place.
    pub fn admits(&self, now: Moment) -> Admit {
        match self.state {
            State::Closed { .. } => Admit::Yes,
            State::Open { until, .. } | State::Probing { lost_at: until, .. } if now >= until => Admit::Probe,
            State::Open { shut, until } | State::Probing { shut, lost_at: until } => {
                Admit::No { cause: shut.cause, until }
            }
        }
    }

    /// Since when the endpoint is usable, which is when its slow start began; none if it is not.
    pub fn usable_since(&self) -> Option<Moment> {
        match self.state {
            State::Closed { .. } => Some(self.since),
            State::Open { .. } | State::Probing { .. } => None,
        }
    }

    /// A request goes to the endpoint, as the probe if [`Breaker::admits`] says so. One that goes although it says
    /// no, because there is no other endpoint, is told apart: its failure prolongs nothing.
    pub fn began(&mut self, now: Moment) -> Pass {
        if self.admits(now) == Admit::Probe
            && let State::Open { shut, .. } | State::Probing { shut, .. } = self.state
        {
            self.enter(State::Probing { shut, lost_at: now + PROBE_MAX }, now);
        }
        Pass { epoch: self.epoch }
    }

    /// A request ended. What changed by it is for the log.
    pub fn ended(
        &mut self,
        now: Moment,
        pass: Pass,
        outcome: Outcome,
        leeway: Leeway,
        dice: &mut Dice,
    ) -> Option<Change> {
        if pass.epoch != self.epoch {
            return None;
        }
        match (self.state, outcome) {
            (State::Closed { .. }, Outcome::Ok | Outcome::Soft | Outcome::Hard) => {
                let cause = self.count(now, outcome, leeway)?;
                Some(self.shut(now, cause, dice))
            }
            (State::Closed { .. } | State::Probing { .. }, Outcome::Unreachable) => {
                Some(self.shut(now, Cause::Refused, dice))
            }
            (State::Open { shut, .. } | State::Probing { shut, .. }, Outcome::Ok) => {
                Some(self.close(now, shut))
            }
            (State::Probing { .. }, Outcome::Soft | Outcome::Hard) => {
                Some(self.shut(now, Cause::ProbeFailed, dice))
            }
            // Sent although it is open, for want of another. There may be thousands of these: were each to prolong
            // it, the first probe would be a minute away.
            (State::Open { .. }, Outcome::Soft | Outcome::Hard | Outcome::Unreachable) => None,
        }
    }

    /// A request ended without a result, such as a caller who went away. If it was the probe, the next one may be.
    pub fn abandoned(&mut self, now: Moment, pass: Pass) {
        if let State::Probing { shut, .. } = self.state
            && pass.epoch == self.epoch
        {
            self.enter(State::Open { shut, until: now }, now);
        }
    }

    /// Counts a result while closed, and says whether and why it opens.
    fn count(&mut self, now: Moment, outcome: Outcome, leeway: Leeway) -> Option<Cause> {
        self.results.add(now, outcome == Outcome::Ok);
        let State::Closed { in_a_row, .. } = &mut self.state else { return None };
        match outcome {
            Outcome::Ok => *in_a_row = 0,
            Outcome::Hard => *in_a_row = in_a_row.saturating_add(1),
            Outcome::Soft | Outcome::Unreachable => {}
        }
        let failures = *in_a_row;
        if outcome == Outcome::Ok || leeway == Leeway::Last {
            return None;
        }
        if failures >= self.settings.failures.max(1) {
            return Some(Cause::InARow { failures });
        }
        let (ok, of) = self.results.share(now);
        let poor = of >= self.settings.samples && (ok as f64) < self.settings.success_share * of as f64;
        (poor && leeway == Leeway::Free).then_some(Cause::Share { ok, of })
    }

    fn shut(&mut self, now: Moment, cause: Cause, dice: &mut Dice) -> Change {
        let times = self.times_before(now, cause).saturating_add(1);
        let (first, max) = if cause.is_absence() {
            (self.settings.absent_first, self.settings.absent_max)
        } else {
            (self.settings.open_first, self.settings.open_max)
        };
        let doubled = first.saturating_mul(2_u32.saturating_pow(times - 1)).min(max);
        let lasted = scaled(doubled, 1.0 + self.settings.jitter.clamp(0.0, 1.0) * dice.unit());
        self.enter(State::Open { shut: Shut { cause, times, lasted }, until: now + lasted }, now);
        Change::Opened { cause, lasts: lasted, times }
    }

    /// How often in succession it was shut for the same kind of cause. Doubling starts anew once it stayed closed for
    /// as long as it was shut last.
    fn times_before(&self, now: Moment, cause: Cause) -> u32 {
        let last = match self.state {
            State::Closed { last, .. } => {
                last.filter(|last| now.since(self.since) < last.lasted.max(RECOVERED_AFTER_MIN))
            }
            State::Open { shut, .. } | State::Probing { shut, .. } => Some(shut),
        };
        last.filter(|last| last.cause.is_absence() == cause.is_absence()).map_or(0, |last| last.times)
    }

    fn close(&mut self, now: Moment, shut: Shut) -> Change {
        self.enter(State::Closed { in_a_row: 0, last: Some(shut) }, now);
        // What it did before is over: it is judged by what it does from here on.
        self.results = Results::default();
        Change::Closed { was: shut.cause, times: shut.times }
    }

    fn enter(&mut self, state: State, now: Moment) {
        self.state = state;
        self.since = now;
        self.epoch += 1;
    }
}

#[cfg(test)]
mod tests;
