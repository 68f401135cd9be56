//! Who did what.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::schema::{HalfName, VerbName};
use crate::clock;
use crate::listing::ActRow;

/// Which of the verbs that people had carried out.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AuditParams {
    /// Only on this saga.
    pub(crate) saga: Option<String>,
    /// Only this verb.
    #[param(value_type = Option<VerbName>)]
    pub(crate) verb: Option<String>,
    /// Only by this person, exactly as they said.
    pub(crate) by: Option<String>,
    /// At this time or later (RFC 3339, or so long ago: `-15m`).
    pub(crate) from: Option<String>,
    /// Before this time (RFC 3339, or so long ago: `-15m`).
    pub(crate) to: Option<String>,
    /// `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
    /// Entries on the page, 1 to 500; 50 where nothing is said.
    pub(crate) limit: Option<usize>,
}

/// A page of what people did, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Audit {
    pub(crate) acts: Vec<AuditAct>,
    /// Where the next page begins; null on the last one. A search may answer a short page and go on.
    pub(crate) next_cursor: Option<String>,
}

/// What a person did. Only what was carried out is here: a verb that was refused left nothing.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditAct {
    /// When.
    at: String,
    /// On which saga; its history may have been dropped since.
    saga: String,
    definition: String,
    #[schema(value_type = VerbName)]
    verb: String,
    step: Option<String>,
    #[schema(value_type = Option<HalfName>)]
    half: Option<String>,
    /// Who they said they were. Nobody verified it.
    by: Option<String>,
    /// Why; may be empty.
    note: String,
    /// The batch that it was part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<String>,
    /// Number of the event in the saga's journal.
    seq: u64,
}

impl From<ActRow> for AuditAct {
    fn from(row: ActRow) -> Self {
        let ActRow { at_ms, saga, seq, definition, verb, step, half, by, note, batch } = row;
        Self { at: clock::text(at_ms), saga, definition, verb, step, half, by, note, batch, seq }
    }
}
