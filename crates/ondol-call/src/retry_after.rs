//! `Retry-After` (RFC 9110 §10.2.3): seconds, or a date in its preferred form.

use http::{HeaderMap, header};
use jiff::fmt::rfc2822::DateTimeParser;

/// A callee may ask for this much and no more: a mistyped date must not park a saga for a year.
const WAIT_MAX_MS: u64 = 10 * 60 * 1_000;

/// IMF-fixdate is the one form of RFC 2822 that HTTP may send.
static DATES: DateTimeParser = DateTimeParser::new();

/// What the callee asks to wait, in milliseconds, at most ten minutes. `now_ms` is Unix time.
pub(crate) fn wait_ms(headers: &HeaderMap, now_ms: u64) -> Option<u64> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number too large for 64 bits is still a wish to wait long.
        let seconds: u64 = text.parse().unwrap_or(u64::MAX);
        return Some(seconds.saturating_mul(1_000).min(WAIT_MAX_MS));
    }
    let until = DATES.parse_timestamp(text).ok()?.as_millisecond();
    let until = u64::try_from(until).unwrap_or(0);
    Some(until.saturating_sub(now_ms).min(WAIT_MAX_MS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_callee_may_ask_for_ten_minutes() {
        let now_ms = 784_111_777_000; // Sun, 06 Nov 1994 08:49:37 GMT
        #[rustfmt::skip]
        let table = [
            ("0",                             Some(0)),
            ("3",                             Some(3_000)),
            (" 7 ",                           Some(7_000)),
            ("601",                           Some(600_000)),
            ("99999999999999999999999",       Some(600_000)),
            ("Sun, 06 Nov 1994 08:49:42 GMT", Some(5_000)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
            ("Sat, 05 Nov 1994 08:49:37 GMT", Some(0)),
            ("Mon, 06 Nov 2034 08:49:37 GMT", Some(600_000)),
            ("-1",                            None),
            ("1.5",                           None),
            ("soon",                          None),
            ("",                              None),
        ];
        for (text, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, HeaderValue::from_str(text).unwrap());
            assert_eq!(wait_ms(&headers, now_ms), expected, "{text:?}");
        }
        assert_eq!(wait_ms(&HeaderMap::new(), now_ms), None);
    }
}
