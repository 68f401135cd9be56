//! Numbers with an order: what a range of a field is in [`Test::Between`], and back to text.
//!
//! [`Test::Between`] includes both its bounds. A bound that is excluded becomes its next neighbour: of whole numbers
//! (nanoseconds, severities) the next whole one, of an attribute's the next number there is.

use crate::lines::severity;
use crate::model::Level;

/// Units of time with their nanoseconds, the largest first.
const UNITS: [(&str, f64); 8] = [
    ("h", 3_600e9),
    ("m", 60e9),
    ("s", 1e9),
    ("ms", 1e6),
    ("µs", 1e3),
    ("us", 1e3),
    ("μs", 1e3), // the Greek letter, which looks the same
    ("ns", 1.0),
];
/// The longest duration that can be asked for: 100 days, of which a float still tells every nanosecond.
const DURATION_NS_MAX: f64 = 100.0 * 86_400e9;
/// The largest number that can be asked for, so that the next neighbour of every bound is a number.
const NUMBER_MAX: f64 = 1e300;
/// The lowest and the highest severity that say something (OTLP).
pub(super) const SEVERITIES: (f64, f64) = (1.0, 24.0);

/// One end of a range, as it was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    /// The bound itself is meant, too.
    Included,
    /// It is not.
    Excluded,
}

/// A finite number, as JSON and people write it: no `inf`, no `nan`.
pub(super) fn number(text: &str) -> Option<f64> {
    let digits =
        text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    let number = text.parse::<f64>().ok().filter(|_| digits)?;
    (number.abs() <= NUMBER_MAX).then_some(number)
}

/// A duration with its unit, in nanoseconds.
pub(super) fn duration(text: &str) -> Result<f64, &'static str> {
    let at = text.find(|part: char| !part.is_ascii_digit() && part != '.').unwrap_or(text.len());
    let (digits, unit) = text.split_at(at);
    let number = number(digits).ok_or("a duration is a number with a unit")?;
    if unit.is_empty() {
        return Err("a duration needs a unit");
    }
    let (_, size) = UNITS.iter().find(|(name, _)| *name == unit).ok_or("this is no unit of time")?;
    let ns = number * size;
    // 1.1 ms is a hair more than 1,100,000 ns as a float, and is not meant to be.
    let ns = if (ns - ns.round()).abs() <= ns * 1e-12 { ns.round() } else { ns };
    if ns > DURATION_NS_MAX {
        return Err("a duration is at most 2400h");
    }
    Ok(ns)
}

/// The lowest number of a range that begins at `bound`.
pub(super) fn lowest(bound: f64, end: End, whole: bool) -> f64 {
    match (end, whole) {
        (End::Included, false) => bound,
        (End::Included, true) => bound.ceil(),
        (End::Excluded, false) => bound.next_up(),
        (End::Excluded, true) => bound.floor() + 1.0,
    }
}

/// The highest number of a range that ends at `bound`.
pub(super) fn highest(bound: f64, end: End, whole: bool) -> f64 {
    match (end, whole) {
        (End::Included, false) => bound,
        (End::Included, true) => bound.floor(),
        (End::Excluded, false) => bound.next_down(),
        (End::Excluded, true) => bound.ceil() - 1.0,
    }
}

/// The severities of a level: the lowest and the highest.
pub(super) fn severities(level: Level) -> (f64, f64) {
    let lowest = f64::from(level.lowest());
    (lowest, lowest + 3.0)
}

/// A level by its name or by what loggers call it.
pub(super) fn level(name: &str) -> Option<Level> {
    if name == Level::Unset.name() {
        return Some(Level::Unset);
    }
    severity(name).map(Level::of)
}

/// Writes a lower bound as the shorter of `>=a` and `>b`: the number, and whether it is included.
pub(super) fn show_lowest(min: f64, whole: bool, write: impl Fn(f64) -> String) -> (String, End) {
    let below = if whole { min - 1.0 } else { min.next_down() };
    shorter(write(min), write(below), below >= 0.0 || !whole)
}

/// Writes an upper bound as the shorter of `<=a` and `<b`.
pub(super) fn show_highest(max: f64, whole: bool, write: impl Fn(f64) -> String) -> (String, End) {
    let above = if whole { max + 1.0 } else { max.next_up() };
    shorter(write(max), write(above), !whole || above <= DURATION_NS_MAX)
}

fn shorter(included: String, excluded: String, allowed: bool) -> (String, End) {
    if allowed && excluded.len() < included.len() {
        (excluded, End::Excluded)
    } else {
        (included, End::Included)
    }
}

/// A number so that [`number`] reads the same: the shorter of plain digits and an exponent.
pub(super) fn show_number(number: f64) -> String {
    let (plain, exponent) = (number.to_string(), format!("{number:e}"));
    if exponent.len() + 2 < plain.len() { exponent } else { plain }
}

/// Whole nanoseconds in the largest unit of which they are a whole number.
pub(super) fn show_duration(ns: f64) -> String {
    let whole = UNITS.iter().find(|(_, size)| ns >= *size && ns % size == 0.0);
    let (unit, size) = whole.unwrap_or(&("ns", 1.0));
    format!("{}{unit}", ns / size)
}
