//! The one thread that writes: it gathers what waits, commits it with one sync, and answers.

use super::{
    batch::Batch,
    keys,
    query::QueryError,
    recent::Recent,
    room::Room,
    tables::{Start, Tables},
};
use crate::log::{Appended, Entry, Forgotten, LogError, Mark, StreamId};
use std::{
    collections::HashSet,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};
use tokio::sync::{mpsc, oneshot};

/// Appends that may wait for the writer. One waiter holds one place; more than this many wait outside, in
/// the order in which they came.
const QUEUE_LENGTH_MAX: usize = 1024;

/// A batch takes no further append once it has this many bytes: a tenth of a second for a slow disk.
const BATCH_BYTES_MAX: usize = 4 << 20;

/// What a caller waits for.
type Answer<T> = oneshot::Sender<Result<T, LogError>>;

pub(super) struct Append {
    pub(super) epoch: u64,
    pub(super) entries: Vec<Entry>,
    pub(super) answer: Answer<Vec<Appended>>,
}

pub(super) struct Forget {
    pub(super) epoch: u64,
    pub(super) streams: Vec<StreamId>,
    pub(super) answer: Answer<Vec<Forgotten>>,
}

pub(super) enum Command {
    Append(Append),
    Forget(Forget),
    /// Bring the tables up to date.
    Settle(Answer<()>),
}

/// Set once a write has failed; from then on nothing is believed or promised.
#[derive(Clone, Debug, Default)]
pub(super) struct Poison(Arc<AtomicBool>);

impl Poison {
    pub(super) fn check(&self) -> Result<(), LogError> {
        if self.0.load(Ordering::Acquire) { Err(LogError::Poisoned) } else { Ok(()) }
    }

    fn set(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// The way to the writer. Dropping it ends the thread, after what was already asked.
pub(super) struct Handle {
    queue: Option<mpsc::Sender<Command>>,
    thread: Option<JoinHandle<()>>,
    poison: Poison,
}

impl Handle {
    /// Sends the command made with the place for its answer, and waits for that.
    pub(super) async fn ask<T>(&self, command: impl FnOnce(Answer<T>) -> Command) -> Result<T, LogError> {
        self.poison.check()?;
        let queue = self.queue.as_ref().ok_or(LogError::Poisoned)?;
        let (answer, answered) = oneshot::channel();
        queue.send(command(answer)).await.map_err(|_| LogError::Poisoned)?;
        answered.await.unwrap_or_else(|_| {
            Err(LogError::unknown(io::Error::other("the writer of the log ended without an answer")))
        })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the writer has already reached everyone who waited for it.
            let _ = thread.join();
        }
    }
}

pub(super) struct Writer {
    tables: Tables,
    recent: Recent,
    epoch: u64,
    last: u64,
    oldest: u64,
    room: Arc<Room>,
    poison: Poison,
}

impl Writer {
    pub(super) fn new(tables: Tables, recent: Recent, start: Start, room: Arc<Room>, poison: Poison) -> Self {
        Self { tables, recent, epoch: start.epoch, last: start.last, oldest: start.oldest, room, poison }
    }

    pub(super) fn start(self) -> io::Result<Handle> {
        let (queue, commands) = mpsc::channel(QUEUE_LENGTH_MAX);
        let poison = self.poison.clone();
        let thread =
            thread::Builder::new().name("log-writer".to_owned()).spawn(move || self.run(commands))?;
        Ok(Handle { queue: Some(queue), thread: Some(thread), poison })
    }

    fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut held = None;
        while let Some(command) = held.take().or_else(|| commands.blocking_recv()) {
            match command {
                Command::Append(append) => held = self.append(append, &mut commands),
                Command::Forget(forget) => {
                    let forgotten = self.forget(forget.epoch, &forget.streams);
                    let _ = forget.answer.send(forgotten);
                }
                Command::Settle(answer) => {
                    let _ = answer.send(self.settle());
                }
            }
            self.room.settle();
        }
    }

