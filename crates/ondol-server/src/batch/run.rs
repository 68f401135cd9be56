//! One batch under way.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use ondol_engine::{ActError, Handle, SagaId};
use ondol_store::log::{Appended, Entry, Mark, StreamId};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::record::{BatchRow, Begun, Moved, Record, Refusal};
use crate::clock;
use crate::listing::Listing;
use crate::problem::{Answer, Code, Problem};

/// How often progress is written down. So much is asked once more after a crash.
const RECORD_EVERY: Duration = Duration::from_secs(1);

/// Pause before something is tried again that fails for reasons of the server.
const AGAIN: Duration = Duration::from_secs(1);

/// Refusals kept to look at.
const REFUSALS_MAX: usize = 20;

/// Asks saga after saga until all are asked, the batch is cancelled, or the server stops.
pub(super) async fn run(
    engine: Handle,
    begun: &Begun,
    row: &Mutex<BatchRow>,
    mut journal: Journal,
    cancel: &CancellationToken,
    stop: &CancellationToken,
) {
    let mut pace = tokio::time::interval(Duration::from_secs(1) / begun.rate_per_second.max(1));
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut recorded = clock::now();
    let batch = lock(row).id.clone();
    loop {
        let done = lock(row).done;
        let Some(id) = begun.ids.get(done).filter(|_| !cancel.is_cancelled()) else { break };
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = cancel.cancelled() => continue,
            _ = pace.tick() => {}
        }
        match ask(&engine, begun, &batch, id, cancel).await {
            Asked::ShuttingDown => return,
            Asked::Cancelled => continue,
            result @ (Asked::Acted | Asked::Refused(_)) => lock(row).count(id, result),
        }
        if recorded.elapsed() >= RECORD_EVERY {
            recorded = Instant::now();
            let moved = lock(row).position();
            if !journal.append(&Record::Moved(moved), stop).await {
                return;
            }
        }
    }
    let moved = lock(row).position();
    let ended = Record::Ended { moved, cancelled: cancel.is_cancelled() };
    if journal.append(&ended, stop).await {
        let mut row = lock(row);
        *row = ended.onto(&row.id.clone(), Some(row.clone()));
    }
}

enum Asked {
    Acted,
    Refused(String),
    ShuttingDown,
    /// The batch was, while the saga could not be asked.
    Cancelled,
}

/// Asks one saga; where it cannot be asked now, until it can or the batch is cancelled.
async fn ask(engine: &Handle, begun: &Begun, batch: &str, id: &str, cancel: &CancellationToken) -> Asked {
    let (Ok(id), Some(request)) = (SagaId::new(id), begun.action.request(batch)) else {
        return Asked::Refused("this version of Ondol does not know the verb".to_owned());
    };
    loop {
        match engine.act(id.clone(), request.clone()).await {
            Ok(_) => return Asked::Acted,
            Err(ActError::ShuttingDown) => return Asked::ShuttingDown,
            Err(ActError::Overloaded | ActError::OutcomeUnknown) => {
                if cancel.run_until_cancelled(tokio::time::sleep(AGAIN)).await.is_none() {
                    return Asked::Cancelled;
                }
            }
            Err(error) => return Asked::Refused(error.to_string()),
        }
    }
}

impl BatchRow {
    fn count(&mut self, id: &str, asked: Asked) {
        self.done += 1;
        match asked {
            Asked::Acted => self.acted += 1,
            Asked::Refused(reason) if self.refusals.len() < REFUSALS_MAX => {
                self.refusals.push(Refusal { id: id.to_owned(), reason });
            }
            Asked::Refused(_) | Asked::ShuttingDown | Asked::Cancelled => {}
        }
    }

    fn position(&self) -> Moved {
        Moved { at_ms: clock::wall_ms(), done: self.done, acted: self.acted, refusals: self.refusals.clone() }
    }
}

fn lock(row: &Mutex<BatchRow>) -> std::sync::MutexGuard<'_, BatchRow> {
    row.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The stream of one batch.
pub(super) struct Journal {
    engine: Handle,
    listing: Arc<Listing>,
    stream: StreamId,
    records: u64,
}

impl Journal {
    pub(super) fn new(engine: Handle, listing: Arc<Listing>, stream: StreamId, records: u64) -> Self {
        Self { engine, listing, stream, records }
    }

    /// Appends a record, as often as it takes. False where the server stops before that.
    async fn append(&mut self, record: &Record, stop: &CancellationToken) -> bool {
        loop {
            match self.append_once(record).await {
                Ok(()) => return true,
                Err(problem) => {
                    tracing::warn!(detail = %problem.detail(), "the progress of a batch cannot be written; trying again");
                    if stop.run_until_cancelled(tokio::time::sleep(AGAIN)).await.is_none() {
                        return false;
                    }
                }
            }
        }
    }

    pub(super) async fn append_once(&mut self, record: &Record) -> Answer<()> {
        let mark = match record {
            // Nothing is due by time: whoever starts the server looks for it.
            Record::Begun(_) | Record::Moved(_) => Mark::Open { hint: u64::MAX },
            Record::Ended { .. } => Mark::Closed,
        };
        let bytes = serde_json::to_vec(record).expect("a record of a batch is plain data");
        let entry = Entry {
            stream: self.stream.clone(),
            expected_seq: self.records,
            bytes: Bytes::from(bytes),
            mark,
        };
        let log = self.engine.log()?;
        let appended = log.append(log.epoch(), vec![entry]).await?;
        match appended.first() {
            Some(Appended::Durable(_)) => {
                self.records += 1;
                self.listing.wake();
                Ok(())
            }
            // A write whose outcome was unknown did happen. What it said is said again.
            Some(Appended::Conflict { actual_seq }) => {
                self.records = *actual_seq;
                Err(Problem::new(Code::OutcomeUnknown, "the batch has more records than expected"))
            }
            Some(Appended::Fenced { .. }) | None => {
                Err(Problem::new(Code::NotReady, "the store has another owner now"))
            }
        }
    }
}
