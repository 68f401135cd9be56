//! Lists and search: a view beside the log, filled by tailing it with its own cursor.
//!
//! It is never the truth and never written on the way of an append. Drop it and it is filled again; until then lists are
//! behind, and `lag` says by how much. Everything in it comes from the log, tombstones included.

mod audit;
mod causes;
mod figures;
mod fold;
mod follow;
mod keys;
mod query;
mod row;
mod stuck;
mod sweep;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ondol_engine::{Handle, SagaId};
use ondol_store::log::{Position, StreamId};
use ondol_store::view::{Batch, Direction, View, ViewError};
use tokio::sync::{Notify, watch};

use crate::batch::BatchRow;
use crate::problem::Answer;

pub(crate) use audit::{ActQuery, ActRow};
pub(crate) use causes::{CauseGroup, Causes};
pub(crate) use figures::{Figures, MINUTE_MS, STEPS_MAX, Steps, WINDOW_DAYS_MAX};
pub(crate) use follow::follow;
pub(crate) use query::{LIMIT_DEFAULT, LIMIT_MAX, Query};
pub(crate) use row::{FailedRow, Row, Status, Tombstone};
pub(crate) use stuck::StuckRow;
#[cfg(test)]
pub(crate) use stuck::{FAILING, JOURNAL_ILLEGAL};
pub(crate) use sweep::{Retention, sweep_forever};

/// The form of everything below. A view written in another form is dropped and filled again.
const SCHEMA: u64 = 4;

/// Prefix of the streams that hold tombstones.
pub(crate) const TOMBSTONE_STREAMS: &str = "t/";

/// Longest wait for a view that follows: a person barely notices, and a view that needs longer is shown as it is.
const FRESH_WITHIN: Duration = Duration::from_millis(300);

/// Batches listed. A person starts a few a day.
const BATCHES_MAX: usize = 500;

/// The view, and what is known of it.
pub(crate) struct Listing {
    view: View,
    /// Whoever changes the view holds this: the follower, or the sweeper when tombstones expire.
    writer: Mutex<()>,
    position: watch::Sender<Position>,
    /// Has everything been taken in that was in the log when the server started?
    caught_up: watch::Sender<bool>,
    /// Tombstones in the view; without any, no submission looks for one.
    tombstones: AtomicU64,
    woken: Notify,
}

impl Listing {
    /// Opens the view in a directory of its own.
    pub(crate) fn open(directory: &Path) -> Result<Self, ViewError> {
        Self::over(View::open(directory, SCHEMA)?)
    }

    fn over(view: View) -> Result<Self, ViewError> {
        let position = watch::Sender::new(view.position()?);
        let tombstones = number(view.get(keys::TOMBSTONE_COUNT)?.as_deref());
        Ok(Self {
            view,
            writer: Mutex::new(()),
            position,
            caught_up: watch::Sender::new(false),
            tombstones: tombstones.into(),
            woken: Notify::new(),
        })
    }

    /// How far the view has followed.
    pub(crate) fn position(&self) -> Position {
        *self.position.borrow()
    }

    /// Asks the view how far it is.
    fn look_again(&self) {
        if let Ok(position) = self.view.position() {
            self.position.send_replace(position);
        }
    }

    /// Waits until the view has followed this far, and everything before the start of the server.
    pub(crate) async fn reached(&self, position: Position) {
        let (mut followed, mut caught_up) = (self.position.subscribe(), self.caught_up.subscribe());
        self.woken.notify_one();
        // The senders live as long as `self`.
        let _ = caught_up.wait_for(|caught_up| *caught_up).await;
        let _ = followed.wait_for(|reached| *reached >= position).await;
    }

    /// Waits until the view has followed up to what is durable now, though not for long: a list shows what was there when
    /// it was asked for, or is a little older while the view is far behind.
    pub(crate) async fn fresh(&self, engine: &Handle) {
        let position = *engine.position().borrow();
        if self.position() < position {
            self.woken.notify_one();
            let mut followed = self.position.subscribe();
            let caught_up = followed.wait_for(|reached| *reached >= position);
            // Late or not, the list is served as it is.
            let _ = tokio::time::timeout(FRESH_WITHIN, caught_up).await;
        }
    }

