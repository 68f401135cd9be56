//! A machine with a disk, an engine on it, and services at the other end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use ondol_core::{Outcome, VerbKind};
use ondol_engine::{
    Answered, Caller, Came, Chosen, Clock, Engine, EngineError, Handle, Health, NoticeCall, NoticeCame,
    Notified, OpenLog, Options, Reach, SagaId, StepCall, Story, SubmitError, SubmitRequest, Submitted,
    VerbRequest, Windows,
};
use ondol_spec::{Definition, Secrets};
use ondol_store::log::{
    Appended, Disk, Entry, Forgotten, Log, LogError, LogFuture, MemoryLog, MemoryOptions, OpenStream,
    Position, Record, Space, StreamId, Tailed,
};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

const SYSTEM: &str = r#"
ondol: 1
services:
  shop: { url: "http://127.0.0.1:1", barrier: true }
  bank: { url: "http://127.0.0.1:2", barrier: true }
sagas:
  buy:
    timeout: 100h
    steps: [{ name: take, action: shop POST /take, compensate: none }]
    notify: { events: [completed], webhook: "http://127.0.0.1:4/told" }
  pay:
    timeout: 100h
    steps: [{ name: pay, action: bank POST /pay, compensate: none }]
  both:
    timeout: 100h
    steps:
      - { name: pay, action: bank POST /pay, pivot: true }
      - { name: take, action: shop POST /take }
    notify: { events: [completed, parked], webhook: "http://127.0.0.1:4/told" }
  hurry:
    timeout: 1s
    steps: [{ name: take, action: shop POST /take, compensate: none }]
"#;

/// How a service, or the receiver of notices, is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Answers,
    /// Answers after so long.
    Slow(Duration),
    /// Nobody can reach it.
    Away,
    /// There is no place on this side.
    Crowded,
    /// Asks to be called again in ten minutes.
    Busy,
    /// Says no.
    Refuses,
}

/// What is at the other end: services by name, and the receiver of notices as `notices`.
#[derive(Default)]
pub(crate) struct World {
    moods: Mutex<BTreeMap<String, Mood>>,
    calls: Mutex<Vec<(String, String)>>,
}

pub(crate) const RECEIVER: &str = "notices";

impl World {
    pub(crate) fn set(&self, service: &str, mood: Mood) {
        lock(&self.moods).insert(service.to_owned(), mood);
    }

    /// How often a service was called since this was asked last.
    pub(crate) fn calls(&self, service: &str) -> usize {
        let mut calls = lock(&self.calls);
        let before = calls.len();
        calls.retain(|(of, _)| of != service);
        before - calls.len()
    }

    async fn answer(self: Arc<Self>, service: String, saga: String) -> (Fared, Reach) {
        lock(&self.calls).push((service.clone(), saga));
        let mood = lock(&self.moods).get(&service).copied().unwrap_or(Mood::Answers);
        match mood {
            Mood::Answers => (Fared::Taken, Reach::Reached),
            Mood::Busy => (Fared::Later, Reach::Reached),
            Mood::Refuses => (Fared::Refused, Reach::Reached),
            Mood::Slow(pause) => {
                sleep(pause).await;
                (Fared::Taken, Reach::Reached)
            }
            Mood::Away => (Fared::Unsent, Reach::Unreachable),
            Mood::Crowded => {
                sleep(Duration::from_secs(30)).await;
                (Fared::Unsent, Reach::Untold)
            }
        }
    }
}

/// What came of a request.
enum Fared {
    Taken,
    Refused,
    Later,
    Unsent,
}

struct WorldCaller(Arc<World>);

impl Caller for WorldCaller {
    fn call(&self, call: StepCall) -> Answered<Came> {
        let answer = Arc::clone(&self.0).answer(call.service.to_string(), call.saga.to_string());
        Box::pin(async move {
            let (fared, reach) = answer.await;
            let outcome = match fared {
                Fared::Taken => Outcome::Done(Arc::from(&b"{}"[..])),
                Fared::Refused => Outcome::Refused { reason: "no".into(), sealed: false },
                Fared::Later => Outcome::Unclear { reason: "busy".into(), retry_after_ms: Some(600_000) },
                Fared::Unsent => Outcome::NotSent,
            };
            Came { outcome, reach }
        })
    }

