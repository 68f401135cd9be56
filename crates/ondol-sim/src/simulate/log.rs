//! The simulated machine's disk: syncs take time and may fail, and a crash keeps what a disk would keep.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use ondol_core::{Attempt, Fact};
use ondol_engine::{OpenLog, SagaId};
use ondol_store::journal;
use ondol_store::log::{
    Appended, Disk, Entry, Faults, Forgotten, Log, LogFuture, MemoryLog, MemoryOptions, OpenStream, Position,
    Record, Space, StreamId, Tailed,
};

/// One machine with one disk.
pub(crate) struct Machine(Mutex<Inner>);

struct Inner {
    rng: Rng,
    disk: Disk,
    log: Option<MemoryLog>,
    faulty: bool,
}

impl Machine {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        let inner = Inner { rng: Rng::with_seed(seed), disk: Disk::new(), log: None, faulty: true };
        Arc::new(Self(Mutex::new(inner)))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on the disk works.
    pub(crate) fn mend(&self) {
        self.lock().faulty = false;
    }

    /// The process is gone: what was not acknowledged may be lost, or torn.
    pub(crate) fn crash(&self) {
        let mut inner = self.lock();
        if let Some(log) = inner.log.take() {
            inner.disk = log.crash();
        }
    }

    /// How the engine opens its log. Each time it does it begins a life, of which `new_life` hears.
    pub(crate) fn open(self: &Arc<Self>, new_life: impl Fn() + Send + Sync + 'static) -> OpenLog {
        let machine = Arc::clone(self);
        Box::new(move || {
            new_life();
            let log = machine.open_now();
            let seed = machine.lock().rng.u64(..);
            let slow = SlowLog { log, rng: Mutex::new(Rng::with_seed(seed)) };
            Box::pin(async move { Ok(Arc::new(slow) as Arc<dyn Log>) })
        })
    }

    fn open_now(&self) -> MemoryLog {
        self.crash();
        let mut inner = self.lock();
        let fails = inner.faulty && inner.rng.u8(0..4) == 0;
        let illness = inner.faulty && inner.rng.u8(0..4) == 0;
        let faults = Faults {
            seed: inner.rng.u64(..),
            syncs_before_failure: fails.then(|| inner.rng.u32(1..60)),
            reads_before_failure: illness.then(|| inner.rng.u32(1..200)),
        };
        let log = MemoryLog::open(&inner.disk, MemoryOptions { manual_sync: true, faults });
        inner.log = Some(log.clone());
        log
    }

    /// Does the disk hold the intent of this attempt? Asked between a crash and the next start.
    pub(crate) async fn has_intent(&self, saga: &str, attempt: Attempt) -> bool {
        let disk = self.lock().disk.fork();
        let log = MemoryLog::open(&disk, MemoryOptions::default());
        let Ok(id) = SagaId::new(saga) else { return false };
        let records = log.read(&id.stream(), 0).await.unwrap_or_default();
        records
            .iter()
            .filter_map(|record| journal::decode(&record.bytes).ok())
            .flatten()
            .any(|event| matches!(event.fact, Fact::Started { attempt: started, .. } if started == attempt))
    }
}

/// A log whose appends become durable a few milliseconds later, several with one sync.
struct SlowLog {
    log: MemoryLog,
    rng: Mutex<Rng>,
}

impl SlowLog {
    async fn sync_later(&self) {
        let pause_ms = self.rng.lock().unwrap_or_else(PoisonError::into_inner).u64(1..5);
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        self.log.sync();
    }
}

impl Log for SlowLog {
    fn epoch(&self) -> u64 {
        self.log.epoch()
    }

    fn append(&self, epoch: u64, entries: Vec<Entry>) -> LogFuture<'_, Vec<Appended>> {
        Box::pin(async move { tokio::join!(biased; self.log.append(epoch, entries), self.sync_later()).0 })
    }

    fn read<'a>(&'a self, stream: &'a StreamId, from_seq: u64) -> LogFuture<'a, Vec<Record>> {
        self.log.read(stream, from_seq)
    }

    fn tail(&self, after: Position, limit: usize) -> LogFuture<'_, Vec<Tailed>> {
        self.log.tail(after, limit)
    }

    fn open_streams<'a>(
        &'a self,
        after: Option<&'a StreamId>,
        limit: usize,
    ) -> LogFuture<'a, Vec<OpenStream>> {
        self.log.open_streams(after, limit)
    }

    fn forget(&self, epoch: u64, streams: Vec<StreamId>) -> LogFuture<'_, Vec<Forgotten>> {
        Box::pin(async move { tokio::join!(biased; self.log.forget(epoch, streams), self.sync_later()).0 })
    }

    fn space(&self) -> Space {
        self.log.space()
    }
}
