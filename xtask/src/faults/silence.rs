//! A service that takes every connection and says nothing: the kernel accepts in its name, and nobody reads.

use super::ledger::Acts;
use crate::error::Error;
use std::io::{ErrorKind, Read as _};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

/// What was sent lies in the kernel; no more than this is waited for.
const READ_MAX: Duration = Duration::from_millis(100);

/// Listens and never answers. The kernel takes as many connections as Rust asks it to queue, 128.
#[derive(Debug)]
pub(super) struct Silence(TcpListener);

impl Silence {
    /// Takes the address.
    ///
    /// # Errors
    /// If it is taken.
    pub(super) fn at(address: SocketAddr) -> Result<Self, Error> {
        let listener = TcpListener::bind(address);
        listener
            .map(Self)
            .map_err(|error| Error::program("silence", format!("cannot take {address}: {error}")))
    }

    /// What it was sent, over all connections, as if it had acted upon it.
    ///
    /// # Errors
    /// If the kernel does not give it out.
    pub(super) fn heard(self) -> Result<Acts, Error> {
        let failed = |error: std::io::Error| Error::program("silence", error.to_string());
        self.0.set_nonblocking(true).map_err(failed)?;
        let mut heard = Acts::default();
        loop {
            match self.0.accept() {
                Ok((mut stream, _)) => {
                    stream.set_nonblocking(false).map_err(failed)?;
                    stream.set_read_timeout(Some(READ_MAX)).map_err(failed)?;
                    let mut bytes = Vec::new();
                    // It ends with an error where the connection is open still or was reset; what came is there.
                    let _end = stream.read_to_end(&mut bytes);
                    let text = String::from_utf8_lossy(&bytes);
                    text.lines().filter_map(|line| line.strip_prefix("x-id: ")).for_each(|id| heard.act(id));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(heard),
                Err(error) => return Err(failed(error)),
            }
        }
    }
}
