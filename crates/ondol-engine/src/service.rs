//! The loop around the runner: the only place where the engine waits, and where effects are carried out.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::FutureExt;
use ondol_core::Outcome;
use ondol_spec::Secrets;
use ondol_store::log::{Appended, Log, LogError, Position, StreamId};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::caller::{Caller, Came, NoticeCame, Notified, Reach};
use crate::clock::Clock;
use crate::error::EngineError;
use crate::handle::{Handle, Health, INBOX_MAX, LogCell, Shared, Windows};
use crate::id::SagaId;
use crate::options::Options;
use crate::registry::Registry;
use crate::runner::{Broken, Done, Effect, Halt, Message, Reading, Runner};
use crate::stats::Stats;
use crate::story::Story;

/// Opens the log; called again after a failed write. The engine has dropped the one before.
pub type OpenLog =
    Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Arc<dyn Log>, LogError>> + Send>> + Send + Sync>;

/// Messages and results taken in one turn; what they want appended goes to the log as one batch.
const TURN_MAX: usize = 512;

/// Open streams read at once while starting.
const RECOVER_PAGE: usize = 4_096;

/// How often the room on the disk is looked at, in milliseconds: at a gigabyte a second the disk loses 100 MB meanwhile,
/// less than the room that is kept free.
const SPACE_EVERY_MS: u64 = 100;

/// Pause before the log is opened again, in milliseconds. A disk that fails is not helped by haste.
const REOPEN_PAUSE_MS: u64 = 500;

/// The engine. Everything outside is an argument.
pub struct Engine {
    options: Options,
    open: OpenLog,
    clock: Arc<dyn Clock>,
    caller: Arc<dyn Caller>,
    secrets: Arc<Secrets>,
    windows: Windows,
    inbox: mpsc::Receiver<Message>,
    listening: bool,
    shared: Arc<Shared>,
    /// How often the place in `options.die_at` was visited.
    #[cfg(feature = "torture")]
    visits: std::sync::atomic::AtomicU64,
}

/// Why one life of the runner ended.
enum Ended {
    Drained,
    Halted(Halt),
}

impl Engine {
    /// An engine and its handle. It does nothing before [`Self::run`].
    #[must_use]
    pub fn new(
        options: Options,
        secrets: Arc<Secrets>,
        open: OpenLog,
        clock: Arc<dyn Clock>,
        caller: Arc<dyn Caller>,
    ) -> (Self, Handle) {
        let (sender, inbox) = mpsc::channel(INBOX_MAX);
        let shared = Arc::new(Shared {
            stats: Arc::new(Stats::default()),
            registry: RwLock::new(Arc::new(Registry::default())),
            log: RwLock::new(None),
            health: watch::Sender::new(Health::Starting),
            position: watch::Sender::new(Position::START),
        });
        let handle = Handle { inbox: sender, shared: Arc::clone(&shared) };
        let engine = Self {
            options,
            open,
            clock,
            caller,
            secrets,
            windows: Windows::new(),
            inbox,
            listening: true,
            shared,
            #[cfg(feature = "torture")]
            visits: std::sync::atomic::AtomicU64::new(0),
        };
        (engine, handle)
    }

