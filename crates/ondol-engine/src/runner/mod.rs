//! The runner: every saga has one owner, and this is it.
//!
//! It is a state machine without I/O: messages and results go in, effects come out. What is to be done with a saga is
//! always found the same way, by asking the core what the durable state wants and comparing that with what is under
//! way; nothing is ever sent that is not wanted by what the log already holds.

mod definitions;
mod errands;
mod halt;
mod intake;
mod line;
mod live;
mod memory;
mod reconcile;
mod target;
mod timers;
mod watchers;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use ondol_spec::Secrets;
use ondol_store::log::{Appended, Entry, LogError, Space};
use tokio::sync::oneshot;
use tokio::task::JoinError;

pub(crate) use halt::{Broken, Halt};
pub(crate) use live::Work;
pub use target::TargetStatus;

use crate::caller::{Came, NoticeCall, NoticeCame, StepCall};
use crate::clock::SteadyTime;
use crate::error::{ActError, SubmitError};
use crate::handle::{Acted, PutDefinitions, Reached, SubmitRequest, Submitted, VerbRequest, Windows};
use crate::id::SagaId;
use crate::options::Options;
use crate::registry::Registry;
use crate::room::Room;
use crate::stats::Stats;
use crate::story::{Story, Untold};
use definitions::Definitions;
use live::{Errand, Slot};
use target::{Leave, Target};
use timers::Timers;
use watchers::Watchers;

/// What both clocks show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    pub(crate) wall_ms: u64,
    pub(crate) mono_ms: u64,
}

/// What a client asks.
#[derive(Debug)]
pub(crate) enum Message {
    Submit(Box<SubmitRequest>, Room, oneshot::Sender<Result<Submitted, SubmitError>>),
    Act(SagaId, VerbRequest, Room, oneshot::Sender<Result<Acted, ActError>>),
    Put(PutDefinitions, oneshot::Sender<Vec<(Arc<str>, u32)>>),
    Watch(SagaId, oneshot::Sender<Option<Reached>>),
    Targets(oneshot::Sender<Vec<(Arc<str>, TargetStatus)>>),
}

/// What came of an effect.
#[derive(Debug)]
pub(crate) enum Done {
    Appended(Vec<Ticket>, Result<Vec<Appended>, LogError>),
    Loaded(SagaId, Result<Box<Story>, Untold>),
    Called { id: SagaId, work: Work, grant: Grant, came: Came },
    Notified { id: SagaId, work: Work, grant: Grant, came: NoticeCame },
}

/// What one appended entry was for.
#[derive(Debug)]
pub(crate) enum Ticket {
    Saga(SagaId),
    /// This version of this definition.
    Definition(Arc<str>, u32),
}

/// What the outside shall do.
#[derive(Debug)]
pub(crate) enum Effect {
    Load(SagaId),
    Call { work: Work, grant: Grant, call: Box<StepCall> },
    Notify { work: Work, grant: Grant, call: Box<NoticeCall> },
}

/// A target let one call go. It goes wherever the call does, and back to the target with what came of it.
#[derive(Debug)]
pub(crate) struct Grant {
    target: Arc<str>,
    leave: Leave,
}

pub(crate) struct Runner {
    options: Options,
    stats: Arc<Stats>,
    secrets: Arc<Secrets>,
    windows: Windows,
    pub(crate) registry: Registry,
    time: SteadyTime,
    now_ms: u64,
    mono_ms: u64,
    space: Space,
    slots: HashMap<SagaId, Slot>,
    /// Sagas in memory that need not be there, by how long that has been so.
    idle: BTreeMap<u64, SagaId>,
    /// The last number given in `idle`.
    turn: u64,
    watchers: Watchers,
    timers: Timers,
    targets: BTreeMap<Arc<str>, Target<(SagaId, Work)>>,
    /// Sagas with calls in flight when the process before this one ended, not read yet.
    unrecovered: HashSet<SagaId>,
    recovering: VecDeque<SagaId>,
    loads: VecDeque<SagaId>,
    loading: usize,
    live_bytes: usize,
    appending: usize,
    on_their_way: usize,
    draining: bool,
    entries: Vec<Entry>,
    tickets: Vec<Ticket>,
    effects: Vec<Effect>,
    granted: VecDeque<(SagaId, Work, Grant)>,
    illegal: BTreeMap<SagaId, String>,
    definitions: Definitions,
    /// A result that ended the wait, to be taken in with this turn.
    pub(crate) pending: Option<Result<Done, JoinError>>,
}

