//! One HTTP/1.1 connection of a client. Between two requests it is *parked* after a moment: hyper keeps some ten KiB for a
//! connection as long as it is open, and most connections are idle most of the time.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::Proxy;
use super::client::Client;
use super::hand::Hand;
use super::listen::{HEAD_BYTES_MAX, HEAD_WITHIN};
use crate::clock;

/// A connection without a request for this long, and for twice as long at most, is parked. Short, since what many
/// connections held at once stays with the allocator; taking one up again costs a few allocations, some two microseconds,
/// which a client that asks twenty times a second does not notice.
const PARK_AFTER: Duration = Duration::from_millis(50);

/// Serves a client until it goes, is silent for too long, or `stop`.
pub(super) async fn serve(
    stream: TcpStream,
    proxy: &Arc<Proxy>,
    stop: &CancellationToken,
) -> hyper::Result<()> {
    let mut parked = (stream, Bytes::new());
    loop {
        // Boxed, so that nothing of it is left while the connection is parked.
        let Some((stream, ahead)) = Box::pin(until_idle(parked, proxy, stop)).await? else { return Ok(()) };
        tracing::trace!(ahead = ahead.len(), "a connection is parked");
        if ahead.is_empty() {
            let sent = stop.run_until_cancelled(timeout(HEAD_WITHIN, stream.readable())).await;
            if !matches!(sent, Some(Ok(Ok(())))) {
                return Ok(());
            }
        }
        parked = (stream, ahead);
    }
}

/// Serves it until it ends, or is between two requests for a while; then it is given back with what was read ahead.
async fn until_idle(
    (stream, ahead): (TcpStream, Bytes),
    proxy: &Arc<Proxy>,
    stop: &CancellationToken,
) -> hyper::Result<Option<(TcpStream, Bytes)>> {
    let hand = Arc::new(Hand::default());
    let service = service_fn(|request: Request<Incoming>| {
        // hyper keeps room for the future as long as it serves the connection.
        let handling = Box::pin(Arc::clone(proxy).handle(request, Some(Arc::clone(&hand))));
        async move { Ok::<_, Infallible>(handling.await) }
    });
    let client = Client::new(stream, ahead, Arc::clone(&hand));
    let mut connection = Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(HEAD_BYTES_MAX)
        // The date of an answer is the service's own.
        .auto_date_header(false)
        .serve_connection(TokioIo::new(client), service)
        .with_upgrades();
    let mut stopping = pin!(stop.cancelled());
    let mut look = pin!(sleep(PARK_AFTER));
    let (mut stopped, mut seen) = (false, 0);
    let ended = poll_fn(|cx| {
        if !stopped && stopping.as_mut().poll(cx).is_ready() {
            stopped = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
        if let Poll::Ready(ended) = Pin::new(&mut connection).poll(cx) {
            return Poll::Ready(Some(ended));
        }
        while look.as_mut().poll(cx).is_ready() {
            let came = hand.came();
            // Nothing came since the last look, and nothing is left of what came before it.
            if came == seen && came > 0 && hand.is_empty() && !stopped {
                return Poll::Ready(None);
            }
            seen = came;
            look.as_mut().reset(clock::after(PARK_AFTER));
        }
        Poll::Pending
    });
    match ended.await {
        Some(ended) => ended.map(|()| None),
        None => Ok(connection.into_parts().map(|parts| {
            let (stream, ahead) = parts.io.into_inner().into_parts();
            // What hyper read comes before what it had not read yet.
            let ahead =
                if ahead.is_empty() { parts.read_buf } else { [parts.read_buf, ahead].concat().into() };
            (stream, ahead)
        })),
    }
}
