//! A log in memory that can fail the way a disk does.
//!
//! It is for simulators, for tests of whatever stands on a log, and for trying things out; not for
//! keeping anything. It has no threads and no timers: in [`Options::manual_sync`] mode an append stays in
//! the undurable tail until someone calls [`MemoryLog::sync`], so that a simulator owns the time a sync
//! takes and can crash in the middle of it.
//!
//! What was acknowledged is never lost. What was not is lost, kept, or torn, as [`MemoryLog::crash`]
//! decides from the seed or [`MemoryLog::crash_keeping`] is told.

mod image;

use super::{
    Appended, Entry, Forgotten, Log, LogError, LogFuture, OpenStream, Position, RECORD_BYTES_MAX, Record,
    Space, StreamId, Tailed,
};
use image::Image;
use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

/// What survives a crash. Clones are the same disk; [`Disk::fork`] makes another one with the same content.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Mutex<Arc<Image>>>);

impl Disk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// An independent copy. It costs nothing until one of the two is written.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self(Arc::new(Mutex::new(self.image())))
    }

    fn image(&self) -> Arc<Image> {
        Arc::clone(&lock(&self.0))
    }

    fn change<T>(&self, change: impl FnOnce(&mut Image) -> T) -> T {
        change(Arc::make_mut(&mut *lock(&self.0)))
    }
}

/// Which faults happen, and when. The same faults and the same calls give the same outcome, every time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// Decides how much of the unacknowledged tail [`MemoryLog::crash`] keeps.
    pub seed: u64,
    /// This many syncs succeed, the next one fails: its appends answer [`LogError::Unknown`].
    pub syncs_before_failure: Option<u32>,
    /// This many reads succeed, the next one fails with [`LogError::Io`]; later ones succeed again.
    pub reads_before_failure: Option<u32>,
}

/// How to open a [`MemoryLog`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// When set, appends wait for [`MemoryLog::sync`]; otherwise each is durable at once.
    pub manual_sync: bool,
    /// What goes wrong.
    pub faults: Faults,
}

/// A [`Log`] in memory. Clones are handles of the same log.
#[derive(Clone, Debug)]
pub struct MemoryLog {
    epoch: u64,
    manual_sync: bool,
    seed: u64,
    disk: Disk,
    volatile: Arc<Mutex<Volatile>>,
}

/// What a crash takes away.
#[derive(Debug)]
struct Volatile {
    waiting: VecDeque<Waiting>,
    /// Changes whose sync failed: nobody knows whether they are on the disk.
    limbo: Vec<Change>,
    poisoned: bool,
    syncs_before_failure: Option<u32>,
    reads_before_failure: Option<u32>,
    space: Space,
}

#[derive(Clone, Debug)]
enum Change {
    Append { epoch: u64, entry: Entry },
    Forget { epoch: u64, stream: StreamId },
}

#[derive(Debug)]
enum Waiting {
    Append { epoch: u64, entries: Vec<Entry>, answer: oneshot::Sender<Result<Vec<Appended>, LogError>> },
    Forget { epoch: u64, streams: Vec<StreamId>, answer: oneshot::Sender<Result<Vec<Forgotten>, LogError>> },
}

impl MemoryLog {
    /// Opens the log on `disk` and takes the next epoch, which fences all earlier handles on that disk.
    pub fn open(disk: &Disk, options: Options) -> Self {
        let epoch = disk.change(|image| {
            image.epoch += 1;
            image.epoch
        });
        let volatile = Volatile {
            waiting: VecDeque::new(),
            limbo: Vec::new(),
            poisoned: false,
            syncs_before_failure: options.faults.syncs_before_failure,
            reads_before_failure: options.faults.reads_before_failure,
            space: Space { free_bytes: u64::MAX, accepting: true },
        };
        Self {
            epoch,
            manual_sync: options.manual_sync,
            seed: options.faults.seed,
            disk: disk.clone(),
            volatile: Arc::new(Mutex::new(volatile)),
        }
    }

    /// Makes the undurable tail durable and answers all who wait for it. Without
    /// [`Options::manual_sync`] this happens at each append by itself.
    pub fn sync(&self) {
        let mut volatile = lock(&self.volatile);
        let waiting = std::mem::take(&mut volatile.waiting);
        if waiting.is_empty() || volatile.poisoned {
            return;
        }
        if count_down(&mut volatile.syncs_before_failure) {
            volatile.poisoned = true;
            volatile.limbo = waiting.iter().flat_map(Waiting::changes).collect();
            drop(volatile);
            let error = LogError::unknown(io::Error::other("the sync failed, as the faults asked"));
            for waiting in waiting {
                waiting.fail(&error);
            }
            return;
        }
        drop(volatile);
        for waiting in waiting {
            waiting.answer(&self.disk);
        }
    }

    /// How many changes are not durable: what [`MemoryLog::crash_keeping`] may keep of them.
    pub fn undurable(&self) -> usize {
        self.changes().len()
    }

    /// What the disk holds if the machine dies now: all that was acknowledged, and as much of the rest, in
    /// order, as the seed says. The log itself goes on, on its own disk.
    pub fn crash(&self) -> Disk {
        let undurable = self.undurable() as u64;
        let kept = mix(self.seed ^ self.disk.image().last_position()) % (undurable + 1);
        self.crash_keeping(usize::try_from(kept).unwrap_or(usize::MAX))
    }