/// A saga that sleeps when the store is opened is looked at after this long, in milliseconds, if it is not due before. How
/// long it has to sleep is only as right as the clock was at that moment; its journal tells what time it was before.
const FIRST_LOOK_MS: u64 = 60_000;

/// So many of them a millisecond, one after the other: reading them back must not be what keeps everybody else waiting.
const FIRST_LOOKS_A_MS: u64 = 1;

/// Journals read at once while sagas have as many bytes in memory as they may: nobody knows how large one is before it is
/// read, and each that is read back may be what makes room.
const LOADS_WHEN_FULL_MAX: usize = 4;

impl Runner {
    pub(crate) fn new(
        options: Options,
        stats: Arc<Stats>,
        (secrets, windows): (Arc<Secrets>, Windows),
        registry: Registry,
        clocks: Reading,
    ) -> Self {
        Self {
            options,
            stats,
            secrets,
            windows,
            registry,
            time: SteadyTime::new(clocks.wall_ms, clocks.mono_ms),
            now_ms: clocks.wall_ms,
            mono_ms: clocks.mono_ms,
            space: Space { free_bytes: u64::MAX, accepting: true },
            slots: HashMap::new(),
            idle: BTreeMap::new(),
            turn: 0,
            watchers: Watchers::default(),
            timers: Timers::default(),
            targets: BTreeMap::new(),
            unrecovered: HashSet::new(),
            recovering: VecDeque::new(),
            loads: VecDeque::new(),
            loading: 0,
            live_bytes: 0,
            appending: 0,
            on_their_way: 0,
            draining: false,
            entries: Vec::new(),
            tickets: Vec::new(),
            effects: Vec::new(),
            granted: VecDeque::new(),
            illegal: BTreeMap::new(),
            definitions: Definitions::default(),
            pending: None,
        }
    }

    /// Learns the time and the room on the disk; every turn begins with it.
    pub(crate) fn observe(&mut self, clocks: Reading, space: Space) {
        self.now_ms = self.time.now_ms(clocks.wall_ms, clocks.mono_ms);
        self.mono_ms = clocks.mono_ms;
        self.space = space;
    }

    /// What was put in and is not in the log: it holds after the store is opened again, too.
    pub(crate) fn live(&self) -> (Arc<Secrets>, Windows) {
        (Arc::clone(&self.secrets), self.windows.clone())
    }

    /// Takes in a saga that was open when the store was opened. `hint` is what its last record was marked with.
    pub(crate) fn recover(&mut self, id: SagaId, hint: u64) {
        match hint {
            0 => {
                self.unrecovered.insert(id.clone());
                self.recovering.push_back(id);
            }
            // Paused or parked: a person wakes it.
            u64::MAX => {}
            due_ms => {
                let look_ms = FIRST_LOOK_MS + self.slots.len() as u64 / FIRST_LOOKS_A_MS;
                let sleep_ms = due_ms.saturating_sub(self.now_ms).min(look_ms);
                self.timers.set(&id, Some((self.mono_ms + sleep_ms, self.now_ms + sleep_ms)));
                self.slots.insert(id, Slot::Asleep { lined: Vec::new() });
            }
        }
    }

    /// Takes in what came of an effect.
    pub(crate) fn done(&mut self, done: Done) -> Result<(), Halt> {
        match done {
            Done::Appended(tickets, result) => {
                let results = result.map_err(Broken::from).map_err(Halt::Broken)?;
                for (ticket, appended) in tickets.into_iter().zip(results) {
                    self.appended(ticket, appended)?;
                }
                Ok(())
            }
            Done::Loaded(id, result) => self.loaded(&id, result),
            Done::Called { id, work, grant, came } => {
                self.called(id, work, grant, came);
                Ok(())
            }
            Done::Notified { id, work, grant, came } => {
                self.notified(id, work, grant, came);
                Ok(())
            }
        }
    }

    /// Does what is due, and what the messages of this turn made possible.
    pub(crate) fn tick(&mut self) {
        while let Some((id, due_ms)) = self.timers.pop(self.mono_ms) {
            let input = ondol_core::Input::Timer;
            self.errand(&id, Errand::Input { input, not_before_ms: due_ms });
        }
        let due = |target: &Target<_>| target.next_at_ms().is_some_and(|at_ms| at_ms <= self.mono_ms);
        let moving = self.targets.iter().filter(|(_, target)| due(target)).map(|(name, _)| Arc::clone(name));
        for name in moving.collect::<Vec<_>>() {
            self.pump(&name);
        }
        self.deliver_granted();
        self.evict();
        self.start_loads();
        self.stats.gauges(self.slots.len(), self.live_bytes, self.appending, self.unrecovered.len());
    }

