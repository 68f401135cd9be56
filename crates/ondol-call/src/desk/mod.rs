//! What is known of one target, and the state of its policies: shared by all who call it, behind one lock that is held
//! for some hundred nanoseconds an attempt.
//!
//! It decides nothing itself: [`policy`](crate::policy) does. It brings the time and the dice, and remembers.

mod places;
mod snapshot;
mod visit;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::clock;
use crate::fault::{self, Fault, FaultRule};
use crate::policy::balance::Load;
use crate::policy::breaker::Breaker;
use crate::policy::budget::{Budget, Empty};
use crate::policy::dice::Dice;
use crate::policy::hedge::{self, Hedge};
use crate::policy::moment::Moment;
use crate::policy::rate::Rate;
use crate::policy::settings::Settings;
use crate::story::Story;
use crate::target::{Endpoint, Operation, Target};

pub use places::Lane;
pub(crate) use places::{Patience, Place, Rejected};
pub use snapshot::{EndpointNow, TargetNow, Told};
pub(crate) use visit::{Choice, Visit};

/// Remarkable calls of one target that can be asked for afterwards.
const TOLD_MAX: usize = 64;

/// The desks of all targets, by name.
#[derive(Debug)]
pub(crate) struct Desks {
    start: Instant,
    seed: u64,
    by_name: Mutex<HashMap<String, Arc<Desk>>>,
}

/// One target's.
#[derive(Debug)]
pub(crate) struct Desk {
    name: String,
    start: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    settings: Settings,
    operations: Vec<Operation>,
    dice: Dice,
    /// Of the faults on purpose, so that they can be repeated.
    fault_dice: Dice,
    faults: Vec<FaultRule>,
    endpoints: Vec<Known>,
    /// The target's own first, then those of operations that count apart.
    gates: Vec<places::Gate>,
    /// Places of gates that were replaced meanwhile are known by it.
    generation: u64,
    budgets: Vec<Budget>,
    rates: Vec<Rate>,
    /// Where each operation counts; the last is for calls of no operation.
    counts: Vec<Counts>,
    /// One for each of `counts`, where its calls are hedged.
    hedges: Vec<Option<Hedge>>,
    told: VecDeque<Told>,
    /// It was said in the log that too few endpoints are usable.
    panic_told: bool,
}

/// Where the calls of one operation are counted, as indexes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    gate: usize,
    budget: usize,
    rate: Option<usize>,
}

/// One endpoint, as far as its health and load go.
#[derive(Debug)]
struct Known {
    endpoint: Endpoint,
    /// Which of these endpoints it was, from its first time on; visits find it by this after a change of the list.
    id: u64,
    breaker: Breaker,
    load: Load,
    /// The active health check failed last.
    unhealthy: Option<String>,
    last_error: Option<String>,
}

impl Desks {
    pub(crate) fn new(seed: u64) -> Self {
        Self { start: clock::now(), seed, by_name: Mutex::default() }
    }

    /// The desk of `target`, changed to what the target says now. What is known of endpoints that stay is kept.
    pub(crate) fn of(&self, target: &Target) -> Arc<Desk> {
        let mut desks = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        let count = desks.len() as u64;
        let desk = desks.entry(target.name.clone()).or_insert_with(|| {
            let seed = self.seed.wrapping_add(count);
            Arc::new(Desk::new(target, self.start, seed))
        });
        desk.change(target);
        Arc::clone(desk)
    }
}

impl Desks {
    /// Forgets these targets; whoever still has a handle keeps its desk.
    pub(crate) fn forget<'a>(&self, names: impl Iterator<Item = &'a str>) {
        let mut desks = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        for name in names {
            desks.remove(name);
        }
    }
}

impl State {
    /// Gates, budgets and rates as the target says: its own, and those of operations that count apart.
    fn count_anew(&mut self, target: &Target) {
        let own = &target.settings;
        self.generation += 1;
        self.gates = vec![places::Gate::new(own.throttle)];
        self.budgets = vec![Budget::new(own.budget)];
        self.rates = own.rate.map(Rate::new).into_iter().collect();
        let shared = Counts { gate: 0, budget: 0, rate: own.rate.map(|_| 0) };
        self.counts.clear();
        for Operation { settings, apart, .. } in &target.operations {
            let mut counts = shared;
            if apart.throttle {
                counts.gate = self.gates.len();
                self.gates.push(places::Gate::new(settings.throttle));
            }
            if apart.budget {
                counts.budget = self.budgets.len();
                self.budgets.push(Budget::new(settings.budget));
            }
            if apart.rate {
                counts.rate = settings.rate.map(|_| self.rates.len());
                self.rates.extend(settings.rate.map(Rate::new));
            }
            self.counts.push(counts);
        }
        self.counts.push(shared);
        let each = target.operations.iter().map(|operation| &operation.settings);
        self.hedges = each.chain([own]).map(|settings| settings.hedge.map(Hedge::new)).collect();
    }

    fn hedge(&mut self, operation: Option<usize>) -> Option<&mut Hedge> {
        let last = self.hedges.len() - 1;
        self.hedges[operation.map_or(last, |index| index.min(last))].as_mut()
    }

    fn counts(&self, operation: Option<usize>) -> Counts {
        let last = self.counts.len() - 1;
        self.counts[operation.map_or(last, |index| index.min(last))]
    }
}

