//! Retention: what ended long ago is dropped, and a tombstone tells that it was there.
//!
//! The tombstone is durable, and known to everybody who looks for it, before anything is dropped; a crash in between
//! drops nothing, and what was left is dropped after the next start.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ondol_engine::{Clock as _, Handle, SagaId, SteadyTime, SystemClock};
use ondol_store::log::{Appended, Entry, Log, Mark, Position, StreamId};
use ondol_store::view::{Batch, Direction};
use tokio_util::sync::CancellationToken;

use super::figures::HOUR_MS;
use super::follow::{FollowError, to_json};
use super::row::Tombstone;
use super::{Listing, TOMBSTONE_STREAMS, audit, keys};
use crate::batch::BATCH_STREAMS;
use crate::dropped::Dropped;
use crate::problem::chain;

/// How long things are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retention {
    /// Ended sagas, with their history.
    pub(crate) sagas: Duration,
    /// Their tombstones.
    pub(crate) tombstones: Duration,
}

/// How often to look for what may be dropped.
const SWEEP_EVERY: Duration = Duration::from_mins(1);

/// Sagas dropped at once: one append and one write of the log each time.
const SWEPT_AT_ONCE: usize = 500;

/// Tombstones whose saga is dropped again after a start, in case the process ended between the two.
const REPEATED_AT_START: usize = 4 * SWEPT_AT_ONCE;

/// Sweeps until `stop`.
pub(crate) async fn sweep_forever(
    listing: Arc<Listing>,
    engine: Handle,
    dropped: Arc<Dropped>,
    retention: Retention,
    stop: CancellationToken,
) {
    let mut repeated = false;
    let clock = SystemClock::new();
    let mut calendar = Calendar::new(clock.wall_ms(), clock.mono_ms());
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        let swept = async {
            if !repeated {
                repeat(&listing, &engine, &dropped).await?;
                repeated = true;
            }
            let now_ms = calendar.now_ms(clock.wall_ms(), clock.mono_ms());
            sweep(&listing, &engine, &dropped, retention, now_ms).await
        };
        match stop.run_until_cancelled(swept).await {
            None => return,
            Some(Ok(0)) => {}
            Some(Ok(dropped)) => {
                tracing::info!(dropped, "dropped the histories of sagas that ended long ago");
            }
            Some(Err(error)) => {
                tracing::warn!(error = %chain(&error), "dropping old sagas failed; trying again");
            }
        }
    }
}

/// The time by which things are old. Dropping cannot be taken back, so a clock that is set forward is followed slowly, in
/// which time somebody may notice, and one that is set back at once.
struct Calendar {
    steady: SteadyTime,
    warned: bool,
}

/// A clock is off by more than this, in milliseconds, only where somebody set it, or the machine slept.
const CLOCK_OFF_MS_MAX: u64 = 60_000;

impl Calendar {
    const fn new(wall_ms: u64, mono_ms: u64) -> Self {
        Self { steady: SteadyTime::new(wall_ms, mono_ms), warned: false }
    }

    fn now_ms(&mut self, wall_ms: u64, mono_ms: u64) -> u64 {
        let steady_ms = self.steady.now_ms(wall_ms, mono_ms);
        let ahead_ms = wall_ms.saturating_sub(steady_ms);
        let off = ahead_ms > CLOCK_OFF_MS_MAX;
        if off && !self.warned {
            tracing::warn!(
                ahead_ms,
                "the clock was set forward; what is old is dropped by the time that really passed"
            );
        }
        self.warned = off;
        steady_ms.min(wall_ms)
    }
}

