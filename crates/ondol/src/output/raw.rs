//! The body of a service's answer on standard output: byte by byte as it came, but for a terminal, which it could drive.

use std::io::{ErrorKind, IsTerminal as _, Write as _};

use crate::error::Error;

/// A body that is being printed.
pub(crate) struct Raw {
    terminal: bool,
    last: Option<u8>,
}

impl Raw {
    /// To standard output.
    pub(crate) fn new() -> Self {
        Self { terminal: std::io::stdout().is_terminal(), last: None }
    }

    /// The next piece.
    ///
    /// # Errors
    /// [`Error::Closed`] if the reader went away, which ends the program in peace.
    pub(crate) fn piece(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.last = bytes.last().copied().or(self.last);
        if self.terminal { write(shown(bytes).as_bytes()) } else { write(bytes) }
    }

    /// What comes next on a terminal begins on a line of its own.
    pub(crate) fn end(self) -> Result<(), Error> {
        let open = self.last.is_some_and(|last| last != b'\n');
        if self.terminal && open { write(b"\n") } else { Ok(()) }
    }
}

fn write(bytes: &[u8]) -> Result<(), Error> {
    // Not through anstream: it would take out of a body what looks like a colour.
    let mut out = std::io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Error::Closed,
        _ => Error::Print(error),
    })
}

/// Text without control characters but ends of lines and tabs.
fn shown(bytes: &[u8]) -> String {
    let clean = |c: char| if c.is_control() && !matches!(c, '\n' | '\t') { ' ' } else { c };
    String::from_utf8_lossy(bytes).chars().map(clean).collect()
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_body_cannot_drive_the_terminal() {
        assert_eq!(shown(b"{\n\t\"a\": \"\x1b[31m\xc2\x9b\"\r}\xff"), "{\n\t\"a\": \" [31m \" }\u{fffd}");
    }
}
