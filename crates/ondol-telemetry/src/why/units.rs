//! Times as people write them.

use jiff::Timestamp;

const MS: u64 = 1_000_000;

/// A moment to the millisecond, in UTC: `2026-11-23 09:00:00.000Z`.
pub(super) fn moment(at_ns: u64) -> String {
    written(at_ns, "%Y-%m-%d %H:%M:%S%.3fZ")
}

/// The time of day of a moment: `09:00:00.000Z`.
pub(super) fn clock(at_ns: u64) -> String {
    written(at_ns, "%H:%M:%S%.3fZ")
}

fn written(at_ns: u64, form: &str) -> String {
    let moment = Timestamp::from_nanosecond(i128::from(at_ns));
    // Hostile numbers lie beyond the year 9999.
    moment.map_or_else(|_| format!("{at_ns} ns"), |moment| moment.strftime(form).to_string())
}

/// A length of time, by its size.
pub(super) enum Length {
    /// Below a millisecond: microseconds.
    Micros(u64),
    /// Below a second.
    Millis(u64),
    /// Below a minute: seconds with one digit.
    Seconds(String),
    /// Minutes and seconds.
    Minutes(u64, u64),
    /// Hours and minutes.
    Hours(u64, u64),
    /// Days and hours.
    Days(u64, u64),
}

impl Length {
    /// In the unit that fits.
    pub(super) fn of(ns: u64) -> Self {
        let seconds = ns / (1_000 * MS);
        match seconds {
            0 if ns < MS => Self::Micros(ns / 1_000),
            0 => Self::Millis(ns / MS),
            1..60 => {
                let tenths = ns / (100 * MS);
                let text = match tenths % 10 {
                    0 => format!("{}", tenths / 10),
                    tenth => format!("{}.{tenth}", tenths / 10),
                };
                Self::Seconds(text)
            }
            60..3_600 => Self::Minutes(seconds / 60, seconds % 60),
            3_600..86_400 => Self::Hours(seconds / 3_600, seconds % 3_600 / 60),
            _ => Self::Days(seconds / 86_400, seconds % 86_400 / 3_600),
        }
    }
}
