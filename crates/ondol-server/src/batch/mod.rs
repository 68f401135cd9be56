//! Batches: a verb on every saga that matches a query, at a rate, with progress.
//!
//! The sagas are fixed when the batch begins. A batch is a stream of its own in the log, so it survives a crash; what was
//! done since its last record is then asked for once more, which the sagas' own rules make harmless. It is not a way
//! around those rules: each saga decides for itself whether it allows the verb.

mod record;
mod run;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ondol_engine::Handle;
use ondol_store::log::StreamId;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use record::{Action, BatchRow, Begun, Record, State};

use crate::listing::Listing;
use crate::problem::{Answer, Code, Problem, chain};

/// Prefix of the streams that hold batches.
pub(crate) const BATCH_STREAMS: &str = "b/";

/// Sagas in one batch. Their ids fit into one record of the log.
pub(crate) const SAGAS_MAX: usize = 100_000;

/// Verbs a second where nothing is said: quick for a person, slow enough to look at the first ones and cancel.
pub(crate) const RATE_DEFAULT: u32 = 50;

/// Verbs a second at most; more would crowd out everything else.
pub(crate) const RATE_MAX: u32 = 1_000;

/// Batches under way at once.
const RUNNING_MAX: usize = 16;

/// Open streams read at once while looking for batches to go on with.
const OPEN_PAGE: usize = 1_024;

/// The batches of this server.
pub(crate) struct Batches {
    engine: Handle,
    listing: Arc<Listing>,
    tasks: TaskTracker,
    stop: CancellationToken,
    running: Mutex<HashMap<String, Running>>,
}

#[derive(Clone)]
struct Running {
    cancel: CancellationToken,
    row: Arc<Mutex<BatchRow>>,
}

impl Batches {
    pub(crate) fn new(
        engine: Handle,
        listing: Arc<Listing>,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Arc<Self> {
        Arc::new(Self { engine, listing, tasks, stop, running: Mutex::default() })
    }

    /// Begins a batch; it is durable when this returns.
    pub(crate) async fn begin(self: &Arc<Self>, id: String, begun: Begun) -> Answer<BatchRow> {
        if self.running().len() >= RUNNING_MAX {
            let detail = format!("{RUNNING_MAX} batches are under way; wait for one, or cancel one");
            return Err(Problem::new(Code::Overloaded, detail).again_after(1));
        }
        let mut journal = run::Journal::new(self.engine.clone(), Arc::clone(&self.listing), stream(&id), 0);
        journal.append_once(&Record::Begun(begun.clone())).await?;
        let row = Record::Begun(begun.clone()).onto(&id, None);
        self.spawn(id, begun, row.clone(), journal);
        Ok(row)
    }

    /// Goes on with the batches that were under way when the process before this one ended.
    pub(crate) async fn resume(self: &Arc<Self>) {
        if let Err(error) = self.try_resume().await {
            tracing::error!(error = %error.detail(), "batches that were under way cannot be read; they rest until the next start");
        }
    }

    async fn try_resume(self: &Arc<Self>) -> Answer<()> {
        let log = self.engine.log()?;
        // The prefix itself is no stream, and sorts before every batch.
        let mut after = stream("");
        loop {
            let page = log.open_streams(Some(&after), OPEN_PAGE).await?;
            for open in &page {
                let text = String::from_utf8_lossy(open.stream.as_bytes());
                let Some(id) = text.strip_prefix(BATCH_STREAMS) else { return Ok(()) };
                let records = log.read(&open.stream, 0).await?;
                self.go_on(id, records.iter().map(|record| &*record.bytes));
            }
            match page.last() {
                Some(last) => after = last.stream.clone(),
                None => return Ok(()),
            }
        }
    }

    fn go_on<'a>(self: &Arc<Self>, id: &str, records: impl Iterator<Item = &'a [u8]>) {
        let (mut begun, mut row, mut count) = (None, None, 0);
        for bytes in records {
            count += 1;
            match serde_json::from_slice::<Record>(bytes) {
                Ok(record) => {
                    if let Record::Begun(first) = &record {
                        begun = Some(first.clone());
                    }
                    row = Some(record.onto(id, row));
                }
                Err(error) => {
                    tracing::error!(batch = id, error = %chain(&error), "a record of the batch cannot be read");
                }
            }
        }
        if let (Some(begun), Some(row)) = (begun, row) {
            tracing::info!(batch = id, done = row.done, total = row.total, "going on with a batch");
            let journal =
                run::Journal::new(self.engine.clone(), Arc::clone(&self.listing), stream(id), count);
            self.spawn(id.to_owned(), begun, row, journal);
        }
    }

    fn spawn(self: &Arc<Self>, id: String, begun: Begun, row: BatchRow, journal: run::Journal) {
        let running = Running { cancel: CancellationToken::new(), row: Arc::new(Mutex::new(row)) };
        self.running().insert(id.clone(), running.clone());
        let (batches, engine, stop) = (Arc::clone(self), self.engine.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            run::run(engine, &begun, &running.row, journal, &running.cancel, &stop).await;
            batches.running().remove(&id);
        });
    }

    /// A batch as it is now.
    pub(crate) fn get(&self, id: &str) -> Answer<BatchRow> {
        if let Some(running) = self.running().get(id) {
            return Ok(running.row());
        }
        let missing = || Problem::new(Code::BatchNotFound, format!("there is no batch `{id}`"));
        self.listing.batch(id)?.ok_or_else(missing)
    }

    /// Every batch, newest first.
    pub(crate) fn list(&self) -> Answer<Vec<BatchRow>> {
        let mut rows = self.listing.batches()?;
        for (id, running) in self.running().iter() {
            match rows.iter_mut().find(|row| row.id == *id) {
                Some(row) => *row = running.row(),
                None => rows.push(running.row()),
            }
        }
        rows.sort_by(|a, b| b.id.cmp(&a.id));
        Ok(rows)
    }

    /// Ends a batch where it is. What was done stays done.
    pub(crate) fn cancel(&self, id: &str) -> Answer<BatchRow> {
        if let Some(running) = self.running().get(id) {
            running.cancel.cancel();
            return Ok(running.row());
        }
        self.get(id)
    }

    fn running(&self) -> std::sync::MutexGuard<'_, HashMap<String, Running>> {
        // Only whole entries are put in or taken out.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    fn row(&self) -> BatchRow {
        self.row.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn stream(id: &str) -> StreamId {
    StreamId::new(format!("{BATCH_STREAMS}{id}")).expect("the id of a batch is a ULID")
}
