//! From an endpoint to a connection that is ready for its first request.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::either::Either;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::answer::NotSentReason;
use crate::clock;
use crate::dns::Names;
use crate::http1::Http1;
use crate::http2::Http2;
use crate::metrics::{self, Counters};
use crate::socket;
use crate::target::{Endpoint, Protocol};
use crate::tls::{ALPN_HTTP2, Tls};

/// The bytes below HTTP.
pub(crate) type Stream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// What every connection of one caller needs.
pub(crate) struct Dialer {
    pub(crate) tls: Arc<Tls>,
    /// Owns every task of the caller.
    pub(crate) tasks: TaskTracker,
    /// Ends the tasks that shutdown has waited for in vain.
    pub(crate) abort: CancellationToken,
    pub(crate) seed: u64,
    pub(crate) opened: AtomicU64,
    pub(crate) names: Names,
}

/// A fresh connection in the protocol that was agreed on.
pub(crate) enum Opened {
    Http1(Box<Http1>),
    Http2(Arc<Http2>),
}

impl Dialer {
    /// Resolves, connects and shakes hands. `deadline` divides the time among addresses; the pool enforces it.
    /// Dropping this closes whatever was begun.
    ///
    /// # Errors
    /// Every error is certain: no byte of a request was involved.
    pub(crate) async fn dial(
        &self,
        endpoint: &Endpoint,
        protocol: Protocol,
        lifetime: Duration,
        counters: &Arc<Counters>,
        deadline: Instant,
    ) -> Result<Opened, NotSentReason> {
        let (stream, peer, http2) = self.transport(endpoint, protocol, deadline).await?;
        let count = self.opened.fetch_add(1, Relaxed);
        let expires = clock::after(clock::now(), clock::jittered(lifetime, self.seed, count));
        let opened = if http2 {
            Opened::Http2(Http2::handshake(stream, peer, expires, counters, self).await?)
        } else {
            Opened::Http1(Http1::handshake(stream, peer, expires, counters).await?)
        };
        metrics::add(&counters.opened);
        Ok(opened)
    }

    /// The stream, who is at its other end, and whether HTTP/2 is spoken on it.
    pub(crate) async fn transport(
        &self,
        endpoint: &Endpoint,
        protocol: Protocol,
        deadline: Instant,
    ) -> Result<(Stream, SocketAddr, bool), NotSentReason> {
        let tcp =
            self.connect_any(endpoint, deadline).await.inspect_err(|_| self.names.doubt(endpoint.host()))?;
        let peer = tcp.peer_addr().map_err(NotSentReason::Connect)?;
        if !endpoint.is_secure() {
            return Ok((Either::Left(tcp), peer, protocol == Protocol::Http2));
        }
        let name = ServerName::try_from(endpoint.host().to_owned())
            .map_err(|error| NotSentReason::Tls(io::Error::new(io::ErrorKind::InvalidInput, error)))?;
        let connector = TlsConnector::from(self.tls.config(protocol));
        let tls = connector.connect(name, tcp).await.map_err(NotSentReason::Tls)?;
        let http2 = tls.get_ref().1.alpn_protocol() == Some(ALPN_HTTP2);
        if protocol == Protocol::Http2 && !http2 {
            let text = "the server did not agree to HTTP/2; set `protocol: auto`";
            return Err(NotSentReason::Tls(io::Error::new(io::ErrorKind::Unsupported, text)));
        }
        Ok((Either::Right(Box::new(tls)), peer, http2))
    }

    /// The first address that accepts. Each but the last has an equal share of what time is left; the pool bounds the
    /// whole.
    async fn connect_any(&self, endpoint: &Endpoint, deadline: Instant) -> Result<TcpStream, NotSentReason> {
        let found = self.names.lookup(endpoint.host(), endpoint.port()).await;
        let addresses = found.map_err(NotSentReason::Dns)?;
        let (last, others) = addresses.split_last().expect("lookup gives at least one address");
        let mut left = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
        for address in others {
            let now = clock::now();
            let share = deadline.saturating_duration_since(now) / left;
            left -= 1;
            if let Ok(Ok(stream)) = timeout_at(now + share, socket::connect(*address)).await {
                return Ok(stream);
            }
        }
        socket::connect(*last).await.map_err(NotSentReason::Connect)
    }
}
