//! A saga read back: the whole journal, and the state it folds to.

use std::sync::Arc;

use ondol_core::{Event, Fact, Input, Permit, Saga};
use ondol_store::journal;
use ondol_store::log::{Log, LogError, Record};

use crate::blueprint::Blueprint;
use crate::error::{ActError, ReadError};
use crate::handle::VerbRequest;
use crate::id::SagaId;
use crate::registry::Registry;

/// Everything the journal tells of one saga.
#[derive(Clone, Debug)]
pub struct Story {
    /// Its id.
    pub id: SagaId,
    /// Its events, in order; event `n` has the sequence number `n + 1`.
    pub events: Vec<Event>,
    /// The state they fold to.
    pub saga: Saga,
    /// The definition it is pinned to.
    pub blueprint: Arc<Blueprint>,
    /// Records in its stream.
    pub(crate) records: u64,
}

/// Why a journal is no story.
#[derive(Debug)]
pub(crate) enum Untold {
    Missing,
    Illegal(String),
    Log(LogError),
}

impl Story {
    /// What a person means, as the input it would be, and what it would do now. Nothing is done.
    ///
    /// # Errors
    ///
    /// [`ActError`], as [`crate::Handle::act`] would answer.
    pub fn verb(&self, request: &VerbRequest) -> Result<(Input, Permit), ActError> {
        crate::meant::verb(&self.saga, &self.blueprint.name, request)
    }

    pub(crate) async fn read(log: &dyn Log, registry: &Registry, id: &SagaId) -> Result<Self, Untold> {
        let records = log.read(&id.stream(), 0).await.map_err(Untold::Log)?;
        Self::tell(registry, id, &records)
    }

    fn tell(registry: &Registry, id: &SagaId, records: &[Record]) -> Result<Self, Untold> {
        let mut events = Vec::with_capacity(records.len() * 2);
        for record in records {
            let batch = journal::decode(&record.bytes).map_err(|error| Untold::Illegal(error.to_string()))?;
            events.extend(batch);
        }
        let first = events.first().ok_or(Untold::Missing)?;
        let Fact::Submitted(submission) = &first.fact else {
            return Err(Untold::Illegal("it does not begin with a submission".to_owned()));
        };
        let blueprint = registry.find(&submission.definition, Some(submission.version)).ok_or_else(|| {
            Untold::Illegal(format!(
                "its definition `{}` version {} is not in the store",
                submission.definition, submission.version
            ))
        })?;
        let blueprint = Arc::clone(blueprint);
        let plan = Arc::clone(blueprint.definition.plan());
        let saga = ondol_core::fold(plan, &events).map_err(|illegal| Untold::Illegal(illegal.to_string()))?;
        Ok(Self { id: id.clone(), events, saga, blueprint, records: records.len() as u64 })
    }
}

impl Untold {
    /// As a reader outside the engine sees it.
    pub(crate) fn read_error<T>(self, id: &SagaId) -> Result<Option<T>, ReadError> {
        match self {
            Self::Missing => Ok(None),
            Self::Illegal(why) => Err(ReadError::JournalIllegal { id: id.to_string(), why }),
            Self::Log(error) => Err(ReadError::Log(error)),
        }
    }
}
