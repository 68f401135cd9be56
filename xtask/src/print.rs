//! How the demo looks: aligned, with colours only on a terminal.

use super::story::Story;
use std::io::IsTerminal as _;

/// Colours of a terminal, by their ANSI number.
#[derive(Debug, Clone, Copy)]
pub(super) enum Colour {
    Red = 31,
    Green = 32,
    Yellow = 33,
    Dim = 2,
    Bold = 1,
}

/// Writes to standard output.
pub(super) struct Print {
    colours: bool,
}

impl Print {
    /// Colours where a person looks and has not asked for none (no-color.org).
    pub(super) fn for_stdout() -> Self {
        Self { colours: std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() }
    }

    pub(super) fn heading(&self, line: &str) {
        println!("\n{}", self.paint(Colour::Bold, line));
    }

    /// What is done while a scene plays.
    pub(super) fn action(&self, line: &str) {
        println!("  {}", self.paint(Colour::Dim, &format!("· {line}")));
    }

    /// One line of the proof.
    pub(super) fn check(&self, held: bool, line: &str) {
        let mark = if held { self.paint(Colour::Green, "✔") } else { self.paint(Colour::Red, "✘") };
        println!("  {mark} {line}");
    }

    /// All bookings of the scenes.
    pub(super) fn table(&self, stories: &[Story]) {
        self.heading("What became of each booking");
        let head =
            ["BOOKING", "SEAT", "OUTCOME", "FAILED AT", "UNDONE", "THE USER WAS TOLD"].map(str::to_owned);
        let rows: Vec<[String; 6]> = stories.iter().map(row).collect();
        // The last column is not padded: nothing follows it.
        let width = |column: usize| {
            rows.iter().chain([&head]).map(|row| row[column].chars().count()).max().unwrap_or_default()
        };
        let widths: [usize; 6] = std::array::from_fn(width);
        println!("  {}", self.paint(Colour::Bold, line(&head, &widths).trim_end()));
        for (story, row) in stories.iter().zip(&rows) {
            let text = line(row, &widths);
            println!("  {}", text.trim_end().replacen(&story.outcome, &self.outcome(&story.outcome), 1));
            let label = |name: &str, text: &str| {
                println!(
                    "  {:first$}  {}",
                    "",
                    self.paint(Colour::Dim, &format!("{name} {text}")),
                    first = widths[0]
                );
            };
            // What went well is one line; what did not has more to say.
            if !story.reason.is_empty() {
                label("because", &story.reason);
                label("told   ", &story.told);
            }
        }
    }

    fn outcome(&self, outcome: &str) -> String {
        let colour = if outcome == "completed" { Colour::Green } else { Colour::Yellow };
        self.paint(colour, outcome)
    }

    fn paint(&self, colour: Colour, text: &str) -> String {
        if self.colours { format!("\u{1b}[{}m{text}\u{1b}[0m", colour as u8) } else { text.to_owned() }
    }
}

fn row(story: &Story) -> [String; 6] {
    let or_none = |text: String| if text.is_empty() { "—".to_owned() } else { text };
    [
        story.id.clone(),
        story.seat.clone(),
        story.outcome.clone(),
        or_none(story.failed_at.clone()),
        or_none(story.undone.join(", ")),
        if story.reason.is_empty() { story.told.clone() } else { String::new() },
    ]
}

fn line(cells: &[String; 6], widths: &[usize; 6]) -> String {
    let padded = cells.iter().zip(widths).map(|(cell, width)| {
        let missing = width.saturating_sub(cell.chars().count());
        format!("{cell}{}", " ".repeat(missing))
    });
    padded.collect::<Vec<_>>().join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_aligned_by_characters() {
        let cells = ["a", "예약", "", "x", "y", "z"].map(str::to_owned);
        assert_eq!(line(&cells, &[2, 3, 1, 1, 1, 1]), "a   예약      x  y  z");
    }
}
