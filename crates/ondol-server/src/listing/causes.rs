//! What needs a person, by cause: a hundred sagas that one service refused are one line.

use std::collections::HashMap;

use ondol_store::view::{Direction, ViewError};

use super::query::CHUNK;
use super::row::Row;
use super::stuck::StuckRow;
use super::{Listing, Query, keys};

/// Sagas looked at for one answer: more than a person clears in a day. Newest first, so that what is left out is old.
const CAUSES_LOOKED_AT_MAX: usize = 10_000;

/// Causes in one answer: more than a person reads.
const CAUSES_MAX: usize = 200;

/// Sagas named of each cause.
const EXAMPLES_MAX: usize = 3;

/// Sagas that need a person for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CauseGroup {
    pub(crate) definition: String,
    /// Of the newest of them.
    pub(crate) stuck: StuckRow,
    pub(crate) sagas: u64,
    /// Since when the first and the last of them need a person (Unix milliseconds).
    pub(crate) oldest_ms: u64,
    pub(crate) newest_ms: u64,
    /// The newest of them.
    pub(crate) examples: Vec<String>,
}

/// What needs a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Causes {
    /// Most sagas first.
    pub(crate) groups: Vec<CauseGroup>,
    pub(crate) looked_at: usize,
    /// Is there more than was looked at, or than is shown?
    pub(crate) more: bool,
}

impl Listing {
    /// What needs a person among the sagas that match, by cause. Only sagas that do are read.
    pub(crate) fn causes(&self, query: &Query, now_ms: u64) -> Result<Causes, ViewError> {
        let mut causes = Causes::default();
        let mut groups: HashMap<String, CauseGroup> = HashMap::new();
        for (index, direction) in [(keys::STUCK, Direction::Backward), (keys::FAILING, Direction::Forward)] {
            let mut after: Option<Vec<u8>> = None;
            'index: loop {
                let found = self.view.scan(index, after.as_deref(), direction, CHUNK)?;
                for (key, _) in &found {
                    let Some((_, id)) = keys::place(index, key) else { continue };
                    if causes.looked_at >= CAUSES_LOOKED_AT_MAX {
                        causes.more = true;
                        break 'index;
                    }
                    causes.looked_at += 1;
                    let Some(row) = self.row(id)? else { continue };
                    let Some(stuck) = row.stuck_at(now_ms) else {
                        if row.stuck.is_some() {
                            // The first that has not been failing for long; those behind it have not either.
                            break 'index;
                        }
                        // It went on between the two looks.
                        continue;
                    };
                    if query.matches(&row, now_ms) {
                        groups
                            .entry(stuck.cause.clone())
                            .and_modify(|group| group.take(&row, stuck))
                            .or_insert_with(|| CauseGroup::new(&row, stuck));
                    }
                }
                if found.len() < CHUNK {
                    break;
                }
                after = found.last().map(|(key, _)| key.to_vec());
            }
        }
        causes.groups = groups.into_values().collect();
        causes.groups.sort_by(|a, b| (b.sagas, &a.stuck.cause).cmp(&(a.sagas, &b.stuck.cause)));
        causes.more |= causes.groups.len() > CAUSES_MAX;
        causes.groups.truncate(CAUSES_MAX);
        Ok(causes)
    }
}

impl CauseGroup {
    fn new(row: &Row, stuck: &StuckRow) -> Self {
        Self {
            definition: row.definition.clone(),
            stuck: stuck.clone(),
            sagas: 1,
            oldest_ms: stuck.since_ms,
            newest_ms: stuck.since_ms,
            examples: vec![row.id.clone()],
        }
    }

    fn take(&mut self, row: &Row, stuck: &StuckRow) {
        self.sagas += 1;
        self.oldest_ms = self.oldest_ms.min(stuck.since_ms);
        if stuck.since_ms > self.newest_ms {
            self.newest_ms = stuck.since_ms;
            self.stuck = stuck.clone();
        }
        if self.examples.len() < EXAMPLES_MAX {
            self.examples.push(row.id.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::tests::{Sample, filled};

    const HOUR: u64 = 3_600_000;

    #[test]
    fn only_sagas_that_need_a_person_are_read_however_many_there_are() {
        let mut samples: Vec<Sample<'_>> = vec![Sample::Completed; 20_000];
        samples.extend((0..1_000).map(|_| Sample::Stuck("no seat left")));
        samples.extend((0..500).map(|_| Sample::Stuck("no such user")));
        samples.extend((0..3_000).map(|number| Sample::Failing(if number < 10 { 0 } else { 2 * HOUR })));
        let listing = filled(&samples);
        let causes = listing.causes(&Query::default(), 2 * HOUR + 1).unwrap();
        let told: Vec<_> = causes
            .groups
            .iter()
            .map(|group| (&*group.stuck.trouble, &*group.stuck.reason, group.sagas, group.examples.len()))
            .collect();
        #[rustfmt::skip]
        assert_eq!(told, [
            ("refused", "no seat left", 1_000, 3),
            ("refused", "no such user",   500, 3),
            ("failing", "away",            10, 3),
        ]);
        assert_eq!(
            (causes.looked_at, causes.more),
            (1_511, false),
            "those that failed a moment ago are not read"
        );
    }

    #[test]
    fn what_is_not_looked_at_is_said() {
        let listing = filled(&vec![Sample::Stuck("no seat left"); CAUSES_LOOKED_AT_MAX + 1]);
        let causes = listing.causes(&Query::default(), HOUR).unwrap();
        assert_eq!((causes.groups[0].sagas, causes.looked_at, causes.more), (10_000, 10_000, true));
    }
}
