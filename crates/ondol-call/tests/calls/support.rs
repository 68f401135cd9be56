//! Callees with faults, on real sockets.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::uri::PathAndQuery;
use ondol_call::policy::settings::Settings;
use ondol_call::{Caller, Endpoint, Options, Request, Sent, Target, Timeouts, Try};
use socket2::{Domain, Socket, Type};
use tokio::time::Instant;

/// A callee that follows a script, one thread a connection. It notes the first line of every request it reads.
pub(crate) struct Scripted {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

/// One connection of a scripted callee.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    /// Which connection this is, from 0.
    pub(crate) index: usize,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    pub(crate) fn new(script: impl Fn(Peer) + Send + Sync + 'static) -> Self {
        Self::at(([127, 0, 0, 1], 0).into(), script)
    }

    /// One at an address of which nothing else is known than that it was free.
    pub(crate) fn at(address: SocketAddr, script: impl Fn(Peer) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (script, notes) = (Arc::new(script), Arc::clone(&seen));
        std::thread::spawn(move || {
            for (index, stream) in listener.incoming().enumerate() {
                let peer = Peer { stream: stream.unwrap(), index, seen: Arc::clone(&notes) };
                let script = Arc::clone(&script);
                std::thread::spawn(move || script(peer));
            }
        });
        Self { address, seen }
    }

    /// A callee that answers every request with these bytes.
    pub(crate) fn always(raw: impl Into<Vec<u8>>) -> Self {
        let raw = raw.into();
        Self::new(move |mut peer| {
            while peer.request().is_some() {
                peer.write(&raw);
            }
        })
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        endpoint(self.address)
    }
}

impl Peer {
    /// Reads one request with its body, and notes it. None at the end of the connection.
    pub(crate) fn request(&mut self) -> Option<String> {
        let mut read = Vec::new();
        let mut byte = [0];
        while !read.ends_with(b"\r\n\r\n") {
            if self.stream.read(&mut byte).ok()? == 0 {
                return None;
            }
            read.push(byte[0]);
        }
        let head = String::from_utf8(read).unwrap();
        self.seen.lock().unwrap().push(head.lines().next().unwrap().to_owned());
        let body = if field(&head, "transfer-encoding").is_some() {
            self.chunks()?
        } else {
            let mut body = vec![0; field(&head, "content-length").map_or(0, |text| text.parse().unwrap())];
            self.stream.read_exact(&mut body).ok()?;
            body
        };
        Some(head + &String::from_utf8(body).unwrap())
    }

    /// A body in chunks (RFC 9112 §7.1), put together.
    fn chunks(&mut self) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let (mut line, mut byte) = (Vec::new(), [0]);
            while !line.ends_with(b"\r\n") {
                self.stream.read_exact(&mut byte).ok()?;
                line.push(byte[0]);
            }
            let length = usize::from_str_radix(str::from_utf8(&line).unwrap().trim(), 16).unwrap();
            let mut chunk = vec![0; length + 2];
            self.stream.read_exact(&mut chunk).ok()?;
            if length == 0 {
                return Some(body);
            }
            body.extend_from_slice(&chunk[..length]);
        }
    }

    pub(crate) fn write(&mut self, bytes: impl AsRef<[u8]>) {
        // The caller may have gone, which is what some tests are about.
        let _gone = self.stream.write_all(bytes.as_ref());
    }

    /// Whether the other side is still there to take it.
    pub(crate) fn try_write(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    pub(crate) fn answer(&mut self, body: &str) {
        self.write(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
    }

    /// Reads exactly this many bytes.
    pub(crate) fn read(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.stream.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// Ends as a killed process does: with a reset.
    pub(crate) fn reset(self) {
        socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).unwrap();
    }

    /// Holds the connection open and says nothing until the other side ends it.
    pub(crate) fn wait_for_end(&mut self) {
        while matches!(self.stream.read(&mut [0; 64]), Ok(1..)) {}
    }
}

/// The first field of a head with this name, in lower case.
pub(crate) fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

/// An answer's bytes: a status, further fields as whole lines, and a body.
pub(crate) fn raw(status: u16, fields: &str, body: &str) -> String {
    format!("HTTP/1.1 {status} Said\r\n{fields}content-length: {}\r\n\r\n{body}", body.len())
}

pub(crate) fn endpoint(address: SocketAddr) -> Endpoint {
    format!("http://{address}").parse().unwrap()
}

/// An endpoint that refuses: bound once, then closed.
pub(crate) fn refusing() -> Endpoint {
    endpoint(free_address())
}

/// An address where nobody listens.
pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap()
}

/// An endpoint that answers no handshake for as long as the sockets live: nobody accepts and the queue is full, so that
/// the kernel drops every further one.
pub(crate) fn black_hole() -> (Endpoint, Vec<Socket>) {
    let tcp = || Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let listener = tcp();
    listener.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let filling = (0..4).map(|_| {
        let socket = tcp();
        socket.set_nonblocking(true).unwrap();
        let _in_progress = socket.connect(&address.into());
        socket
    });
    let sockets = filling.chain([listener]).collect();
    (endpoint(address), sockets)
}

pub(crate) fn caller() -> Caller {
    Caller::new(&Options::default()).unwrap()
}

/// A target whose timeouts are short enough for a test and long enough for a busy machine.
pub(crate) fn target(endpoints: impl IntoIterator<Item = Endpoint>) -> Target {
    let timeouts = Timeouts { connect: Duration::from_millis(250), response: Duration::from_millis(300) };
    let settings = Settings { body_idle: Duration::from_millis(200), ..Settings::default() };
    Target { timeouts, settings, ..Target::new("flight", endpoints.into_iter().collect()) }
}

pub(crate) fn post(path: &str, body: &str) -> Request {
    let path: PathAndQuery = path.parse().unwrap();
    Request::new(Method::POST, path, Bytes::copy_from_slice(body.as_bytes()))
}

pub(crate) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(5)
}

/// What happened, in a few words: the status and body, or why there is none.
pub(crate) fn told(sent: &Sent) -> String {
    match &sent.result {
        Try::Answered(answer) if answer.over_limit => format!("{} over the limit", answer.status.as_u16()),
        Try::Answered(answer) => {
            format!("{} {}", answer.status.as_u16(), String::from_utf8_lossy(&answer.body))
        }
        Try::Unclear(unclear) => format!("unclear: {}", unclear.why),
        Try::NotSent(not_sent) => format!("not sent: {}", not_sent.why),
    }
}
