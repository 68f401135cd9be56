//! The network and the services at its other end. A request that was sent goes its way even if nobody waits any more.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use ondol_core::{Attempt, Half, Outcome};
use ondol_engine::{Answered, Caller, Came, NoticeCall, NoticeCame, Notified, Reach, StepCall};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::fate::Fate;
use super::probes::Probes;
use super::truth::{Row, Truth};

/// How ill the network and the services are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    /// Of a hundred requests, how many have something happen to them.
    pub(crate) trouble_percent: u32,
    /// Do services keep a barrier?
    pub(crate) barrier: bool,
}

/// A notice that a receiver took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) id: String,
    pub(crate) saga: String,
    pub(crate) body: String,
}

/// What a call did, for the checks.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) saga: String,
    pub(crate) attempt: Attempt,
}

/// Everything outside the engine.
pub(crate) struct Network {
    inner: Mutex<Inner>,
}

struct Inner {
    rng: Rng,
    weather: Weather,
    truth: Truth,
    told: Vec<Told>,
    sent: Vec<Sent>,
    /// Services that cannot be reached now.
    away: Vec<String>,
    probes: Probes,
    /// Calls so far, by target.
    calls: BTreeMap<String, u64>,
    began: Instant,
    /// Sagas whose step of this name the business refuses.
    refused: Vec<(String, String)>,
    on_the_wire: JoinSet<()>,
}

