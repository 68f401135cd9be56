//! Times, as loggers write them.

use jiff::civil::Date;

const DAY_S: i64 = 86_400;
/// How far ahead the clock of whoever wrote a line may be.
const AHEAD_S: i64 = 3_600;
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// What a time needs to be known by that it does not say itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Here {
    /// When the line arrived: nanoseconds since 1970.
    pub(super) now_ns: u64,
    /// Seconds east of UTC, of times that do not say theirs.
    pub(super) offset_s: i32,
}

/// The time at the beginning of a text, in nanoseconds since 1970, and the text behind it. With or without brackets.
pub(super) fn leading(text: &str, here: Here) -> Option<(u64, &str)> {
    if let Some(inside) = text.strip_prefix('[') {
        let (time_ns, rest) = bare(inside, here)?;
        return Some((time_ns, rest.trim_start().strip_prefix(']')?));
    }
    bare(text, here)
}

/// The time that is all of a text.
pub(super) fn whole(text: &str, here: Here) -> Option<u64> {
    let (time_ns, rest) = bare(text.trim(), here)?;
    rest.is_empty().then_some(time_ns)
}

/// A number as a time since 1970, in the unit that puts it into this age: seconds, milli-, micro- or nanoseconds.
pub(super) fn number(number: f64) -> Option<u64> {
    let unit: u64 = match number {
        1e8..1e11 => 1_000_000_000,
        1e11..1e14 => 1_000_000,
        1e14..1e17 => 1_000,
        1e17..1e19 => 1,
        _ => return None,
    };
    #[expect(clippy::cast_sign_loss, reason = "it is above zero")]
    let (whole, rest) = (number as u64, (number.fract() * unit as f64) as u64);
    whole.checked_mul(unit)?.checked_add(rest)
}

/// The parts of a time, as far as they were written.
#[derive(Default)]
struct Parts {
    year: Option<i16>,
    month_day: Option<(i8, i8)>,
    second: i64,
    ns: u64,
    offset_s: Option<i32>,
}

fn bare(text: &str, here: Here) -> Option<(u64, &str)> {
    let mut reader = Reader { rest: text };
    let parts = reader.dated().or_else(|| {
        reader.rest = text;
        reader.common()
    });
    let parts = parts.or_else(|| {
        reader.rest = text;
        reader.month_first()
    });
    let parts = parts.or_else(|| {
        reader.rest = text;
        reader.clock(Parts::default())
    })?;
    // `12:30:05x` is a word.
    if reader.rest.starts_with(|next: char| next.is_alphanumeric()) {
        return None;
    }
    Some((resolve(&parts, here)?, reader.rest))
}

/// A date without a year is the one nearest to now; a time of day without a date is the latest that has come.
fn resolve(parts: &Parts, here: Here) -> Option<u64> {
    let offset_s = i64::from(parts.offset_s.unwrap_or(here.offset_s));
    let now_s = i64::try_from(here.now_ns / 1_000_000_000).ok()?;
    let epoch = Date::constant(1970, 1, 1);
    let seconds = |date: Date| {
        let days = i64::from((date - epoch).get_days());
        days * DAY_S + parts.second - offset_s
    };
    let today =
        epoch.checked_add(jiff::Span::new().try_days((now_s + offset_s).div_euclid(DAY_S)).ok()?).ok()?;
    let candidates = match (parts.year, parts.month_day) {
        (Some(year), Some((month, day))) => [Date::new(year, month, day).ok(), None, None],
        (_, Some((month, day))) => [-1, 0, 1].map(|more| Date::new(today.year() + more, month, day).ok()),
        (_, None) => [today.yesterday().ok(), Some(today), today.tomorrow().ok()],
    };
    let come = |found: &i64| parts.month_day.is_some() || *found <= now_s + AHEAD_S;
    let found = candidates
        .into_iter()
        .flatten()
        .map(seconds)
        .filter(come)
        .min_by_key(|found| (found - now_s).abs())?;
    u64::try_from(found).ok()?.checked_mul(1_000_000_000)?.checked_add(parts.ns)
}

