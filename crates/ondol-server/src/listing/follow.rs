//! The follower: it tails the log and brings the view up to it, a page at a time.

use std::collections::{HashMap, hash_map::Entry};
use std::sync::Arc;
use std::time::Duration;

use ondol_engine::{Handle, ReadError, Registry, SagaId};
use ondol_store::log::{Log, LogError, Position, Tailed};
use ondol_store::view::{Batch, ViewError};
use tokio_util::sync::CancellationToken;

use super::audit::ActRow;
use super::figures::Counting;
use super::fold::Folds;
use super::row::{Row, Status, Tombstone};
use super::{Listing, TOMBSTONE_STREAMS, keys, number};
use crate::batch::{BATCH_STREAMS, BatchRow, Record};
use crate::problem::chain;

/// Records read at once.
const PAGE: usize = 1_024;

/// Sagas gathered before their rows are written: about 400 bytes each.
const GATHERED_MAX: usize = 8_192;

/// Rows written at once: small enough that the memory for them is used again and again.
const WRITTEN_AT_ONCE: usize = 256;

/// Longest time without a look at the log. A saga that ends meanwhile is one row to write, not one for each state on its
/// way; and whoever asks for a list wakes the follower ([`Listing::fresh`]), so nobody sees the delay.
const GATHER: Duration = Duration::from_secs(1);

/// Shortest time between two looks: many who ask at once share one.
const GATHER_MIN: Duration = Duration::from_millis(20);