    /// Commits `first` together with the appends that wait behind it. Returns a command that was taken from
    /// the queue but does not belong to the batch.
    fn append(&mut self, first: Append, commands: &mut mpsc::Receiver<Command>) -> Option<Command> {
        let mut batch = Batch::new(&self.tables, &self.recent, self.epoch, self.last);
        let mut waiting = Vec::new();
        let mut held = None;
        let mut refused = self.poison.check().err();
        let mut next = Some(first);
        while let Some(append) = next.take() {
            let appended = batch.add(append.epoch, append.entries).unwrap_or_else(|error| {
                refused.get_or_insert(error);
                Vec::new()
            });
            waiting.push((append.answer, appended));
            if batch.bytes() < BATCH_BYTES_MAX {
                match commands.try_recv() {
                    Ok(Command::Append(append)) => next = Some(append),
                    Ok(other) => held = Some(other),
                    Err(_) => {}
                }
            }
        }
        let committed = match refused {
            Some(error) => Err(error),
            None => batch.commit().map_err(|error| self.write_failed(error)),
        };
        if let Ok(last) = committed {
            self.last = last;
        }
        for (answer, appended) in waiting {
            // A caller that has gone away needs no answer.
            let _ = answer.send(committed.clone().map(|_| appended));
        }
        held
    }

    fn forget(&mut self, epoch: u64, streams: &[StreamId]) -> Result<Vec<Forgotten>, LogError> {
        self.poison.check()?;
        if epoch != self.epoch {
            return Ok(vec![Forgotten::Fenced { epoch: self.epoch }; streams.len()]);
        }
        self.settle()?;
        let mut removal =
            Removal { write: self.tables.batch(), streams: HashSet::new(), positions: Vec::new() };
        let failed = |error| LogError::io("look up the records to forget", error);
        let forgotten = streams
            .iter()
            .map(|stream| removal.add(&self.tables, stream))
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed)?;
        if removal.streams.is_empty() {
            return Ok(forgotten);
        }
        let oldest = removal.oldest_after(&self.tables, self.oldest, self.last).map_err(failed)?;
        self.tables.set_oldest(&mut removal.write, oldest);
        let written = self.tables.make_room().and_then(|()| removal.write.commit());
        written.map_err(|error| self.write_failed(error))?;
        self.recent.forget();
        self.oldest = oldest;
        Ok(forgotten)
    }

    fn settle(&mut self) -> Result<(), LogError> {
        self.poison.check()?;
        let mut heads = self.recent.unsettled();
        if heads.is_empty() {
            return Ok(());
        }
        let mut write = self.tables.batch();
        self.tables.settle(&mut write, &mut heads, self.last);
        let written = self.tables.make_room().and_then(|()| write.commit());
        written.map_err(|error| self.write_failed(error))?;
        self.recent.settled(heads);
        Ok(())
    }

    /// What a failed write means: nothing was written when the store had refused it before, and nobody knows
    /// otherwise. On a full disk the ballast must go now, or the log could not be opened again.
    fn write_failed(&self, error: fjall::Error) -> LogError {
        self.poison.set();
        self.room.settle();
        match error {
            fjall::Error::Poisoned => LogError::Poisoned,
            error => LogError::unknown(error),
        }
    }
}

/// The records of several streams on their way out.
struct Removal {
    write: fjall::OwnedWriteBatch,
    streams: HashSet<StreamId>,
    positions: Vec<u64>,
}

impl Removal {
    fn add(&mut self, tables: &Tables, stream: &StreamId) -> Result<Forgotten, QueryError> {
        if self.streams.contains(stream) {
            return Ok(Forgotten::Absent);
        }
        let head = tables.head(stream)?;
        match head.mark {
            None => return Ok(Forgotten::Absent),
            Some(Mark::Open { .. }) => return Ok(Forgotten::Open),
            Some(Mark::Closed) => {}
        }
        for item in tables.runs.prefix(keys::runs_of(stream)) {
            let (key, value) = item.into_inner()?;
            self.positions.extend(keys::parse_positions(&value)?);
            self.write.remove(&tables.runs, key);
        }
        self.positions.extend(&head.last);
        self.write.remove(&tables.heads, stream.as_bytes());
        self.streams.insert(stream.clone());
        Ok(Forgotten::Dropped { records: head.seq })
    }

    /// Takes the records out. Returns the oldest position that will be kept, found from the oldest one before: what lies
    /// below that is long gone, and the store would walk over all of it.
    fn oldest_after(&mut self, tables: &Tables, oldest: u64, last: u64) -> Result<u64, QueryError> {
        self.positions.sort_unstable();
        for position in &self.positions {
            self.write.remove(&tables.order, position.to_be_bytes());
        }
        for item in tables.order.range(oldest.to_be_bytes()..) {
            let key = item.key()?;
            let position = keys::parse_number(&key)?;
            if self.positions.binary_search(&position).is_err() {
                return Ok(position);
            }
        }
        Ok(last + 1)
    }
}