impl Desk {
    fn new(target: &Target, start: Instant, seed: u64) -> Self {
        let settings = target.settings.clone();
        let state = State {
            dice: Dice::new(seed),
            fault_dice: Dice::new(0),
            faults: Vec::new(),
            endpoints: Vec::new(),
            gates: Vec::new(),
            generation: 0,
            budgets: Vec::new(),
            rates: Vec::new(),
            counts: Vec::new(),
            hedges: Vec::new(),
            operations: Vec::new(),
            told: VecDeque::new(),
            panic_told: false,
            settings,
        };
        Self { name: target.name.clone(), start, state: Mutex::new(state) }
    }

    fn change(&self, target: &Target) {
        let now = self.now();
        let mut state = self.lock();
        let state = &mut *state;
        let settings = &target.settings;
        if state.settings != *settings || state.operations != target.operations || state.gates.is_empty() {
            state.count_anew(target);
        }
        let anew = state.settings.breaker != settings.breaker || state.settings.balance != settings.balance;
        let mut before = std::mem::take(&mut state.endpoints);
        if anew {
            before.clear();
        }
        let none_before = before.is_empty();
        for endpoint in &target.endpoints {
            let kept = before.iter().position(|known| known.endpoint == *endpoint);
            let known = match kept {
                Some(index) => before.swap_remove(index),
                None => Known {
                    endpoint: endpoint.clone(),
                    id: state.dice.roll(),
                    breaker: if none_before {
                        Breaker::new(settings.breaker, Moment::START)
                    } else {
                        Breaker::new(settings.breaker, now)
                    },
                    load: Load::new(settings.balance),
                    unhealthy: None,
                    last_error: None,
                },
            };
            state.endpoints.push(known);
        }
        state.settings = settings.clone();
        state.operations.clone_from(&target.operations);
        if state.faults != target.faults {
            let seed =
                target.faults.iter().fold(0, |seed: u64, rule| seed.wrapping_mul(31).wrapping_add(rule.seed));
            state.fault_dice = Dice::new(seed);
            state.faults.clone_from(&target.faults);
        }
    }

    pub(crate) fn now(&self) -> Moment {
        Moment::at(clock::now().saturating_duration_since(self.start))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // What is under it are counters and small decisions; a panic in between leaves them usable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call came: it needs a place in its rate. `operation` is the index of its operation.
    pub(crate) fn begin(&self, operation: Option<usize>) -> Result<(), Rejected> {
        let now = self.now();
        let mut state = self.lock();
        let counts = state.counts(operation);
        match counts.rate {
            Some(rate) => state.rates[rate].admit(now).map_err(Rejected::from),
            None => Ok(()),
        }
    }

    /// A call got its first place: it earns budget, once. One that a limit refused earns nothing.
    pub(crate) fn earn(&self, operation: Option<usize>) {
        let now = self.now();
        let mut state = self.lock();
        let counts = state.counts(operation);
        state.budgets[counts.budget].deposit(now);
    }

    /// Pays for a retry or a hedge. Gives what is left.
    pub(crate) fn pay(&self, operation: Option<usize>, cost: u32) -> Result<i64, Empty> {
        let now = self.now();
        let mut state = self.lock();
        let counts = state.counts(operation);
        state.budgets[counts.budget].withdraw(now, cost)
    }

    /// What the budget has left.
    pub(crate) fn balance(&self, operation: Option<usize>) -> i64 {
        let now = self.now();
        let state = self.lock();
        state.budgets[state.counts(operation).budget].balance(now)
    }

    /// How long until the budget can pay `cost`; a second where only new calls would help.
    pub(crate) fn budget_wait(&self, empty: &Empty) -> Duration {
        empty.next_at.map_or(Duration::from_secs(1), |at| at.since(self.now()))
    }

    /// The fault on purpose that an attempt meets, if it meets one.
    pub(crate) fn fault(&self) -> Option<Fault> {
        let mut state = self.lock();
        let state = &mut *state;
        fault::draw(&state.faults, &mut state.fault_dice)
    }

    /// Lends the dice.
    pub(crate) fn roll<T>(&self, draw: impl FnOnce(&mut Dice) -> T) -> T {
        draw(&mut self.lock().dice)
    }

    /// After how long `call` gets a second copy; none where its calls are not hedged.
    pub(crate) fn hedge_after(
        &self,
        operation: Option<usize>,
        call: &hedge::Call<'_>,
    ) -> Option<Result<Duration, hedge::WhyNot>> {
        self.lock().hedge(operation).map(|hedge| hedge.after(call))
    }

    /// A first copy took so long, or was given up after so long.
    pub(crate) fn record(&self, operation: Option<usize>, took: Duration) {
        let now = self.now();
        if let Some(hedge) = self.lock().hedge(operation) {
            hedge.record(now, took);
        }
    }

    /// Keeps the story of a remarkable call.
    pub(crate) fn tell(&self, method: &http::Method, path: &str, ended: String, story: Story) {
        if !story.is_remarkable() {
            return;
        }
        let at = clock::now().saturating_duration_since(self.start);
        let mut state = self.lock();
        if state.told.len() >= TOLD_MAX {
            state.told.pop_front();
        }
        state.told.push_back(Told { at, method: method.clone(), path: path.to_owned(), ended, story });
    }
}
