//! The table that a person reads: a heading for each scenario, and a line for each thing that must hold, with its figures.

use crate::clock::Stopwatch;
use crate::error::Error;
use crate::print::{Colour, Print};
use std::cell::Cell;

/// Width of what must hold.
const NAME: usize = 48;

/// Collects how it went.
pub(super) struct Report {
    print: Print,
    held: Cell<u32>,
    skips: Cell<u32>,
    watch: Stopwatch,
}

impl Report {
    pub(super) fn new() -> Self {
        Self {
            print: Print::for_stdout(),
            held: Cell::new(0),
            skips: Cell::new(0),
            watch: Stopwatch::start(),
        }
    }

    pub(super) fn heading(&self, line: &str) {
        self.print.heading(line);
    }

    /// Something that must hold, and what was measured.
    pub(super) fn row(&self, held: bool, name: &str, figures: &str) {
        self.held.set(self.held.get() + u32::from(held));
        self.print.check(held, &format!("{name:<NAME$} {figures}"));
    }

    /// What was done meanwhile, or measured and not judged.
    pub(super) fn note(&self, line: &str) {
        self.print.action(line);
    }

    /// What was not run, why, and what it needs.
    pub(super) fn skipped(&self, why: &str) {
        self.skips.set(self.skips.get() + 1);
        println!("  {} {why}", self.print.paint(Colour::Yellow, "skipped"));
    }

    /// The last line.
    ///
    /// # Errors
    /// If something did not hold, or was skipped without leave.
    pub(super) fn end(&self, allow_skips: bool) -> Result<(), Error> {
        let skips = self.skips.get();
        println!("\n{} held, {skips} skipped, in {} s", self.held.get(), self.watch.elapsed().as_secs());
        self.print.held()?;
        if skips > 0 && !allow_skips {
            return Err(Error::Skipped(format!(
                "{skips} scenarios, which show nothing; see above, or give --allow-skips"
            )));
        }
        Ok(())
    }
}
