//! The follower: it tails the log and brings the view up to it, a page at a time.

use std::collections::{HashMap, hash_map::Entry};
use std::sync::Arc;
use std::time::Duration;

use ondol_engine::{Handle, ReadError, Registry, SagaId};
use ondol_store::log::{Log, LogError, Position, Tailed};
use ondol_store::view::{Batch, ViewError};
use tokio_util::sync::CancellationToken;

use super::fold::Folds;
use super::row::{Row, Status, Tombstone};
use super::{Listing, TOMBSTONE_STREAMS, keys, number};
use crate::batch::{BATCH_STREAMS, BatchRow, Record};
use crate::problem::chain;

/// Records taken in at once. Several of one saga make one row, so larger pages are cheaper.
const PAGE: usize = 4_096;

/// Pause between two looks at a log that moves: what happens meanwhile is taken in as one page. Short enough that a list
/// is up to date when a person looks, long enough that following costs little beside the sagas themselves.
const GATHER: Duration = Duration::from_millis(100);

/// Pause after a failure, and the longest time without a look.
const IDLE: Duration = Duration::from_secs(1);

/// What the follower carries from page to page.
pub(crate) struct Follower {
    listing: Arc<Listing>,
    folds: Folds,
}

/// Why a page could not be taken in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FollowError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    View(#[from] ViewError),
}

/// Follows until `stop`.
pub(crate) async fn follow(listing: Arc<Listing>, engine: Handle, stop: CancellationToken) {
    let mut follower = Follower::new(listing);
    let mut moved = engine.position();
    loop {
        let pause = match follower.catch_up(&engine).await {
            Ok(()) => GATHER,
            // The log is away for a moment; the engine says why.
            Err(FollowError::Read(ReadError::Reopening)) => IDLE,
            Err(error) => {
                tracing::warn!(error = %chain(&error), "lists cannot follow the log; trying again");
                IDLE
            }
        };
        let news = async {
            tokio::time::sleep(pause).await;
            tokio::select! {
                changed = moved.changed() => if changed.is_err() { std::future::pending::<()>().await },
                () = follower.listing.woken.notified() => {}
                () = tokio::time::sleep(IDLE) => {}
            }
        };
        if stop.run_until_cancelled(news).await.is_none() {
            return;
        }
    }
}

impl Follower {
    pub(crate) fn new(listing: Arc<Listing>) -> Self {
        Self { listing, folds: Folds::default() }
    }

    /// Takes in everything that is in the log now.
    pub(crate) async fn catch_up(&mut self, engine: &Handle) -> Result<(), FollowError> {
        loop {
            let log = engine.log()?;
            let after = self.listing.position();
            let page = match log.tail(after, PAGE).await {
                Ok(page) => page,
                // What is gone was dropped on purpose: begin with what is kept.
                Err(LogError::Gone { oldest }) => {
                    self.listing.advance(Batch::new(), Position(oldest.0.saturating_sub(1)))?;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let Some(last) = page.last().map(|tailed| tailed.position) else {
                self.listing.caught_up.send_if_modified(|caught_up| !std::mem::replace(caught_up, true));
                return Ok(());
            };
            let registry = engine.definitions();
            let rows = self.rows(&*log, &registry, &page).await?;
            drop(log);
            let listing = Arc::clone(&self.listing);
            let written = tokio::task::spawn_blocking(move || write(&listing, rows, &page, last)).await;
            written.unwrap_or_else(|_| panic!("writing the view does not panic"))?;
        }
    }

    /// The rows that a page changes, each as it is after the page.
    async fn rows(
        &mut self,
        log: &dyn Log,
        registry: &Registry,
        page: &[Tailed],
    ) -> Result<HashMap<SagaId, Row>, FollowError> {
        let mut rows: HashMap<SagaId, Row> = HashMap::new();
        for tailed in page {
            let Some(id) = SagaId::of_stream(&tailed.stream) else { continue };
            let row = if self.folds.follows(&id, tailed.seq) {
                self.folds.take(registry, &id, tailed.seq, &tailed.bytes)
            } else if self.is_in(&rows, &id, tailed.seq)? {
                None
            } else {
                let records = log.read(&tailed.stream, 0).await?;
                let records: Vec<&[u8]> = records.iter().map(|record| &*record.bytes).collect();
                self.folds.take_all(registry, &id, &records)
            };
            if let Some(row) = row {
                rows.insert(id, row);
            }
        }
        Ok(rows)
    }

    /// Is the record in the saga's row already, since its journal was read ahead?
    fn is_in(&self, rows: &HashMap<SagaId, Row>, id: &SagaId, seq: u64) -> Result<bool, ViewError> {
        let known = match rows.get(id) {
            Some(row) => Some(row.records),
            None => self.listing.row(id.as_str())?.map(|row| row.records),
        };
        Ok(known.is_some_and(|records| records > seq))
    }
}

/// Writes one page. Blocks.
fn write(
    listing: &Listing,
    rows: HashMap<SagaId, Row>,
    page: &[Tailed],
    position: Position,
) -> Result<(), ViewError> {
    let mut changes = Changes { listing, batch: Batch::new(), counts: HashMap::new(), tombstones: 0 };
    let mut batches: HashMap<String, BatchRow> = HashMap::new();
    for row in rows.into_values() {
        changes.row(&row)?;
    }
    for tailed in page {
        let Ok(stream) = std::str::from_utf8(tailed.stream.as_bytes()) else { continue };
        if stream.starts_with(TOMBSTONE_STREAMS) {
            if let Ok(tombstone) = serde_json::from_slice(&tailed.bytes) {
                changes.bury(&tombstone)?;
            }
        } else if let Some(id) = stream.strip_prefix(BATCH_STREAMS)
            && let Ok(record) = serde_json::from_slice::<Record>(&tailed.bytes)
        {
            let known = match batches.remove(id) {
                Some(row) => Some(row),
                None => listing.batch(id)?,
            };
            batches.insert(id.to_owned(), record.onto(id, known));
        }
    }
    for (id, row) in &batches {
        changes.batch.put(keys::batch(id), to_json(row));
    }
    changes.finish(position)
}

struct Changes<'a> {
    listing: &'a Listing,
    batch: Batch,
    counts: HashMap<Status, u64>,
    tombstones: u64,
}

impl Changes<'_> {
    fn row(&mut self, row: &Row) -> Result<(), ViewError> {
        let before = self.listing.row(&row.id)?;
        if let Some(before) = &before {
            self.unlist(before, row)?;
        }
        let id = &row.id;
        if before.as_ref().is_none_or(|before| before.status != row.status) {
            self.count(row.status, 1)?;
            self.batch.put(keys::at(&keys::by_status(row.status), row.created_ms, id), Vec::new());
        }
        if before.is_none() {
            self.batch.put(keys::at(keys::ALL, row.created_ms, id), Vec::new());
            self.batch.put(keys::at(&keys::by_definition(&row.definition), row.created_ms, id), Vec::new());
        }
        if let Some(ended_ms) = row.ended_ms.filter(|_| row.closed) {
            self.batch.put(keys::at(keys::ENDED, ended_ms, id), Vec::new());
        }
        self.batch.put(keys::row(id), to_json(row));
        Ok(())
    }

