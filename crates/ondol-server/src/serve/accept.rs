//! Connections: accepted, bounded, spoken to in HTTP/1.1 or HTTP/2 without TLS, and ended in good order.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::admit;

/// Connections at once; about 20 KiB each. Beyond it clients wait to be accepted.
const CONNECTIONS_MAX: usize = 8_192;

/// Time for the head of a request, and for silence between two.
const HEAD_WITHIN: Duration = Duration::from_secs(75);

/// Bytes of a head that hyper reads; the guard answers what is over its own, smaller bounds.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// Requests at once on one HTTP/2 connection.
const STREAMS_MAX: u32 = 1_024;

/// Accepts connections until `stop`.
pub(super) async fn accept(
    listener: TcpListener,
    router: Router,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let builder = builder(&tasks);
    while let Some((stream, place)) =
        stop.run_until_cancelled(admit::next(&listener, &places, "the API")).await
    {
        tasks.spawn(connection(stream, builder.clone(), router.clone(), stop.clone(), place));
    }
}

fn builder(tasks: &TaskTracker) -> Builder<Tracked> {
    let mut builder = Builder::new(Tracked(tasks.clone()));
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN).max_buf_size(HEAD_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEAD_BYTES_MAX as u32);
    builder
}

async fn connection(
    stream: TcpStream,
    builder: Builder<Tracked>,
    router: Router,
    stop: CancellationToken,
    _place: OwnedSemaphorePermit,
) {
    // Answers are small and wanted at once.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let mut connection =
        pin!(builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Clients go away as they like.
        tracing::debug!(error = %error, "a connection ended early");
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
