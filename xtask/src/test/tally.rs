//! Counts what tests say.

use crate::error::Error;

/// Marks a line by which a test tells that it could not run. Anywhere in the line: the harness may have begun it.
const SKIPPED: &str = "SKIPPED ";

/// What cargo's harness begins a result with.
const RESULT: &str = "test result: ";

/// The count so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    passed: u64,
    pub(super) failed: u64,
    /// Ignored tests, and what was not run for want of something.
    pub(super) skipped: u64,
    /// Passed for the harness, though they had nothing to run on.
    pretended: u64,
    skips: Vec<String>,
    failures: Vec<String>,
}

impl Tally {
    /// Takes one line of output.
    pub(super) fn read(&mut self, line: &str) {
        if let Some(at) = line.find(SKIPPED) {
            self.pretended += 1;
            self.skip(&line[at + SKIPPED.len()..]);
        }
        if let Some(result) = line.strip_prefix(RESULT) {
            self.passed += number_before(result, " passed");
            self.failed += number_before(result, " failed");
            self.skipped += number_before(result, " ignored");
        }
        if let Some(name) = line.strip_prefix("test ").and_then(|test| test.strip_suffix(" ... FAILED")) {
            self.failures.push(name.to_owned());
        }
    }

    /// Tests that ran and held.
    pub(super) fn passed(&self) -> u64 {
        self.passed.saturating_sub(self.pretended)
    }

    /// Something else failed.
    pub(super) fn fail(&mut self, name: &str, error: &Error) {
        println!("{name}: {error}");
        self.failed += 1;
        self.failures.push(format!("{name}: {error}"));
    }

    /// Something was not run.
    pub(super) fn skip(&mut self, what: &str) {
        self.skipped += 1;
        self.skips.push(what.trim().to_owned());
    }

    pub(super) fn skips(&self) -> &[String] {
        &self.skips
    }

    pub(super) fn failures(&self) -> &[String] {
        &self.failures
    }
}

/// The number right before `label`: 12 in `ok. 12 passed; 0 failed`.
fn number_before(text: &str, label: &str) -> u64 {
    let before = text.split(label).next().filter(|before| before.len() < text.len());
    before.and_then(|before| before.rsplit(' ').next()).and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted() {
        let cases = [
            (vec!["test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 0 filtered out"], (12, 0, 3)),
            (
                vec![
                    "test a::b ... FAILED",
                    "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured",
                ],
                (1, 2, 0),
            ),
            (vec!["SKIPPED x: needs y", "test result: ok. 2 passed; 0 failed; 0 ignored"], (1, 0, 1)),
            (
                vec!["test result: ok. 2 passed; 0 failed; 0 ignored", "test p ... SKIPPED x: needs y"],
                (1, 0, 1),
            ),
            (vec!["anything else", "3 passed"], (0, 0, 0)),
        ];
        for (lines, expected) in cases {
            let mut tally = Tally::default();
            for line in &lines {
                tally.read(line);
            }
            assert_eq!((tally.passed(), tally.failed, tally.skipped), expected, "{lines:?}");
        }
    }

    #[test]
    fn failures_and_skips_keep_their_names() {
        let mut tally = Tally::default();
        tally.read("test a::b ... FAILED");
        tally.read("test p ... SKIPPED x: needs y");
        assert_eq!(
            (tally.failures(), tally.skips()),
            (&["a::b".to_owned()][..], &["x: needs y".to_owned()][..])
        );
    }
}
