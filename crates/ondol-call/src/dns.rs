//! Names to addresses. Small on purpose: a resolver that honours TTLs takes this module's place.

use std::io;
use std::net::SocketAddr;

/// All addresses of `host`, in the order to be tried. A literal address is not looked up.
pub(crate) async fn lookup(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let found: Vec<_> = tokio::net::lookup_host((host, port)).await?.collect();
    if found.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("`{host}` has no address")));
    }
    Ok(found)
}
