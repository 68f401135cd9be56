//! The proxy's listener, on a thread of its own: nothing the API or the engine does delays a call, and a call wakes no
//! other thread.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::{Proxy, http1};

use crate::admit;

/// Connections at once, tunnels among them; an idle one is about 2 KiB.
const CONNECTIONS_MAX: usize = 8_192;
/// Time for the head of a request, and for silence between two. Clients that keep connections longer open them again.
pub(super) const HEAD_WITHIN: Duration = Duration::from_secs(75);
/// Bytes of a head, as the services' own answers are bounded.
pub(super) const HEAD_BYTES_MAX: usize = 64 << 10;
/// Requests at once on one HTTP/2 connection.
const STREAMS_MAX: u32 = 1_024;
/// Time for the first bytes of a connection, which tell HTTP/2 from HTTP/1.
const PREFACE_WITHIN: Duration = Duration::from_secs(75);
/// A ping after this much silence while requests are open, and how long it may take: a client that is gone is noticed.
const PING_INTERVAL: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// How every HTTP/2 connection begins (RFC 9113 §3.4); no method of HTTP/1 begins so.
const PREFACE: &[u8] = b"PRI ";

/// A proxy that listens.
pub(crate) struct Listening {
    pub(crate) address: SocketAddr,
    stop: DropGuard,
    thread: JoinHandle<()>,
}

/// Runs the proxy on `runtime`, in a thread of its own, for as long as what is given back lives.
pub(crate) fn listen(
    runtime: tokio::runtime::Runtime,
    listener: std::net::TcpListener,
    proxy: Arc<Proxy>,
    drain: Duration,
) -> std::io::Result<Listening> {
    let address = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let listener = {
        let _inside = runtime.enter();
        TcpListener::from_std(listener)?
    };
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let thread = tokio::task::spawn_blocking(move || {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        runtime.block_on(serve(listener, places, proxy, stopped, drain));
        // What clients left open must not keep the server.
        runtime.shutdown_background();
    });
    Ok(Listening { address, stop: stop.drop_guard(), thread })
}

impl Listening {
    /// Takes no more connections, lets requests in hand end, and ends the thread.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        if self.thread.await.is_err() {
            tracing::error!("the proxy's thread failed");
        }
    }
}

async fn serve(
    listener: TcpListener,
    places: Arc<Semaphore>,
    proxy: Arc<Proxy>,
    stop: CancellationToken,
    drain: Duration,
) {
    let connections = TaskTracker::new();
    while let Some((stream, place)) =
        stop.run_until_cancelled(admit::next(&listener, &places, "the proxy")).await
    {
        connections.spawn(connection(stream, Arc::clone(&proxy), connections.clone(), stop.clone(), place));
    }
    drop(listener);
    connections.close();
    proxy.tunnels.close();
    let ended = async { tokio::join!(connections.wait(), proxy.tunnels.wait()) };
    if tokio::time::timeout(drain, ended).await.is_err() {
        tracing::warn!(left = connections.len() + proxy.tunnels.len(), "proxied calls did not end in time");
    }
}

async fn connection(
    stream: TcpStream,
    proxy: Arc<Proxy>,
    tasks: TaskTracker,
    stop: CancellationToken,
    place: OwnedSemaphorePermit,
) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    // Boxed is what ends before the connection is parked, or is rare: the task is as large as its largest part.
    let http2 = Box::pin(stop.run_until_cancelled(speaks_http2(&stream))).await;
    let Some(Some(http2)) = http2 else { return };
    let ended = if http2 {
        Box::pin(http2_connection(stream, proxy, tasks, &stop)).await
    } else {
        http1::serve(stream, &Arc::new(place), &proxy, &stop).await
    };
    if let Err(error) = ended {
        // Clients go away as they like.
        tracing::debug!(%error, "a proxied connection ended early");
    }
}

/// Whether the client begins as HTTP/2 does; none if it says nothing.
async fn speaks_http2(stream: &TcpStream) -> Option<bool> {
    let mut first = [0; PREFACE.len()];
    let first = tokio::time::timeout(PREFACE_WITHIN, async {
        loop {
            let count = stream.peek(&mut first).await.ok()?;
            match &first[..count] {
                [] => return None,
                some if some == PREFACE => return Some(true),
                some if !PREFACE.starts_with(some) => return Some(false),
                // Less than a preface: the rest is on its way.
                _ => tokio::time::sleep(Duration::from_millis(1)).await,
            }
        }
    });
    first.await.ok().flatten()
}

async fn http2_connection(
    stream: TcpStream,
    proxy: Arc<Proxy>,
    tasks: TaskTracker,
    stop: &CancellationToken,
) -> hyper::Result<()> {
    let service = service_fn(move |request: Request<Incoming>| {
        let handling = Arc::clone(&proxy).handle(request, None);
        async move { Ok::<_, Infallible>(handling.await) }
    });
    let mut builder = hyper::server::conn::http2::Builder::new(Tracked(tasks));
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEAD_BYTES_MAX as u32)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT)
        .auto_date_header(false);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    }
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

#[cfg(test)]
mod tests;