    /// Runs until `stop` is cancelled and what was on its way is recorded.
    ///
    /// # Errors
    ///
    /// [`EngineError`] where the store cannot be opened or read at the start, or belongs to another Ondol.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), EngineError> {
        let result = self.lives(&stop).await;
        let word = result.as_ref().map_or_else(ToString::to_string, |()| "stopped".to_owned());
        self.shared.health.send_replace(Health::Stopped(word));
        self.set_log(None);
        result
    }

    async fn lives(&mut self, stop: &CancellationToken) -> Result<(), EngineError> {
        let mut log = (self.open)().await.map_err(EngineError::Open)?;
        let mut first = true;
        loop {
            let ended = match self.life(log, stop).await {
                // Who starts Ondol sees at once that the store cannot be read. Later it is tried again, as every write is.
                Err(EngineError::Recover(error)) if !first => Ended::Halted(Halt::Broken(error.into())),
                ended => ended?,
            };
            first = false;
            match ended {
                Ended::Drained => return Ok(()),
                Ended::Halted(Halt::Fenced(epoch)) => return Err(EngineError::Fenced { epoch }),
                Ended::Halted(Halt::Broken(error)) => {
                    tracing::error!(error = %chain(&error), "dropping all memory; opening the store again");
                    self.shared.stats.reopened();
                    self.shared.health.send_replace(Health::Reopening(chain(&error)));
                    self.set_log(None);
                    match self.reopen(stop).await {
                        Some(opened) => log = opened,
                        None => return Ok(()),
                    }
                }
            }
        }
    }

    /// Opens the log again, as often as it takes; nothing accepted is given up because a disk is ill.
    async fn reopen(&self, stop: &CancellationToken) -> Option<Arc<dyn Log>> {
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return None,
                () = tokio::time::sleep(Duration::from_millis(REOPEN_PAUSE_MS)) => {}
            }
            match (self.open)().await {
                Ok(log) => return Some(log),
                Err(error) => {
                    tracing::error!(error = %chain(&error), "the store cannot be opened yet");
                    self.shared.health.send_replace(Health::Reopening(chain(&error)));
                }
            }
        }
    }

    /// From opening the log to its end: recovery, then one turn after the other.
    async fn life(&mut self, log: Arc<dyn Log>, stop: &CancellationToken) -> Result<Ended, EngineError> {
        let live = (&self.secrets, &self.windows);
        let mut runner = recover(&self.options, &self.shared, live, &*log, self.reading()).await?;
        self.publish(&runner);
        self.set_log(Some(LogCell(Arc::clone(&log))));
        self.shared.health.send_replace(Health::Ready);
        let mut tasks: JoinSet<Done> = JoinSet::new();
        let mut messages = Vec::with_capacity(TURN_MAX);
        let mut drain_until_ms = None;
        let (mut space, mut look_at_ms) = (log.space(), 0);
        loop {
            self.wait(&mut runner, &mut tasks, &mut messages, stop, drain_until_ms).await;
            if stop.is_cancelled() && drain_until_ms.is_none() {
                runner.drain();
                drain_until_ms = Some(self.clock.mono_ms() + self.options.drain_ms);
            }
            let reading = self.reading();
            if reading.mono_ms >= look_at_ms {
                space = log.space();
                look_at_ms = reading.mono_ms + SPACE_EVERY_MS;
            }
            runner.observe(reading, space);
            if let Err(halt) = self.turn(&mut runner, &mut tasks, &mut messages) {
                tasks.shutdown().await;
                // Whatever was put in since the start holds after the store is opened again.
                (self.secrets, self.windows) = runner.live();
                return Ok(Ended::Halted(halt));
            }
            self.carry_out(&mut runner, &mut tasks, &log);
            let out_of_patience = drain_until_ms.is_some_and(|until_ms| self.clock.mono_ms() >= until_ms);
            if runner.drained() || out_of_patience {
                tasks.shutdown().await;
                return Ok(Ended::Drained);
            }
        }
    }

    /// Waits until there is something to do. A first result or messages are taken in on the way.
    async fn wait(
        &mut self,
        runner: &mut Runner,
        tasks: &mut JoinSet<Done>,
        messages: &mut Vec<Message>,
        stop: &CancellationToken,
        drain_until_ms: Option<u64>,
    ) {
        let now_ms = self.clock.mono_ms();
        let next_ms = runner.next_ms().into_iter().chain(drain_until_ms).min();
        let pause = next_ms.map(|next_ms| Duration::from_millis(next_ms.saturating_sub(now_ms)));
        let timer = async {
            match pause {
                Some(pause) => tokio::time::sleep(pause).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = stop.cancelled(), if drain_until_ms.is_none() => {}
            received = self.inbox.recv_many(messages, TURN_MAX), if self.listening => {
                // Every handle is gone: nobody can ask anything any more.
                if received == 0 {
                    self.listening = false;
                    stop.cancel();
                }
            }
            Some(done) = tasks.join_next(), if !tasks.is_empty() => {
                runner.pending = Some(done);
            }
            () = timer => {}
        }
    }

    fn turn(
        &mut self,
        runner: &mut Runner,
        tasks: &mut JoinSet<Done>,
        messages: &mut Vec<Message>,
    ) -> Result<(), Halt> {
        for message in messages.drain(..) {
            runner.message(message);
        }
        for at in 0..TURN_MAX {
            let ended = if at == 0 { runner.pending.take() } else { None };
            let Some(done) = ended.or_else(|| tasks.try_join_next()) else { break };
            // A task that failed took with it what came of an append, or a saga that was being read: begin again.
            self.done(runner, done.map_err(Broken::from).map_err(Halt::Broken)?)?;
        }
        runner.tick();
        Ok(())
    }

    fn done(&self, runner: &mut Runner, done: Done) -> Result<(), Halt> {
        #[cfg(feature = "torture")]
        self.visit(&done);
        if let Done::Appended(_, Ok(results)) = &done {
            let last = results.iter().filter_map(|appended| match appended {
                Appended::Durable(position) => Some(*position),
                Appended::Conflict { .. } | Appended::Fenced { .. } => None,
            });
            if let Some(last) = last.max() {
                self.shared.position.send_if_modified(|position| {
                    let later = last > *position;
                    *position = last.max(*position);
                    later
                });
            }
        }
        runner.done(done)
    }

    /// Aborts at the chosen visit: nothing is flushed, drained or dropped.
    #[cfg(feature = "torture")]
    fn visit(&self, done: &Done) {
        use crate::options::DiePoint;
        let Some(die_at) = self.options.die_at else { return };
        let here = match done {
            Done::Appended(_, Ok(_)) => die_at.point == DiePoint::AfterAppend,
            Done::Called { .. } => die_at.point == DiePoint::AfterAnswer,
            Done::Loaded(_, Ok(_)) => die_at.point == DiePoint::MidRecovery,
            Done::Appended(_, Err(_)) | Done::Loaded(_, Err(_)) | Done::Notified { .. } => false,
        };
        if here && self.visits.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1 == die_at.visit {
            std::process::abort();
        }
    }

    fn carry_out(&self, runner: &mut Runner, tasks: &mut JoinSet<Done>, log: &Arc<dyn Log>) {
        if let Some((tickets, entries)) = runner.take_append() {
            if tickets.iter().any(|ticket| !matches!(ticket, crate::runner::Ticket::Saga(_))) {
                self.publish(runner);
            }
            let log = Arc::clone(log);
            tasks.spawn(async move {
                let result = log.append(log.epoch(), entries).await;
                Done::Appended(tickets, result)
            });
        }
        for effect in runner.take_effects() {
            match effect {
                Effect::Load(id) => {
                    let (log, registry) = (Arc::clone(log), self.registry());
                    tasks.spawn(async move {
                        let story = Story::read(&*log, &registry, &id).await.map(Box::new);
                        Done::Loaded(id, story)
                    });
                }
                Effect::Call { work, grant, call } => {
                    let (id, caller) = (call.saga.clone(), Arc::clone(&self.caller));
                    let answer = AssertUnwindSafe(async move { caller.call(*call).await }).catch_unwind();
                    tasks.spawn(async move {
                        let came = answer.await.unwrap_or_else(|_| Came {
                            outcome: Outcome::Unclear {
                                reason: "the caller failed; this is a bug in Ondol, please report it".into(),
                                retry_after_ms: None,
                            },
                            reach: Reach::Untold,
                        });
                        Done::Called { id, work, grant, came }
                    });
                }
                Effect::Notify { work, grant, call } => {
                    let (id, caller) = (call.saga.clone(), Arc::clone(&self.caller));
                    let answer = AssertUnwindSafe(async move { caller.notify(*call).await }).catch_unwind();
                    tasks.spawn(async move {
                        let came = answer
                            .await
                            .unwrap_or(NoticeCame { notified: Notified::Failed, reach: Reach::Untold });
                        Done::Notified { id, work, grant, came }
                    });
                }
            }
        }
    }

    fn reading(&self) -> Reading {
        Reading { wall_ms: self.clock.wall_ms(), mono_ms: self.clock.mono_ms() }
    }

    fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.shared.registry.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn publish(&self, runner: &Runner) {
        let registry = Arc::new(runner.registry.clone());
        *self.shared.registry.write().unwrap_or_else(PoisonError::into_inner) = registry;
    }

    fn set_log(&self, log: Option<LogCell>) {
        *self.shared.log.write().unwrap_or_else(PoisonError::into_inner) = log;
    }
}

