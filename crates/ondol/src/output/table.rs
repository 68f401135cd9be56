//! Aligned columns. Forty lines instead of `comfy-table`, which brings a terminal library and its own idea of colour;
//! here colours must survive until `anstream` decides, and nothing is ever wrapped or boxed.

use anstyle::Style;
use unicode_width::UnicodeWidthStr as _;

use super::style::{FAINT, PLAIN, paint};

/// Space between two columns.
const GAP: &str = "  ";

/// One cell.
pub(crate) struct Cell {
    text: String,
    style: Style,
}

/// A cell with a colour.
pub(crate) fn cell(style: Style, text: impl Into<String>) -> Cell {
    Cell { text: text.into(), style }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        cell(PLAIN, text)
    }
}

/// Rows below a head.
pub(crate) struct Table {
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table with these column names.
    pub(crate) fn new(head: &[&str]) -> Self {
        Self { rows: vec![head.iter().map(|name| cell(FAINT, *name)).collect()] }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// The table as text, each line behind `indent`. Nothing is padded behind the last cell of a line.
    pub(crate) fn render(&self, indent: &str) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width_of = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell: &Cell| cell.text.width()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width_of).collect();
        let mut text = String::new();
        for row in &self.rows {
            text.push_str(indent);
            let last = row.iter().rposition(|cell| !cell.text.is_empty()).unwrap_or(0);
            for (column, cell) in row.iter().enumerate().take(last + 1) {
                text.push_str(&paint(cell.style, &cell.text));
                if column < last {
                    text.push_str(&" ".repeat(widths[column] - cell.text.width()));
                    text.push_str(GAP);
                }
            }
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_are_aligned_whatever_the_script() {
        let mut table = Table::new(&["step", "status", "why"]);
        table.row(vec!["hold-seat".into(), "done".into(), "".into()]);
        table.row(vec!["예약".into(), "refused".into(), "no".into()]);
        let plain = anstream::adapter::strip_str(&table.render("  ")).to_string();
        assert_eq!(plain, "  step       status   why\n  hold-seat  done\n  예약       refused  no\n");
    }
}
