//! The aims of the issue, each beside what was measured.

use crate::print::Print;

/// Which side of the aim is the good one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Aim {
    AtLeast(f64),
    AtMost(f64),
}

/// Something measured.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    pub(super) what: String,
    pub(super) value: f64,
    pub(super) unit: &'static str,
    pub(super) aim: Aim,
}

impl Measured {
    pub(super) fn new(what: impl Into<String>, value: f64, unit: &'static str, aim: Aim) -> Self {
        Self { what: what.into(), value, unit, aim }
    }

    /// Is the aim met?
    fn met(&self) -> bool {
        match self.aim {
            Aim::AtLeast(aim) => self.value >= aim,
            Aim::AtMost(aim) => self.value <= aim,
        }
    }

    /// For people: the value, the aim, and by how much it is missed.
    fn line(&self) -> String {
        let (sign, aim) = match self.aim {
            Aim::AtLeast(aim) => ("≥", aim),
            Aim::AtMost(aim) => ("≤", aim),
        };
        let Self { what, value, unit, .. } = self;
        let number =
            |value: f64| if value >= 1_000.0 { format!("{value:.0}") } else { format!("{value:.1}") };
        let missed = if self.met() {
            String::new()
        } else {
            format!("  missed by {:.0} %", (value / aim - 1.0).abs() * 100.0)
        };
        format!("{what:<64} {:>10} {unit:<10} aim {sign} {}{missed}", number(*value), number(aim))
    }
}

/// Prints all.
pub(super) fn print(print: &Print, all: &[Measured]) {
    for one in all {
        print.check(one.met(), &one.line());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missed_says_by_how_much() {
        let table = [
            (9.0, Aim::AtMost(10.0), true, "aim ≤ 10.0"),
            (12.0, Aim::AtMost(10.0), false, "aim ≤ 10.0  missed by 20 %"),
            (300.0, Aim::AtLeast(300.0), true, "aim ≥ 300.0"),
            (150.0, Aim::AtLeast(300.0), false, "aim ≥ 300.0  missed by 50 %"),
        ];
        for (value, aim, met, end) in table {
            let measured = Measured::new("x", value, "ms", aim);
            assert_eq!(measured.met(), met, "{value}");
            assert!(measured.line().ends_with(end), "{}", measured.line());
        }
    }
}