impl Network {
    pub(crate) fn new(seed: u64, weather: Weather) -> Arc<Self> {
        let inner = Inner {
            rng: Rng::with_seed(seed),
            weather,
            truth: Truth::default(),
            told: Vec::new(),
            sent: Vec::new(),
            away: Vec::new(),
            probes: Probes::default(),
            calls: BTreeMap::new(),
            began: Instant::now(),
            refused: Vec::new(),
            on_the_wire: JoinSet::new(),
        };
        Arc::new(Self { inner: Mutex::new(inner) })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on everything works.
    pub(crate) fn clear_up(&self) {
        let mut inner = self.lock();
        inner.weather.trouble_percent = 0;
        inner.away.clear();
    }

    pub(crate) fn refuse(&self, saga: &str, step: &str) {
        self.lock().refused.push((saga.to_owned(), step.to_owned()));
    }

    pub(crate) fn set_away(&self, service: &str, away: bool) {
        let mut inner = self.lock();
        inner.away.retain(|known| known != service);
        if away {
            inner.away.push(service.to_owned());
        }
    }

    pub(crate) fn told(&self) -> Vec<Told> {
        self.lock().told.clone()
    }

    pub(crate) fn take_sent(&self) -> Vec<Sent> {
        std::mem::take(&mut self.lock().sent)
    }

    pub(crate) fn with_truth<T>(&self, look: impl FnOnce(&Truth) -> T) -> T {
        look(&self.lock().truth)
    }

    /// Waits until no request is on its way any more.
    pub(crate) async fn quiet(&self) {
        let mut wire = std::mem::take(&mut self.lock().on_the_wire);
        while wire.join_next().await.is_some() {}
    }

    /// The engine begins a life: whatever it knew of its targets is forgotten.
    pub(crate) fn new_life(&self) {
        self.lock().probes.forget();
    }

    /// How many probes targets got that were down, and what was wrong with them.
    pub(crate) fn probed(&self) -> (usize, Vec<String>) {
        let probes = &self.lock().probes;
        (probes.count, probes.violations.clone())
    }

    /// How often a target was called.
    pub(crate) fn calls(&self, name: &str) -> u64 {
        self.lock().calls.get(name).copied().unwrap_or(0)
    }

    fn serve(&self, call: &StepCall) -> Row {
        let mut inner = self.lock();
        let step = step_name(call);
        let refuse = call.attempt.half == Half::Action
            && inner.refused.iter().any(|(saga, refused)| saga == call.saga.as_str() && *refused == step);
        let barrier = inner.weather.barrier;
        inner.truth.serve(&(call.saga.to_string(), step, call.attempt.half), refuse, barrier)
    }

    fn fate(&self, service: &str) -> Fate {
        let mut inner = self.lock();
        if inner.away.iter().any(|away| away == service) {
            return Fate::NotSent;
        }
        let trouble = inner.weather.trouble_percent;
        Fate::draw(&mut inner.rng, trouble)
    }

    /// Puts a request on the wire: it arrives after `delay`, whatever becomes of the one who sent it.
    fn wire(self: &Arc<Self>, call: &StepCall, delay: Duration) -> oneshot::Receiver<Row> {
        let (arrived, answer) = oneshot::channel();
        let (network, call) = (Arc::clone(self), call.clone());
        self.lock().on_the_wire.spawn(async move {
            sleep(delay).await;
            let _ = arrived.send(network.serve(&call));
        });
        answer
    }

    async fn send(self: Arc<Self>, call: StepCall, fate: Fate) -> Outcome {
        let unclear = |reason: &str| Outcome::Unclear { reason: reason.into(), retry_after_ms: None };
        match fate {
            Fate::NotSent => {
                sleep(Duration::from_millis(1)).await;
                Outcome::NotSent
            }
            Fate::Crowded { after } => {
                sleep(after).await;
                Outcome::NotSent
            }
            Fate::Answered { after } => {
                let row = self.wire(&call, after).await;
                row.map_or_else(|_| unclear("the wire was cut"), answer)
            }
            Fate::Doubled { after } => {
                let again = self.lock().rng.u64(0..30_000);
                drop(self.wire(&call, after + Duration::from_millis(again)));
                let row = self.wire(&call, after).await;
                row.map_or_else(|_| unclear("the wire was cut"), answer)
            }
            Fate::AnswerLost { after } => {
                let _ = self.wire(&call, after).await;
                unclear("the answer was lost")
            }
            Fate::Late { timeout, arrives } => {
                drop(self.wire(&call, arrives));
                sleep(timeout).await;
                unclear("no answer in time")
            }
            Fate::Lost { timeout } => {
                sleep(timeout).await;
                unclear("the request was lost")
            }
            Fate::Fails { after, effect, retry_after_ms } => {
                if effect {
                    let _ = self.wire(&call, after).await;
                } else {
                    sleep(after).await;
                }
                Outcome::Unclear { reason: "500".into(), retry_after_ms }
            }
            Fate::Unusable { after } => match self.wire(&call, after).await {
                Ok(Row::Done) => Outcome::Unusable("not JSON".into()),
                Ok(row) => answer(row),
                Err(_) => unclear("the wire was cut"),
            },
        }
    }
}

fn answer(row: Row) -> Outcome {
    match row {
        Row::Done => Outcome::Done(br#"{"n":12345678901234567890}"#.as_slice().into()),
        Row::Refused => Outcome::Refused { reason: "the business says no".into(), sealed: true },
        Row::Blocked => Outcome::Refused { reason: "its compensation came first".into(), sealed: true },
    }
}

pub(crate) fn step_name(call: &StepCall) -> String {
    let plan = call.blueprint.definition.plan();
    plan.step(call.attempt.step).map_or_else(String::new, |step| step.name.to_string())
}

/// A call that [`Probes`] knows of for as long as the engine waits for it.
struct Watched {
    network: Arc<Network>,
    name: String,
    call: u64,
}

impl Watched {
    fn starts(network: &Arc<Network>, name: &str) -> Self {
        let mut inner = network.lock();
        let now = inner.began.elapsed();
        let call = inner.probes.starts(name, now);
        *inner.calls.entry(name.to_owned()).or_default() += 1;
        Self { network: Arc::clone(network), name: name.to_owned(), call }
    }

    fn came(self, reach: Reach) {
        let mut inner = self.network.lock();
        let now = inner.began.elapsed();
        match reach {
            Reach::Reached => inner.probes.came(&self.name, self.call, now, true),
            Reach::Unreachable => inner.probes.came(&self.name, self.call, now, false),
            Reach::Untold | Reach::Deferred => inner.probes.lost(&self.name, self.call),
        }
    }
}

impl Drop for Watched {
    /// Dropped on its way, or after it came: the second is no news.
    fn drop(&mut self) {
        self.network.lock().probes.lost(&self.name, self.call);
    }
}

/// The engine's way to the network.
pub(crate) struct SimCaller(pub(crate) Arc<Network>);

impl Caller for SimCaller {
    fn call(&self, call: StepCall) -> Answered<Came> {
        let network = Arc::clone(&self.0);
        let sent = Sent { saga: call.saga.to_string(), attempt: call.attempt };
        network.lock().sent.push(sent);
        let watched = Watched::starts(&network, &call.service);
        Box::pin(async move {
            let fate = network.fate(&call.service);
            let repeated = call.failures > 0;
            let outcome = network.send(call, fate).await;
            let reach = match fate {
                Fate::NotSent => Reach::Unreachable,
                // What is kept back may be so for want of a place, or because repeating it cannot be paid for now.
                Fate::Crowded { .. } if repeated => Reach::Deferred,
                Fate::Crowded { .. } => Reach::Untold,
                Fate::Answered { .. }
                | Fate::AnswerLost { .. }
                | Fate::Late { .. }
                | Fate::Lost { .. }
                | Fate::Fails { .. }
                | Fate::Unusable { .. }
                | Fate::Doubled { .. } => Reach::Reached,
            };
            watched.came(reach);
            Came { outcome, reach }
        })
    }

    fn notify(&self, call: NoticeCall) -> Answered<NoticeCame> {
        let network = Arc::clone(&self.0);
        // The engine keeps one line of notices for each definition.
        let watched = Watched::starts(&network, &format!("notices of {}", call.definition));
        Box::pin(async move {
            let (trouble, kind, delay) = {
                let mut inner = network.lock();
                let percent = inner.weather.trouble_percent;
                (inner.rng.u32(0..100) < percent, inner.rng.u32(0..4), inner.rng.u64(0..1_000))
            };
            sleep(Duration::from_millis(delay)).await;
            let told = Told {
                id: call.id.clone(),
                saga: call.saga.to_string(),
                body: String::from_utf8_lossy(&call.body).into_owned(),
            };
            let (notified, reach) = match (trouble, kind) {
                (true, 0) => (Notified::NotSent, Reach::Unreachable),
                (true, 1) => (Notified::NotSent, Reach::Untold),
                (true, 2) => (Notified::Failed, Reach::Reached),
                (true, _) => {
                    network.lock().told.push(told);
                    (Notified::Failed, Reach::Reached)
                }
                (false, _) => {
                    network.lock().told.push(told);
                    (Notified::Delivered, Reach::Reached)
                }
            };
            watched.came(reach);
            NoticeCame { notified, reach }
        })
    }
}
