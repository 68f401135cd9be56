//! One TCP connection with the options every one of ours has.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpSocket, TcpStream};
use tokio_util::either::Either;

use crate::connect::Stream;

/// Silence before the first probe: below the 60 s after which many firewalls forget.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
/// Between probes.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
/// Unanswered probes that end a connection: dead within a minute.
const KEEPALIVE_PROBES: u32 = 3;
/// Unacknowledged bytes end a connection after this; Linux would go on for 15 minutes (gRPC proposal A18).
#[cfg(target_os = "linux")]
const USER_TIMEOUT: Duration = Duration::from_secs(20);

/// Connects. The caller bounds the time.
pub(crate) async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_nodelay(true)?;
    let options = SockRef::from(&socket);
    options.set_tcp_keepalive(
        &TcpKeepalive::new()
            .with_time(KEEPALIVE_IDLE)
            .with_interval(KEEPALIVE_INTERVAL)
            .with_retries(KEEPALIVE_PROBES),
    )?;
    #[cfg(target_os = "linux")]
    options.set_tcp_user_timeout(Some(USER_TIMEOUT))?;
    socket.connect(address).await
}

/// Has what was not delivered yet thrown away when the connection is closed, which is at once: the peer sees a reset.
pub(crate) fn forget(stream: &Stream) {
    let tcp = match stream {
        Either::Left(tcp) => tcp,
        Either::Right(tls) => tls.get_ref().0,
    };
    // Where it cannot be set, the kernel goes on as it would have.
    let _set_or_not = SockRef::from(tcp).set_linger(Some(Duration::ZERO));
}
