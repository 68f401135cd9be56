//! Sagas that are still going on, folded as far as the view has followed.
//!
//! The next record of such a saga costs one `apply`; without this its whole journal would be read back each time.

use std::collections::HashMap;
use std::sync::Arc;

use ondol_core::{Event, Fact, Saga};
use ondol_engine::{Blueprint, Registry, SagaId};
use ondol_store::journal;

use super::audit::{self, ActRow};
use super::row::{PARKED_MAX, Row};
use super::stuck::Troubles;
use crate::wire::saga::ended_ms;

/// Bytes of sagas kept folded. Beyond it all are let go and read back when their next record comes.
const FOLDED_BYTES_MAX: usize = 32 << 20;

/// What a saga takes besides its input and outputs.
const FIXED_BYTES: usize = 2_048;

/// One saga, folded up to a record.
pub(super) struct Folded {
    saga: Saga,
    blueprint: Arc<Blueprint>,
    created_ms: u64,
    ended_ms: Option<u64>,
    parked_ms: Vec<u64>,
    troubles: Troubles,
    records: u64,
}

impl Folded {
    /// Its bytes, roughly: inputs and outputs are what may be large.
    fn bytes(&self) -> usize {
        let inputs = self.saga.inputs().iter().map(|input| input.len());
        let outputs = self.saga.steps().iter().filter_map(|step| Some(step.output.as_ref()?.len()));
        FIXED_BYTES + inputs.chain(outputs).sum::<usize>()
    }
}

/// Sagas, folded.
#[derive(Default)]
pub(super) struct Folds {
    sagas: HashMap<SagaId, Folded>,
    bytes: usize,
    /// What people did in the records taken in, until somebody takes it.
    acts: Vec<ActRow>,
}

impl Folds {
    /// Can this record be folded without reading the journal?
    pub(super) fn follows(&self, id: &SagaId, seq: u64) -> bool {
        seq == 0 || self.sagas.get(id).is_some_and(|folded| folded.records >= seq)
    }

    /// Takes a record in; the row as it is then, or `None` where the record was in it already.
    pub(super) fn take(&mut self, registry: &Registry, id: &SagaId, seq: u64, bytes: &[u8]) -> Option<Row> {
        match self.remove(id) {
            Some(folded) if folded.records > seq => {
                self.insert(id, folded);
                None
            }
            Some(folded) => Some(self.go_on(id, folded, bytes)),
            None => Some(self.begin(registry, id, bytes)),
        }
    }

    /// Takes a whole journal in.
    pub(super) fn take_all(&mut self, registry: &Registry, id: &SagaId, records: &[&[u8]]) -> Option<Row> {
        self.remove(id);
        let (first, rest) = records.split_first()?;
        let mut row = self.begin(registry, id, first);
        for bytes in rest {
            let Some(folded) = self.remove(id) else { break };
            row = self.go_on(id, folded, bytes);
        }
        Some(row)
    }

    fn begin(&mut self, registry: &Registry, id: &SagaId, bytes: &[u8]) -> Row {
        match begin(registry, bytes) {
            Ok((saga, blueprint, events)) => {
                let created_ms = events.first().map_or(0, |event| event.at_ms);
                let (parked_ms, troubles) = (Vec::new(), Troubles::default());
                let ended_ms = None;
                let folded =
                    Folded { saga, blueprint, created_ms, ended_ms, parked_ms, troubles, records: 1 };
                self.keep(id, folded, &events)
            }
            Err(why) => Row::illegal(id.as_str(), crate::clock::wall_ms(), &why, 1),
        }
    }

    fn go_on(&mut self, id: &SagaId, mut folded: Folded, bytes: &[u8]) -> Row {
        folded.records += 1;
        let decoded = journal::decode(bytes).map_err(|error| error.to_string());
        let applied = decoded.and_then(|events| {
            let applied = events.iter().try_for_each(|event| folded.saga.apply(event));
            applied.map(|()| events).map_err(|illegal| illegal.to_string())
        });
        match applied {
            Ok(events) => self.keep(id, folded, &events),
            Err(why) => Row::illegal(id.as_str(), folded.created_ms, &why, folded.records),
        }
    }

    fn keep(&mut self, id: &SagaId, mut folded: Folded, events: &[Event]) -> Row {
        folded.ended_ms = folded.ended_ms.or_else(|| ended_ms(folded.saga.phase(), events));
        self.acts.extend(audit::acts(id.as_str(), &folded.saga, events));
        folded.troubles.take(events);
        let parked = events.iter().filter(|event| event.fact == Fact::Parked);
        let room = PARKED_MAX.saturating_sub(folded.parked_ms.len());
        folded.parked_ms.extend(parked.map(|event| event.at_ms).take(room));
        let Folded { saga, blueprint, created_ms, ended_ms, parked_ms, troubles, records } = &folded;
        let stuck = troubles.row(saga, blueprint).filter(|_| !saga.phase().ended());
        let times = (*created_ms, *ended_ms);
        let row = Row::new(id.as_str(), saga, blueprint, times, stuck, parked_ms, *records);
        if !row.closed {
            self.insert(id, folded);
        }
        row
    }

    /// What people did in the records taken in since this was asked last.
    pub(super) fn take_acts(&mut self) -> Vec<ActRow> {
        std::mem::take(&mut self.acts)
    }

    fn insert(&mut self, id: &SagaId, folded: Folded) {
        if self.bytes >= FOLDED_BYTES_MAX {
            *self = Self { acts: std::mem::take(&mut self.acts), ..Self::default() };
        }
        self.bytes += folded.bytes();
        self.sagas.insert(id.clone(), folded);
    }

    fn remove(&mut self, id: &SagaId) -> Option<Folded> {
        let folded = self.sagas.remove(id)?;
        self.bytes = self.bytes.saturating_sub(folded.bytes());
        Some(folded)
    }
}

type Begun = (Saga, Arc<Blueprint>, Vec<Event>);

fn begin(registry: &Registry, bytes: &[u8]) -> Result<Begun, String> {
    let events = journal::decode(bytes).map_err(|error| error.to_string())?;
    let Some(Fact::Submitted(submission)) = events.first().map(|event| &event.fact) else {
        return Err("it does not begin with a submission".to_owned());
    };
    let blueprint =
        registry.find(&submission.definition, Some(submission.version)).ok_or("its definition is unknown")?;
    let saga = ondol_core::fold(Arc::clone(blueprint.definition.plan()), &events)
        .map_err(|illegal| illegal.to_string())?;
    Ok((saga, Arc::clone(blueprint), events))
}
