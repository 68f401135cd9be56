//! Shares as a file writes them: `20%`, `0.5%`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

/// The `format` under which the JSON Schema knows a share.
pub(crate) const FORMAT: &str = "ondol-share";

/// Millionths in one percent; four digits behind the point are exact.
const PERCENT: u32 = 10_000;
const FRACTION_DIGITS_MAX: usize = 4;

/// A part of a whole, in millionths: 1,000,000 is all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share {
    /// Millionths of the whole.
    pub millionths: u32,
}

/// The text is no share: it must be a number with at most four digits behind its point, and `%`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a share is a number and %, such as 20% or 0.5%")]
pub struct NotAShare;

impl Share {
    /// The whole.
    pub const ALL: Self = Self::percent(100);

    /// So many percent.
    #[must_use]
    pub const fn percent(percent: u32) -> Self {
        Self { millionths: percent * PERCENT }
    }

    /// As a number: 1.0 is the whole.
    #[must_use]
    pub fn fraction(self) -> f64 {
        f64::from(self.millionths) / f64::from(Self::ALL.millionths)
    }
}

impl FromStr for Share {
    type Err = NotAShare;

    fn from_str(text: &str) -> Result<Self, NotAShare> {
        let number = text.strip_suffix('%').ok_or(NotAShare)?;
        let (whole, fraction) = match number.split_once('.') {
            Some((whole, fraction)) if (1..=FRACTION_DIGITS_MAX).contains(&fraction.len()) => {
                (whole, fraction)
            }
            Some(_) => return Err(NotAShare),
            None => (number, "0"),
        };
        // `parse` alone would take a sign.
        let digits = |text: &str| {
            let plain = text.bytes().all(|b| b.is_ascii_digit());
            text.parse::<u32>().ok().filter(|_| plain).ok_or(NotAShare)
        };
        let scale = 10_u32.pow((FRACTION_DIGITS_MAX - fraction.len()) as u32);
        let whole = digits(whole)?.checked_mul(PERCENT);
        let millionths = whole.and_then(|whole| whole.checked_add(digits(fraction).ok()? * scale));
        millionths.map(|millionths| Self { millionths }).ok_or(NotAShare)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.millionths / PERCENT, self.millionths % PERCENT);
        if rest == 0 {
            return write!(f, "{whole}%");
        }
        write!(f, "{whole}.{}%", format!("{rest:04}").trim_end_matches('0'))
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": FORMAT,
            "pattern": "^[0-9]+([.][0-9]{1,4})?%$",
            "description": "A number and %: 20%, 0.5%.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_number_and_a_percent_sign() {
        let check = |text: &str, millionths: Option<u32>| {
            assert_eq!(text.parse::<Share>().ok().map(|share| share.millionths), millionths, "{text}");
        };
        check("20%", Some(200_000));
        check("0%", Some(0));
        check("100%", Some(1_000_000));
        check("0.5%", Some(5_000));
        check("12.0001%", Some(120_001));
        for wrong in
            ["", "%", "20", "0.2", "20 %", "-1%", "+1%", ".5%", "1.%", "1.+5%", "1.00001%", "99999999%"]
        {
            check(wrong, None);
        }
    }

    #[test]
    fn a_share_is_shown_as_it_is_written() {
        for text in ["20%", "0.5%", "0%", "100%", "12.0001%", "1.25%"] {
            assert_eq!(text.parse::<Share>().expect("valid").to_string(), text);
        }
    }
}
