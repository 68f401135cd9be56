//! The loop around the runner: the only place where the engine waits, and where effects are carried out.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::FutureExt;
use ondol_core::Outcome;
use ondol_spec::Secrets;
use ondol_store::log::{Appended, Log, LogError, Position};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::begin::{Setup, begin_again, read, recover, turning_away};
use crate::caller::{Caller, Came, NoticeCame, Notified, Reach};
use crate::clock::Clock;
use crate::error::{EngineError, chain};
use crate::handle::{Handle, Health, INBOX_MAX, LogCell, Shared, Windows};
use crate::options::Options;
use crate::registry::Registry;
use crate::room::Rooms;
use crate::runner::{Broken, Done, Effect, Halt, Message, Reading, Runner};
use crate::stats::Stats;
use crate::story::Story;

/// Opens the log; called again after a failed write. The engine has dropped the one before.
pub type OpenLog =
    Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Arc<dyn Log>, LogError>> + Send>> + Send + Sync>;

/// Messages and results taken in one turn; what they want appended goes to the log as one batch.
const TURN_MAX: usize = 512;

/// How often the room on the disk is looked at, in milliseconds: at a gigabyte a second the disk loses 100 MB meanwhile,
/// less than the room that is kept free.
const SPACE_EVERY_MS: u64 = 100;

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
        let handle = Handle { inbox: sender, rooms: Rooms::new(), shared: Arc::clone(&shared) };
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
        let mut runner = recover(&self.setup(), &*log).await?;
        loop {
            match self.life(runner, log, stop).await {
                Ended::Drained => return Ok(()),
                Ended::Halted(Halt::Fenced(epoch)) => return Err(EngineError::Fenced { epoch }),
                Ended::Halted(Halt::Broken(error)) => {
                    tracing::error!(error = %chain(&error), "dropping all memory; opening the store again");
                    self.shared.health.send_replace(Health::Reopening(chain(&error)));
                    self.set_log(None);
                    let setup = self.setup();
                    let begun = turning_away(&mut self.inbox, begin_again(&self.open, setup, stop)).await?;
                    let Some(begun) = begun else { return Ok(()) };
                    (log, runner) = begun;
                }
            }
        }
    }

    /// From recovery to its end: one turn after the other.
    async fn life(&mut self, mut runner: Runner, log: Arc<dyn Log>, stop: &CancellationToken) -> Ended {
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
                return Ended::Halted(halt);
            }
            self.carry_out(&mut runner, &mut tasks, &log);
            let out_of_patience = drain_until_ms.is_some_and(|until_ms| self.clock.mono_ms() >= until_ms);
            if runner.drained() || out_of_patience {
                tasks.shutdown().await;
                return Ended::Drained;
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
            let append = async move { log.append(log.epoch(), entries).await };
            let mut append = Box::pin(AssertUnwindSafe(append).catch_unwind());
            // Asked for at once, so that the log's writer begins while this turn goes on; who waits for the answer is told
            // the same whether it came in between or not.
            let early = append.as_mut().now_or_never();
            tasks.spawn(async move {
                let result = match early {
                    Some(result) => result,
                    None => append.await,
                };
                // One that panicked is this task's panic, wherever it was when it did.
                let result = result.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
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
        read(&*self.clock)
    }

    fn setup(&self) -> Setup {
        Setup {
            options: self.options,
            shared: Arc::clone(&self.shared),
            clock: Arc::clone(&self.clock),
            live: (Arc::clone(&self.secrets), self.windows.clone()),
        }
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
