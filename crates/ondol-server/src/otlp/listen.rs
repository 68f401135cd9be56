//! The two listeners, on one thread of their own: what arrives delays neither the API nor a saga.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::{Otlp, grpc, http};
use crate::admit;
use crate::serve::{Listen, ServeError};

/// Connections at once, of each listener: an exporter keeps one for each signal.
const CONNECTIONS_MAX: usize = 2_048;
/// Time for the head of a request, and for silence between two: exporters send every few seconds.
const HEAD_WITHIN: Duration = Duration::from_secs(75);
/// Bytes of a head, as elsewhere.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// Calls at once on one HTTP/2 connection: exporters have a handful.
const STREAMS_MAX: u32 = 128;
/// Bytes that a sender may have on its way unread, for a call and for a connection: a usual batch goes out without waiting.
/// They are read at once and counted; this only bounds what one turn of the loop finds.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 2 << 20;
/// Bytes of a frame. A frame is held whole before it is read; larger ones save the work of sixteen small ones.
const FRAME_BYTES_MAX: u32 = 256 << 10;
/// A ping after this much silence while calls are open, and how long it may take: a sender that is gone is noticed.
const PING_INTERVAL: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// Listeners that are bound, and not served yet.
pub(crate) struct Listeners {
    grpc: Option<TcpListener>,
    http: Option<TcpListener>,
}

/// Binds what is asked for.
pub(crate) fn bind(grpc: Listen, http: Listen) -> Result<Listeners, ServeError> {
    let bind = |flag, listen| match listen {
        Listen::None => Ok(None),
        Listen::At(address) => {
            let listener = TcpListener::bind(address);
            listener.map(Some).map_err(|source| ServeError::Listen { address, flag, source })
        }
    };
    Ok(Listeners { grpc: bind("--otlp-grpc", grpc)?, http: bind("--otlp-http", http)? })
}

/// Listeners that serve.
pub(crate) struct Listening {
    pub(crate) grpc: Listen,
    pub(crate) http: Listen,
    stop: DropGuard,
    thread: JoinHandle<()>,
}

/// Serves, for as long as what is given back lives; nothing where there is no listener. `token` is asked for off loopback.
pub(crate) fn listen(
    listeners: Listeners,
    otlp: &Arc<Otlp>,
    token: Option<&str>,
    drain: Duration,
) -> std::io::Result<Option<Listening>> {
    if listeners.grpc.is_none() && listeners.http.is_none() {
        return Ok(None);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let stop = CancellationToken::new();
    let connections = TaskTracker::new();
    let mut bound = [Listen::None; 2];
    let both = [(Protocol::Grpc, listeners.grpc), (Protocol::Http, listeners.http)];
    for (at, (protocol, listener)) in both.into_iter().enumerate() {
        let Some(listener) = listener else { continue };
        let address = listener.local_addr()?;
        bound[at] = Listen::At(address);
        listener.set_nonblocking(true)?;
        let _inside = runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let served = Served {
            protocol,
            otlp: Arc::clone(otlp),
            token: asked(token, address),
            connections: connections.clone(),
            stop: stop.clone(),
        };
        connections.spawn_on(served.accept(listener), runtime.handle());
    }
    let stopped = stop.clone();
    let thread = tokio::task::spawn_blocking(move || {
        runtime.block_on(async {
            stopped.cancelled().await;
            connections.close();
            if tokio::time::timeout(drain, connections.wait()).await.is_err() {
                tracing::warn!(left = connections.len(), "exports in hand did not end in time");
            }
        });
        // What senders left open must not keep the server.
        runtime.shutdown_background();
    });
    let [grpc, http] = bound;
    Ok(Some(Listening { grpc, http, stop: stop.drop_guard(), thread }))
}

/// On loopback everybody on this machine may send; the API's token is not theirs.
fn asked(token: Option<&str>, address: SocketAddr) -> Option<Arc<str>> {
    token.filter(|_| !address.ip().is_loopback()).map(Arc::from)
}

impl Listening {
    /// Takes no more connections, lets exports in hand end, and ends the thread.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        if self.thread.await.is_err() {
            tracing::error!("the thread of the OTLP listeners failed");
        }
    }
}

#[derive(Clone, Copy)]
enum Protocol {
    Grpc,
    Http,
}

/// One listener at work.
#[derive(Clone)]
struct Served {
    protocol: Protocol,
    otlp: Arc<Otlp>,
    token: Option<Arc<str>>,
    connections: TaskTracker,
    stop: CancellationToken,
}

impl Served {
    async fn accept(self, listener: tokio::net::TcpListener) {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let stop = self.stop.clone();
        while let Some((stream, place)) =
            stop.run_until_cancelled(admit::next(&listener, &places, "OTLP")).await
        {
            self.connections.spawn(self.clone().connection(stream, place));
        }
    }

    async fn connection(self, stream: TcpStream, _place: OwnedSemaphorePermit) {
        if stream.set_nodelay(true).is_err() {
            return;
        }
        let builder = builder(&self.connections);
        let io = TokioIo::new(stream);
        let Self { otlp, token, stop, .. } = self;
        // Boxed, so that a connection is no larger than the protocol it speaks.
        let ended = match self.protocol {
            Protocol::Grpc => {
                let service = service_fn(move |request: ::http::Request<Incoming>| {
                    let handling = grpc::handle(Arc::clone(&otlp), token.clone(), request);
                    async move { Ok::<_, Infallible>(handling.await) }
                });
                let mut serving = Box::pin(builder.serve_connection(io, service));
                tokio::select! {
                    ended = serving.as_mut() => ended,
                    () = stop.cancelled() => {
                        serving.as_mut().graceful_shutdown();
                        serving.await
                    }
                }
            }
            Protocol::Http => {
                let service = service_fn(move |request: ::http::Request<Incoming>| {
                    let handling = http::handle(Arc::clone(&otlp), token.clone(), request);
                    async move { Ok::<_, Infallible>(handling.await) }
                });
                let mut serving = pin!(builder.serve_connection(io, service));
                tokio::select! {
                    ended = serving.as_mut() => ended,
                    () = stop.cancelled() => {
                        serving.as_mut().graceful_shutdown();
                        serving.await
                    }
                }
            }
        };
        if let Err(error) = ended {
            // Senders go away as they like.
            tracing::debug!(%error, "a connection of OTLP ended early");
        }
    }
}

fn builder(tasks: &TaskTracker) -> Builder<Tracked> {
    let mut builder = Builder::new(Tracked(tasks.clone()));
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN).max_buf_size(HEAD_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEAD_BYTES_MAX as u32)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_frame_size(FRAME_BYTES_MAX)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT);
    builder
}

/// Runs what HTTP/2 does in the background where shutdown waits for it.
#[derive(Clone)]
struct Tracked(TaskTracker);

impl<F> hyper::rt::Executor<F> for Tracked
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, future: F) {
        self.0.spawn(future);
    }
}
