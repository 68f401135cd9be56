//! One attempt at one endpoint: chosen, begun, and ended with what it says of the endpoint.

use std::sync::Arc;
use std::time::Duration;

use ondol_call::policy::balance::{self, Pick, Sample, View};
use ondol_call::policy::breaker::{Change, Outcome, Pass};
use ondol_call::policy::moment::Moment;

use super::{Desk, Known, State};
use crate::calls::Decision;

/// An attempt on its way. Dropped without an end, it says nothing of the endpoint's health.
pub(in super::super) struct Visit {
    desk: Arc<Desk>,
    /// The endpoint's place in the list.
    pub(in super::super) index: usize,
    pub(in super::super) endpoint: Arc<str>,
    pass: Pass,
    since: Moment,
    ended: bool,
}

impl Desk {
    /// Picks an endpoint that `tried` does not have; none if there is no more.
    pub(in super::super) fn choose(self: &Arc<Self>, tried: &[usize]) -> Option<(Visit, Decision)> {
        let now = self.now();
        let mut state = self.lock();
        let state = &mut *state;
        let views = views(&state.endpoints, now, tried);
        let pick = balance::pick(&views, now, &self.settings.balance, &mut state.dice)?;
        state.note_panic(&self.name, &pick);
        let decision = state.decision(&pick);
        let known = &mut state.endpoints[pick.index];
        let pass = known.breaker.began(now);
        known.load.began();
        let (desk, endpoint) = (Arc::clone(self), Arc::clone(&known.name));
        Some((Visit { desk, index: pick.index, endpoint, pass, since: now, ended: false }, decision))
    }

    /// How many endpoints there are that `tried` does not have.
    pub(in super::super) fn untried(&self, tried: &[usize]) -> usize {
        let count = self.lock().endpoints.len();
        (0..count).filter(|index| !tried.contains(index)).count()
    }
}

fn views<'a>(endpoints: &'a [Known], now: Moment, tried: &[usize]) -> Vec<View<'a>> {
    let view = |(index, known): (usize, &'a Known)| View {
        admit: known.breaker.admits(now),
        // Those that were there from the start need no slow start.
        usable_since: known.breaker.usable_since().filter(|since| *since > Moment::START),
        tried: tried.contains(&index),
        load: &known.load,
    };
    endpoints.iter().enumerate().map(view).collect()
}

impl State {
    fn note_panic(&mut self, target: &str, pick: &Pick) {
        if pick.panic.is_some() == self.panic_told {
            return;
        }
        self.panic_told = pick.panic.is_some();
        if let Some(panic) = pick.panic {
            tracing::warn!(%target, "{panic}");
        } else {
            tracing::info!(%target, "enough endpoints are usable again");
        }
    }

    fn decision(&self, pick: &Pick) -> Decision {
        let endpoint = |index: usize| Arc::clone(&self.endpoints[index].name);
        Decision::Picked {
            endpoint: endpoint(pick.index),
            cost_ms: pick.score / 1e6,
            instead_of: pick.instead_of.map(|(index, score)| (endpoint(index), score / 1e6)),
            why: pick.why,
        }
    }
}

impl Visit {
    /// How long it has been on its way.
    pub(in super::super) fn took(&self) -> Duration {
        self.desk.now().since(self.since)
    }

    /// It ended; the breaker and the balancer learn.
    pub(in super::super) fn end(mut self, outcome: Outcome, sample: Sample) {
        self.ended = true;
        let now = self.desk.now();
        let mut state = self.desk.lock();
        let state = &mut *state;
        let views = views(&state.endpoints, now, &[]);
        let leeway = balance::leeway(&views, self.index, &self.desk.settings.balance);
        let known = &mut state.endpoints[self.index];
        known.load.ended(now, sample);
        let (target, endpoint) = (&self.desk.name, &self.endpoint);
        match known.breaker.ended(now, self.pass, outcome, leeway, &mut state.dice) {
            None => {}
            Some(change @ Change::Opened { .. }) => tracing::warn!(%target, %endpoint, "{change}"),
            Some(change @ Change::Closed { .. }) => {
                known.load.returned();
                tracing::info!(%target, %endpoint, "{change}");
            }
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let now = self.desk.now();
        let mut state = self.desk.lock();
        let known = &mut state.endpoints[self.index];
        known.load.ended(now, Sample::GivenUp(now.since(self.since)));
        known.breaker.abandoned(now, self.pass);
    }
}

#[cfg(test)]
mod tests {
    use ondol_call::policy::breaker::Admit;
    use ondol_call::policy::settings::Settings;

    use super::*;
    use crate::calls::Clock;

    #[tokio::test(start_paused = true)]
    async fn an_attempt_given_up_frees_its_endpoint() {
        let names = ["a", "b"].map(str::to_owned);
        let desk = Desk::new("seats".to_owned(), names, Settings::default(), Clock::system(), 7);
        let choose = |tried: &[usize]| desk.choose(tried).expect("an endpoint is left").0;
        let admits = || desk.lock().endpoints[0].breaker.admits(desk.now());
        let in_flight = || desk.lock().endpoints[0].load.in_flight();
        let visit = choose(&[1]);
        assert_eq!(in_flight(), 1);
        drop(visit);
        assert_eq!(in_flight(), 0);
        choose(&[1]).end(Outcome::Unreachable, Sample::Failed { retry_after: None });
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(admits(), Admit::Probe);
        let probe = choose(&[]);
        assert!(probe.index == 0 && matches!(admits(), Admit::No { .. }));
        drop(probe);
        assert_eq!(admits(), Admit::Probe);
        assert_eq!(in_flight(), 0);
    }
}
