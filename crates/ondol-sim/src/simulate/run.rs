//! One simulation: clients, an operator, and everything that can go wrong, from one seed.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use fastrand::Rng;
use ondol_core::{Phase, Text, VerbKind};
use ondol_engine::{Bug, Clock, Engine, EngineError, Handle, Options, Story, VerbRequest, Windows};
use ondol_spec::{Definition, Secrets};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::client::{Client, lock, saga_id, saga_name};
use super::clock::SimClock;
use super::log::Machine;
use super::network::{Network, SimCaller, Weather};
use super::{held, system, verdict};

/// What one simulation is made of.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// Everything random follows from it.
    pub seed: u64,
    /// Sagas submitted.
    pub sagas: u32,
    /// Do the services keep a barrier?
    pub barrier: bool,
    /// A deliberate bug in the engine's loop.
    pub bug: Option<Bug>,
}

impl Setup {
    /// The usual simulation of a seed.
    #[must_use]
    pub const fn of(seed: u64) -> Self {
        // Now and then a crowd.
        let sagas = if seed % 20 == 19 { 100 } else { 12 };
        Self { seed, sagas, barrier: true, bug: None }
    }
}

/// How a simulation ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Sagas accepted.
    pub accepted: usize,
    /// Of these, completed.
    pub completed: usize,
    /// Of these, undone.
    pub compensated: usize,
    /// Times the process was killed.
    pub crashes: u32,
    /// Times it was asked to stop.
    pub stops: u32,
    /// Times the lines were compared with what was wanted.
    pub looks: usize,
    /// Times the store was opened again after a failed write.
    pub reopened: u64,
    /// Requests sent.
    pub sent: usize,
    /// Calls to targets that the engine knew to be down.
    pub probes: usize,
    /// What did not hold.
    pub violations: Vec<String>,
}

/// Rounds of ten virtual minutes in which every saga must come to its end once everything works again.
const ROUNDS_MAX: u32 = 600;

/// How often a read is tried. A store that is opened again is there after half a second.
const READS_MAX: u32 = 200;

/// Runs one simulation, in virtual time, on this thread.
#[must_use]
pub fn run(setup: Setup) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime without I/O can always be built").block_on(World::new(setup).simulate())
}

struct World {
    setup: Setup,
    options: Options,
    rng: Rng,
    clock: Arc<SimClock>,
    network: Arc<Network>,
    machine: Arc<Machine>,
    handle: Arc<Mutex<Option<Handle>>>,
    engine: JoinSet<Result<(), EngineError>>,
    stop: CancellationToken,
    accepted: Arc<Mutex<Vec<String>>>,
    outcome: Outcome,
}

/// Bounds of the engine, sometimes so low that hardly a saga fits.
fn options(rng: &mut Rng, bug: Option<Bug>) -> Options {
    let mut options = Options { bug, ..Options::default() };
    if rng.bool() {
        options.live_bytes_max = rng.usize(1 << 10..8 << 10);
    }
    if rng.bool() {
        options.appending_max = rng.usize(1..8);
    }
    if rng.bool() {
        options.loads_max = rng.usize(1..4);
    }
    options
}

fn definitions() -> Vec<Arc<Definition>> {
    static DEFINITIONS: OnceLock<Vec<Arc<Definition>>> = OnceLock::new();
    DEFINITIONS.get_or_init(system::definitions).clone()
}

impl World {
    fn new(setup: Setup) -> Self {
        let mut rng = Rng::with_seed(setup.seed);
        let trouble_percent = rng.u32(0..60);
        let network = Network::new(rng.u64(..), Weather { trouble_percent, barrier: setup.barrier });
        let machine = Machine::new(rng.u64(..));
        let options = options(&mut rng, setup.bug);
        Self {
            setup,
            options,
            rng,
            clock: Arc::new(SimClock::new()),
            network,
            machine,
            handle: Arc::default(),
            engine: JoinSet::new(),
            stop: CancellationToken::new(),
            accepted: Arc::default(),
            outcome: Outcome::default(),
        }
    }