/// Reads parts of a time from the front of a text.
struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    /// `2023-01-29T08:59:14.315Z`, `2023/01/29 08:59:14`.
    fn dated(&mut self) -> Option<Parts> {
        let year = self.digits(4)?;
        let sign = self.one_of(&['-', '/', '.'])?;
        let month = self.digits(2)?;
        self.one_of(&[sign])?;
        let day = self.digits(2)?;
        self.one_of(&['T', 't', ' '])?;
        self.clock(Parts { year: Some(year), month_day: Some((month as i8, day as i8)), ..Parts::default() })
    }

    /// `29/Jan/2023:08:59:14 +0000`, as web servers write it.
    fn common(&mut self) -> Option<Parts> {
        let day = self.digits(2)?;
        self.one_of(&['/'])?;
        let month = self.month()?;
        self.one_of(&['/'])?;
        let year = self.digits(4)?;
        self.one_of(&[':'])?;
        self.clock(Parts { year: Some(year), month_day: Some((month, day as i8)), ..Parts::default() })
    }

    /// `Jan 29 08:59:14`, as syslog (RFC 3164) writes it.
    fn month_first(&mut self) -> Option<Parts> {
        let month = self.month()?;
        self.one_of(&[' '])?;
        let day = if self.one_of(&[' ']).is_some() { self.digits(1)? } else { self.digits(2)? };
        self.one_of(&[' '])?;
        self.clock(Parts { month_day: Some((month, day as i8)), ..Parts::default() })
    }

    /// `08:59:14,315 +09:00`.
    fn clock(&mut self, mut parts: Parts) -> Option<Parts> {
        let hour = self.digits(2)?;
        self.one_of(&[':'])?;
        let minute = self.digits(2)?;
        self.one_of(&[':'])?;
        let second = self.digits(2)?;
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        parts.second = i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second);
        if self.rest.starts_with(['.', ',']) {
            let digits = &self.rest[1..];
            let length = digits.bytes().take_while(u8::is_ascii_digit).count();
            if length > 0 {
                let shown = digits[..length.min(9)].bytes();
                let ns = shown.fold((0, 100_000_000), |(ns, unit), digit| {
                    (ns + u64::from(digit - b'0') * unit, unit / 10)
                });
                parts.ns = ns.0;
                self.rest = &digits[length..];
            }
        }
        parts.offset_s = self.zone();
        Some(parts)
    }

    /// `Z`, ` UTC`, `+09:00`, ` -0330`.
    fn zone(&mut self) -> Option<i32> {
        let before = self.rest;
        let spaced = before.strip_prefix(' ').unwrap_or(before);
        for name in ["Z", "UTC", "GMT"] {
            let after = spaced
                .strip_prefix(name)
                .filter(|after| !after.starts_with(|next: char| next.is_alphanumeric()));
            if let Some(after) = after.filter(|_| name != "Z" || spaced.len() == before.len()) {
                self.rest = after;
                return Some(0);
            }
        }
        self.rest = spaced;
        let offset_s = self.signed();
        if offset_s.is_none() {
            self.rest = before;
        }
        offset_s
    }

    fn signed(&mut self) -> Option<i32> {
        let sign = if self.one_of(&['+', '-'])? == '+' { 1 } else { -1 };
        let hours = self.digits(2)?;
        let _ = self.one_of(&[':']);
        let minutes = self.digits(2)?;
        let ends = !self.rest.starts_with(|next: char| next.is_alphanumeric());
        (ends && hours <= 14 && minutes <= 59)
            .then(|| sign * (i32::from(hours) * 3_600 + i32::from(minutes) * 60))
    }

    fn digits(&mut self, length: usize) -> Option<i16> {
        let digits = self.rest.get(..length)?;
        let number = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??;
        self.rest = &self.rest[length..];
        Some(number)
    }

    fn month(&mut self) -> Option<i8> {
        let name = self.rest.get(..3)?;
        let at = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(name))?;
        self.rest = &self.rest[3..];
        Some(at as i8 + 1)
    }

    fn one_of(&mut self, signs: &[char]) -> Option<char> {
        let next = self.rest.chars().next().filter(|next| signs.contains(next))?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2023-01-29T09:00:00Z, seen from Seoul.
    const HERE: Here = Here { now_ns: 1_674_982_800_000_000_000, offset_s: 9 * 3_600 };

    #[test]
    fn times_are_read() {
        let cases = [
            ("2023-01-29T08:59:14.315323886Z x", "2023-01-29T08:59:14.315323886Z", " x"),
            ("2023-01-29T17:59:14+09:00", "2023-01-29T08:59:14Z", ""),
            ("2023-01-29 08:59:14,315 +0000 x", "2023-01-29T08:59:14.315Z", " x"),
            ("2023-01-29 08:59:14 UTC x", "2023-01-29T08:59:14Z", " x"),
            ("2023/01/29 17:59:14 x", "2023-01-29T08:59:14Z", " x"),
            ("[2023-01-29 17:59:14.5] x", "2023-01-29T08:59:14.5Z", " x"),
            ("29/Jan/2023:08:59:14 +0000 x", "2023-01-29T08:59:14Z", " x"),
            ("Jan 29 17:59:14 host x", "2023-01-29T08:59:14Z", " host x"),
            ("Dec  3 17:59:14 host", "2022-12-03T08:59:14Z", " host"),
            ("17:59:14.315 INFO x", "2023-01-29T08:59:14.315Z", " INFO x"),
            ("18:30:00 -x", "2023-01-29T09:30:00Z", " -x"),
            ("23:59:14 -x", "2023-01-28T14:59:14Z", " -x"),
            ("05:00:00 Zoo", "2023-01-28T20:00:00Z", " Zoo"),
            ("2023-01-29T08:59:60Z", "2023-01-29T09:00:00Z", ""),
        ];
        for (text, expected, rest) in cases {
            let expected: jiff::Timestamp = expected.parse().expect("a time");
            let found = leading(text, HERE).map(|(time_ns, rest)| (i128::from(time_ns), rest));
            assert_eq!(found, Some((expected.as_nanosecond(), rest)), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "12:30",
            "25:00:00",
            "2023-13-01 00:00:00",
            "2023-01-29",
            "12:30:05x",
            "[12:30:05 x",
            "결제",
            "Jan",
        ] {
            assert_eq!(leading(text, HERE), None, "{text}");
        }
        assert_eq!(whole("2023-01-29T08:59:14Z x", HERE), None);
        assert_eq!(number(1_674_982_754.5), Some(1_674_982_754_500_000_000));
        assert_eq!(number(1_674_982_754_315.0), Some(1_674_982_754_315_000_000));
        assert_eq!(number(7.0), None);
        assert_eq!(number(f64::NAN), None);
    }
}
