//! One attempt at one endpoint: chosen, begun, and ended with what it says of the endpoint.

use std::sync::Arc;
use std::time::Duration;

use super::{Desk, Known, State};
use crate::policy::balance::{self, Pick, Sample, View, Why};
use crate::policy::breaker::{Admit, Cause, Change, Outcome, Pass};
use crate::policy::moment::Moment;
use crate::story::Decision;
use crate::target::Endpoint;

/// Which endpoint is next, and why.
pub(crate) struct Choice {
    /// Which of the desk's endpoints it is, whatever becomes of the list.
    pub(crate) id: u64,
    pub(crate) endpoint: Endpoint,
    pub(crate) visit: Visit,
    pub(crate) decision: Decision,
}

/// An attempt on its way. Dropped without an end, it says nothing of the endpoint's health.
pub(crate) struct Visit {
    desk: Arc<Desk>,
    id: u64,
    pass: Pass,
    since: Moment,
    ended: bool,
}

impl Desk {
    /// Picks an endpoint that `tried` does not have; none if there is no more.
    pub(crate) fn choose(self: &Arc<Self>, tried: &[u64]) -> Option<Choice> {
        let now = self.now();
        let mut state = self.lock();
        let state = &mut *state;
        let views = views(&state.endpoints, now, tried);
        let pick = balance::pick(&views, now, &state.settings.balance, &mut state.dice)?;
        state.note_panic(&self.name, &pick);
        let decision = state.decision(&pick);
        let known = &mut state.endpoints[pick.index];
        let pass = known.breaker.began(now);
        known.load.began();
        let visit = Visit { desk: Arc::clone(self), id: known.id, pass, since: now, ended: false };
        Some(Choice { id: known.id, endpoint: known.endpoint.clone(), visit, decision })
    }

    /// Endpoints that are there and that `tried` does not have.
    pub(crate) fn untried(&self, tried: &[u64]) -> usize {
        self.lock().endpoints.iter().filter(|known| !tried.contains(&known.id)).count()
    }

    /// What an active health check found.
    pub(crate) fn checked(&self, endpoint: &Endpoint, failed: Option<String>) {
        let mut state = self.lock();
        let Some(known) = state.endpoints.iter_mut().find(|known| known.endpoint == *endpoint) else {
            return;
        };
        if known.unhealthy.is_some() != failed.is_some() {
            let (target, well) = (&self.name, failed.is_none());
            tracing::info!(%target, %endpoint, well, why = failed.as_deref(), "a health check changed");
        }
        known.unhealthy = failed;
    }
}

fn views<'a>(endpoints: &'a [Known], now: Moment, tried: &[u64]) -> Vec<View<'a>> {
    let view = |known: &'a Known| View {
        admit: known.admits(now),
        usable_since: known.breaker.usable_since().filter(|since| *since > Moment::START),
        tried: tried.contains(&known.id),
        load: &known.load,
    };
    endpoints.iter().map(view).collect()
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
        let endpoint = |index: usize| self.endpoints[index].endpoint.clone();
        Decision::Picked {
            endpoint: endpoint(pick.index),
            cost_ms: pick.score / 1e6,
            instead_of: pick.instead_of.map(|(index, score)| (endpoint(index), score / 1e6)),
            because: match pick.why {
                Why::Load => None,
                Why::Probe => Some("its probe is due"),
                Why::NoneUsable => Some("every endpoint fails"),
                Why::NonePresent => Some("no endpoint takes connections"),
            },
        }
    }
}

impl Known {
    pub(super) fn admits(&self, now: Moment) -> Admit {
        match (&self.unhealthy, self.breaker.admits(now)) {
            // Whoever says of itself that it is not well is not asked while there is another.
            (Some(_), Admit::Yes | Admit::Probe) => Admit::No { cause: Cause::Refused, until: now },
            (_, admit) => admit,
        }
    }
}

impl Visit {
    /// How long it has been on its way.
    pub(crate) fn took(&self) -> Duration {
        self.desk.now().since(self.since)
    }

    /// It ended. `why` is what went wrong, for a person.
    pub(crate) fn end(mut self, outcome: Outcome, sample: Sample, why: Option<String>) {
        self.ended = true;
        let desk = Arc::clone(&self.desk);
        let now = desk.now();
        let mut state = desk.lock();
        let state = &mut *state;
        let Some(index) = state.endpoints.iter().position(|known| known.id == self.id) else { return };
        // Only a failure needs to know what the others leave it to do.
        let leeway = {
            let views = views(&state.endpoints, now, &[]);
            balance::leeway(&views, index, &state.settings.balance)
        };
        let known = &mut state.endpoints[index];
        known.load.ended(now, sample);
        let change = known.breaker.ended(now, self.pass, outcome, leeway, &mut state.dice);
        if let Some(why) = why {
            known.last_error = Some(why);
        }
        match change {
            None => {}
            Some(change @ Change::Opened { .. }) => {
                tracing::warn!(target = %desk.name, endpoint = %known.endpoint, "{change}");
            }
            Some(change @ Change::Closed { .. }) => {
                known.load.returned();
                tracing::info!(target = %desk.name, endpoint = %known.endpoint, "{change}");
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
        if let Some(known) = state.endpoints.iter_mut().find(|known| known.id == self.id) {
            known.load.ended(now, Sample::GivenUp(now.since(self.since)));
            known.breaker.abandoned(now, self.pass);
        }
    }
}
