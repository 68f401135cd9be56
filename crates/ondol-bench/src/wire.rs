//! HTTP/1.1 as both ends of a measurement speak it: whole messages whose length stands in `content-length`.
//!
//! It is small, so that it costs little beside what it measures: one read and one write a message, no allocation. It is
//! not for servers and clients of others: no chunks, no pipelining towards us, no message above [`MESSAGE_BYTES_MAX`].

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Longest message with its head: what is sent here is a few hundred bytes of head and 1 KiB of body.
pub const MESSAGE_BYTES_MAX: usize = 16 * 1024;

/// A connection and what was read from it.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    buffer: Box<[u8]>,
    filled: usize,
}

/// A message that has arrived as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// Of an answer; a request has none.
    pub status: Option<u16>,
    /// Head and body.
    pub bytes: usize,
}

impl Wire {
    /// The connection as it is, without Nagle's delay.
    ///
    /// # Errors
    /// If the socket is gone already.
    pub fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; MESSAGE_BYTES_MAX].into(), filled: 0 })
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Waits for the next message; `None` where the other side has closed between two.
    ///
    /// # Errors
    /// Those of the connection; that it was closed amid a message; and a message of a form that is not read here.
    pub async fn receive(&mut self) -> io::Result<Option<Message>> {
        loop {
            if let Some(message) = parse(&self.buffer[..self.filled])?
                && message.bytes <= self.filled
            {
                self.buffer.copy_within(message.bytes..self.filled, 0);
                self.filled -= message.bytes;
                return Ok(Some(message));
            }
            if self.filled == self.buffer.len() {
                return Err(unread("a message that is too long"));
            }
            match self.stream.read(&mut self.buffer[self.filled..]).await? {
                0 if self.filled == 0 => return Ok(None),
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => self.filled += read,
            }
        }
    }
}

/// What begins here, once its head is complete; its body may be to come.
fn parse(bytes: &[u8]) -> io::Result<Option<Message>> {
    let mut lines = Lines { bytes, at: 0 };
    let Some(first) = lines.next() else { return Ok(None) };
    let status = first.starts_with(b"HTTP/1.1 ").then(|| first.get(9..12).and_then(number)).flatten();
    let mut body = 0;
    while let Some(line) = lines.next() {
        if line.is_empty() {
            return Ok(Some(Message { status: status.map(|status| status as u16), bytes: lines.at + body }));
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        if name.eq_ignore_ascii_case(b"content-length") {
            let value = value.get(1..).map(<[u8]>::trim_ascii).and_then(number);
            body = value.ok_or_else(|| unread("a content-length that is no number"))?;
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            return Err(unread("a message in chunks"));
        }
    }
    Ok(None)
}

/// Complete lines without their ends.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = &self.bytes[self.at..];
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        self.at += end + 1;
        let line = &rest[..end];
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn unread(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_where_its_length_says() {
        let message = |status, bytes| Ok(Some(Message { status, bytes }));
        let get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
        let post = "POST / HTTP/1.1\r\nContent-Length:  3 \r\n\r\nabc";
        let cases: &[(&str, Result<Option<Message>, io::ErrorKind>)] = &[
            ("", Ok(None)),
            ("GET / HTTP/1.1\r\nhost: a\r\n", Ok(None)),
            (get, message(None, get.len())),
            (post, message(None, post.len())),
            (&post[..post.len() - 3], message(None, post.len())),
            ("HTTP/1.1 204 No Content\r\n\r\n", message(Some(204), 27)),
            ("HTTP/1.1 200 OK\ncontent-length: 2\n\nokHTTP", message(Some(200), 37)),
            ("HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n", Err(io::ErrorKind::InvalidData)),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", Err(io::ErrorKind::InvalidData)),
        ];
        for (text, expected) in cases {
            let parsed = parse(text.as_bytes()).map_err(|error| error.kind());
            assert_eq!(&parsed, expected, "{text:?}");
        }
    }
}
