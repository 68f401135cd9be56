//! The table that a person reads: a line for each case, what both saw where it is the same, and both where it is not.

use super::bed::Bed;
use crate::error::Error;
use crate::print::{Colour, Print};
use std::cell::Cell;

/// Characters of what was seen that are shown where both saw the same.
const SEEN_MAX: usize = 88;

/// Width of the case's name.
const NAME: usize = 52;

/// Collects how it went.
pub(super) struct Report {
    print: Print,
    same: Cell<u32>,
    skips: Cell<u32>,
}

impl Report {
    pub(super) fn new() -> Self {
        Self { print: Print::for_stdout(), same: Cell::new(0), skips: Cell::new(0) }
    }

    pub(super) fn heading(&self, line: &str) {
        self.print.heading(line);
    }

    /// A case: what was seen, and what differs.
    pub(super) fn row(&self, name: &str, seen: &str, differences: &[String]) {
        self.same.set(self.same.get() + u32::from(differences.is_empty()));
        self.print.check(differences.is_empty(), &format!("{name:<NAME$} {}", short(seen)));
        for difference in differences {
            println!("      {}", self.print.paint(Colour::Red, difference));
        }
    }

    /// A case that both saw in words.
    pub(super) fn words(&self, name: &str, direct: &str, through: &str) {
        let same = direct == through;
        let differences = [format!("direct:  {direct}"), format!("through: {through}")];
        self.row(name, direct, if same { &[] } else { &differences });
    }

    /// Something that is not compared but must hold.
    pub(super) fn must(&self, held: bool, name: &str, seen: &str) {
        let why = [format!("it must not be: {seen}")];
        self.row(name, seen, if held { &[] } else { &why });
    }

    /// Something that is known and no fault; printed, so that nobody is surprised.
    pub(super) fn known(&self, name: &str, why: &str) {
        println!("  {} {name}: {why}", self.print.paint(Colour::Yellow, "known"));
    }

    /// What was not run, why, and how to have it run.
    pub(super) fn skipped(&self, what: &str, why: &str) {
        self.skips.set(self.skips.get() + 1);
        println!("  {} {what}: {why}", self.print.paint(Colour::Yellow, "skipped"));
    }

    /// Nothing may have fallen over meanwhile.
    pub(super) fn alive(&self, bed: Bed) {
        let ended = bed.ended().join(", ");
        self.must(ended.is_empty(), "still running", if ended.is_empty() { "all" } else { &ended });
    }

    /// The last line.
    ///
    /// # Errors
    /// If something differed, or was skipped without leave.
    pub(super) fn end(&self, allow_skips: bool) -> Result<(), Error> {
        let skips = self.skips.get();
        println!("\n{} the same, {skips} skipped", self.same.get());
        self.print.held()?;
        if skips > 0 && !allow_skips {
            return Err(Error::Skipped(format!(
                "{skips} parts, which show nothing; see above, or give --allow-skips"
            )));
        }
        Ok(())
    }
}

fn short(seen: &str) -> String {
    if seen.chars().count() <= SEEN_MAX {
        return seen.to_owned();
    }
    seen.chars().take(SEEN_MAX).chain(['…']).collect()
}
