//! What a program prints, passed on as it comes, and read as lines beside that.

use std::io::{self, Read, Write};

use ondol_telemetry::lines::RECORD_BYTES_MAX;

use super::buffer::{Buffer, Printed, Stream};

/// Bytes read at once: what a pipe holds.
const READ_BYTES: usize = 64 << 10;

/// Passes everything on until the program ends or nobody reads it any more. Then the pipe is closed, and the program
/// learns of it as if this were not here.
pub(super) fn pass(
    mut from: impl Read,
    mut to: impl Write,
    stream: Stream,
    buffer: &Buffer,
    now_ns: fn() -> u64,
) -> io::Result<()> {
    let mut bytes = vec![0; READ_BYTES];
    let mut lines = Lines { stream, rest: Vec::new() };
    let ended = loop {
        let read = match from.read(&mut bytes) {
            Ok(0) => break Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => break Err(error),
        };
        let piece = &bytes[..read];
        if let Err(error) = to.write_all(piece).and_then(|()| to.flush()) {
            break Err(error);
        }
        lines.take(piece, now_ns(), buffer);
    };
    lines.end(now_ns(), buffer);
    ended
}

/// Pieces become lines.
struct Lines {
    stream: Stream,
    /// The beginning of a line whose end has not come.
    rest: Vec<u8>,
}

impl Lines {
    fn take(&mut self, piece: &[u8], at_ns: u64, buffer: &Buffer) {
        let mut parts = piece.split(|byte| *byte == b'\n').peekable();
        while let Some(part) = parts.next() {
            // One byte more than is kept of a record, so that it says that it was cut.
            let room = (RECORD_BYTES_MAX + 1).saturating_sub(self.rest.len());
            self.rest.extend_from_slice(&part[..part.len().min(room)]);
            if parts.peek().is_some() {
                self.line(at_ns, buffer);
            }
        }
    }

    fn line(&mut self, at_ns: u64, buffer: &Buffer) {
        let line = std::mem::take(&mut self.rest);
        buffer.push(Printed { stream: self.stream, line, at_ns });
    }

    fn end(&mut self, at_ns: u64, buffer: &Buffer) {
        if !self.rest.is_empty() {
            self.line(at_ns, buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_passes_and_lines_are_read_beside_it() {
        let long = "x".repeat(3 * RECORD_BYTES_MAX);
        let text = format!("one\ntwo\n\n{long}\nno end");
        let (buffer, mut passed) = (Buffer::default(), Vec::new());
        pass(text.as_bytes(), &mut passed, Stream::Err, &buffer, || 7).expect("passed");
        assert_eq!(passed, text.as_bytes());
        let lines: Vec<String> = buffer
            .take(10)
            .into_iter()
            .map(|printed| {
                assert_eq!((printed.stream, printed.at_ns), (Stream::Err, 7));
                String::from_utf8(printed.line).expect("UTF-8")
            })
            .collect();
        assert_eq!(lines, ["one", "two", "", &long[..=RECORD_BYTES_MAX], "no end"]);
    }

    #[test]
    fn it_ends_when_nobody_reads() {
        let buffer = Buffer::default();
        let full: &mut [u8] = &mut [0; 2];
        assert!(pass("one\n".as_bytes(), full, Stream::Out, &buffer, || 7).is_err());
    }
}
