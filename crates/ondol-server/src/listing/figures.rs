//! How many sagas began and ended, minute by minute: counted as the view follows, so that no chart reads sagas.
//!
//! A count goes with the row that it comes from, in one write. What is written again after a crash finds the row as it is
//! and counts nothing twice.

use std::collections::HashMap;

use ondol_store::view::{Batch, ViewError};

use super::row::{Row, Status};
use super::{Listing, keys};

/// The finest step there is.
pub(crate) const MINUTE_MS: u64 = 60_000;

/// Steps of one answer: more than a screen has columns.
pub(crate) const STEPS_MAX: u64 = 1_500;

/// What longer steps are made of: a chart of months reads as much as one of a day.
pub(super) const HOUR_MS: u64 = 60 * MINUTE_MS;

/// The longest window, as long as tombstones are kept. At most 88,500 counts are read for one: 1,500 steps of 59 minutes.
pub(crate) const WINDOW_DAYS_MAX: u64 = 400;

/// What is counted, in this order.
const COUNTED: usize = 4;

/// How many sagas did what, in one step of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Sagas that were accepted.
    pub(crate) started: u64,
    pub(crate) completed: u64,
    pub(crate) compensated: u64,
    /// Times that one was parked.
    pub(crate) parked: u64,
}

/// A window in steps. Both are multiples of a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "the unit stands last")]
pub(crate) struct Steps {
    pub(crate) from_ms: u64,
    pub(crate) to_ms: u64,
    pub(crate) step_ms: u64,
}

impl Listing {
    /// Each step of the window: when it begins, and what happened in it. Blocks for a look at every minute, or hour where
    /// steps are made of hours.
    pub(crate) fn figures(
        &self,
        steps: Steps,
        definition: Option<&str>,
    ) -> Result<Vec<(u64, Figures)>, ViewError> {
        let Steps { from_ms, to_ms, step_ms } = steps;
        let unit = if step_ms.is_multiple_of(HOUR_MS) { Unit::Hour } else { Unit::Minute };
        let mut counts = Vec::new();
        for step in (from_ms..to_ms).step_by(step_ms as usize) {
            let mut sum = Figures::default();
            for from_ms in (step..to_ms.min(step + step_ms)).step_by(unit.ms() as usize) {
                let bytes = self.view.get(&unit.key(from_ms, definition.unwrap_or_default()))?;
                sum.add(Figures::read(bytes.as_deref()));
            }
            counts.push((step, sum));
        }
        Ok(counts)
    }
}

/// Counts that are not written yet.
#[derive(Default)]
pub(super) struct Counting(HashMap<(Unit, u64, String), Figures>);

impl Counting {
    /// Counts what a row tells that the one before it did not.
    pub(super) fn row(&mut self, before: Option<&Row>, row: &Row) {
        let mut count = |at_ms: u64, one: Figures| {
            for unit in [Unit::Minute, Unit::Hour] {
                let from_ms = at_ms - at_ms % unit.ms();
                self.0.entry((unit, from_ms, String::new())).or_default().add(one);
                // A saga whose journal cannot be read from its beginning has none.
                if !row.definition.is_empty() {
                    self.0.entry((unit, from_ms, row.definition.clone())).or_default().add(one);
                }
            }
        };
        if before.is_none() {
            count(row.created_ms, Figures { started: 1, ..Figures::default() });
        }
        if let (None, Some(ended_ms)) = (before.and_then(|before| before.ended_ms), row.ended_ms) {
            match row.status {
                Status::Completed => count(ended_ms, Figures { completed: 1, ..Figures::default() }),
                Status::Compensated => count(ended_ms, Figures { compensated: 1, ..Figures::default() }),
                Status::Running | Status::Compensating | Status::Parked => {}
            }
        }
        let known = before.map_or(0, |before| before.parked_ms.len());
        for at_ms in row.parked_ms.iter().skip(known) {
            count(*at_ms, Figures { parked: 1, ..Figures::default() });
        }
    }

    /// Puts the sums into a batch; nothing is left to count then.
    pub(super) fn put(&mut self, listing: &Listing, batch: &mut Batch) -> Result<(), ViewError> {
        for ((unit, from_ms, definition), more) in self.0.drain() {
            let key = unit.key(from_ms, &definition);
            let mut sum = Figures::read(listing.view.get(&key)?.as_deref());
            sum.add(more);
            batch.put(key, sum.written());
        }
        Ok(())
    }
}

/// What is counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Unit {
    Minute,
    Hour,
}

impl Unit {
    const fn ms(self) -> u64 {
        match self {
            Self::Minute => MINUTE_MS,
            Self::Hour => HOUR_MS,
        }
    }

    /// Of all definitions where it is empty.
    fn key(self, from_ms: u64, definition: &str) -> Vec<u8> {
        let index = match self {
            Self::Minute => keys::MINUTES,
            Self::Hour => keys::HOURS,
        };
        keys::at(index, from_ms, definition)
    }
}

impl Figures {
    fn add(&mut self, other: Self) {
        self.started += other.started;
        self.completed += other.completed;
        self.compensated += other.compensated;
        self.parked += other.parked;
    }

    fn read(bytes: Option<&[u8]>) -> Self {
        let (numbers, _) = bytes.unwrap_or_default().as_chunks::<8>();
        let number = |at: usize| numbers.get(at).map_or(0, |bytes| u64::from_be_bytes(*bytes));
        Self { started: number(0), completed: number(1), compensated: number(2), parked: number(3) }
    }

    fn written(self) -> Vec<u8> {
        let numbers: [u64; COUNTED] = [self.started, self.completed, self.compensated, self.parked];
        numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
    }
}