/// Drops what is old enough. Tells how many sagas that were.
async fn sweep(
    listing: &Listing,
    engine: &Handle,
    dropped: &Dropped,
    retention: Retention,
    now_ms: u64,
) -> Result<usize, FollowError> {
    let mut count = 0;
    let mut before: Vec<(u64, String)> = Vec::new();
    loop {
        let before_ms = now_ms.saturating_sub(retention.sagas.as_millis() as u64);
        let old = oldest(listing, keys::ENDED, before_ms)?;
        // What cannot be buried must not be tried for ever.
        if old.is_empty() || old == before {
            break;
        }
        let log = engine.log()?;
        let to = dropped.so_far().max(last_event(listing, &*log, &old).await?);
        let position = bury(listing, &*log, &old, (now_ms, to)).await?;
        listing.reached(position).await;
        dropped.raise(to);
        forget(&*log, old.iter().filter_map(|(_, id)| SagaId::new(id).ok()).map(|id| id.stream())).await?;
        count += old.len();
        before = old;
    }
    let long_ago_ms = now_ms.saturating_sub(retention.tombstones.as_millis() as u64);
    expire(listing, engine, long_ago_ms).await?;
    acts(listing, long_ago_ms)?;
    let before_ms = now_ms.saturating_sub(retention.sagas.as_millis() as u64);
    batches(listing, engine, before_ms).await?;
    figures(listing, keys::MINUTES, before_ms)?;
    // An hour goes when its last minute does.
    figures(listing, keys::HOURS, before_ms.saturating_sub(HOUR_MS))?;
    Ok(count)
}

/// The place of the last event of these sagas.
async fn last_event(
    listing: &Listing,
    log: &dyn Log,
    old: &[(u64, String)],
) -> Result<Position, FollowError> {
    let mut last = Position::START;
    for (_, id) in old {
        let (Some(row), Ok(id)) = (listing.row(id)?, SagaId::new(id)) else { continue };
        let records = log.read(&id.stream(), row.records.saturating_sub(1)).await?;
        last = last.max(records.last().map_or(Position::START, |record| record.position));
    }
    Ok(last)
}

/// The oldest of an index, up to a time.
fn oldest(listing: &Listing, index: &[u8], before_ms: u64) -> Result<Vec<(u64, String)>, FollowError> {
    let found = listing.view.scan(index, None, Direction::Forward, SWEPT_AT_ONCE)?;
    let places = found.iter().filter_map(|(key, _)| keys::place(index, key));
    Ok(places
        .take_while(|(time_ms, _)| *time_ms < before_ms)
        .map(|(time_ms, id)| (time_ms, id.to_owned()))
        .collect())
}

/// Writes tombstones; tells where the last of them is. Each time they are younger than any before, so that the youngest
/// tell how far events were dropped.
async fn bury(
    listing: &Listing,
    log: &dyn Log,
    old: &[(u64, String)],
    (now_ms, dropped_to): (u64, Position),
) -> Result<Position, FollowError> {
    let youngest = listing.view.scan(keys::DROPPED, None, Direction::Backward, 1)?;
    let youngest_ms =
        youngest.first().and_then(|(key, _)| keys::place(keys::DROPPED, key)).map(|place| place.0);
    let now_ms = youngest_ms.map_or(now_ms, |youngest_ms| now_ms.max(youngest_ms + 1));
    let mut entries = Vec::with_capacity(old.len());
    for (_, id) in old {
        let Some(row) = listing.row(id)? else { continue };
        let tombstone = Tombstone::of(row, listing.acts_of(id)?, now_ms, dropped_to.0);
        entries.push(Entry {
            stream: stream(id)?,
            expected_seq: 0,
            bytes: Bytes::from(to_json(&tombstone)),
            mark: Mark::Closed,
        });
    }
    let appended = log.append(log.epoch(), entries).await?;
    let positions = appended.iter().filter_map(|appended| match appended {
        Appended::Durable(position) => Some(*position),
        // A tombstone from before a crash, or another owner of the log, which the engine will notice.
        Appended::Conflict { .. } | Appended::Fenced { .. } => None,
    });
    Ok(positions.max().unwrap_or(Position::START))
}

/// Drops the sagas of the newest tombstones again, and learns from these how far events were dropped.
async fn repeat(listing: &Listing, engine: &Handle, dropped: &Dropped) -> Result<(), FollowError> {
    // Only lists that have followed have all tombstones.
    listing.reached(Position::START).await;
    let newest = listing.view.scan(keys::DROPPED, None, Direction::Backward, REPEATED_AT_START)?;
    let ids = newest.iter().filter_map(|(key, _)| keys::place(keys::DROPPED, key));
    let ids: Vec<SagaId> = ids.filter_map(|(_, id)| SagaId::new(id).ok()).collect();
    let mut to = Position::START;
    for id in &ids {
        let bytes = listing.view.get(&keys::tombstone(id.as_str()))?;
        let tombstone = bytes.and_then(|bytes| serde_json::from_slice::<Tombstone>(&bytes).ok());
        to = to.max(Position(tombstone.map_or(0, |tombstone| tombstone.dropped_to)));
    }
    dropped.raise(to);
    forget(&*engine.log()?, ids.iter().map(SagaId::stream)).await
}

