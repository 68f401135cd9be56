//! Free ports that stay ours while a program is down.

use crate::error::Error;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// Below the range from which systems pick ports for outgoing connections: one of those could take the port of a
/// program that is just being started again.
const PORTS: std::ops::Range<u16> = 20_000..30_000;

/// So many addresses on loopback that nobody listens on. Two runs at once begin at different places.
///
/// # Errors
/// If there are not so many.
pub(crate) fn free(count: usize) -> Result<Vec<SocketAddr>, Error> {
    let width = u32::from(PORTS.end - PORTS.start);
    // 37 is prime to the width: neighbouring process ids begin far apart.
    let begin = std::process::id().wrapping_mul(37) % width;
    let ports = (0..width).map(|step| PORTS.start + ((begin + step) % width) as u16);
    let addresses = ports.map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    let found: Vec<_> = addresses.filter(|address| TcpListener::bind(address).is_ok()).take(count).collect();
    if found.len() == count {
        Ok(found)
    } else {
        Err(Error::program(
            "ports",
            format!("fewer than {count} are free in {PORTS:?}; end what listens there"),
        ))
    }
}
