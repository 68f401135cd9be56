//! Findings as a person reads them, in the manner of a compiler.

use std::fmt::Write as _;

use crate::finding::{Finding, Severity};
use crate::lint::Report;

/// Columns of a source line that are shown; a longer line is cut around the finding.
const COLUMNS_SHOWN_MAX: usize = 120;

impl Finding {
    /// `ondol.yaml:12:9: error[unknown_service]: …` with the line, a caret, the reason and the fix.
    #[must_use]
    pub fn render(&self, file: &str, source: &str) -> String {
        let Self { at, severity, code, message, .. } = self;
        let mut out = format!("{file}:{}:{}: {severity}[{code}]: {message}\n", at.line, at.column);
        let written = (|| {
            let line = source.lines().nth(at.line as usize - 1).filter(|line| !line.trim().is_empty());
            if let Some(line) = line {
                let (shown, caret) = cut(line, at.column as usize - 1);
                let margin = " ".repeat(at.line.to_string().len());
                writeln!(out, " {margin} |\n {} | {shown}\n {margin} | {}^", at.line, " ".repeat(caret))?;
            }
            if !self.path.is_empty() {
                writeln!(out, "   at: {}", self.path)?;
            }
            writeln!(out, "  why: {}\n  fix: {}", self.reason, self.fix)
        })();
        written.expect("writing to a string cannot fail");
        out
    }
}

/// The part of a line around a column, and where the column is in it. Tabs become spaces so that the caret fits.
fn cut(line: &str, column: usize) -> (String, usize) {
    let begin = if column < COLUMNS_SHOWN_MAX { 0 } else { column - COLUMNS_SHOWN_MAX / 2 };
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let shown: String = line.chars().skip(begin).take(COLUMNS_SHOWN_MAX).map(clean).collect();
    (shown, column - begin)
}

impl Report {
    /// Every finding, and a last line that counts them.
    #[must_use]
    pub fn render(&self, file: &str, source: &str) -> String {
        let mut out = String::new();
        for finding in &self.findings {
            out.push_str(&finding.render(file, source));
            out.push('\n');
        }
        let count = |severity| self.findings.iter().filter(|finding| finding.severity == severity).count();
        let plural =
            |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let errors = plural(count(Severity::Error), "error");
        let warnings = plural(count(Severity::Warning), "warning");
        writeln!(out, "{file}: {errors}, {warnings}").expect("writing to a string cannot fail");
        out
    }
}
