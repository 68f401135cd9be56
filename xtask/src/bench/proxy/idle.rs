//! Memory of a proxy whose clients are connected and quiet.

use super::contender::Contender;
use crate::error::Error;
use crate::http::Client;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::time::Duration;

/// Connections held open: what a busy machine's services hold together.
pub(super) const CONNECTIONS: usize = 1_000;

/// How long a proxy has to give back what the last request needed.
const SETTLE: Duration = Duration::from_secs(1);

/// Resident bytes of a proxy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Idle {
    /// Before the first connection.
    pub(super) fresh: u64,
    /// With [`CONNECTIONS`] that have each had an answer, and wait.
    pub(super) connected: u64,
}

/// Lets us, and what we start, have a file for each connection where the system allows it.
pub(super) fn allow_files() {
    let limit = getrlimit(Resource::Nofile);
    // Where we may not, connecting says so.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

/// Connects, asks once on each connection, and looks.
///
/// # Errors
/// If a connection or a request fails.
pub(super) fn measure(contender: &Contender) -> Result<Idle, Error> {
    let fresh = contender.resident_bytes();
    let mut clients = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        let mut client = Client::new(contender.address);
        // By this header Ondol finds the service; the others have only one.
        let answer = client.send("GET", "/items/1", &[("ondol-target", "upstream")], None);
        let status = answer.map_or_else(|error| error.to_string(), |answer| answer.status.to_string());
        if status != "200" {
            let request = format!("GET through {}, connection {}", contender.who.name(), clients.len() + 1);
            return Err(Error::Http { request, why: status });
        }
        clients.push(client);
    }
    std::thread::sleep(SETTLE);
    Ok(Idle { fresh, connected: contender.resident_bytes() })
}
