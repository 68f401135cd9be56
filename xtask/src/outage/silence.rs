//! A machine that does not answer: its port takes no connection and refuses none, as behind a cable that was pulled.

use crate::error::Error;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// How long one of our own connections is tried. On loopback one that is taken is taken at once.
const FILL_EACH_MAX: Duration = Duration::from_millis(100);

/// Connections after which a system that goes on taking them is no use for this; Rust asks for a queue of 128.
const QUEUE_MAX: usize = 5_000;

/// Keeps an address silent until it is dropped: it listens, accepts nothing, and its queue is full, so that the system
/// drops whoever else knocks. Such a caller certainly sent nothing, and waits for as long as its connect timeout.
pub(super) struct Silence {
    _listener: TcpListener,
    _queue: Vec<TcpStream>,
}

impl Silence {
    /// Takes the address, where nobody listens now.
    ///
    /// # Errors
    /// If it is taken, or this system never drops a connection.
    pub(super) fn at(address: SocketAddr) -> Result<Self, Error> {
        let failed = |why: String| Error::program("silence", format!("cannot keep {address} silent: {why}"));
        let listener = TcpListener::bind(address).map_err(|error| failed(error.to_string()))?;
        let mut queue = Vec::new();
        while queue.len() < QUEUE_MAX {
            match TcpStream::connect_timeout(&address, FILL_EACH_MAX) {
                Ok(stream) => queue.push(stream),
                Err(error) if error.kind() == ErrorKind::TimedOut => {
                    return Ok(Self { _listener: listener, _queue: queue });
                }
                Err(error) => return Err(failed(error.to_string())),
            }
        }
        Err(failed(format!("it took {QUEUE_MAX} connections that nobody accepts")))
    }
}
