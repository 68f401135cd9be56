//! Is a value within its bounds, and are two in order?

use std::ops::RangeInclusive;

use crate::duration::Duration;
use crate::finding::{Code, Fault};
use crate::place::Faults;
use crate::share::Share;

/// The duration under `name` in milliseconds; `None` where it is not said, or out of bounds and reported.
pub(super) fn ms(
    name: &str,
    given: Option<Duration>,
    bounds: &RangeInclusive<u64>,
    faults: &mut Faults,
) -> Option<u64> {
    let (low, high) = (Duration { ms: *bounds.start() }, Duration { ms: *bounds.end() });
    within(name, given?, low, high, faults).map(|duration| duration.ms)
}

/// The share under `name`; `None` where it is not said, or out of bounds and reported.
pub(super) fn share(
    name: &str,
    given: Option<Share>,
    bounds: &RangeInclusive<Share>,
    faults: &mut Faults,
) -> Option<Share> {
    within(name, given?, *bounds.start(), *bounds.end(), faults)
}

fn within<T: Copy + Ord + std::fmt::Display>(
    name: &str,
    given: T,
    low: T,
    high: T,
    faults: &mut Faults,
) -> Option<T> {
    if (low..=high).contains(&given) {
        return Some(given);
    }
    let message = format!("`{name}` is {given}; {low} to {high} is allowed");
    let fix = format!("write {}", given.clamp(low, high));
    faults.add_in(name, Fault::new(Code::OutOfBounds, message, fix));
    None
}

/// One of two values of which the first must not be the larger one.
pub(super) struct Side<'a> {
    pub(super) name: &'a str,
    /// What this place says.
    pub(super) own: Option<u64>,
    /// What the service says, where this place is an operation.
    pub(super) under: Option<u64>,
}

/// Are they in order? Looked at only where this place says one of them, so that a service's mistake is said once.
pub(super) fn in_order(
    low: &Side<'_>,
    high: &Side<'_>,
    show: fn(u64) -> String,
    code: Code,
    faults: &mut Faults,
) -> bool {
    let at = match (low.own, high.own) {
        (Some(_), _) => low.name,
        (None, Some(_)) => high.name,
        (None, None) => return true,
    };
    let (Some(least), Some(most)) = (low.own.or(low.under), high.own.or(high.under)) else { return true };
    if least <= most {
        return true;
    }
    let (least, most) = (show(least), show(most));
    let message = format!("`{}` is {least} and `{}` is {most}", low.name, high.name);
    let fix = format!("make `{}` at least {least}, or `{}` at most {most}", high.name, low.name);
    faults.add_in(at, Fault::new(code, message, fix));
    false
}

/// As a file writes it.
pub(super) fn duration(ms: u64) -> String {
    Duration { ms }.to_string()
}