/// Drops tombstones that are old enough themselves.
async fn expire(listing: &Listing, engine: &Handle, before_ms: u64) -> Result<(), FollowError> {
    loop {
        let old = oldest(listing, keys::DROPPED, before_ms)?;
        if old.is_empty() {
            return Ok(());
        }
        let streams = old.iter().map(|(_, id)| stream(id)).collect::<Result<Vec<_>, _>>()?;
        forget(&*engine.log()?, streams.into_iter()).await?;
        let mut batch = Batch::new();
        for (time_ms, id) in &old {
            batch.delete(keys::tombstone(id));
            batch.delete(keys::at(keys::DROPPED, *time_ms, id));
        }
        listing.change(batch)?;
    }
}

/// Drops entries about what people did that are as old as tombstones become.
fn acts(listing: &Listing, before_ms: u64) -> Result<(), FollowError> {
    loop {
        let old = oldest(listing, keys::ACTS, before_ms)?;
        if old.is_empty() {
            return Ok(());
        }
        let mut batch = Batch::new();
        for (at_ms, name) in &old {
            audit::delete(&mut batch, (*at_ms, name));
        }
        listing.change(batch)?;
    }
}

/// Drops counts that are older than any saga kept.
fn figures(listing: &Listing, index: &[u8], before_ms: u64) -> Result<(), FollowError> {
    loop {
        let old = oldest(listing, index, before_ms)?;
        if old.is_empty() {
            return Ok(());
        }
        let mut batch = Batch::new();
        for (from_ms, definition) in &old {
            batch.delete(keys::at(index, *from_ms, definition));
        }
        listing.change(batch)?;
    }
}

/// Drops batches that ended long ago.
async fn batches(listing: &Listing, engine: &Handle, before_ms: u64) -> Result<(), FollowError> {
    let old = listing
        .batches()?
        .into_iter()
        .filter(|row| row.ended_ms.is_some_and(|ended_ms| ended_ms < before_ms));
    let ids: Vec<String> = old.map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let streams = ids.iter().filter_map(|id| StreamId::new(format!("{BATCH_STREAMS}{id}")).ok());
    forget(&*engine.log()?, streams).await?;
    let mut batch = Batch::new();
    for id in &ids {
        batch.delete(keys::batch(id));
    }
    Ok(listing.change(batch)?)
}

async fn forget(log: &dyn Log, streams: impl Iterator<Item = StreamId>) -> Result<(), FollowError> {
    let streams: Vec<StreamId> = streams.collect();
    for chunk in streams.chunks(SWEPT_AT_ONCE) {
        log.forget(log.epoch(), chunk.to_vec()).await?;
    }
    Ok(())
}

fn stream(id: &str) -> Result<StreamId, FollowError> {
    Ok(StreamId::new(format!("{TOMBSTONE_STREAMS}{id}"))?)
}

#[cfg(test)]
mod tests {
    use super::Calendar;

    #[test]
    fn a_clock_that_is_set_forward_ages_nothing_and_one_set_back_is_followed() {
        const MINUTE: u64 = 60_000;
        const DAY: u64 = 1_440 * MINUTE;
        const START: u64 = 20_000 * DAY;
        // Days the clock jumps after an hour, minutes that may have passed by its end, at most and at least.
        let table = [(0, 120, 120), (90, 121, 120), (-90, 120 - 90 * 1_440, 120 - 90 * 1_440)];
        for (jump_days, most, least) in table {
            let mut calendar = Calendar::new(START, 0);
            let mut now = START;
            for minute in 1..=120 {
                let mono = minute * MINUTE;
                let jump = if minute > 60 { jump_days * DAY.cast_signed() } else { 0 };
                now = calendar.now_ms((START + mono).saturating_add_signed(jump), mono);
            }
            let passed = (now.cast_signed() - START.cast_signed()) / MINUTE.cast_signed();
            assert!((least..=most).contains(&passed), "{jump_days} days: {passed} minutes");
        }
    }
}
