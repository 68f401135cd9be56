//! What a list shows of a saga, without reading its payloads.

use ondol_core::Text;

use super::{DecodeError, Fault, Part, frame, wire};

/// The definition a saga is pinned to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned {
    /// Name of the definition.
    pub definition: Text,
    /// Its version.
    pub version: u32,
}

/// What the first event of a record pins its saga to; `None` where that is not a submission.
///
/// Reads only that event, and of it only these two fields. What else is in the record is not checked.
///
/// # Errors
/// [`DecodeError`] where the record cannot be read up to there. Never panics.
pub fn peek(mut bytes: &[u8]) -> Result<Option<Pinned>, DecodeError> {
    let (_, promised) = frame::open(&mut bytes)?;
    if promised == 0 {
        return Ok(None);
    }
    if bytes.is_empty() {
        return Err(DecodeError::Short { promised, found: 0 });
    }
    let part = Part::Event(1);
    let event: wire::PeekEvent = frame::take(&mut bytes, part)?;
    let Some(submitted) = event.submitted else { return Ok(None) };
    let missing = |field| DecodeError::Field { part, field, fault: Fault::Missing };
    Ok(Some(Pinned {
        definition: submitted.definition.ok_or_else(|| missing("submitted.definition"))?.into(),
        version: submitted.version.ok_or_else(|| missing("submitted.version"))?,
    }))
}
