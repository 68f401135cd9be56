//! What needs a person, by cause.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::schema::{HalfName, TroubleName};
use crate::clock;
use crate::listing::{CauseGroup, Causes};

/// Which of the sagas that need a person.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CausesParams {
    /// As for a list; where nothing is said, all that need a person: parked ones, and open ones with a half that is stuck.
    pub(crate) status: Option<String>,
    /// Name of a definition.
    pub(crate) definition: Option<String>,
    /// Name of a service: of the half that needs a person, or of the step that failed first.
    pub(crate) service: Option<String>,
    /// Created at this time or later (RFC 3339).
    pub(crate) from: Option<String>,
    /// Created before this time (RFC 3339).
    pub(crate) to: Option<String>,
}

/// What needs a person, by cause.
#[derive(Serialize, ToSchema)]
pub(crate) struct CauseList {
    /// Most sagas first.
    causes: Vec<CauseView>,
    /// Sagas that were looked at.
    looked_at: usize,
    /// Is there more than was looked at (10,000 sagas, newest first), or than is shown (200 causes)?
    more: bool,
}

/// Sagas that need a person for one reason.
#[derive(Serialize, ToSchema)]
#[schema(as = Cause)]
pub(crate) struct CauseView {
    /// Its key: a filter of lists and batches. The same for the same definition, step, half, service, trouble and reason,
    /// numbers and ids in the reason left out.
    cause: String,
    /// Absent where the journal cannot be read from its beginning.
    definition: Option<String>,
    step: Option<String>,
    #[schema(value_type = Option<HalfName>)]
    half: Option<String>,
    service: Option<String>,
    #[schema(value_type = TroubleName)]
    trouble: String,
    /// In words, of the newest of them.
    reason: String,
    /// How many there are.
    sagas: u64,
    /// Since when the first of them needs a person.
    oldest_at: String,
    /// Since when the last of them does.
    newest_at: String,
    /// Ids of up to three of them.
    examples: Vec<String>,
}

impl From<Causes> for CauseList {
    fn from(causes: Causes) -> Self {
        let Causes { groups, looked_at, more } = causes;
        Self { causes: groups.into_iter().map(CauseView::from).collect(), looked_at, more }
    }
}

impl From<CauseGroup> for CauseView {
    fn from(group: CauseGroup) -> Self {
        let CauseGroup { definition, stuck, sagas, oldest_ms, newest_ms, examples } = group;
        Self {
            cause: stuck.cause,
            definition: Some(definition).filter(|name| !name.is_empty()),
            step: stuck.step,
            half: stuck.half,
            service: stuck.service,
            trouble: stuck.trouble,
            reason: stuck.reason,
            sagas,
            oldest_at: clock::text(oldest_ms),
            newest_at: clock::text(newest_ms),
            examples,
        }
    }
}
