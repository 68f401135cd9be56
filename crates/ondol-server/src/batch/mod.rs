//! Batches: a verb on every saga that matches a query, at a rate, with progress.
//!
//! The sagas are fixed when the batch begins. A batch is a stream of its own in the log, so it survives a crash; what was
//! done since its last record is then asked for once more, which the sagas' own rules make harmless. It is not a way
//! around those rules: each saga decides for itself whether it allows the verb.

mod record;
mod run;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

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

/// Time for a batch to end once it is cancelled: one saga, and one append.
const CANCEL_WITHIN: Duration = Duration::from_secs(10);

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
    request: u128,
    /// Cancelled once nothing is done for it any more.
    over: CancellationToken,
}

/// What the log holds of a batch.
struct Told {
    begun: Begun,
    row: BatchRow,
    records: u64,
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
        let mut journal = run::Journal::new(self.engine.clone(), Arc::clone(&self.listing), stream(&id)?, 0);
        journal.append_once(&Record::Begun(begun.clone())).await?;
        let row = Record::Begun(begun.clone()).onto(&id, None);
        self.spawn(id, begun, row.clone(), journal);
        Ok(row)
    }

    /// How a batch stands that was begun with this id and this request; `None` where there is none of that id. One that is
    /// durable and not under way, since nobody knew whether it was, is gone on with.
    pub(crate) async fn known(self: &Arc<Self>, id: &str, request: u128) -> Answer<Option<BatchRow>> {
        let taken = || {
            let detail = format!("batch `{id}` exists and was begun with another request; choose another id");
            Problem::new(Code::IdTaken, detail)
        };
        if let Some(running) = self.running().get(id).cloned() {
            return if running.request == request { Ok(Some(running.row())) } else { Err(taken()) };
        }
        let Some(told) = self.told(id).await? else { return Ok(None) };
        if told.begun.request != request {
            return Err(taken());
        }
        let row = told.row.clone();
        if row.state == State::Running {
            self.go_on(id, told);
        }
        Ok(Some(row))
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
        let mut after = stream("")?;
        loop {
            let page = log.open_streams(Some(&after), OPEN_PAGE).await?;
            for open in &page {
                let text = String::from_utf8_lossy(open.stream.as_bytes());
                let Some(id) = text.strip_prefix(BATCH_STREAMS) else { return Ok(()) };
                if let Some(told) = self.told(id).await? {
                    self.go_on(id, told);
                }
            }
            match page.last() {
                Some(last) => after = last.stream.clone(),
                None => return Ok(()),
            }
        }
    }

    /// Reads what the log holds of a batch.
    async fn told(&self, id: &str) -> Answer<Option<Told>> {
        let records = self.engine.log()?.read(&stream(id)?, 0).await?;
        let (mut begun, mut row) = (None, None);
        for record in &records {
            match serde_json::from_slice::<Record>(&record.bytes) {
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
        Ok(begun.zip(row).map(|(begun, row)| Told { begun, row, records: records.len() as u64 }))
    }

    fn go_on(self: &Arc<Self>, id: &str, told: Told) {
        let Told { begun, row, records } = told;
        tracing::info!(batch = id, done = row.done, total = row.total, "going on with a batch");
        if let Ok(stream) = stream(id) {
            let journal = run::Journal::new(self.engine.clone(), Arc::clone(&self.listing), stream, records);
            self.spawn(id.to_owned(), begun, row, journal);
        }
    }

    fn spawn(self: &Arc<Self>, id: String, begun: Begun, row: BatchRow, journal: run::Journal) {
        let running = Running {
            cancel: CancellationToken::new(),
            row: Arc::new(Mutex::new(row)),
            request: begun.request,
            over: CancellationToken::new(),
        };
        match self.running().entry(id.clone()) {
            // Two asked for it at once; the first goes on with it.
            Entry::Occupied(_) => return,
            Entry::Vacant(place) => drop(place.insert(running.clone())),
        }
        let (batches, engine, stop) = (Arc::clone(self), self.engine.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            run::run(engine, &begun, &running.row, journal, &running.cancel, &stop).await;
            batches.running().remove(&id);
            running.over.cancel();
        });
    }

    /// A batch as it is now.
    pub(crate) async fn get(&self, id: &str) -> Answer<BatchRow> {
        if let Some(running) = self.running().get(id) {
            return Ok(running.row());
        }
        // Not the lists, which may be behind.
        let missing = || Problem::new(Code::BatchNotFound, format!("there is no batch `{id}`"));
        Ok(self.told(id).await?.ok_or_else(missing)?.row)
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
        rows.sort_by(|a, b| (b.created_ms, &b.id).cmp(&(a.created_ms, &a.id)));
        Ok(rows)
    }

    /// Ends a batch where it is, also one that is durable and not under way. What was done stays done. When this returns,
    /// that it has ended is durable.
    pub(crate) async fn cancel(self: &Arc<Self>, id: &str) -> Answer<BatchRow> {
        if self.running().get(id).is_none()
            && let Some(told) = self.told(id).await?
            && told.row.state == State::Running
        {
            self.go_on(id, told);
        }
        let Some(running) = self.running().get(id).cloned() else { return self.get(id).await };
        running.cancel.cancel();
        let late = || {
            let detail = "that the batch is cancelled cannot be written yet; cancel it again";
            Problem::new(Code::OutcomeUnknown, detail).again_after(1)
        };
        tokio::time::timeout(CANCEL_WITHIN, running.over.cancelled()).await.map_err(|_| late())?;
        let row = running.row();
        // The server stops: nothing was written, and the batch would go on after the next start.
        if row.state == State::Running { Err(late()) } else { Ok(row) }
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

fn stream(id: &str) -> Answer<StreamId> {
    let missing = |_| Problem::new(Code::BatchNotFound, format!("there is no batch `{id}`"));
    StreamId::new(format!("{BATCH_STREAMS}{id}")).map_err(missing)
}
