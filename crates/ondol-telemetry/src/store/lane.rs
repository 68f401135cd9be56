//! One signal: exports in, one after the other; sealing beside it.
//!
//! Two threads: the writer owns the segment and pours exports into memory; the sealer makes files of generations, merges
//! and deletes. Exports wait in a line of bounded length.

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use foldhash::HashSet;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};
use xxhash_rust::xxh3::xxh3_128;

use super::catalog::{Catalog, State};
use super::figures::Figures;
use super::generation::Generation;
use super::keep;
use super::ledger::Ledger;
use super::recover::{self, Rebuilt, Recovered};
use super::relations::Relations;
use super::segment::Segment;
use super::sent;
use crate::error::{ExportError, OpenError};
use crate::otlp::weight::WEIGHT_MAX;
use crate::otlp::{Rules, Tally};
use crate::telemetry::{Exported, Options, Signal};

/// Exports that wait for the disk at the same time.
const LINE: usize = 64;

/// Rows of a generation.
const ROWS: usize = 131_072;

/// Exports of a generation: one of small rows, or of none, ends there, too.
const BODIES: usize = 262_144;

/// A generation takes at most one of so many parts of the memory budget, and so does a merge: of three signals each has one
/// that grows and one or two that become files.
pub(super) const SHARES: usize = 8;

/// A generation is sealed after this time even if little has come, so that a start has little to read.
const AGE_NS: u64 = 600_000_000_000;

/// How often there is a look at age, retention and merging.
const TICK: Duration = Duration::from_secs(5);

/// How long an export waits for room in memory before its sender is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// When a sender who was sent away shall come back.
const RETRY: Duration = Duration::from_secs(1);

/// What all lanes share.
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) ledger: Ledger,
    /// Memory of rows not yet in files, over all lanes, in bytes.
    held: AtomicUsize,
    /// Some of it became free.
    freed: Notify,
    /// What cannot be put into files now stays in its segment.
    stopping: AtomicBool,
}

impl Shared {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            options,
            ledger: Ledger::default(),
            held: AtomicUsize::new(0),
            freed: Notify::new(),
            stopping: AtomicBool::new(false),
        }
    }

    pub(crate) fn rules(&self) -> Rules {
        let now_ns = (self.options.wall_ns)();
        Rules { now_ns, oldest_ns: now_ns.saturating_sub(self.options.age_max.as_nanos() as u64) }
    }

    pub(crate) fn save_ledger(&self) {
        if let Err(error) = self.ledger.save(&self.options.data) {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the delivery ledger cannot be kept for now"
            );
        }
    }

    /// Takes memory for what waits, if there is room. One may go beyond what there is, or the largest would never be taken.
    fn reserve(self: &Arc<Self>, bytes: usize) -> Option<Reserved> {
        let taken = |held: usize| (held < self.options.memory_max).then_some(held + bytes);
        self.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).ok()?;
        Some(Reserved { shared: Arc::clone(self), bytes })
    }

    fn hold(&self, before: usize, after: usize) {
        if after >= before {
            self.held.fetch_add(after - before, Ordering::Relaxed);
        } else {
            self.held.fetch_sub(before - after, Ordering::Relaxed);
            self.freed.notify_waiters();
        }
    }
}

/// Memory that an export takes until it is rows. Dropped, it is free again.
struct Reserved {
    shared: Arc<Shared>,
    bytes: usize,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.shared.hold(self.bytes, 0);
    }
}

/// A place in the line, and memory. They go with the export: its sender may be gone before it is taken.
type Place = (OwnedSemaphorePermit, Reserved);

/// The handle of one signal.
pub(crate) struct Lane<K: Rebuilt> {
    pub(crate) catalog: Arc<Catalog<K>>,
    shared: Arc<Shared>,
    line: Arc<Semaphore>,
    jobs: Option<SyncSender<Job<K>>>,
    threads: Vec<JoinHandle<()>>,
    /// Figures of what is still growing.
    relations: Arc<Mutex<Relations>>,
}

