//! One HTTP/2 connection, shared by many calls and driven by a task that the caller owns.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::Poll;
use std::time::Duration;

use hyper::client::conn::http2::{Builder, SendRequest};
use hyper::rt::Executor;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::answer::NotSentReason;
use crate::body::Sending;
use crate::connect::{Dialer, Stream};
use crate::exchange::{self, Head, Limits};
use crate::metrics::{self, Counters};
use crate::request::Outgoing;

/// Streams on one connection, whatever more the peer allows: beyond it one lost packet stalls too many calls, and
/// one core's worth of frames is one task (restate PR 4654, grpc-rust PR 2746).
pub(crate) const STREAMS_MAX: usize = 128;
/// A ping after this much silence while calls are open …
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// … and the connection is dead when it is not answered within this.
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a new connection is asked whether the peer's SETTINGS have come: once a handshake near by.
const SETTINGS_LOOK_INTERVAL: Duration = Duration::from_millis(1);

pub(crate) struct Http2 {
    sender: SendRequest<Sending>,
    streams: AtomicUsize,
    /// What the peer allows, as of the last time the connection was polled.
    peer_streams_max: Arc<AtomicUsize>,
    pub(crate) peer: SocketAddr,
    pub(crate) expires: Instant,
}

impl Http2 {
    pub(crate) async fn handshake(
        stream: Stream,
        peer: SocketAddr,
        expires: Instant,
        counters: &Arc<Counters>,
        dialer: &Dialer,
    ) -> Result<Arc<Self>, NotSentReason> {
        let executor = Owned { tasks: dialer.tasks.clone(), abort: dialer.abort.clone() };
        let (sender, connection) = Builder::new(executor.clone())
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_INTERVAL)
            .keep_alive_timeout(PING_TIMEOUT)
            .initial_max_send_streams(0)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| NotSentReason::Handshake(io::Error::other(error)))?;
        let mut connection = Box::pin(connection);
        // hyper says "ready" before the peer has said anything, and tells nobody when the peer's limits have come.
        // Without them the first burst would be turned away, and a peer without HTTP/2 would look as if it had been
        // sent something. The pool's connect timeout bounds this.
        while connection.current_max_send_streams() == 0 {
            if let Poll::Ready(ended) = poll_fn(|cx| Poll::Ready(connection.as_mut().poll(cx))).await {
                let error = ended.map_or_else(io::Error::other, |()| io::ErrorKind::UnexpectedEof.into());
                return Err(NotSentReason::Handshake(error));
            }
            tokio::time::sleep(SETTINGS_LOOK_INTERVAL).await;
        }
        let peer_streams_max = Arc::new(AtomicUsize::new(connection.current_max_send_streams()));
        let (seen, closed) = (Arc::clone(&peer_streams_max), Closed(Arc::clone(counters)));
        executor.execute(async move {
            let _closed = closed;
            // How it ended is told to each call by its own response.
            let _ended = poll_fn(|cx| {
                let polled = connection.as_mut().poll(cx);
                seen.store(connection.current_max_send_streams(), Relaxed);
                polled
            })
            .await;
        });
        Ok(Arc::new(Self { sender, streams: AtomicUsize::new(0), peer_streams_max, peer, expires }))
    }

    /// Whether another stream may be opened. Exact only under the pool's lock, where every stream is opened.
    pub(crate) fn has_room(&self) -> bool {
        self.streams.load(Relaxed) < self.peer_streams_max.load(Relaxed).min(STREAMS_MAX)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.streams.load(Relaxed) == 0
    }

    pub(crate) fn open(&self) {
        self.streams.fetch_add(1, Relaxed);
    }

    pub(crate) fn close(&self) {
        self.streams.fetch_sub(1, Relaxed);
    }

    /// Sends one request and waits for the head of its answer. Dropping it resets the stream and leaves the others
    /// alone.
    pub(crate) async fn head(&self, outgoing: Outgoing, limits: &Limits) -> Head {
        let mut sender = self.sender.clone();
        let response = sender.try_send_request(outgoing);
        exchange::head(response, |_cx| (), limits).await
    }
}

/// Runs hyper's own tasks where shutdown waits for them, and ends them when it waits no longer.
#[derive(Clone)]
struct Owned {
    tasks: TaskTracker,
    abort: CancellationToken,
}

impl<F> Executor<F> for Owned
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn execute(&self, future: F) {
        let abort = self.abort.clone();
        self.tasks.spawn(async move {
            abort.run_until_cancelled(future).await;
        });
    }
}

struct Closed(Arc<Counters>);

impl Drop for Closed {
    fn drop(&mut self) {
        metrics::add(&self.0.closed);
    }
}
