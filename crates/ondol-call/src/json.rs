//! Whether a body can be passed on as JSON, without building a tree of it.

use bytes::Bytes;
use serde_json::value::RawValue;

/// serde_json itself reads no deeper; what passes here must be readable by every later reader.
const DEPTH_MAX: u32 = 127;

/// The body without the white space around it.
///
/// # Errors
/// Why it is not usable, as the end of a sentence.
pub(crate) fn checked(body: &Bytes) -> Result<Bytes, String> {
    // RawValue checks grammar and UTF-8 without recursion, so depth is a separate, cheap look.
    let raw: &RawValue =
        serde_json::from_slice(body).map_err(|error| format!("a body that is not JSON ({error})"))?;
    if depth(raw.get().as_bytes()) > DEPTH_MAX {
        return Err(format!("JSON nested deeper than {DEPTH_MAX}"));
    }
    if let Some(number) = endless_number(raw.get()) {
        return Err(format!("the number {number}, which is larger than JSON readers can hold"));
    }
    Ok(body.slice_ref(raw.get().as_bytes()))
}

/// The deepest nesting of valid JSON.
fn depth(json: &[u8]) -> u32 {
    let (mut depth, mut deepest) = (0_u32, 0_u32);
    let (mut in_string, mut escaped) = (false, false);
    for byte in json {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
        } else {
            match byte {
                b'"' => in_string = true,
                b'[' | b'{' => {
                    depth += 1;
                    deepest = deepest.max(depth);
                }
                b']' | b'}' => depth -= 1,
                _ => {}
            }
        }
    }
    deepest
}

/// Digits of the largest finite double. A number of no more characters, without an exponent, is not looked at further.
const FINITE_DIGITS: usize = 308;

/// Characters of a number that are shown.
const SHOWN_MAX: usize = 32;

/// The first number of valid JSON that is no finite double, such as `1e999`: grammar allows it (RFC 8259 §6), and most
/// readers refuse it or make it infinite. Shortened where it is long.
#[must_use]
pub fn endless_number(json: &str) -> Option<&str> {
    let bytes = json.as_bytes();
    let (mut at, mut in_string) = (0, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if in_string => at += 1,
            b'"' => in_string = !in_string,
            b'-' | b'0'..=b'9' if !in_string => {
                let is_part = |b: &u8| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
                let length = bytes.iter().skip(at).take_while(|b| is_part(b)).count();
                let number = json.get(at..at + length)?;
                let plain = length <= FINITE_DIGITS && !number.contains(['e', 'E']);
                if !plain && !number.parse::<f64>().is_ok_and(f64::is_finite) {
                    return number.get(..length.min(SHOWN_MAX));
                }
                at += length;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    type Expected = Result<&'static [u8], &'static str>;

    #[test]
    fn a_body_is_passed_on_only_if_every_later_reader_can_read_it() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth)).into_bytes();
        #[rustfmt::skip]
        let table: [(Vec<u8>, Expected); 11] = [
            (b" {\"a\":1.10} \n".to_vec(),        Ok(b"{\"a\":1.10}")),
            (b"null".to_vec(),                    Ok(b"null")),
            (b"\"[[\\\"[\"".to_vec(),             Ok(b"\"[[\\\"[\"")),
            (b"".to_vec(),                        Err("not JSON")),
            (b"{} {}".to_vec(),                   Err("not JSON")),
            (b"<html>".to_vec(),                  Err("not JSON")),
            (b"\"\xff\"".to_vec(),                Err("not JSON")),
            (nested(128),                         Err("deeper than 127")),
            (nested(400_000),                     Err("deeper than 127")),
            (b"{\"a\":[1,1e999]}".to_vec(),       Err("the number 1e999")),
            (b"[1e308,\"1e999\"]".to_vec(),       Ok(b"[1e308,\"1e999\"]")),
        ];
        for (body, expected) in table {
            match (checked(&Bytes::from(body.clone())), expected) {
                (Ok(usable), Ok(expected)) => assert_eq!(usable, expected),
                (Err(reason), Err(part)) => assert!(reason.contains(part), "{reason}"),
                (got, expected) => panic!("{body:?}: got {got:?}, expected {expected:?}"),
            }
        }
        let digits = "9".repeat(400);
        #[rustfmt::skip]
        let numbers = [
            ("-1E+400", Some("-1E+400")), ("[0,-1.5e3]", None), ("1e-999", None), (r#""\\"1e999"#, Some("1e999")),
            (r#"{"1e999\"":1}"#, None), ("12345678901234567890.5", None), (&*digits, Some(&digits[..SHOWN_MAX])),
        ];
        for (json, expected) in numbers {
            assert_eq!(endless_number(json), expected, "{json}");
        }
        let deepest = nested(127);
        assert!(checked(&Bytes::from(deepest.clone())).is_ok());
        assert!(serde_json::from_slice::<serde_json::Value>(&deepest).is_ok(), "what passes can be read");
        assert!(serde_json::from_slice::<serde_json::Value>(&nested(128)).is_err(), "and not one level more");
    }
}