    /// As [`MemoryLog::crash`], keeping the first `kept` undurable changes: 0 is a lost tail, all of them a
    /// sync whose answer was lost, anything between a torn write.
    pub fn crash_keeping(&self, kept: usize) -> Disk {
        let disk = self.disk.fork();
        for change in self.changes().into_iter().take(kept) {
            disk.change(|image| match change {
                Change::Append { epoch, entry } => {
                    image.append(epoch, &entry);
                }
                Change::Forget { epoch, stream } => {
                    image.forget(epoch, &stream);
                }
            });
        }
        disk
    }

    /// Sets what [`Log::space`] answers.
    pub fn set_space(&self, space: Space) {
        lock(&self.volatile).space = space;
    }

    fn changes(&self) -> Vec<Change> {
        let volatile = lock(&self.volatile);
        volatile.limbo.iter().cloned().chain(volatile.waiting.iter().flat_map(Waiting::changes)).collect()
    }

    fn enqueue(&self, waiting: Waiting) -> Result<(), LogError> {
        let mut volatile = lock(&self.volatile);
        if volatile.poisoned {
            return Err(LogError::Poisoned);
        }
        volatile.waiting.push_back(waiting);
        drop(volatile);
        if !self.manual_sync {
            self.sync();
        }
        Ok(())
    }

    fn readable(&self) -> Result<Arc<Image>, LogError> {
        let mut volatile = lock(&self.volatile);
        if volatile.poisoned {
            return Err(LogError::Poisoned);
        }
        if count_down(&mut volatile.reads_before_failure) {
            return Err(LogError::io("read", io::Error::other("the read failed, as the faults asked")));
        }
        Ok(self.disk.image())
    }
}

impl Log for MemoryLog {
    fn epoch(&self) -> u64 {
        self.epoch
    }

    fn append(&self, epoch: u64, entries: Vec<Entry>) -> LogFuture<'_, Vec<Appended>> {
        Box::pin(async move {
            if let Some(long) = entries.iter().find(|entry| entry.bytes.len() > RECORD_BYTES_MAX) {
                return Err(LogError::TooLarge { length: long.bytes.len() });
            }
            let (answer, answered) = oneshot::channel();
            self.enqueue(Waiting::Append { epoch, entries, answer })?;
            answered.await.unwrap_or(Err(LogError::Poisoned))
        })
    }

    fn read<'a>(&'a self, stream: &'a StreamId, from_seq: u64) -> LogFuture<'a, Vec<Record>> {
        Box::pin(async move { Ok(self.readable()?.read(stream, from_seq)) })
    }

    fn tail(&self, after: Position, limit: usize) -> LogFuture<'_, Vec<Tailed>> {
        Box::pin(async move { self.readable()?.tail(after, limit) })
    }

    fn open_streams<'a>(
        &'a self,
        after: Option<&'a StreamId>,
        limit: usize,
    ) -> LogFuture<'a, Vec<OpenStream>> {
        Box::pin(async move { Ok(self.readable()?.open_streams(after, limit)) })
    }

    fn forget(&self, epoch: u64, streams: Vec<StreamId>) -> LogFuture<'_, Vec<Forgotten>> {
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            self.enqueue(Waiting::Forget { epoch, streams, answer })?;
            answered.await.unwrap_or(Err(LogError::Poisoned))
        })
    }

    fn space(&self) -> Space {
        lock(&self.volatile).space
    }
}

impl Waiting {
    fn changes(&self) -> Vec<Change> {
        match self {
            Self::Append { epoch, entries, .. } => {
                entries.iter().map(|entry| Change::Append { epoch: *epoch, entry: entry.clone() }).collect()
            }
            Self::Forget { epoch, streams, .. } => streams
                .iter()
                .map(|stream| Change::Forget { epoch: *epoch, stream: stream.clone() })
                .collect(),
        }
    }

    // A waiter that has gone away needs no answer, so failures to send are ignored.
    fn answer(self, disk: &Disk) {
        match self {
            Self::Append { epoch, entries, answer } => {
                let appended =
                    disk.change(|image| entries.iter().map(|entry| image.append(epoch, entry)).collect());
                let _ = answer.send(Ok(appended));
            }
            Self::Forget { epoch, streams, answer } => {
                let forgotten =
                    disk.change(|image| streams.iter().map(|stream| image.forget(epoch, stream)).collect());
                let _ = answer.send(Ok(forgotten));
            }
        }
    }

    fn fail(self, error: &LogError) {
        match self {
            Self::Append { answer, .. } => {
                let _ = answer.send(Err(error.clone()));
            }
            Self::Forget { answer, .. } => {
                let _ = answer.send(Err(error.clone()));
            }
        }
    }
}

/// Whether the fault happens at this call.
fn count_down(remaining: &mut Option<u32>) -> bool {
    match remaining {
        Some(0) => {
            *remaining = None;
            true
        }
        Some(count) => {
            *count -= 1;
            false
        }
        None => false,
    }
}

/// SplitMix64: a well-spread number from any seed.
fn mix(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// No code panics while it holds one of these locks, so a poisoned one still guards whole data.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