/// Reads what is open. Not a way of its own to continue a saga: it only finds out which to look at, and when.
async fn recover(
    options: &Options,
    shared: &Shared,
    (secrets, windows): (&Arc<Secrets>, &Windows),
    log: &dyn Log,
    clocks: Reading,
) -> Result<Runner, EngineError> {
    let mut registry = Registry::default();
    let mut sagas = Vec::new();
    let mut after: Option<StreamId> = None;
    loop {
        let page = log.open_streams(after.as_ref(), RECOVER_PAGE).await.map_err(EngineError::Recover)?;
        let Some(last) = page.last() else { break };
        after = Some(last.stream.clone());
        for open in page {
            if let Some(name) = Registry::name_of(&open.stream) {
                for record in log.read(&open.stream, 0).await.map_err(EngineError::Recover)? {
                    registry.load(name, record.seq, &record.bytes)?;
                }
            } else if let Some(id) = SagaId::of_stream(&open.stream) {
                sagas.push((id, open.hint));
            }
        }
    }
    let live = (Arc::clone(secrets), windows.clone());
    let mut runner = Runner::new(*options, Arc::clone(&shared.stats), live, registry, clocks);
    for (id, hint) in sagas {
        runner.recover(id, hint);
    }
    Ok(runner)
}

/// An error with everything that led to it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