enum Job<K: Rebuilt> {
    Export {
        body: Bytes,
        request: K::Request,
        reply: oneshot::Sender<Result<Exported, ExportError>>,
        place: Place,
    },
    Flush(oneshot::Sender<()>, OwnedSemaphorePermit),
}

enum Work<K: Rebuilt> {
    Seal(Arc<Generation<K>>, PathBuf),
    Flush(oneshot::Sender<()>),
}

impl<K: Rebuilt> Lane<K> {
    pub(crate) fn open(shared: Arc<Shared>) -> Result<Self, OpenError> {
        let name = K::SIGNAL.name();
        let (data, wal) = (shared.options.data.join(name), shared.options.data.join("wal"));
        for folder in [&data, &wal] {
            let failed = |source| OpenError::Io { doing: "create the folder", path: folder.clone(), source };
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let failed =
            |source| OpenError::Io { doing: "take up what is in", path: shared.options.data.clone(), source };
        let Recovered { files, generations, next, relations, bodies } =
            recover::recover::<K>(&data, &wal, shared.rules()).map_err(failed)?;
        let catalog = Arc::new(Catalog::new(files));
        let present = Arc::new(Generation::new(next));
        let path = recover::segment_path(&wal, name, next);
        let segment = Segment::create(path.clone());
        let segment =
            segment.map_err(|source| OpenError::Io { doing: "create the segment", path, source })?;
        catalog.change(|state| {
            state.generations = generations.iter().map(|(generation, _)| Arc::clone(generation)).collect();
            state.generations.push(Arc::clone(&present));
        });
        for (generation, _) in &generations {
            let memory = generation.rows.read().unwrap_or_else(PoisonError::into_inner).memory();
            shared.hold(generation.held.swap(memory, Ordering::Relaxed), memory);
        }
        let relations = Arc::new(Mutex::new(relations));
        let (jobs, line) = sync_channel(LINE + 2);
        let (seal, work) = sync_channel(1);
        let sealer = Sealer { catalog: Arc::clone(&catalog), shared: Arc::clone(&shared), data };
        let writer = Writer {
            catalog: Arc::clone(&catalog),
            shared: Arc::clone(&shared),
            relations: Arc::clone(&relations),
            wal,
            present,
            segment,
            began_ns: None,
            seal,
            bodies,
            bodies_before: HashSet::default(),
        };
        let spawn = |role: &str, run: Box<dyn FnOnce() + Send>| {
            let thread = std::thread::Builder::new().name(format!("{name}-{role}")).spawn(run);
            let path = shared.options.data.clone();
            thread.map_err(|source| OpenError::Io { doing: "start a thread for", path, source })
        };
        let threads = vec![
            spawn("writer", Box::new(move || writer.run(&line)))?,
            spawn("sealer", Box::new(move || sealer.run(generations, &work)))?,
        ];
        let line = Arc::new(Semaphore::new(LINE));
        Ok(Self { catalog, shared, line, jobs: Some(jobs), threads, relations })
    }

    /// Takes an export. Done when it is durable and can be found.
    pub(crate) async fn export(&self, body: Bytes) -> Result<Exported, ExportError> {
        let malformed = |reason| ExportError::Malformed { signal: K::SIGNAL.name(), reason };
        let weight = K::weight(&body);
        if weight > WEIGHT_MAX {
            let (weight, most) = (weight >> 20, WEIGHT_MAX >> 20);
            return Err(malformed(format!(
                "read, it would take {weight} MiB of memory, and {most} are the most; send less at once"
            )));
        }
        let busy = |reason: &str| ExportError::Busy { reason: reason.to_owned(), retry_after: RETRY };
        let reserved = tokio::time::timeout(PATIENCE, self.room(weight)).await;
        let reserved = reserved.map_err(|_| busy("memory for records that are not yet in files is full"))?;
        let request = K::decode(&body).map_err(malformed)?;
        let place = tokio::time::timeout(PATIENCE, Arc::clone(&self.line).acquire_owned()).await;
        let place =
            place.ok().and_then(Result::ok).ok_or_else(|| busy("too many exports wait for the disk"))?;
        let (reply, answer) = oneshot::channel();
        let gone = || busy(self.gone());
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        // There is room: as many have a place as fit.
        jobs.try_send(Job::Export { body, request, reply, place: (place, reserved) }).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Why nobody takes exports any more.
    fn gone(&self) -> &'static str {
        if self.shared.stopping.load(Ordering::Relaxed) {
            "the server is stopping"
        } else {
            "the thread that writes them has failed, as the log says; restart the server"
        }
    }

    /// Waits until there is room in memory, and takes some.
    async fn room(&self, bytes: usize) -> Reserved {
        loop {
            let freed = self.shared.freed.notified();
            if let Some(reserved) = self.shared.reserve(bytes) {
                return reserved;
            }
            freed.await;
        }
    }

    /// Makes files of all that is in memory.
    pub(crate) async fn flush(&self) {
        let (reply, done) = oneshot::channel();
        let Ok(place) = Arc::clone(&self.line).acquire_owned().await else { return };
        if self.jobs.as_ref().is_some_and(|jobs| jobs.try_send(Job::Flush(reply, place)).is_ok()) {
            let _ = done.await;
        }
    }

    /// What there is, and who called whom as far as that is not in its files.
    pub(crate) fn figures(&self) -> (State<K>, Figures) {
        super::generation::figures(&self.relations, || self.catalog.snapshot())
    }

    /// What its segments take on disk, in bytes.
    pub(crate) fn segments(&self) -> u64 {
        let wal = self.shared.options.data.join("wal");
        let all = recover::segments(&wal, K::SIGNAL.name()).unwrap_or_default();
        all.iter().filter_map(|(_, path)| std::fs::metadata(path).ok()).map(|metadata| metadata.len()).sum()
    }

    /// What is counted of the memory budget, in bytes.
    pub(crate) fn memory(&self) -> usize {
        let state = self.catalog.snapshot();
        state.generations.iter().map(|generation| generation.held.load(Ordering::Relaxed)).sum()
    }
}

impl<K: Rebuilt> Drop for Lane<K> {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        self.jobs = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

struct Writer<K: Rebuilt> {
    catalog: Arc<Catalog<K>>,
    shared: Arc<Shared>,
    relations: Arc<Mutex<Relations>>,
    wal: PathBuf,
    present: Arc<Generation<K>>,
    segment: Segment,
    /// When the first row of the present generation came.
    began_ns: Option<u64>,
    seal: SyncSender<Work<K>>,
    /// Digests of the bodies of this generation and of the one before: a batch that comes again is known by them.
    bodies: HashSet<u128>,
    bodies_before: HashSet<u128>,
}

/// Bytes that are made durable at once: more would make the first wait for the last.
const GROUP: usize = 8 << 20;

/// An export with what its sender waits for.
type Waiting<K> =
    (Bytes, <K as super::kind::Kind>::Request, oneshot::Sender<Result<Exported, ExportError>>, Place);

impl<K: Rebuilt> Writer<K> {
    fn run(mut self, line: &Receiver<Job<K>>) {
        loop {
            match line.recv_timeout(TICK) {
                Ok(job) => self.take(job, line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if self.is_full() {
                self.turn();
            }
        }
    }

    /// Takes all that waits, up to a group.
    fn take(&mut self, first: Job<K>, line: &Receiver<Job<K>>) {
        let (mut group, mut flush, mut bytes) = (Vec::new(), None, 0);
        let mut next = Some(first);
        while let Some(job) = next {
            match job {
                Job::Export { body, request, reply, place } => {
                    bytes += body.len();
                    group.push((body, request, reply, place));
                }
                Job::Flush(reply, _place) => flush = Some(reply),
            }
            next = if bytes < GROUP && flush.is_none() { line.try_recv().ok() } else { None };
        }
        self.keep(group);
        if let Some(reply) = flush {
            // An empty generation would make the store forget what came just before.
            if self.began_ns.is_some() {
                self.turn();
            }
            let _ = self.seal.send(Work::Flush(reply));
        }
    }

    fn keep(&mut self, group: Vec<Waiting<K>>) {
        let rules = self.shared.rules();
        let (mut fresh, mut twins, mut now) =
            (Vec::with_capacity(group.len()), Vec::new(), HashSet::default());
        for (body, request, reply, place) in group {
            let digest = xxh3_128(&body);
            if now.contains(&digest) {
                // Its twin is in this group, and not durable yet: it shares its fate.
                twins.push((request, reply, place));
            } else if self.bodies_before.contains(&digest) || self.bodies.contains(&digest) {
                self.again(&request, reply, rules);
            } else {
                now.insert(digest);
                fresh.push((body, request, reply, place));
            }
        }
        if fresh.is_empty() {
            return;
        }
        let written = self.has_space().and_then(|()| {
            let bodies: Vec<&Bytes> = fresh.iter().map(|(body, ..)| body).collect();
            self.segment.append(rules.now_ns, &bodies)
        });
        if let Err(error) = written {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                signal = K::SIGNAL.name(),
                "an export could not be written and is refused"
            );
            let twins = twins.into_iter().map(|(_, reply, _)| reply);
            let refused = fresh.into_iter().map(|(_, _, reply, _)| reply).chain(twins);
            for reply in refused {
                let source = std::io::Error::new(error.kind(), error.to_string());
                let _ = reply.send(Err(ExportError::Disk { source, retry_after: RETRY }));
            }
            return;
        }
        self.bodies.extend(now);
        self.began_ns.get_or_insert(rules.now_ns);
        for (_, request, reply, _place) in fresh {
            let tallies = {
                let mut relations = self.relations.lock().unwrap_or_else(PoisonError::into_inner);
                let mut rows = self.present.rows.write().unwrap_or_else(PoisonError::into_inner);
                K::pour(&request, &mut rows, &mut relations, rules)
            };
            let _ = reply.send(Ok(self.count(&tallies, rules)));
        }
        for (request, reply, _place) in twins {
            self.again(&request, reply, rules);
        }
        let memory = self.memory();
        self.shared.hold(self.present.held.swap(memory, Ordering::Relaxed), memory);
    }

    /// A batch that came before: its sender did not hear that it was taken.
    fn again(
        &self,
        request: &K::Request,
        reply: oneshot::Sender<Result<Exported, ExportError>>,
        rules: Rules,
    ) {
        let tallies = K::sources(request).into_iter().map(|(source, records)| Tally::again(&source, records));
        let _ = reply.send(Ok(self.count(&tallies.collect::<Vec<_>>(), rules)));
    }

    fn count(&self, tallies: &[Tally], rules: Rules) -> Exported {
        self.shared.ledger.count(K::SIGNAL, tallies, rules.now_ns);
        let sum = |of: fn(&Tally) -> u64| tallies.iter().map(of).sum();
        Exported {
            accepted: sum(|tally| tally.counted.stored),
            duplicates: sum(|tally| tally.counted.duplicates),
            rejected: sum(|tally| tally.counted.rejected),
            message: Tally::message(tallies),
        }
    }

    fn has_space(&self) -> std::io::Result<()> {
        let disk = rustix::fs::statvfs(&self.wal)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < self.shared.options.free_min {
            let text = format!(
                "only {} MiB of the disk are free, and {} are left to sagas",
                free >> 20,
                self.shared.options.free_min >> 20
            );
            return Err(std::io::Error::new(std::io::ErrorKind::StorageFull, text));
        }
        Ok(())
    }

    fn memory(&self) -> usize {
        let rows = self.present.rows.read().unwrap_or_else(PoisonError::into_inner).memory();
        rows + self.relations.lock().unwrap_or_else(PoisonError::into_inner).memory()
    }

    fn is_full(&self) -> bool {
        let count = self.present.rows.read().unwrap_or_else(PoisonError::into_inner).count();
        let Some(began_ns) = self.began_ns else { return false };
        count >= ROWS
            || self.memory() >= self.shared.options.memory_max / SHARES
            // Exports of which nothing is kept make no rows.
            || self.segment.length() >= self.shared.options.memory_max as u64
            || self.bodies.len() >= BODIES
            // A clock that went back must not keep it open.
            || (self.shared.options.wall_ns)().abs_diff(began_ns) >= AGE_NS
    }

    /// Ends the present generation and begins the next.
    fn turn(&mut self) {
        let number = self.present.number + 1;
        let path = recover::segment_path(&self.wal, K::SIGNAL.name(), number);
        let segment = match Segment::create(path) {
            Ok(segment) => segment,
            Err(error) => {
                // The present one goes on: a full disk must not lose what was taken.
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the next segment cannot be created"
                );
                return;
            }
        };
        let ended = std::mem::replace(&mut self.present, Arc::new(Generation::new(number)));
        let path = std::mem::replace(&mut self.segment, segment).path().to_owned();
        ended.take_figures(&self.relations);
        self.catalog.change(|state| state.generations.push(Arc::clone(&self.present)));
        if let Err(error) = sent::keep(&self.wal, K::SIGNAL.name(), ended.number, &self.bodies) {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "after a restart, batches that come again will not be known"
            );
        }
        self.bodies_before = std::mem::take(&mut self.bodies);
        self.began_ns = None;
        let _ = self.seal.send(Work::Seal(ended, path));
    }
}

struct Sealer<K: Rebuilt> {
    catalog: Arc<Catalog<K>>,
    shared: Arc<Shared>,
    data: PathBuf,
}

impl<K: Rebuilt> Sealer<K> {
    fn run(self, recovered: Vec<(Arc<Generation<K>>, PathBuf)>, work: &Receiver<Work<K>>) {
        for (generation, segment) in recovered {
            self.seal(&generation, &segment);
        }
        loop {
            match work.recv_timeout(TICK) {
                Ok(Work::Seal(generation, segment)) => self.seal(&generation, &segment),
                Ok(Work::Flush(reply)) => {
                    let _ = reply.send(());
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            keep::keep(&self.catalog, &self.data, &self.shared);
            // One of the lanes does it for all.
            if K::SIGNAL == Signal::Metrics {
                self.shared.save_ledger();
            }
        }
    }

    /// Makes files of a generation. One that cannot be made to files whatever is tried must not keep the others: its segment
    /// is set aside.
    fn seal(&self, generation: &Arc<Generation<K>>, segment: &std::path::Path) {
        let sealed = std::panic::catch_unwind(AssertUnwindSafe(|| self.try_to_seal(generation, segment)));
        if sealed.is_err() {
            let aside = segment.with_extension("wal.damaged");
            tracing::error!(
                signal = K::SIGNAL.name(), kept_as = %aside.display(),
                "telemetry could not be put into files and is set aside: a fault of Ondol; please report it"
            );
            let _ = std::fs::rename(segment, aside);
            self.catalog.change(|state| state.generations.retain(|known| known.number != generation.number));
            self.shared.hold(generation.held.swap(0, Ordering::Relaxed), 0);
        }
    }

    /// Tries until it is done: meanwhile the rows stay in memory and in their segment.
    fn try_to_seal(&self, generation: &Arc<Generation<K>>, segment: &std::path::Path) {
        let mut pause = Duration::from_millis(200);
        let files = loop {
            match super::seal::seal(&self.data, generation) {
                Ok(files) => break files,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "telemetry cannot be put into files for now; it is kept in memory and in its segment"
                    );
                    std::thread::sleep(pause);
                    pause = (pause * 2).min(TICK);
                    if self.shared.stopping.load(Ordering::Relaxed) {
                        return;
                    }
                }
            }
        };
        self.catalog.change(|state| {
            state.generations.retain(|known| known.number != generation.number);
            state.files.extend(files);
        });
        let removed = std::fs::remove_file(segment).and_then(|()| super::segment::sync_folder(segment));
        if let Err(error) = removed {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a segment that is in files cannot be deleted"
            );
        }
        self.shared.hold(generation.held.swap(0, Ordering::Relaxed), 0);
    }
}
