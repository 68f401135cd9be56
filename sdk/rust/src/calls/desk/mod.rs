//! The state of one target's policies, shared by all clones of a layer and its services, behind one lock that is held
//! for some hundred nanoseconds an attempt.
//!
//! It decides nothing: `ondol_call::policy` does. It brings time and dice, and remembers.

mod places;
mod visit;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ondol_call::policy::balance::Load;
use ondol_call::policy::breaker::Breaker;
use ondol_call::policy::budget::Budget;
use ondol_call::policy::dice::Dice;
use ondol_call::policy::moment::Moment;
use ondol_call::policy::rate::Rate;
use ondol_call::policy::retry::Stop;
use ondol_call::policy::settings::Settings;
use ondol_call::policy::throttle::Throttle;

use super::{Clock, Limit};
pub(super) use places::Place;
use places::Queue;
pub(super) use visit::Visit;

/// One target's policies.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) name: Arc<str>,
    pub(super) settings: Settings,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    dice: Dice,
    rate: Option<Rate>,
    budget: Budget,
    throttle: Throttle,
    queue: Queue,
    endpoints: Vec<Known>,
    /// It was said in the log that too few endpoints are usable.
    panic_told: bool,
}

/// One endpoint, as far as its health and load go.
#[derive(Debug)]
struct Known {
    name: Arc<str>,
    breaker: Breaker,
    load: Load,
}

impl Desk {
    pub(super) fn new(
        name: String,
        endpoints: impl IntoIterator<Item = String>,
        settings: Settings,
        clock: Clock,
        seed: u64,
    ) -> Arc<Self> {
        let known = |name: String| Known {
            name: name.into(),
            breaker: Breaker::new(settings.breaker, Moment::START),
            load: Load::new(settings.balance),
        };
        let state = State {
            dice: Dice::new(seed),
            rate: settings.rate.map(Rate::new),
            budget: Budget::new(settings.budget),
            throttle: Throttle::new(settings.throttle),
            queue: Queue::default(),
            endpoints: endpoints.into_iter().map(known).collect(),
            panic_told: false,
        };
        Arc::new(Self { name: name.into(), settings, clock, state: Mutex::new(state) })
    }

    pub(super) fn now(&self) -> Moment {
        self.clock.now()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // What is under it are counters and small decisions; a panic in between leaves them usable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call came: it earns budget, and needs a place in the rate.
    pub(super) fn begin(&self) -> Result<(), Limit> {
        let now = self.now();
        let mut state = self.lock();
        state.budget.deposit(now);
        match &mut state.rate {
            Some(rate) => rate.admit(now).map_err(Limit::from),
            None => Ok(()),
        }
    }

    /// Pays for another attempt, which may cost nothing. Gives what is left.
    pub(super) fn pay(&self, cost: u32) -> Result<i64, Stop> {
        let now = self.now();
        let mut state = self.lock();
        match cost {
            0 => Ok(state.budget.balance(now)),
            cost => state.budget.withdraw(now, cost).map_err(Stop::from),
        }
    }

    /// Lends the dice.
    pub(super) fn roll<T>(&self, draw: impl FnOnce(&mut Dice) -> T) -> T {
        draw(&mut self.lock().dice)
    }
}
