//! What a person or a script reads: standard output for answers, standard error for everything beside them.
//!
//! Colours are always written and taken out again by `anstream` where nobody would see them: no terminal, `NO_COLOR`.

pub(crate) mod progress;
pub(crate) mod raw;
pub(crate) mod size;
pub(crate) mod style;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod time;

use std::io::{ErrorKind, Write as _};

use crate::error::Error;

/// Prints an answer.
///
/// # Errors
/// [`Error::Closed`] if the reader went away (`ondol list | head`), which ends the program in peace.
pub(crate) fn print(text: &str) -> Result<(), Error> {
    let mut out = anstream::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Error::Closed,
        _ => Error::Print(error),
    })
}

/// Prints JSON as it came from the server, on one line.
pub(crate) fn json(body: &[u8]) -> Result<(), Error> {
    let text = String::from_utf8_lossy(body);
    print(&format!("{}\n", text.trim_end()))
}

/// Says something beside the answer. A closed standard error is no reason to stop.
pub(crate) fn note(text: &str) {
    let mut out = anstream::stderr().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}