    fn notify(&self, call: NoticeCall) -> Answered<NoticeCame> {
        let answer = Arc::clone(&self.0).answer(RECEIVER.to_owned(), call.saga.to_string());
        Box::pin(async move {
            let (fared, reach) = answer.await;
            let notified = match fared {
                Fared::Taken => Notified::Delivered,
                Fared::Refused | Fared::Later => Notified::Failed,
                Fared::Unsent => Notified::NotSent,
            };
            NoticeCame { notified, reach }
        })
    }
}

struct TestTime {
    began: Instant,
    /// By how much the wall clock is set, in milliseconds.
    set_ms: AtomicI64,
}

impl Clock for TestTime {
    fn wall_ms(&self) -> u64 {
        (1_000_000_000_000 + self.mono_ms()).saturating_add_signed(self.set_ms.load(SeqCst))
    }

    fn mono_ms(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }
}

/// What a test has the log do that no log should.
#[derive(Debug, Default)]
pub(crate) struct Tricks {
    /// Reads of this stream give nonsense.
    pub(crate) spoiled: Mutex<Option<StreamId>>,
    /// So many appends find that somebody else has written to their streams.
    pub(crate) conflicts: AtomicU32,
    /// So long an append takes, in milliseconds.
    pub(crate) append_ms: AtomicU32,
    /// So many appends panic.
    pub(crate) panics: AtomicU32,
    /// So many reads of what is open fail.
    pub(crate) failing: AtomicU32,
    /// So many times the log cannot be opened.
    pub(crate) closed: AtomicU32,
}

struct TrickyLog(MemoryLog, Arc<Tricks>);

impl Log for TrickyLog {
    fn epoch(&self) -> u64 {
        self.0.epoch()
    }

    fn append(&self, epoch: u64, entries: Vec<Entry>) -> LogFuture<'_, Vec<Appended>> {
        Box::pin(async move {
            assert!(!takes_one(&self.1.panics), "an append is told to panic");
            sleep(Duration::from_millis(self.1.append_ms.load(SeqCst).into())).await;
            if takes_one(&self.1.conflicts) {
                return Ok(vec![Appended::Conflict { actual_seq: 9 }; entries.len()]);
            }
            self.0.append(epoch, entries).await
        })
    }

    fn read<'a>(&'a self, stream: &'a StreamId, from_seq: u64) -> LogFuture<'a, Vec<Record>> {
        let spoiled = lock(&self.1.spoiled).as_ref() == Some(stream);
        Box::pin(async move {
            let mut records = self.0.read(stream, from_seq).await?;
            if spoiled {
                for record in &mut records {
                    record.bytes = Bytes::from_static(b"\xff");
                }
            }
            Ok(records)
        })
    }

    fn tail(&self, after: Position, limit: usize) -> LogFuture<'_, Vec<Tailed>> {
        self.0.tail(after, limit)
    }

    fn open_streams<'a>(
        &'a self,
        after: Option<&'a StreamId>,
        limit: usize,
    ) -> LogFuture<'a, Vec<OpenStream>> {
        Box::pin(async move {
            if takes_one(&self.1.failing) {
                Err(LogError::Poisoned)
            } else {
                self.0.open_streams(after, limit).await
            }
        })
    }

    fn forget(&self, epoch: u64, streams: Vec<StreamId>) -> LogFuture<'_, Vec<Forgotten>> {
        self.0.forget(epoch, streams)
    }

    fn space(&self) -> Space {
        self.0.space()
    }
}

/// Counts down; false where nothing is left.
fn takes_one(left: &AtomicU32) -> bool {
    left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok()
}

/// A machine. Its engine can be killed and started again.
pub(crate) struct Machine {
    pub(crate) world: Arc<World>,
    pub(crate) handle: Handle,
    pub(crate) tricks: Arc<Tricks>,
    options: Options,
    disk: Disk,
    time: Arc<TestTime>,
    engine: JoinSet<Result<(), EngineError>>,
}

impl Machine {
    pub(crate) async fn start(options: Options) -> Self {
        let (world, tricks) = (Arc::default(), Arc::default());
        let (disk, mut engine) = (Disk::new(), JoinSet::new());
        let time = Arc::new(TestTime { began: Instant::now(), set_ms: AtomicI64::new(0) });
        let handle = boot(options, (&world, &tricks, &disk, &time), &mut engine).await;
        Self { world, handle, tricks, options, disk, time, engine }
    }

