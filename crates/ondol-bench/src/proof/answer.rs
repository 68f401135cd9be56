//! Parts of the API's answers.

use jiff::Timestamp;
use serde_json::Value;

/// A number that may be written as a text, since JavaScript cannot read a nanosecond of our days.
pub(super) fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// An id in hexadecimal.
pub(super) fn span_id(value: &Value) -> Option<u64> {
    u64::from_str_radix(value.as_str()?, 16).ok()
}

/// A moment, as the API takes it.
pub(super) fn moment(at_ns: u64) -> String {
    Timestamp::from_nanosecond(i128::from(at_ns)).map_or_else(|error| error.to_string(), |at| at.to_string())
}