/// Pause after a failure.
const PAUSE: Duration = Duration::from_secs(1);

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
    loop {
        let pause = match follower.catch_up(&engine).await {
            Ok(()) => GATHER_MIN,
            // The log is away for a moment; the engine says why.
            Err(FollowError::Read(ReadError::Reopening)) => PAUSE,
            Err(error) => {
                tracing::warn!(error = %chain(&error), "lists cannot follow the log; trying again");
                PAUSE
            }
        };
        let listing = Arc::clone(&follower.listing);
        let news = async {
            tokio::time::sleep(pause).await;
            // Nobody woke it: the time is up, and there may be something all the same.
            let _ = tokio::time::timeout(GATHER, listing.woken.notified()).await;
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
        let caught_up = self.follow_on(engine).await;
        if caught_up.is_err() {
            // They may be ahead of what was written; the next try reads the journals back.
            self.folds = Folds::default();
            // A view whose write failed is opened again, and may then be older than it was.
            self.listing.look_again();
        }
        caught_up
    }

    async fn follow_on(&mut self, engine: &Handle) -> Result<(), FollowError> {
        let mut gathered = Gathered::from(self.listing.position());
        loop {
            let log = engine.log()?;
            let page = match log.tail(gathered.position, PAGE).await {
                Ok(page) => page,
                // What is gone was dropped on purpose: begin with what is kept.
                Err(LogError::Gone { oldest }) => {
                    gathered.position = Position(oldest.0.saturating_sub(1));
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let at_end = page.is_empty();
            self.gather(&*log, &engine.definitions(), page, &mut gathered).await?;
            drop(log);
            if at_end || gathered.is_full() {
                let next = Gathered::from(gathered.position);
                let gathered = std::mem::replace(&mut gathered, next);
                if gathered.position > self.listing.position() {
                    let listing = Arc::clone(&self.listing);
                    let written = tokio::task::spawn_blocking(move || write(&listing, gathered)).await;
                    match written {
                        Ok(written) => written?,
                        // A defect is shown as it is, not as another one here.
                        Err(ended) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
                        // The runtime stops; the next start goes on from where the view stands.
                        Err(_) => return Ok(()),
                    }
                }
            }
            if at_end {
                self.listing.caught_up.send_if_modified(|caught_up| !std::mem::replace(caught_up, true));
                return Ok(());
            }
        }
    }

    /// Takes in one page: each saga's row as it is after it, and what else the lists are made of.
    async fn gather(
        &mut self,
        log: &dyn Log,
        registry: &Registry,
        page: Vec<Tailed>,
        gathered: &mut Gathered,
    ) -> Result<(), FollowError> {
        for tailed in page {
            gathered.position = tailed.position;
            let Some(id) = SagaId::of_stream(&tailed.stream) else {
                gathered.others.push(tailed);
                continue;
            };
            let row = if self.folds.follows(&id, tailed.seq) {
                self.folds.take(registry, &id, tailed.seq, &tailed.bytes)
            } else if self.is_in(&gathered.rows, &id, tailed.seq)? {
                None
            } else {
                let records = log.read(&tailed.stream, 0).await?;
                let records: Vec<&[u8]> = records.iter().map(|record| &*record.bytes).collect();
                self.folds.take_all(registry, &id, &records)
            };
            if let Some(row) = row {
                gathered.rows.insert(id, row);
            }
            gathered.acts.extend(self.folds.take_acts());
        }
        Ok(())
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

/// What is to be written, and how far the log was read for it.
struct Gathered {
    rows: HashMap<SagaId, Row>,
    acts: Vec<ActRow>,
    others: Vec<Tailed>,
    position: Position,
}

impl Gathered {
    fn from(position: Position) -> Self {
        Self { rows: HashMap::new(), acts: Vec::new(), others: Vec::new(), position }
    }

    fn is_full(&self) -> bool {
        self.rows.len() + self.acts.len() + self.others.len() >= GATHERED_MAX
    }
}

/// Writes what was gathered; blocks. Rows go in little by little and the position moves with the last of them: whatever a
/// crash leaves is the same when it is written again.
fn write(listing: &Listing, gathered: Gathered) -> Result<(), ViewError> {
    let mut changes = Changes {
        listing,
        batch: Batch::new(),
        counts: HashMap::new(),
        figures: Counting::default(),
        tombstones: 0,
    };
    let mut batches: HashMap<String, BatchRow> = HashMap::new();
    // Before the rows: a row that is written says that its records were taken in.
    for (at, act) in gathered.acts.iter().enumerate() {
        act.put(&mut changes.batch);
        if (at + 1) % WRITTEN_AT_ONCE == 0 {
            changes.write()?;
        }
    }
    for (at, row) in gathered.rows.into_values().enumerate() {
        changes.row(&row)?;
        if (at + 1) % WRITTEN_AT_ONCE == 0 {
            changes.write()?;
        }
    }
    // A tombstone may follow its saga closely: it looks for a row that is written.
    changes.write()?;
    for tailed in gathered.others {
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
    changes.finish(gathered.position)
}

struct Changes<'a> {
    listing: &'a Listing,
    batch: Batch,
    counts: HashMap<Status, u64>,
    figures: Counting,
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
        for key in stuck(row) {
            self.batch.put(key, Vec::new());
        }
        self.figures.row(before.as_ref(), row);
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
        // Where nothing changed, what is deleted here is put again by the same batch.
        for key in stuck(before) {
            self.batch.delete(key);
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
            ]
            .into_iter()
            .chain(stuck(&row))
            {
                self.batch.delete(key);
            }
        }
        if self.listing.view.get(&keys::tombstone(id))?.is_none() {
            self.tombstones += 1;
        }
        for act in &tombstone.acts {
            act.put(&mut self.batch);
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

    /// Writes what has come together so far, with the counts that go with it.
    fn write(&mut self) -> Result<(), ViewError> {
        self.put_counts()?;
        self.listing.change(std::mem::take(&mut self.batch))
    }

    fn put_counts(&mut self) -> Result<(), ViewError> {
        for (status, count) in &self.counts {
            self.batch.put(keys::count(*status), count.to_be_bytes().to_vec());
        }
        self.figures.put(self.listing, &mut self.batch)
    }

    fn finish(mut self, position: Position) -> Result<(), ViewError> {
        self.put_counts()?;
        let total = self.listing.tombstones.load(std::sync::atomic::Ordering::Relaxed) + self.tombstones;
        if self.tombstones > 0 {
            self.batch.put(keys::TOMBSTONE_COUNT.to_vec(), total.to_be_bytes().to_vec());
            // Before the position moves: whoever waits for it may rely on submissions being checked.
            self.listing.tombstones.store(total, std::sync::atomic::Ordering::Relaxed);
        }
        self.listing.advance(self.batch, position)
    }
}

/// Where a saga stands in the lists of what needs a person.
fn stuck(row: &Row) -> Vec<Vec<u8>> {
    let Some(stuck) = &row.stuck else { return Vec::new() };
    let (index, time_ms) =
        if stuck.failing() { (keys::FAILING, stuck.since_ms) } else { (keys::STUCK, row.created_ms) };
    vec![keys::at(index, time_ms, &row.id), keys::at(&keys::by_cause(&stuck.cause), row.created_ms, &row.id)]
}

pub(super) fn to_json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("a row is plain data")
}

/// Writes rows as if they had been followed.
#[cfg(test)]
pub(super) fn write_rows(listing: &Listing, rows: HashMap<SagaId, Row>) -> Result<(), ViewError> {
    write(listing, Gathered { rows, acts: Vec::new(), others: Vec::new(), position: Position(1) })
}
