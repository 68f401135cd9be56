//! What is wrong with a query: what, where, and what to write instead.

use std::fmt;

use unicode_width::UnicodeWidthChar as _;

/// How many characters are shown on either side of the place: a line of a terminal in all.
const EXCERPT_SIDE: usize = 36;

/// A text that is no query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    problem: String,
    fix: String,
    column: usize,
    excerpt: String,
    indent: usize,
}

impl SyntaxError {
    /// Its code, as the API writes it.
    pub const CODE: &'static str = "query_syntax";

    /// `at` is a byte of `text`, at the beginning of a character.
    pub(super) fn new(text: &str, at: usize, problem: impl Into<String>, fix: impl Into<String>) -> Self {
        let (before, after) = text.split_at(at);
        let column = before.chars().count();
        let skipped = column.saturating_sub(EXCERPT_SIDE);
        let mut excerpt: String = if skipped > 0 { "…".to_owned() } else { String::new() };
        excerpt.extend(before.chars().skip(skipped).map(plain));
        let indent = excerpt.chars().map(|shown| shown.width().unwrap_or(0)).sum();
        excerpt.extend(after.chars().take(EXCERPT_SIDE).map(plain));
        if after.chars().nth(EXCERPT_SIDE).is_some() {
            excerpt.push('…');
        }
        Self { problem: problem.into(), fix: fix.into(), column: column + 1, excerpt, indent }
    }

    /// What is wrong.
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// What to write instead.
    pub fn fix(&self) -> &str {
        &self.fix
    }

    /// Where: the character of the query, from 1.
    pub const fn column(&self) -> usize {
        self.column
    }
}

/// A line break or a tab would move the caret away from its place.
fn plain(shown: char) -> char {
    if shown.is_control() { ' ' } else { shown }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the query is not understood at column {}: {}", self.column, self.problem)?;
        writeln!(f, "  {}", self.excerpt)?;
        writeln!(f, "  {:indent$}^", "", indent = self.indent)?;
        f.write_str(&self.fix)
    }
}

impl std::error::Error for SyntaxError {}