    /// When [`Self::tick`] is needed again, in monotonic milliseconds.
    pub(crate) fn next_ms(&self) -> Option<u64> {
        // While draining nothing is let go any more, so nothing is waited for that would be.
        let targets = if self.draining { None } else { Some(self.targets.values()) };
        let lines = targets.into_iter().flatten().filter_map(Target::next_at_ms);
        // What is to be read back waits for nothing: after a start no message may come for long.
        let reading = self.may_load().then_some(self.mono_ms);
        lines.chain(self.timers.next_ms()).chain(reading).min()
    }

    fn may_load(&self) -> bool {
        self.loading < self.loads_max() && (!self.loads.is_empty() || self.may_recover())
    }

    const fn loads_max(&self) -> usize {
        let Options { live_bytes_max, loads_max, .. } = self.options;
        if self.live_bytes < live_bytes_max || loads_max < LOADS_WHEN_FULL_MAX {
            loads_max
        } else {
            LOADS_WHEN_FULL_MAX
        }
    }

    /// Sagas that were in flight are read back as fast as their appends become durable. Never is one kept back because
    /// others wait for a target that is away: that would be for ever.
    fn may_recover(&self) -> bool {
        !self.recovering.is_empty() && self.appending < self.options.appending_max
    }

    /// What this turn wants appended, in order.
    pub(crate) fn take_append(&mut self) -> Option<(Vec<Ticket>, Vec<Entry>)> {
        if self.entries.is_empty() || !self.definitions.may_append() {
            return None;
        }
        self.definitions.append(&self.tickets);
        Some((std::mem::take(&mut self.tickets), std::mem::take(&mut self.entries)))
    }

    /// What else this turn wants done.
    pub(crate) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Accepts nothing more and sends nothing more.
    pub(crate) fn drain(&mut self) {
        self.draining = true;
    }

    /// Is everything that was on its way back and recorded?
    pub(crate) fn drained(&self) -> bool {
        self.draining && self.on_their_way == 0 && self.appending == 0 && self.definitions.settled()
    }

    fn targets_status(&self) -> Vec<(Arc<str>, TargetStatus)> {
        self.targets.iter().map(|(name, target)| (Arc::clone(name), target.status())).collect()
    }

    fn start_loads(&mut self) {
        while self.loading < self.loads_max() {
            let next = self
                .loads
                .pop_front()
                .or_else(|| if self.may_recover() { self.next_recovering() } else { None });
            let Some(id) = next else { break };
            self.loading += 1;
            self.effects.push(Effect::Load(id));
        }
    }

    fn next_recovering(&mut self) -> Option<SagaId> {
        loop {
            let id = self.recovering.pop_front()?;
            // Others may have been read meanwhile, since somebody asked for them.
            if self.unrecovered.contains(&id) && !self.slots.contains_key(&id) {
                self.slots.insert(id.clone(), Slot::Loading { errands: VecDeque::new(), lined: Vec::new() });
                return Some(id);
            }
        }
    }

    /// Lets calls of a target go, as many as may.
    fn pump(&mut self, name: &Arc<str>) {
        if self.draining {
            return;
        }
        if let Some(target) = self.targets.get_mut(name) {
            while let Some(((id, work), leave)) = target.grant(self.mono_ms) {
                self.granted.push_back((id, work, Grant { target: Arc::clone(name), leave }));
            }
        }
    }

    fn deliver_granted(&mut self) {
        while let Some((id, work, grant)) = self.granted.pop_front() {
            match self.slots.get(&id) {
                Some(Slot::Live(_) | Slot::Asleep { .. } | Slot::Loading { .. }) => {
                    self.errand(&id, Errand::Granted(work, grant));
                }
                None => self.release(grant),
            }
        }
    }

    /// A granted call was not sent after all.
    fn release(&mut self, grant: Grant) {
        let Grant { target: name, leave } = grant;
        if let Some(target) = self.targets.get_mut(&name) {
            target.released(leave, self.mono_ms);
        }
        self.pump(&name);
    }
}
