//! What a list can be asked, and its pages.

use ondol_store::view::{Direction, ViewError};

use super::row::{Row, Status};
use super::{Listing, keys};
use crate::clock;

/// Lines on one page.
pub(crate) const LIMIT_MAX: usize = 500;

/// Lines on one page where nothing is said.
pub(crate) const LIMIT_DEFAULT: usize = 50;

/// Lines looked at for one page. A search that finds little answers a short page and a cursor after this many, so that
/// no request reads the whole view.
pub(super) const LOOKED_AT_MAX: usize = 20_000;

/// Index entries read at once.
pub(super) const CHUNK: usize = 512;

/// What to list. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// One of these; any where it is empty.
    pub(crate) statuses: Vec<Status>,
    pub(crate) definition: Option<String>,
    /// The service of the step that failed first, or of the half that needs a person.
    pub(crate) service: Option<String>,
    /// The step, likewise.
    pub(crate) step: Option<String>,
    /// Why it needs a person.
    pub(crate) cause: Option<String>,
    /// Text in the id, the definition or the reason of the failure.
    pub(crate) text: Option<String>,
    /// Created at this time or later (Unix milliseconds).
    pub(crate) from_ms: Option<u64>,
    /// Created before this time.
    pub(crate) to_ms: Option<u64>,
    /// The last line of the page before: its time and id.
    pub(crate) after: Option<(u64, String)>,
    pub(crate) limit: usize,
}

/// One page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    pub(crate) rows: Vec<Row>,
    /// Where the next page begins; `None` at the end.
    pub(crate) next: Option<(u64, String)>,
}

impl Listing {
    /// One page of what matches. Blocks for about as long as the page takes to read.
    pub(crate) fn page(&self, query: &Query) -> Result<Page, ViewError> {
        let (index, now_ms) = (query.index(), clock::wall_ms());
        let mut page = Page::default();
        let mut looked_at = 0;
        let mut after = query.start(&index);
        loop {
            let found = self.view.scan(&index, after.as_deref(), Direction::Backward, CHUNK)?;
            let exhausted = found.len() < CHUNK;
            for (key, _) in &found {
                let Some((created_ms, id)) = keys::place(&index, key) else { continue };
                if query.from_ms.is_some_and(|from_ms| created_ms < from_ms) {
                    page.next = None;
                    return Ok(page);
                }
                looked_at += 1;
                if let Some(row) = self.row(id)?.filter(|row| query.matches(row, now_ms)) {
                    page.rows.push(row);
                }
                page.next = Some((created_ms, id.to_owned()));
                if page.rows.len() >= query.limit || looked_at >= LOOKED_AT_MAX {
                    return Ok(page);
                }
            }
            if exhausted {
                page.next = None;
                return Ok(page);
            }
            after = found.last().map(|(key, _)| key.to_vec());
        }
    }
}

impl Query {
    /// The narrowest index that has everything asked for.
    fn index(&self) -> Vec<u8> {
        if let Some(cause) = &self.cause {
            return keys::by_cause(cause);
        }
        match (&self.statuses[..], &self.definition) {
            ([status], _) => keys::by_status(*status),
            (_, Some(definition)) => keys::by_definition(definition),
            (_, None) => keys::ALL.to_vec(),
        }
    }

    /// The key before which the page begins.
    fn start(&self, index: &[u8]) -> Option<Vec<u8>> {
        match (&self.after, self.to_ms) {
            (Some((time_ms, id)), _) => Some(keys::at(index, *time_ms, id)),
            (None, Some(to_ms)) => Some(keys::at(index, to_ms, "")),
            (None, None) => None,
        }
    }

    /// Is this line one of those asked for? What needs a person depends on the time.
    pub(crate) fn matches(&self, row: &Row, now_ms: u64) -> bool {
        let stuck = row.stuck_at(now_ms);
        let status = self.statuses.is_empty() || self.statuses.contains(&row.status);
        let is = |asked: &Option<String>, text: Option<&str>| {
            asked.as_deref().is_none_or(|asked| text == Some(asked))
        };
        let failed = row.failed.as_ref().map(|failed| (failed.step.as_deref(), failed.service.as_deref()));
        let stood = stuck.map(|stuck| (stuck.step.as_deref(), stuck.service.as_deref()));
        let place = (self.service.is_none() && self.step.is_none())
            || failed
                .into_iter()
                .chain(stood)
                .any(|(step, service)| is(&self.step, step) && is(&self.service, service));
        let created = self.from_ms.is_none_or(|from_ms| row.created_ms >= from_ms)
            && self.to_ms.is_none_or(|to_ms| row.created_ms < to_ms);
        status
            && created
            && place
            && is(&self.definition, Some(&row.definition))
            && is(&self.cause, stuck.map(|stuck| &*stuck.cause))
            && self.text.as_ref().is_none_or(|text| has(row, text))
    }
}

/// Is the text somewhere in the line? Without regard to the case of ASCII letters.
fn has(row: &Row, text: &str) -> bool {
    let wanted = text.to_ascii_lowercase();
    let found = |place: &str| place.to_ascii_lowercase().contains(&wanted);
    let failed = row.failed.as_ref();
    found(&row.id)
        || found(&row.definition)
        || failed.is_some_and(|failed| {
            found(&failed.reason)
                || failed.step.as_deref().is_some_and(found)
                || failed.service.as_deref().is_some_and(found)
        })
}