    /// Kills the process and starts another one on the same disk.
    pub(crate) async fn restart(&mut self) {
        self.restart_with(self.options).await;
    }

    pub(crate) async fn restart_with(&mut self, options: Options) {
        self.options = options;
        self.engine.shutdown().await;
        let at = (&self.world, &self.tricks, &self.disk, &self.time);
        self.handle = boot(self.options, at, &mut self.engine).await;
    }

    /// Sets the wall clock by so many milliseconds.
    pub(crate) fn set_clock(&self, by_ms: i64) {
        self.time.set_ms.fetch_add(by_ms, SeqCst);
    }

    pub(crate) async fn submit(&self, id: &str, definition: &str) -> Result<Submitted, SubmitError> {
        self.submit_with(id, definition, 0).await
    }

    /// With an input of about this many bytes.
    pub(crate) async fn submit_with(
        &self,
        id: &str,
        definition: &str,
        bytes: usize,
    ) -> Result<Submitted, SubmitError> {
        let request = SubmitRequest {
            id: saga(id),
            definition: Chosen::Named { name: definition.to_owned(), version: None },
            input: format!("\"{}\"", "x".repeat(bytes)).into_bytes().into(),
            digest: 1,
            run: 1,
            trace: (0, 0),
        };
        self.handle.submit(request).await
    }

    pub(crate) async fn story(&self, id: &str) -> Story {
        self.handle.read(&saga(id)).await.expect("it can be read").expect("it exists")
    }

    /// What a person does to a saga.
    pub(crate) async fn act(&self, id: &str, kind: VerbKind) {
        let note = "a test".into();
        let (step, half, payload, notice, if_seq) = (None, None, None, None, None);
        let request = VerbRequest { kind, step, half, payload, notice, note, by: None, batch: None, if_seq };
        self.handle.act(saga(id), request).await.expect("it is allowed");
    }

    /// How many calls wait in line for a service.
    pub(crate) async fn waiting(&self, service: &str) -> usize {
        let targets = self.handle.targets().await;
        targets.iter().find(|(name, _)| &**name == service).map_or(0, |(_, status)| status.waiting)
    }
}

async fn boot(
    options: Options,
    (world, tricks, disk, time): (&Arc<World>, &Arc<Tricks>, &Disk, &Arc<TestTime>),
    engine: &mut JoinSet<Result<(), EngineError>>,
) -> Handle {
    let (opened, opened_tricks) = (disk.clone(), Arc::clone(tricks));
    let open: OpenLog = Box::new(move || {
        let closed = takes_one(&opened_tricks.closed);
        let log = TrickyLog(MemoryLog::open(&opened, MemoryOptions::default()), Arc::clone(&opened_tricks));
        Box::pin(
            async move { if closed { Err(LogError::Poisoned) } else { Ok(Arc::new(log) as Arc<dyn Log>) } },
        )
    });
    let (clock, caller) = (Arc::clone(time) as Arc<dyn Clock>, Arc::new(WorldCaller(Arc::clone(world))));
    let secrets = Arc::new(Secrets::default());
    let (runs, handle) = Engine::new(options, Arc::clone(&secrets), open, clock, caller);
    engine.spawn(runs.run(CancellationToken::new()));
    handle.health().wait_for(|health| *health == Health::Ready).await.expect("the engine runs");
    handle.put(definitions("/take"), secrets, Windows::new()).await.expect("they are kept");
    handle
}

/// The definitions of the tests, with this path for one of them.
pub(crate) fn definitions(path: &str) -> Vec<Arc<Definition>> {
    let system = ondol_spec::lint(&SYSTEM.replace("/take", path)).system;
    system.expect("the system of the tests is valid").definitions.into_values().collect()
}

pub(crate) fn saga(id: &str) -> SagaId {
    SagaId::new(id).expect("an id of a test is one")
}

/// Room for a few sagas with an input of a kilobyte.
pub(crate) fn little_room() -> Options {
    Options { live_bytes_max: 20 << 10, ..Options::default() }
}

pub(crate) async fn seconds(seconds: u64) {
    sleep(Duration::from_secs(seconds)).await;
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
