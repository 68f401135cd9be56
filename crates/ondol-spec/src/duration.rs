//! Durations as a file writes them: `300ms`, `2s`, `2m`, `1h`, `30d`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The `format` under which the JSON Schema knows a duration.
pub(crate) const FORMAT: &str = "ondol-duration";

const UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// A length of time in whole milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    /// Milliseconds.
    pub ms: u64,
}

/// The text is no duration: it must be a whole number and one of the units ms, s, m, h, d.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a duration is a whole number and a unit, such as 300ms, 2s, 2m, 1h or 30d")]
pub struct NotADuration;

impl FromStr for Duration {
    type Err = NotADuration;

    fn from_str(text: &str) -> Result<Self, NotADuration> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let scale = UNITS.iter().find(|(name, _)| *name == unit).map(|&(_, ms)| ms).ok_or(NotADuration)?;
        let ms = number.parse::<u64>().ok().and_then(|n| n.checked_mul(scale)).ok_or(NotADuration)?;
        Ok(Self { ms })
    }
}

/// The largest unit that loses nothing.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |&&(_, scale): &&(&str, u64)| self.ms != 0 && self.ms.is_multiple_of(scale);
        let (unit, scale) = UNITS.iter().rev().find(fits).copied().unwrap_or(("ms", 1));
        write!(f, "{}{unit}", self.ms / scale)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Duration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": FORMAT,
            "pattern": "^[0-9]+(ms|s|m|h|d)$",
            "description": "A whole number and a unit: 300ms, 2s, 2m, 1h, 30d.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, ms: Option<u64>) {
        assert_eq!(text.parse::<Duration>().ok().map(|d| d.ms), ms, "{text}");
    }

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        check("300ms", Some(300));
        check("2s", Some(2_000));
        check("2m", Some(120_000));
        check("1h", Some(3_600_000));
        check("30d", Some(2_592_000_000));
        check("0s", Some(0));
        for wrong in ["", "5", "s", "1.5s", "-1s", "1 s", "1S", "1m30s", "99999999999999999999d", "٣s"] {
            check(wrong, None);
        }
    }

    #[test]
    fn a_duration_is_shown_in_its_largest_unit() {
        for text in ["300ms", "2s", "2m", "1h", "30d", "1500ms", "90s", "0ms"] {
            assert_eq!(text.parse::<Duration>().expect("valid").to_string(), text);
        }
    }
}
