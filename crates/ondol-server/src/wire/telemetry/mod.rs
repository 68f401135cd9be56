//! Traces and logs, as JSON. Moments are nanoseconds since 1970 as text, since JavaScript's numbers end at 2^53; lengths
//! are numbers of nanoseconds.

pub(crate) mod log;
pub(crate) mod map;
pub(crate) mod state;
pub(crate) mod trace;

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// A moment: nanoseconds since 1970, as text.
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(value_type = String, example = "1790164800123456789")]
pub(crate) struct Moment(pub(crate) u64);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// What a query probably meant.
#[derive(Serialize, ToSchema)]
pub(crate) struct QueryHint {
    /// As it was written.
    pub(crate) written: String,
    /// What was probably meant.
    pub(crate) meant: String,
}