    /// Has the follower look at the log now: something was appended that the engine does not announce.
    pub(crate) fn wake(&self) {
        self.woken.notify_one();
    }

    /// What is left of a saga whose history was dropped. While the view has not caught up after a start, the log is
    /// asked.
    pub(crate) async fn tombstone(&self, engine: &Handle, id: &SagaId) -> Answer<Option<Tombstone>> {
        let bytes = if *self.caught_up.borrow() {
            if self.tombstones.load(Relaxed) == 0 {
                return Ok(None);
            }
            self.view.get(&keys::tombstone(id.as_str()))?
        } else {
            let stream = StreamId::new(format!("{TOMBSTONE_STREAMS}{id}"))?;
            let records = engine.log()?.read(&stream, 0).await?;
            records.into_iter().next().map(|record| record.bytes)
        };
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// The row of one saga.
    pub(crate) fn row(&self, id: &str) -> Result<Option<Row>, ViewError> {
        let bytes = self.view.get(&keys::row(id))?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Sagas by status.
    pub(crate) fn counts(&self) -> Result<[(Status, u64); 5], ViewError> {
        let mut counts = Status::ALL.map(|status| (status, 0));
        for (status, count) in &mut counts {
            *count = number(self.view.get(&keys::count(*status))?.as_deref());
        }
        Ok(counts)
    }

    /// One batch.
    pub(crate) fn batch(&self, id: &str) -> Result<Option<BatchRow>, ViewError> {
        let bytes = self.view.get(&keys::batch(id))?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// The newest batches, newest first.
    pub(crate) fn batches(&self) -> Result<Vec<BatchRow>, ViewError> {
        let found = self.view.scan(keys::BATCHES, None, Direction::Backward, BATCHES_MAX)?;
        Ok(found.iter().filter_map(|(_, bytes)| serde_json::from_slice(bytes).ok()).collect())
    }

    /// Makes changes that are no news from the log.
    fn change(&self, batch: Batch) -> Result<(), ViewError> {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.view.apply(batch, self.view.position()?)
    }

    fn advance(&self, batch: Batch, position: Position) -> Result<(), ViewError> {
        {
            let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
            self.view.apply(batch, position)?;
        }
        self.position.send_replace(position);
        Ok(())
    }
}

fn number(bytes: Option<&[u8]>) -> u64 {
    bytes.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// A saga to list.
    #[derive(Clone, Copy)]
    pub(super) enum Sample<'a> {
        Completed,
        /// With this reason.
        Stuck(&'a str),
        /// Since this time.
        Failing(u64),
    }

    /// A view of such sagas.
    pub(super) fn filled(samples: &[Sample<'_>]) -> Listing {
        let listing = Listing::over(View::memory()).unwrap();
        let rows = samples.iter().enumerate().map(|(number, sample)| {
            let row = row(number, *sample);
            (SagaId::new(&row.id).unwrap(), row)
        });
        follow::write_rows(&listing, rows.collect::<HashMap<_, _>>()).unwrap();
        listing
    }

    fn row(number: usize, sample: Sample<'_>) -> Row {
        let mut row = Row::illegal(&format!("saga-{number}"), number as u64, "", 1);
        row.definition = "book".to_owned();
        let stuck = row.stuck.take().unwrap();
        row.stuck = match sample {
            Sample::Completed => None,
            Sample::Stuck(reason) => {
                let (trouble, reason, cause) = ("refused".to_owned(), reason.to_owned(), reason.to_owned());
                Some(StuckRow { trouble, reason, cause, ..stuck })
            }
            Sample::Failing(since_ms) => {
                let (trouble, reason) = (FAILING.to_owned(), "away".to_owned());
                Some(StuckRow { trouble, reason, since_ms, ..stuck })
            }
        };
        row.status = match sample {
            Sample::Completed => Status::Completed,
            Sample::Stuck(_) => Status::Parked,
            Sample::Failing(_) => Status::Compensating,
        };
        row
    }
}
