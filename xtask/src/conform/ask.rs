//! A request as bytes, and every way to say which service it is for.

use super::answer::Answer;
use super::bed::{Bed, Peer};
use std::io::{self, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longest silence of an answer.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// How a body is framed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Body<'a> {
    None,
    Length(&'a [u8]),
    Chunked(&'a [&'a [u8]]),
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask<'a> {
    pub(super) method: &'a str,
    /// Path and query, as they are written.
    pub(super) target: &'a str,
    pub(super) headers: &'a [(&'a str, &'a [u8])],
    pub(super) body: Body<'a>,
}

/// How the proxy is told which service is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Host,
    Header,
    Path,
    /// As programs do that honour `HTTP_PROXY`.
    Absolute,
    DaprHeader,
    DaprPath,
}

impl Way {
    pub(super) const ALL: [Self; 6] =
        [Self::Host, Self::Header, Self::Path, Self::Absolute, Self::DaprHeader, Self::DaprPath];

    /// For people.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Host => "Host",
            Self::Header => "ondol-target",
            Self::Path => "/NAME/…",
            Self::Absolute => "HTTP_PROXY",
            Self::DaprHeader => "dapr-app-id",
            Self::DaprPath => "/v1.0/invoke",
        }
    }
}

impl<'a> Ask<'a> {
    pub(super) const fn new(method: &'a str, target: &'a str) -> Self {
        Self { method, target, headers: &[], body: Body::None }
    }

    pub(super) const fn headers(self, headers: &'a [(&'a str, &'a [u8])]) -> Self {
        Self { headers, ..self }
    }

    pub(super) const fn body(self, body: Body<'a>) -> Self {
        Self { body, ..self }
    }

    /// Asks the peer itself.
    ///
    /// # Errors
    /// If there is no answer.
    pub(super) fn direct(&self, bed: &Bed, peer: Peer) -> io::Result<Answer> {
        self.to(bed.direct(peer))
    }

    /// Asks the proxy.
    ///
    /// # Errors
    /// If there is no answer.
    pub(super) fn through(&self, bed: &Bed, peer: Peer, way: Way) -> io::Result<Answer> {
        self.send(bed.proxy(), &self.addressed(peer.name(), way, &bed.proxy().to_string()))
    }

    /// Asks whoever listens there, naming no service.
    ///
    /// # Errors
    /// If there is no answer.
    pub(super) fn to(&self, address: SocketAddr) -> io::Result<Answer> {
        self.send(address, &self.bytes(self.target, &[("host", &address.to_string())]))
    }

    fn addressed(&self, name: &str, way: Way, proxy: &str) -> Vec<u8> {
        let target = self.target;
        match way {
            Way::Host => self.bytes(target, &[("host", name)]),
            Way::Header => self.bytes(target, &[("host", proxy), ("ondol-target", name)]),
            Way::Path => self.bytes(&format!("/{name}{target}"), &[("host", proxy)]),
            Way::Absolute => self.bytes(
                &format!("http://{name}{target}"),
                // curl sends it to every proxy, and no service may see it.
                &[("host", name), ("proxy-connection", "Keep-Alive")],
            ),
            Way::DaprHeader => self.bytes(target, &[("host", proxy), ("dapr-app-id", name)]),
            Way::DaprPath => self.bytes(&format!("/v1.0/invoke/{name}/method{target}"), &[("host", proxy)]),
        }
    }

    fn bytes(&self, target: &str, first: &[(&str, &str)]) -> Vec<u8> {
        let mut bytes = format!("{} {target} HTTP/1.1\r\n", self.method).into_bytes();
        let first = first.iter().map(|(name, value)| (*name, value.as_bytes()));
        for (name, value) in first.chain(self.headers.iter().copied()) {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        match self.body {
            Body::None => bytes.extend(b"\r\n"),
            Body::Length(body) => {
                bytes.extend(format!("content-length: {}\r\n\r\n", body.len()).bytes());
                bytes.extend(body);
            }
            Body::Chunked(chunks) => {
                bytes.extend(b"transfer-encoding: chunked\r\n\r\n");
                for chunk in chunks {
                    bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
                    bytes.extend([chunk, b"\r\n".as_slice()].concat());
                }
                bytes.extend(b"0\r\n\r\n");
            }
        }
        bytes
    }

    /// On a connection of its own.
    fn send(&self, address: SocketAddr, bytes: &[u8]) -> io::Result<Answer> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(SILENCE_MAX))?;
        stream.write_all(bytes)?;
        Answer::read(&mut BufReader::new(stream), self.method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_names_the_service() {
        let ask = Ask::new("GET", "/a?b=%2F");
        #[rustfmt::skip]
        let table = [
            "GET /a?b=%2F HTTP/1.1\r\nhost: x\r\n\r\n",
            "GET /a?b=%2F HTTP/1.1\r\nhost: p\r\nondol-target: x\r\n\r\n",
            "GET /x/a?b=%2F HTTP/1.1\r\nhost: p\r\n\r\n",
            "GET http://x/a?b=%2F HTTP/1.1\r\nhost: x\r\nproxy-connection: Keep-Alive\r\n\r\n",
            "GET /a?b=%2F HTTP/1.1\r\nhost: p\r\ndapr-app-id: x\r\n\r\n",
            "GET /v1.0/invoke/x/method/a?b=%2F HTTP/1.1\r\nhost: p\r\n\r\n",
        ];
        for (way, expected) in Way::ALL.into_iter().zip(table) {
            assert_eq!(String::from_utf8_lossy(&ask.addressed("x", way, "p")), expected, "{way:?}");
        }
    }

    #[test]
    fn chunks_are_framed() {
        let ask = Ask::new("POST", "/").body(Body::Chunked(&[b"abc", b"de"]));
        let bytes = ask.bytes("/", &[]);
        let expected =
            "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        assert_eq!(String::from_utf8_lossy(&bytes), expected);
    }
}