    /// Takes a row out of the lists in which its successor does not stand.
    fn unlist(&mut self, before: &Row, row: &Row) -> Result<(), ViewError> {
        if before.status != row.status {
            self.count(before.status, -1)?;
            self.batch.delete(keys::at(&keys::by_status(before.status), before.created_ms, &row.id));
        }
        if let Some(ended_ms) = before.ended_ms.filter(|_| before.closed && !row.closed) {
            self.batch.delete(keys::at(keys::ENDED, ended_ms, &row.id));
        }
        Ok(())
    }

    fn bury(&mut self, tombstone: &Tombstone) -> Result<(), ViewError> {
        let id = &tombstone.id;
        if let Some(row) = self.listing.row(id)? {
            self.count(row.status, -1)?;
            for key in [
                keys::row(id),
                keys::at(keys::ALL, row.created_ms, id),
                keys::at(&keys::by_status(row.status), row.created_ms, id),
                keys::at(&keys::by_definition(&row.definition), row.created_ms, id),
                keys::at(keys::ENDED, row.ended_ms.unwrap_or(0), id),
            ] {
                self.batch.delete(key);
            }
        }
        if self.listing.view.get(&keys::tombstone(id))?.is_none() {
            self.tombstones += 1;
        }
        self.batch.put(keys::tombstone(id), to_json(tombstone));
        self.batch.put(keys::at(keys::DROPPED, tombstone.dropped_ms, id), Vec::new());
        Ok(())
    }

    fn count(&mut self, status: Status, by: i64) -> Result<(), ViewError> {
        let count = match self.counts.entry(status) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(vacant) => {
                let bytes = self.listing.view.get(&keys::count(status))?;
                vacant.insert(number(bytes.as_deref()))
            }
        };
        *count = count.saturating_add_signed(by);
        Ok(())
    }

    fn finish(mut self, position: Position) -> Result<(), ViewError> {
        for (status, count) in &self.counts {
            self.batch.put(keys::count(*status), count.to_be_bytes().to_vec());
        }
        let total = self.listing.tombstones.load(std::sync::atomic::Ordering::Relaxed) + self.tombstones;
        if self.tombstones > 0 {
            self.batch.put(keys::TOMBSTONE_COUNT.to_vec(), total.to_be_bytes().to_vec());
            // Before the position moves: whoever waits for it may rely on submissions being checked.
            self.listing.tombstones.store(total, std::sync::atomic::Ordering::Relaxed);
        }
        self.listing.advance(self.batch, position)
    }
}

pub(super) fn to_json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("a row is plain data")
}
