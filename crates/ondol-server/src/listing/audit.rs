//! Who did what: every verb of a person, from the journals of sagas, newest first.
//!
//! An entry outlives its saga. A tombstone takes the entries of its saga along, so that a view that is filled again has them.

use ondol_core::{Event, Fact, Saga};
use ondol_store::view::{Batch, Direction, ViewError};
use serde::{Deserialize, Serialize};

use super::follow::to_json;
use super::query::{CHUNK, LOOKED_AT_MAX};
use super::{Listing, keys};
use crate::wire::event::step_name;
use crate::wire::words;

/// Entries that a tombstone takes along, the newest: with the longest notes 80 KiB.
pub(super) const ACTS_BURIED_MAX: usize = 64;

/// What a person did. Stored in the log, in tombstones: fields are only ever added, with a default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ActRow {
    pub(crate) at_ms: u64,
    pub(crate) saga: String,
    /// Number of the event.
    pub(crate) seq: u64,
    pub(crate) definition: String,
    pub(crate) verb: String,
    pub(crate) step: Option<String>,
    pub(crate) half: Option<String>,
    pub(crate) by: Option<String>,
    pub(crate) note: String,
    pub(crate) batch: Option<String>,
}

/// Which acts. Newest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct ActQuery {
    pub(crate) saga: Option<String>,
    pub(crate) verb: Option<String>,
    pub(crate) by: Option<String>,
    /// At this time or later (Unix milliseconds).
    pub(crate) from_ms: Option<u64>,
    /// Before this time.
    pub(crate) to_ms: Option<u64>,
    /// The last entry of the page before: its time and name.
    pub(crate) after: Option<(u64, String)>,
    pub(crate) limit: usize,
}

/// One page.
#[derive(Clone, Debug, Default)]
pub(crate) struct ActPage {
    pub(crate) acts: Vec<ActRow>,
    /// Where the next page begins; `None` at the end.
    pub(crate) next: Option<(u64, String)>,
}

/// The acts among the last events of a saga.
pub(super) fn acts<'a>(
    id: &'a str,
    saga: &'a Saga,
    events: &'a [Event],
) -> impl Iterator<Item = ActRow> + 'a {
    let first = (saga.seq() + 1).saturating_sub(events.len() as u64);
    events.iter().zip(first..).filter_map(move |(event, seq)| {
        let Fact::Acted(act) = &event.fact else { return None };
        Some(ActRow {
            at_ms: event.at_ms,
            saga: id.to_owned(),
            seq,
            definition: saga.submission().map_or_else(String::new, |first| first.definition.to_string()),
            verb: words::verb(act.verb).to_owned(),
            step: act.half.map(|(step, _)| step_name(saga.plan(), step).to_owned()),
            half: act.half.map(|(_, half)| words::half(half).to_owned()),
            by: act.said.by.as_deref().map(str::to_owned),
            note: act.said.note.to_string(),
            batch: act.said.batch.as_deref().map(str::to_owned),
        })
    })
}

impl ActRow {
    /// Its name among those of one time. Numbers of one width, so that order is by number.
    fn name(&self) -> String {
        format!("{}/{:010}", self.saga, self.seq)
    }

    /// Writes it; once more is the same.
    pub(super) fn put(&self, batch: &mut Batch) {
        batch.put(keys::at(keys::ACTS, self.at_ms, &self.name()), to_json(self));
        batch.put(keys::at(&keys::acts_of(&self.saga), self.at_ms, &self.name()), Vec::new());
    }
}

/// Removes the entry of this name.
pub(super) fn delete(batch: &mut Batch, (at_ms, name): (u64, &str)) {
    batch.delete(keys::at(keys::ACTS, at_ms, name));
    let saga = name.rsplit_once('/').map_or("", |(saga, _)| saga);
    batch.delete(keys::at(&keys::acts_of(saga), at_ms, name));
}

impl Listing {
    /// One page of what people did. Blocks for about as long as the page takes to read.
    pub(crate) fn acts(&self, query: &ActQuery) -> Result<ActPage, ViewError> {
        let index = query.saga.as_deref().map_or_else(|| keys::ACTS.to_vec(), keys::acts_of);
        let mut page = ActPage::default();
        let mut looked_at = 0;
        let mut after = match (&query.after, query.to_ms) {
            (Some((at_ms, name)), _) => Some(keys::at(&index, *at_ms, name)),
            (None, Some(to_ms)) => Some(keys::at(&index, to_ms, "")),
            (None, None) => None,
        };
        loop {
            let found = self.view.scan(&index, after.as_deref(), Direction::Backward, CHUNK)?;
            for (key, _) in &found {
                let Some((at_ms, name)) = keys::place(&index, key) else { continue };
                if query.from_ms.is_some_and(|from_ms| at_ms < from_ms) {
                    return Ok(ActPage { next: None, ..page });
                }
                looked_at += 1;
                page.acts.extend(self.act(at_ms, name)?.filter(|act| query.matches(act)));
                page.next = Some((at_ms, name.to_owned()));
                if page.acts.len() >= query.limit || looked_at >= LOOKED_AT_MAX {
                    return Ok(page);
                }
            }
            if found.len() < CHUNK {
                return Ok(ActPage { next: None, ..page });
            }
            after = found.last().map(|(key, _)| key.to_vec());
        }
    }

    /// The newest acts on a saga, oldest of them first.
    pub(super) fn acts_of(&self, saga: &str) -> Result<Vec<ActRow>, ViewError> {
        let index = keys::acts_of(saga);
        let found = self.view.scan(&index, None, Direction::Backward, ACTS_BURIED_MAX)?;
        let mut acts = Vec::with_capacity(found.len());
        for (at_ms, name) in found.iter().rev().filter_map(|(key, _)| keys::place(&index, key)) {
            acts.extend(self.act(at_ms, name)?);
        }
        Ok(acts)
    }

    fn act(&self, at_ms: u64, name: &str) -> Result<Option<ActRow>, ViewError> {
        let bytes = self.view.get(&keys::at(keys::ACTS, at_ms, name))?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }
}

impl ActQuery {
    fn matches(&self, act: &ActRow) -> bool {
        let is = |asked: &Option<String>, text: Option<&str>| {
            asked.as_deref().is_none_or(|asked| text == Some(asked))
        };
        is(&self.verb, Some(&act.verb)) && is(&self.by, act.by.as_deref())
    }
}
