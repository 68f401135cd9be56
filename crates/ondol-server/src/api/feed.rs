//! The events of all sagas in the order in which they became durable.
//!
//! A record of the log names neither steps nor event numbers; both are found by reading its saga back once.

use std::collections::HashMap;
use std::sync::Arc;

use ondol_core::{Event as CoreEvent, Fact};
use ondol_engine::{Blueprint, Registry, SagaId};
use ondol_store::journal;
use ondol_store::log::{Log, LogError, Tailed};
use serde::Serialize;
use utoipa::ToSchema;

use super::cursor::Feed as Cursor;
use crate::wire::event::Event;

/// Sagas remembered; beyond it all are forgotten and read back when they move.
const KNOWN_MAX: usize = 4_096;

/// Records looked at for one page.
pub(super) const PAGE: usize = 512;

/// An event and the saga it belongs to.
#[derive(Serialize, ToSchema)]
pub(super) struct FeedEvent<'a> {
    /// Go on behind this event with `?after=` or `Last-Event-ID`.
    cursor: &'a str,
    saga: &'a str,
    definition: &'a str,
    /// Not flattened: an event may have members of the same names.
    event: Event<'a>,
}

/// An event, as JSON, and its cursor.
pub(super) struct Line {
    pub(super) cursor: String,
    pub(super) json: String,
}

/// Follows the log, page by page.
#[derive(Default)]
pub(super) struct Feed {
    known: HashMap<SagaId, Known>,
}

struct Known {
    blueprint: Arc<Blueprint>,
    records: u64,
    events: u64,
}

impl Feed {
    /// The events behind a cursor, and the cursor behind what was looked at; `None` where nothing more is in the log.
    pub(super) async fn page(
        &mut self,
        log: &dyn Log,
        registry: &Registry,
        after: Cursor,
    ) -> Result<Option<(Vec<Line>, Cursor)>, LogError> {
        let page = log.tail(after.tail_after(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(None) };
        let next = Cursor::behind(last.position);
        let mut lines = Vec::new();
        for tailed in &page {
            if let Some(id) = SagaId::of_stream(&tailed.stream) {
                self.record(log, registry, &id, tailed, after.skipped(tailed.position), &mut lines).await?;
            }
        }
        Ok(Some((lines, next)))
    }

    async fn record(
        &mut self,
        log: &dyn Log,
        registry: &Registry,
        id: &SagaId,
        tailed: &Tailed,
        skipped: usize,
        lines: &mut Vec<Line>,
    ) -> Result<(), LogError> {
        // A record that cannot be read is shown on its saga, not here.
        let Ok(events) = journal::decode(&tailed.bytes) else { return Ok(()) };
        if self.known.get(id).is_none_or(|known| known.records != tailed.seq) {
            self.known.remove(id);
            let Some(known) = before(log, registry, tailed, &events).await? else { return Ok(()) };
            if self.known.len() >= KNOWN_MAX {
                self.known.clear();
            }
            self.known.insert(id.clone(), known);
        }
        let Some(known) = self.known.get_mut(id) else { return Ok(()) };
        let plan = known.blueprint.definition.plan();
        for (at, event) in events.iter().enumerate().skip(skipped) {
            let within = (at + 1 < events.len()).then_some(at + 1);
            let cursor = Cursor { position: tailed.position, within }.text();
            let event = Event::new(plan, known.events + at as u64 + 1, event);
            let line =
                FeedEvent { cursor: &cursor, saga: id.as_str(), definition: &known.blueprint.name, event };
            let json = serde_json::to_string(&line).expect("an event is plain data");
            lines.push(Line { cursor, json });
        }
        known.records += 1;
        known.events += events.len() as u64;
        Ok(())
    }
}

/// What was before a record in its saga. `None` where that cannot be read, or was dropped meanwhile.
async fn before(
    log: &dyn Log,
    registry: &Registry,
    tailed: &Tailed,
    events: &[CoreEvent],
) -> Result<Option<Known>, LogError> {
    if tailed.seq == 0 {
        return Ok(blueprint(registry, events).map(|blueprint| Known { blueprint, records: 0, events: 0 }));
    }
    let mut known: Option<Known> = None;
    for record in log.read(&tailed.stream, 0).await?.into_iter().take_while(|record| record.seq < tailed.seq)
    {
        let Ok(events) = journal::decode(&record.bytes) else { return Ok(None) };
        if known.is_none() {
            known = blueprint(registry, &events).map(|blueprint| Known { blueprint, records: 0, events: 0 });
        }
        let Some(known) = &mut known else { return Ok(None) };
        known.records += 1;
        known.events += events.len() as u64;
    }
    Ok(known.filter(|known| known.records == tailed.seq))
}

fn blueprint(registry: &Registry, events: &[CoreEvent]) -> Option<Arc<Blueprint>> {
    let Fact::Submitted(submission) = &events.first()?.fact else { return None };
    registry.find(&submission.definition, Some(submission.version)).cloned()
}
