//! Values from outside, made fit for one line of a terminal.

use serde_json::value::RawValue;

/// Columns of a value in a table; `ondol get --json` has all of it.
const SHOWN_MAX: usize = 100;

/// The text without control characters, which could drive the terminal.
pub(crate) fn whole(text: &str) -> String {
    text.chars().map(clean).collect()
}

/// The same, and not longer than fits into a table.
pub(crate) fn line(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_MAX).map(clean).collect();
    if text.chars().nth(SHOWN_MAX).is_some() {
        shown.push('…');
    }
    shown
}

fn clean(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

/// JSON on one line; nothing where there is none.
pub(crate) fn json(value: Option<&RawValue>) -> String {
    value.map_or_else(String::new, |value| line(value.get()))
}

#[cfg(test)]
mod tests {
    use super::{line, whole};

    #[test]
    fn a_value_cannot_drive_the_terminal() {
        assert_eq!(line("a\u{1b}[31mb\nc"), "a [31mb c");
        assert_eq!(line(&"x".repeat(101)), "x".repeat(100) + "…");
        assert_eq!(whole(&("x".repeat(101) + "\n")), "x".repeat(101) + " ");
    }
}
