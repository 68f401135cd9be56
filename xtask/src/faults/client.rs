//! A caller of the proxy over one connection that it keeps: bare HTTP/1.1, so that it sees what any program would see.
//!
//! It sends nothing twice, whatever happens: that is the proxy's business, and this is who must notice.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longest wait for an answer: more than any deadline that the proxy has here.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// Longest body read: a page of metrics.
const BODY_BYTES_MAX: usize = 4 << 20;

/// Where it calls.
#[derive(Debug)]
pub(super) struct Client {
    address: SocketAddr,
    connection: Option<BufReader<TcpStream>>,
}

/// What is asked.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    /// The service's name, for the proxy.
    pub(super) host: &'a str,
    pub(super) path: &'a str,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: &'a [u8],
}

/// What came back.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Names in lower case; trailers stand behind the headers.
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// What did not.
#[derive(Debug)]
pub(super) enum Failure {
    /// No byte of an answer.
    NoAnswer(io::Error),
    /// Its status, and then not the rest.
    Cut(io::Error),
}

impl Answer {
    /// The header or trailer of this name, in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Client {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self { address, connection: None }
    }

    /// Sends once, and waits.
    ///
    /// # Errors
    /// If there is no answer, or not all of it.
    pub(super) fn send(&mut self, request: &Request<'_>) -> Result<Answer, Failure> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect(self.address).map_err(Failure::NoAnswer)?,
        };
        connection.get_mut().write_all(&bytes(request)).map_err(Failure::NoAnswer)?;
        let mut answer = Answer { status: status(&mut connection)?, ..Answer::default() };
        rest(&mut connection, request, &mut answer).map_err(Failure::Cut)?;
        if answer.header("connection") != Some("close") {
            self.connection = Some(connection);
        }
        Ok(answer)
    }
}

fn connect(address: SocketAddr) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect_timeout(&address, ANSWER_MAX)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    Ok(BufReader::new(stream))
}

fn bytes(request: &Request<'_>) -> Vec<u8> {
    let Request { method, host, path, headers, body } = request;
    let headers: String =
        headers.iter().map(|(name, value)| [*name, ": ", *value, "\r\n"].concat()).collect();
    let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    let head = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n{headers}{length}\r\n");
    [head.as_bytes(), body].concat()
}

fn status(connection: &mut BufReader<TcpStream>) -> Result<u16, Failure> {
    let line = line(connection).map_err(Failure::NoAnswer)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| Failure::NoAnswer(bad(format!("no status line: {line:?}"))))
}

/// Headers, body and trailers.
fn rest(connection: &mut BufReader<TcpStream>, request: &Request<'_>, answer: &mut Answer) -> io::Result<()> {
    fields(connection, &mut answer.headers)?;
    let length = answer.header("content-length").and_then(|length| length.parse().ok());
    if answer.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        loop {
            let line = line(connection)?;
            let digits = line.split(';').next().unwrap_or_default();
            match usize::from_str_radix(digits, 16).map_err(|_| bad(format!("no chunk: {line:?}")))? {
                0 => return fields(connection, &mut answer.headers),
                length => exactly(connection, length, &mut answer.body)?,
            }
            self::line(connection)?;
        }
    }
    if request.method == "HEAD" || matches!(answer.status, 204 | 304) {
        return Ok(());
    }
    let length = length.ok_or_else(|| bad("neither a length nor chunks".to_owned()))?;
    exactly(connection, length, &mut answer.body)
}

fn fields(connection: &mut BufReader<TcpStream>, to: &mut Vec<(String, String)>) -> io::Result<()> {
    loop {
        let line = line(connection)?;
        let Some((name, value)) = line.split_once(':') else { return Ok(()) };
        to.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
}

fn line(connection: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    if connection.read_line(&mut line)? == 0 {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "closed"));
    }
    line.truncate(line.trim_end().len());
    Ok(line)
}

fn exactly(connection: &mut BufReader<TcpStream>, length: usize, body: &mut Vec<u8>) -> io::Result<()> {
    let have = body.len();
    if have + length > BODY_BYTES_MAX {
        return Err(bad(format!("a body of more than {BODY_BYTES_MAX} bytes")));
    }
    body.resize(have + length, 0);
    connection.read_exact(&mut body[have..])
}

fn bad(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
