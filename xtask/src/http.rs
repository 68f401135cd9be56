//! A client of HTTP/1.1 with JSON, enough for our own servers on loopback.
//!
//! It keeps one connection. It is not for servers that we did not write: no TLS, no redirects, no compression. Every
//! request sent with it may be repeated (reads, seeds, and submits that carry their id), so a connection that turns
//! out to be closed is opened again and the request sent once more.

use crate::error::Error;
use serde_json::Value;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longest wait for an answer, where nothing else is said; `?wait=` asks for less.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// Longest answer read.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Who is talked to.
#[derive(Debug)]
pub(crate) struct Client {
    address: SocketAddr,
    /// Longest wait for an answer.
    patience: Duration,
    connection: Option<BufReader<TcpStream>>,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `Null` where the body is empty, a string where it is no JSON.
    pub(crate) body: Value,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, patience: ANSWER_MAX, connection: None }
    }

    /// The same, which waits no longer than this.
    pub(crate) fn patient(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Sends and waits for the answer, whatever its status.
    ///
    /// # Errors
    /// If there is none.
    pub(crate) fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> io::Result<Answer> {
        let request = self.request(method, path, headers, body);
        let reused = self.connection.is_some();
        match self.exchange(&request) {
            // One that waited in vain had its answer coming, or not: sending again would only wait twice.
            Err(error) if reused && !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                self.exchange(&request)
            }
            result => result,
        }
    }

    /// [`Client::send`] for what must succeed.
    ///
    /// # Errors
    /// If there is no answer, or another status than 2xx; with what the server said.
    pub(crate) fn must(&mut self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Error> {
        let address = self.address;
        let failed = |why| Error::Http { request: format!("{method} http://{address}{path}"), why };
        match self.send(method, path, &[], body) {
            Ok(answer) if (200..300).contains(&answer.status) => Ok(answer.body),
            Ok(answer) => Err(failed(format!("{} {}", answer.status, answer.body))),
            Err(error) => Err(failed(error.to_string())),
        }
    }

    fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Vec<u8> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let headers: String =
            headers.iter().map(|(name, value)| [*name, ": ", *value, "\r\n"].concat()).collect();
        let text = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\naccept: application/json\r\n{headers}\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len(),
        );
        text.into_bytes()
    }

    fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        connection.get_mut().write_all(request)?;
        let (answer, keep) = read(&mut connection)?;
        self.connection = keep.then_some(connection);
        Ok(answer)
    }

    fn connect(&self) -> io::Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect_timeout(&self.address, self.patience)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(self.patience))?;
        stream.set_write_timeout(Some(self.patience))?;
        Ok(BufReader::new(stream))
    }
}

/// One answer, and whether the connection can be used again.
fn read(connection: &mut BufReader<TcpStream>) -> io::Result<(Answer, bool)> {
    let line = head_line(connection)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| bad(&format!("no status line: {line:?}")))?;
    let (mut length, mut chunked, mut keep) = (None, false, true);
    loop {
        let line = head_line(connection)?;
        let Some((name, value)) = line.split_once(':') else { break };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse::<usize>().ok(),
            "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
            "connection" => keep = !value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    let mut body = Vec::new();
    match (length, chunked) {
        (_, true) => chunks(connection, &mut body)?,
        (Some(length), false) => exactly(connection, length, &mut body)?,
        (None, false) if status == 204 => {}
        (None, false) => {
            keep = false;
            connection.take(BODY_BYTES_MAX as u64).read_to_end(&mut body)?;
        }
    }
    let text = || if body.is_empty() { Value::Null } else { String::from_utf8_lossy(&body).into() };
    let body = serde_json::from_slice(&body).unwrap_or_else(|_| text());
    Ok((Answer { status, body }, keep))
}

fn head_line(connection: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    if connection.read_line(&mut line)? == 0 {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the connection was closed without an answer",
        ));
    }
    line.truncate(line.trim_end().len());
    Ok(line)
}

fn exactly(connection: &mut BufReader<TcpStream>, length: usize, body: &mut Vec<u8>) -> io::Result<()> {
    let have = body.len();
    if have + length > BODY_BYTES_MAX {
        return Err(bad(&format!("a body of more than {BODY_BYTES_MAX} bytes")));
    }
    body.resize(have + length, 0);
    connection.read_exact(&mut body[have..])
}

fn chunks(connection: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let line = head_line(connection)?;
        let digits = line.split(';').next().unwrap_or_default();
        let length = usize::from_str_radix(digits, 16).map_err(|_| bad(&format!("no chunk: {line:?}")))?;
        exactly(connection, length, body)?;
        head_line(connection)?;
        if length == 0 {
            return Ok(());
        }
    }
}

fn bad(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
