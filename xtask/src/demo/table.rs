//! How the bookings of the scenes are told, aligned.

use super::story::Story;
use crate::print::{Colour, Print};

/// Prints all bookings.
pub(super) fn print(print: &Print, stories: &[Story]) {
    print.heading("What became of each booking");
    let head = ["BOOKING", "SEAT", "OUTCOME", "FAILED AT", "UNDONE", "THE USER WAS TOLD"].map(str::to_owned);
    let rows: Vec<[String; 6]> = stories.iter().map(row).collect();
    // The last column is not padded: nothing follows it.
    let width = |column: usize| {
        rows.iter().chain([&head]).map(|row| row[column].chars().count()).max().unwrap_or_default()
    };
    let widths: [usize; 6] = std::array::from_fn(width);
    println!("  {}", print.paint(Colour::Bold, line(&head, &widths).trim_end()));
    for (story, row) in stories.iter().zip(&rows) {
        let text = line(row, &widths);
        println!("  {}", text.trim_end().replacen(&story.outcome, &outcome(print, &story.outcome), 1));
        let label = |name: &str, text: &str| {
            println!(
                "  {:first$}  {}",
                "",
                print.paint(Colour::Dim, &format!("{name} {text}")),
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

fn outcome(print: &Print, outcome: &str) -> String {
    let colour = if outcome == "completed" { Colour::Green } else { Colour::Yellow };
    print.paint(colour, outcome)
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
