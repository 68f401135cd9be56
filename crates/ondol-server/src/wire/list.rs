//! Lists of sagas.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::schema::{HalfName, SagaStatus, TroubleName};
use crate::clock;
use crate::listing::{FailedRow, Row, StuckRow, Tombstone};

/// What to list.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ListParams {
    /// `running`, `compensating`, `parked`, `completed`, `compensated`, or several of them with commas; `open` means the
    /// first three.
    pub(crate) status: Option<String>,
    /// Name of a definition.
    pub(crate) definition: Option<String>,
    /// Name of a service: of the step that failed first, or of the half that needs a person.
    pub(crate) service: Option<String>,
    /// Name of a step, likewise; with `service` both must be those of one half.
    pub(crate) step: Option<String>,
    /// Why it needs a person: a `cause` of `GET /v1/sagas/causes`.
    pub(crate) cause: Option<String>,
    /// Text in the id, the definition or the reason of the failure.
    pub(crate) q: Option<String>,
    /// Created at this time or later (RFC 3339, or so long ago: `-15m`).
    pub(crate) from: Option<String>,
    /// Created before this time (RFC 3339, or so long ago: `-15m`).
    pub(crate) to: Option<String>,
    /// `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
    /// Lines on the page, 1 to 500; 50 where nothing is said.
    pub(crate) limit: Option<usize>,
}

/// A page of sagas, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct SagaList {
    pub(crate) sagas: Vec<SagaRow>,
    /// Where the next page begins; absent on the last one. A search may answer a short page and go on.
    pub(crate) next_cursor: Option<String>,
}

/// A line of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct SagaRow {
    id: String,
    definition: String,
    version: u32,
    #[schema(value_type = SagaStatus)]
    status: &'static str,
    paused: bool,
    seq: u64,
    /// The first failure.
    failed: Option<Failed>,
    /// The half that needs a person now.
    stuck: Option<Stuck>,
    created_at: String,
    updated_at: String,
    ended_at: Option<String>,
}

/// Why it did not simply complete.
#[derive(Serialize, ToSchema)]
pub(crate) struct Failed {
    step: Option<String>,
    service: Option<String>,
    reason: String,
}

/// The half that needs a person. Of several it is the first in the order of the definition.
#[derive(Serialize, ToSchema)]
pub(crate) struct Stuck {
    /// Absent where the journal cannot be read.
    step: Option<String>,
    #[schema(value_type = Option<HalfName>)]
    half: Option<String>,
    /// The service that the half calls.
    service: Option<String>,
    #[schema(value_type = TroubleName)]
    trouble: String,
    /// What the last attempt said.
    reason: String,
    /// Since when it needs a person; for `failing`, since when it has been failing.
    since: String,
    /// The key of its cause, as in `GET /v1/sagas/causes`.
    cause: String,
}

impl From<&StuckRow> for Stuck {
    fn from(row: &StuckRow) -> Self {
        let StuckRow { step, half, service, trouble, reason, since_ms, cause } = row.clone();
        Self { step, half, service, trouble, reason, since: clock::text(since_ms), cause }
    }
}

impl From<FailedRow> for Failed {
    fn from(failed: FailedRow) -> Self {
        Self { step: failed.step, service: failed.service, reason: failed.reason }
    }
}

impl SagaRow {
    /// A line as it is shown now: what has been failing for a while is shown as stuck.
    pub(crate) fn new(row: Row, now_ms: u64) -> Self {
        Self {
            stuck: row.stuck_at(now_ms).map(Stuck::from),
            id: row.id,
            definition: row.definition,
            version: row.version,
            status: row.status.as_str(),
            paused: row.paused,
            seq: row.seq,
            failed: row.failed.map(Failed::from),
            created_at: clock::text(row.created_ms),
            updated_at: clock::text(row.updated_ms),
            ended_at: row.ended_ms.map(clock::text),
        }
    }
}

/// What is left of a saga whose history was dropped.
#[derive(Serialize, ToSchema)]
#[schema(as = Dropped)]
pub(crate) struct Leftover {
    definition: String,
    version: u32,
    #[schema(value_type = SagaStatus)]
    status: &'static str,
    failed: Option<Failed>,
    created_at: String,
    ended_at: String,
    dropped_at: String,
}

impl From<Tombstone> for Leftover {
    fn from(tombstone: Tombstone) -> Self {
        Self {
            definition: tombstone.definition,
            version: tombstone.version,
            status: tombstone.status.as_str(),
            failed: tombstone.failed.map(Failed::from),
            created_at: clock::text(tombstone.created_ms),
            ended_at: clock::text(tombstone.ended_ms),
            dropped_at: clock::text(tombstone.dropped_ms),
        }
    }
}
