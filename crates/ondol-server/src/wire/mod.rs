//! What the API sends and takes, as JSON. Never core types: a serializable type is a promise.
//!
//! Payloads pass through as the bytes they are ([`RawValue`]); times are RFC 3339; words are those of the manual.

pub(crate) mod audit;
pub(crate) mod batch;
pub(crate) mod calls;
pub(crate) mod causes;
pub(crate) mod event;
pub(crate) mod figures;
pub(crate) mod list;
pub(crate) mod saga;
pub(crate) mod schema;
pub(crate) mod status;
pub(crate) mod submit;
pub(crate) mod system;
pub(crate) mod telemetry;
pub(crate) mod verb;
pub(crate) mod why;
pub(crate) mod words;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// A refusal, RFC 9457. Some codes add members; their help pages say which.
#[derive(Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Address of the help page.
    r#type: String,
    /// Stable name of what was refused.
    code: String,
    /// The same in a few words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What is wrong with this request, and what to do next.
    detail: String,
}

/// Reads a member that is there, also where it is `null`: for payloads that is a value like any other.
pub(crate) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    member: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(member).map(Some)
}

/// JSON bytes of the journal as they are; `null` for what is none (which the journal does not hold).
pub(crate) fn raw(bytes: &[u8]) -> &RawValue {
    serde_json::from_slice(bytes).unwrap_or(RawValue::NULL)
}
