//! WebSocket, by Python's library.

use super::bed::{Bed, Peer};
use super::report::Report;
use super::script::compare;
use crate::error::Error;
use std::net::SocketAddr;

/// Compares it.
///
/// # Errors
/// If the client cannot be run.
pub(super) fn run(bed: &Bed, report: &Report) -> Result<(), Error> {
    report.heading("WebSocket");
    let client = |address: SocketAddr| {
        let port = address.port().to_string();
        bed.python("ws_client.py").arguments([&port, Peer::Websocket.name()]).run()
    };
    compare(report, "WebSocket", &client(bed.direct(Peer::Websocket))?, &client(bed.proxy())?);
    Ok(())
}
