//! The few colours there are, and what each means.

use anstyle::{AnsiColor, Style};

/// Well ended.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Failed, or needs a person.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Undone, waiting, to be looked at.
pub(crate) const CARE: Style = AnsiColor::Yellow.on_default();
/// Beside the point.
pub(crate) const FAINT: Style = Style::new().dimmed();
/// What to read first.
pub(crate) const STRONG: Style = Style::new().bold();
/// As it is.
pub(crate) const PLAIN: Style = Style::new();

/// `text` in this style.
pub(crate) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// The colour of a saga's or a step's status; a word of a newer server has none.
pub(crate) fn of_status(status: &str) -> Style {
    match status {
        "completed" | "done" => GOOD,
        "parked" | "stuck" => BAD,
        "compensating" | "compensated" | "undoing" | "undone" | "waiting" | "paused" | "unclear" => CARE,
        "idle" | "skipped" | "no_effect" => FAINT,
        _ => PLAIN,
    }
}
