//! An answer as it is on the wire: nothing is decoded but its framing.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read as _};

/// Longest body read; the large ones are the business of a script.
const BODY_BYTES_MAX: u64 = 16 << 20;

/// Headers by their name in lower case, each with its values in order. Names may be written either way, and only the
/// order of values of one name means anything (RFC 9110 §5.3).
pub(super) type Headers = BTreeMap<String, Vec<Vec<u8>>>;

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Headers,
    pub(super) body: Vec<u8>,
    pub(super) trailers: Headers,
    /// Did the body end as its framing says it does?
    pub(super) whole: bool,
}

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Empty,
    Length(u64),
    Chunked,
    ToTheEnd,
}

impl Answer {
    /// Reads the final answer to a request of this method. Interim answers (1xx) are passed over.
    ///
    /// # Errors
    /// If there is no head.
    pub(super) fn read(wire: &mut impl BufRead, method: &str) -> io::Result<Self> {
        let mut answer = Self::head(wire)?;
        while (100..200).contains(&answer.status) && answer.status != 101 {
            answer = Self::head(wire)?;
        }
        let framing = answer.framing(method);
        // What was read before it broke off stays: it is compared, too.
        answer.whole = answer.read_body(wire, framing).is_ok();
        Ok(answer)
    }

    /// What a program printed that took the framing off: a head, and the rest is body.
    ///
    /// # Errors
    /// If there is no head.
    pub(super) fn unframed(mut printed: &[u8]) -> io::Result<Self> {
        let mut answer = Self::head(&mut printed)?;
        answer.body = printed.to_vec();
        answer.whole = true;
        Ok(answer)
    }

    fn head(wire: &mut impl BufRead) -> io::Result<Self> {
        let line = line(wire)?;
        let text = String::from_utf8_lossy(&line);
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| bad(format!("no status line: {text:?}")))?;
        let headers = headers(wire)?;
        Ok(Self { status, headers, body: Vec::new(), trailers: Headers::new(), whole: false })
    }

    fn framing(&self, method: &str) -> Framing {
        if method == "HEAD" || matches!(self.status, 204 | 304) {
            return Framing::Empty;
        }
        let one = |name: &str| {
            let value = self.headers.get(name)?.last()?;
            Some(String::from_utf8_lossy(value).to_ascii_lowercase())
        };
        if one("transfer-encoding").is_some_and(|coding| coding.ends_with("chunked")) {
            return Framing::Chunked;
        }
        one("content-length")
            .and_then(|length| length.parse().ok())
            .map_or(Framing::ToTheEnd, Framing::Length)
    }

    fn read_body(&mut self, wire: &mut impl BufRead, framing: Framing) -> io::Result<()> {
        match framing {
            Framing::Empty => Ok(()),
            Framing::Length(length) => exactly(wire, length, &mut self.body),
            Framing::ToTheEnd => wire.take(BODY_BYTES_MAX).read_to_end(&mut self.body).map(drop),
            Framing::Chunked => loop {
                let line = line(wire)?;
                let digits = String::from_utf8_lossy(&line);
                let digits = digits.split(';').next().unwrap_or_default().trim();
                let length =
                    u64::from_str_radix(digits, 16).map_err(|_| bad(format!("no chunk: {digits:?}")))?;
                if length == 0 {
                    self.trailers = headers(wire)?;
                    return Ok(());
                }
                exactly(wire, length, &mut self.body)?;
                self::line(wire)?;
            },
        }
    }

    /// For people, in one line.
    pub(super) fn seen(&self) -> String {
        let (headers, bytes) = (self.headers.len(), self.body.len());
        let cut = if self.whole { "" } else { ", broken off" };
        format!("{}  {headers} headers  {bytes} bytes{cut}", self.status)
    }
}

/// Header lines until an empty one.
pub(super) fn headers(wire: &mut impl BufRead) -> io::Result<Headers> {
    let mut headers = Headers::new();
    loop {
        let line = line(wire)?;
        if line.is_empty() {
            return Ok(headers);
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = line.split_at(colon.ok_or_else(|| bad(format!("no header: {line:?}")))?);
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        headers.entry(name).or_default().push(value[1..].trim_ascii().to_vec());
    }
}

/// A line without its end.
pub(super) fn line(wire: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    if wire.read_until(b'\n', &mut line)? == 0 {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "closed without an answer"));
    }
    line.truncate(line.trim_ascii_end().len());
    Ok(line)
}

fn exactly(wire: &mut impl BufRead, length: u64, body: &mut Vec<u8>) -> io::Result<()> {
    if body.len() as u64 + length > BODY_BYTES_MAX {
        return Err(bad(format!("a body of more than {BODY_BYTES_MAX} bytes")));
    }
    let read = wire.take(length).read_to_end(body)?;
    if read as u64 == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn bad(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_ends_as_its_framing_says() {
        #[rustfmt::skip]
        let table = [
            ("GET",  "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcdef",                        (200, "abc", true)),
            ("GET",  "HTTP/1.1 200\r\ncontent-length: 9\r\n\r\nabc",                              (200, "abc", false)),
            ("HEAD", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n",                              (200, "", true)),
            ("GET",  "HTTP/1.1 304 -\r\ncontent-length: 3\r\n\r\n",                               (304, "", true)),
            ("GET",  "HTTP/1.0 200 OK\r\n\r\nabc",                                                (200, "abc", true)),
            ("GET",  "HTTP/1.1 103 -\r\na: b\r\n\r\nHTTP/1.1 418 -\r\ncontent-length: 0\r\n\r\n", (418, "", true)),
            ("GET",  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;x=1\r\nabc\r\n0\r\nt: 1\r\n\r\n", (200, "abc", true)),
            ("GET",  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",         (200, "abc", false)),
        ];
        for (method, wire, expected) in table {
            let answer = Answer::read(&mut wire.as_bytes(), method).expect("a head");
            let body = String::from_utf8_lossy(&answer.body);
            assert_eq!((answer.status, body.as_ref(), answer.whole), expected, "{wire:?}");
        }
    }
}
