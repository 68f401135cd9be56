//! How a report looks: headings, what was done, what holds; with colours only on a terminal.

use crate::error::Error;
use std::cell::Cell;
use std::io::IsTerminal as _;

/// Colours of a terminal, by their ANSI number.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Colour {
    Red = 31,
    Green = 32,
    Yellow = 33,
    Dim = 2,
    Bold = 1,
}

/// Writes to standard output.
pub(crate) struct Print {
    colours: bool,
    /// Checks that did not hold.
    failed: Cell<u32>,
}

impl Print {
    /// Colours where a person looks and has not asked for none (no-color.org).
    pub(crate) fn for_stdout() -> Self {
        let colours = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { colours, failed: Cell::new(0) }
    }

    pub(crate) fn heading(&self, line: &str) {
        println!("\n{}", self.paint(Colour::Bold, line));
    }

    /// What is done meanwhile.
    pub(crate) fn action(&self, line: &str) {
        println!("  {}", self.paint(Colour::Dim, &format!("· {line}")));
    }

    /// One line of the proof, and whether it holds.
    pub(crate) fn check(&self, held: bool, line: &str) {
        let mark = if held { self.paint(Colour::Green, "✔") } else { self.paint(Colour::Red, "✘") };
        println!("  {mark} {line}");
        self.failed.set(self.failed.get() + u32::from(!held));
    }

    /// Has every check held since this was asked?
    ///
    /// # Errors
    /// If one did not.
    pub(crate) fn held(&self) -> Result<(), Error> {
        match self.failed.take() {
            0 => Ok(()),
            failed => Err(Error::Failed(format!("{failed} did not hold; see ✘ above"))),
        }
    }

    /// All lines of a proof.
    pub(crate) fn all(&self, checks: &[(bool, String)]) {
        for (held, line) in checks {
            self.check(*held, line);
        }
    }

    pub(crate) fn paint(&self, colour: Colour, text: &str) -> String {
        if self.colours { format!("\u{1b}[{}m{text}\u{1b}[0m", colour as u8) } else { text.to_owned() }
    }
}