    async fn simulate(mut self) -> Outcome {
        self.start().await;
        let mut clients = JoinSet::new();
        for number in 0..self.setup.sagas {
            let client = self.client(number);
            clients.spawn(client.submit());
        }
        self.trouble().await;
        self.machine.mend();
        self.network.clear_up();
        // Sometimes the process goes on as it is: starting again must not be what heals a saga.
        if self.rng.bool() {
            self.crash().await;
            self.start().await;
        }
        while clients.join_next().await.is_some() {}
        self.settle().await;
        self.network.quiet().await;
        self.judge().await;
        self.crash().await;
        self.engine.shutdown().await;
        self.outcome
    }

    /// Starts the engine, as a fresh process would.
    async fn start(&mut self) {
        let handle = 'started: loop {
            let handle = self.spawn();
            while handle.put(definitions(), Arc::new(Secrets::default()), Windows::new()).await.is_err() {
                sleep(Duration::from_millis(10)).await;
                // The store could not be read, and whoever watches the process starts it again.
                if self.engine.try_join_next().is_some() {
                    continue 'started;
                }
            }
            break handle;
        };
        *lock(&self.handle) = Some(handle);
    }

    fn spawn(&mut self) -> Handle {
        let network = Arc::clone(&self.network);
        let (engine, handle) = Engine::new(
            self.options,
            Arc::new(Secrets::default()),
            self.machine.open(move || network.new_life()),
            Arc::clone(&self.clock) as Arc<dyn Clock>,
            Arc::new(SimCaller(Arc::clone(&self.network))),
        );
        self.stop = CancellationToken::new();
        self.engine.spawn(engine.run(self.stop.clone()));
        handle
    }

    /// Kills the process.
    async fn crash(&mut self) {
        self.let_go();
        self.engine.shutdown().await;
        self.outcome.crashes += 1;
        self.ended().await;
    }

    /// Asks the process to stop, and waits until it has.
    async fn stop(&mut self) {
        self.let_go();
        self.stop.cancel();
        if !matches!(self.engine.join_next().await, Some(Ok(Ok(())))) {
            self.outcome.violations.push("it was asked to stop, and failed".to_owned());
        }
        self.outcome.stops += 1;
        self.ended().await;
    }

    fn let_go(&mut self) {
        if let Some(handle) = lock(&self.handle).take() {
            self.outcome.reopened += handle.stats().snapshot().reopened;
        }
    }

    /// The process is gone. Whatever was sent must have its intent on the disk.
    async fn ended(&mut self) {
        self.machine.crash();
        let sent = self.network.take_sent();
        self.outcome.sent += sent.len();
        for sent in sent {
            if !self.machine.has_intent(&sent.saga, sent.attempt).await {
                let violation =
                    format!("{}: {:?} was sent, and its intent is not durable", sent.saga, sent.attempt);
                self.outcome.violations.push(violation);
            }
        }
    }

    async fn trouble(&mut self) {
        for _ in 0..self.rng.u32(2..9) {
            sleep(Duration::from_millis(self.rng.u64(10..6_000))).await;
            match self.rng.u8(0..9) {
                kind @ 0..=3 => {
                    if kind == 3 {
                        self.stop().await;
                    } else {
                        self.crash().await;
                    }
                    sleep(Duration::from_millis(self.rng.u64(0..5_000))).await;
                    if self.rng.bool() {
                        self.jump();
                    }
                    self.start().await;
                }
                4 => self.jump(),
                5 | 6 => {
                    let service = ["a", "b", "c"][self.rng.usize(0..3)];
                    self.network.set_away(service, true);
                    if self.rng.bool() {
                        sleep(Duration::from_millis(self.rng.u64(100..5_000))).await;
                        self.crash().await;
                        self.start().await;
                    }
                    sleep(Duration::from_millis(self.rng.u64(100..90_000))).await;
                    self.back(service).await;
                }
                _ => self.meddle().await,
            }
        }
    }

    /// A service is back. Until then nobody waited in vain, and from now on nobody waits for long.
    async fn back(&mut self, service: &str) {
        let Some(handle) = lock(&self.handle).clone() else { return };
        let ids: Vec<String> = (0..self.setup.sagas).map(saga_name).collect();
        let (looks, too_long) = held::lines(&handle, &ids).await;
        self.outcome.looks += looks;
        self.outcome.violations.extend(too_long);
        self.outcome.violations.extend(held::stuck(&handle).await);
        self.network.set_away(service, false);
        self.outcome.violations.extend(held::called_soon(&handle, &self.network, service).await);
    }

    /// Somebody sets the wall clock, by up to an hour.
    fn jump(&mut self) {
        self.clock.jump(self.rng.i64(-3_600_000..=3_600_000));
    }

    /// An operator does something to some saga, wise or not.
    async fn meddle(&mut self) {
        let Some(handle) = lock(&self.handle).clone() else { return };
        let kinds = [VerbKind::Pause, VerbKind::Resume, VerbKind::Cancel, VerbKind::Retry];
        for _ in 0..3 {
            let id = saga_name(self.rng.u32(0..self.setup.sagas));
            let kind = kinds[self.rng.usize(0..kinds.len())];
            // Refused or not, it must do no harm.
            let _ = handle.act(saga_id(&id), verb(kind, None)).await;
        }
    }

    fn client(&mut self, number: u32) -> Client {
        let id = saga_name(number);
        let definition = system::NAMES[self.rng.usize(0..system::NAMES.len())];
        let steps = ["one", "two", "pay", "root", "left", "right", "join", "first", "extra", "last"];
        if self.rng.u8(0..3) == 0 {
            self.network.refuse(&id, steps[self.rng.usize(0..steps.len())]);
        }
        Client {
            definition,
            extra: self.rng.bool(),
            run: self.rng.u128(..),
            delay: Duration::from_millis(self.rng.u64(0..10_000)),
            waits: self.rng.bool().then(|| Duration::from_millis(self.rng.u64(0..60_000))),
            handle: Arc::clone(&self.handle),
            accepted: Arc::clone(&self.accepted),
            id,
        }
    }

    /// Everything works again: with an operator who resumes and retries, every saga must end.
    async fn settle(&mut self) {
        let accepted = lock(&self.accepted).clone();
        for _ in 0..ROUNDS_MAX {
            let mut open = 0;
            for id in &accepted {
                match self.read(id).await {
                    Some(story) if story.saga.phase().ended() && story.saga.wanted().is_empty() => {}
                    Some(story) => {
                        open += 1;
                        self.help(&story).await;
                    }
                    None => open += 1,
                }
            }
            if open == 0 {
                return;
            }
            sleep(Duration::from_mins(10)).await;
        }
        self.outcome.violations.push("some saga does not end although everything works".to_owned());
    }

    async fn help(&self, story: &Story) {
        let Some(handle) = lock(&self.handle).clone() else { return };
        if story.saga.paused_at_ms().is_some() {
            let _ = handle.act(story.id.clone(), verb(VerbKind::Resume, None)).await;
        }
        if matches!(story.saga.phase(), Phase::Parked(_)) {
            for step in story.saga.plan().steps() {
                let _ = handle.act(story.id.clone(), verb(VerbKind::Retry, Some(&step.name))).await;
            }
        }
    }

    /// Reads may fail, and the store may be away for a moment.
    async fn read(&self, id: &str) -> Option<Story> {
        let handle = lock(&self.handle).clone()?;
        for _ in 0..READS_MAX {
            if let Ok(story) = handle.read(&saga_id(id)).await {
                return story;
            }
            sleep(Duration::from_millis(50)).await;
        }
        None
    }

    async fn judge(&mut self) {
        let accepted = lock(&self.accepted).clone();
        self.outcome.accepted = accepted.len();
        let told = self.network.told();
        let (probes, violations) = self.network.probed();
        self.outcome.probes = probes;
        self.outcome.violations.extend(violations);
        for id in accepted {
            let Some(story) = self.read(&id).await else {
                self.outcome.violations.push(format!("{id}: accepted, and cannot be read back"));
                continue;
            };
            match story.saga.phase() {
                Phase::Completed => self.outcome.completed += 1,
                Phase::Compensated => self.outcome.compensated += 1,
                Phase::New | Phase::Running | Phase::Compensating | Phase::Parked(_) => {}
            }
            let found = self.network.with_truth(|truth| verdict::judge(&story, truth, &told));
            self.outcome.violations.extend(found.into_iter().map(|what| format!("{id}: {what}")));
        }
    }
}

fn verb(kind: VerbKind, step: Option<&str>) -> VerbRequest {
    VerbRequest {
        kind,
        step: step.map(str::to_owned),
        half: None,
        payload: None,
        notice: None,
        note: Text::from("simulated"),
        by: Some(Text::from("ann")),
        batch: None,
        if_seq: None,
    }
}
