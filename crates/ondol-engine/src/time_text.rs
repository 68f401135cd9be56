//! Times as people and other programs read them.

/// RFC 3339 in UTC with milliseconds: `2026-11-23T08:21:00.000Z`.
#[must_use]
pub fn rfc3339(unix_ms: u64) -> String {
    let bounded = i64::try_from(unix_ms).unwrap_or(i64::MAX).min(253_402_300_799_999);
    let moment = jiff::Timestamp::from_millisecond(bounded).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{moment:.3}")
}
