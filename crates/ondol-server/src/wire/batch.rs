//! Batches.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::schema::{HalfName, VerbName};
use crate::batch::{BatchRow, State};
use crate::clock;

/// A verb on every saga that matches.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Begin {
    /// The batch's id, as that of a saga; without one the server makes a ULID. May stand in the header `Idempotency-Key`
    /// instead.
    #[serde(default)]
    pub(crate) id: Option<String>,
    /// The verb.
    #[schema(value_type = VerbName)]
    pub(crate) verb: String,
    /// Which sagas. At least one member; the sagas are fixed when the batch begins.
    pub(crate) query: BatchQuery,
    /// The step; may be left out where only one can be meant in each saga.
    #[serde(default)]
    pub(crate) step: Option<String>,
    /// `action` or `compensation`.
    #[serde(default)]
    #[schema(value_type = Option<HalfName>)]
    pub(crate) half: Option<String>,
    /// For `complete`.
    #[serde(default, deserialize_with = "super::present")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub(crate) output: Option<Box<RawValue>>,
    /// For `edit`.
    #[serde(default, deserialize_with = "super::present")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub(crate) input: Option<Box<RawValue>>,
    /// For `resend`.
    #[serde(default)]
    pub(crate) notice: Option<u16>,
    /// Why; kept in the journal of each saga.
    #[serde(default)]
    pub(crate) note: String,
    /// Who acts, 1 to 128 bytes. Kept in the journal of each saga as it is said here: nobody verifies it.
    #[serde(default)]
    pub(crate) by: Option<String>,
    /// Verbs a second, 1 to 1,000; 50 where nothing is said.
    #[serde(default)]
    pub(crate) rate_per_second: Option<u32>,
}

/// Which sagas: as in a list, or by their ids.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BatchQuery {
    pub(crate) status: Option<String>,
    pub(crate) definition: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) step: Option<String>,
    /// A `cause` of `GET /v1/sagas/causes`.
    pub(crate) cause: Option<String>,
    /// Exactly these sagas, at most 1,000; with other members, those of them that match.
    pub(crate) ids: Option<Vec<String>>,
    pub(crate) q: Option<String>,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
}

/// A batch and how far it is.
#[derive(Serialize, ToSchema)]
#[schema(as = Batch)]
pub(crate) struct BatchView {
    id: String,
    verb: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    note: String,
    /// Who began it, as they said.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    rate_per_second: u32,
    /// `running`, `completed` or `cancelled`.
    state: &'static str,
    /// Sagas it is about.
    total: usize,
    /// Sagas that were asked.
    done: usize,
    /// Of these, how many did it.
    acted: usize,
    /// Of these, how many did not allow it.
    refused: usize,
    /// The first refusals.
    refusals: Vec<RefusalView>,
    created_at: String,
    ended_at: Option<String>,
}

/// A saga that did not allow the verb.
#[derive(Serialize, ToSchema)]
pub(crate) struct RefusalView {
    id: String,
    reason: String,
}

/// What a batch would be about. Nothing was done.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchDryRun {
    pub(crate) verb: String,
    /// Sagas that match. Each would decide for itself whether it allows the verb.
    pub(crate) total: usize,
    /// The first of them, in the order in which they would be asked.
    pub(crate) sagas: Vec<String>,
}

/// What a beginning is answered.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum BatchAnswer {
    /// It began, or had begun before.
    Begun(BatchView),
    /// It was only asked about.
    DryRun(BatchDryRun),
}

/// The batches there are, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchList {
    pub(crate) batches: Vec<BatchView>,
}

impl From<BatchRow> for BatchView {
    fn from(row: BatchRow) -> Self {
        Self {
            id: row.id,
            verb: row.action.verb,
            step: row.action.step,
            note: row.action.note,
            by: row.action.by,
            rate_per_second: row.rate_per_second,
            state: match row.state {
                State::Running => "running",
                State::Completed => "completed",
                State::Cancelled => "cancelled",
            },
            total: row.total,
            done: row.done,
            acted: row.acted,
            refused: row.done.saturating_sub(row.acted),
            refusals: row
                .refusals
                .into_iter()
                .map(|refusal| RefusalView { id: refusal.id, reason: refusal.reason })
                .collect(),
            created_at: clock::text(row.created_ms),
            ended_at: row.ended_ms.map(clock::text),
        }
    }
}
