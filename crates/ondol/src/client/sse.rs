//! Server-Sent Events (WHATWG HTML, section 9.2), as far as Ondol's server uses them.

use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use crate::error::Error;

/// Silence after which a stream counts as broken: several heartbeats of the server.
const SILENCE_MAX: Duration = Duration::from_mins(1);

/// Longest event, in bytes: an event carries at most one body of 1 MiB, and JSON may escape it.
const EVENT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    /// Its id, for `Last-Event-ID`.
    pub(crate) id: Option<String>,
    /// Its name; empty where it has none.
    pub(crate) name: String,
    /// Its data.
    pub(crate) data: String,
}

/// An open stream.
pub(crate) struct Events {
    server: String,
    body: Incoming,
    parser: Parser,
}

impl Events {
    pub(super) fn new(server: String, body: Incoming) -> Self {
        Self { server, body, parser: Parser::default() }
    }

    /// The next event; `None` where the server ended the stream.
    ///
    /// # Errors
    /// [`Error::Unreachable`] if it broke or fell silent; open it again behind the last event.
    pub(crate) async fn next(&mut self) -> Result<Option<Event>, Error> {
        loop {
            if let Some(event) = self.parser.next() {
                return Ok(Some(event));
            }
            let broken = |why: String| Error::Unreachable { server: self.server.clone(), why, unsent: true };
            let frame = tokio::time::timeout(SILENCE_MAX, self.body.frame()).await;
            let frame = frame.map_err(|_| broken("the event stream fell silent".to_owned()))?;
            let Some(frame) = frame else { return Ok(None) };
            let frame = frame.map_err(|error| broken(format!("the event stream broke off: {error}")))?;
            if let Some(data) = frame.data_ref() {
                self.parser.buffer.extend_from_slice(data);
            }
            if self.parser.buffer.len() > EVENT_BYTES_MAX {
                return Err(broken(format!("an event is longer than {EVENT_BYTES_MAX} bytes")));
            }
        }
    }
}

#[derive(Default)]
struct Parser {
    buffer: Vec<u8>,
    event: Event,
}

impl Parser {
    /// Takes the next whole event out of the buffer.
    fn next(&mut self) -> Option<Event> {
        while let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.buffer.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches(['\n', '\r']);
            if line.is_empty() {
                let event = std::mem::take(&mut self.event);
                if !event.data.is_empty() {
                    return Some(event);
                }
                continue;
            }
            self.field(line);
        }
        None
    }

    fn field(&mut self, line: &str) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "id" => self.event.id = Some(value.to_owned()),
            "event" => value.clone_into(&mut self.event.name),
            "data" => {
                if !self.event.data.is_empty() {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
            }
            // A comment (the heartbeat), `retry`, or a field of a later standard.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Parser};

    #[test]
    fn events_are_read_however_they_are_cut() {
        let text =
            ": hello\n\nid: 7\nevent: started\ndata: {\"a\":1}\n\nid:8\r\ndata: x\r\ndata:y\r\n\r\nid: 9\n\n";
        let event = |id: &str, name: &str, data: &str| Event {
            id: Some(id.to_owned()),
            name: name.to_owned(),
            data: data.to_owned(),
        };
        let expected = vec![event("7", "started", "{\"a\":1}"), event("8", "", "x\ny")];
        for size in [1, 2, 5, 1_000] {
            let mut parser = Parser::default();
            let mut seen = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                parser.buffer.extend_from_slice(piece);
                seen.extend(std::iter::from_fn(|| parser.next()));
            }
            assert_eq!(seen, expected, "in pieces of {size}");
        }
    }
}
