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
use super::hand::{ConnectionPlace, Hand};
use super::listen::{HEAD_BYTES_MAX, HEAD_WITHIN};
use crate::clock;

/// A connection without a request for this long, and for twice as long at most, is parked. Short, since what many
/// connections held at once stays with the allocator; taking one up again costs a few allocations, some two microseconds,
/// which a client that asks twenty times a second does not notice.
const PARK_AFTER: Duration = Duration::from_millis(50);
/// The same for a connection that is new: most clients that keep many make one request on each and then leave them, and
/// those that make more do so at once.
const PARK_NEW_AFTER: Duration = Duration::from_millis(2);
/// Between two looks at a connection with a request in hand, such as a stream that is open for hours.
const LOOK_MAX: Duration = Duration::from_secs(2);

/// Serves a client until it goes, is silent for too long, or `stop`.
pub(super) async fn serve(
    stream: TcpStream,
    place: &ConnectionPlace,
    proxy: &Arc<Proxy>,
    stop: &CancellationToken,
) -> hyper::Result<()> {
    let mut parked = (stream, Bytes::new());
    let mut new = true;
    loop {
        // Boxed, so that nothing of it is left while the connection is parked.
        let Some((stream, ahead)) = Box::pin(until_idle(parked, new, place, proxy, stop)).await? else {
            return Ok(());
        };
        tracing::trace!(ahead = ahead.len(), "a connection is parked");
        if ahead.is_empty() {
            let mut sent = pin!(timeout(HEAD_WITHIN, stream.readable()));
            // By reference: what is given whole, a future keeps twice.
            if !matches!(stop.run_until_cancelled(sent.as_mut()).await, Some(Ok(Ok(())))) {
                return Ok(());
            }
        }
        parked = (stream, ahead);
        new = false;
    }
}

/// Serves it until it ends, or is between two requests for a while; then it is given back with what was read ahead.
async fn until_idle(
    (stream, ahead): (TcpStream, Bytes),
    new: bool,
    place: &ConnectionPlace,
    proxy: &Arc<Proxy>,
    stop: &CancellationToken,
) -> hyper::Result<Option<(TcpStream, Bytes)>> {
    let hand = Arc::new(Hand::new(Arc::clone(place)));
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
    // Of a new connection the first request is not waited after.
    let (mut park_after, mut seen) = if new { (PARK_NEW_AFTER, 1) } else { (PARK_AFTER, 0) };
    let mut look = pin!(sleep(park_after));
    let mut stopped = false;
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
            // One request that takes long is looked at ever more seldom.
            park_after = if came == seen { park_after * 2 } else { PARK_AFTER }.clamp(PARK_AFTER, LOOK_MAX);
            seen = came;
            look.as_mut().reset(clock::after(park_after));
        }
        Poll::Pending
    });
    match ended.await {
        Some(ended) => ended.map(|()| None),
        None => Ok(connection.into_parts().map(|parts| {
            let (stream, ahead) = parts.io.into_inner().into_parts();
            // What hyper read comes before what it had not read yet. An empty buffer is a whole one to the allocator.
            let ahead = match (parts.read_buf.is_empty(), ahead.is_empty()) {
                (true, true) => Bytes::new(),
                (false, true) => parts.read_buf,
                (true, false) => ahead,
                (false, false) => [parts.read_buf, ahead].concat().into(),
            };
            (stream, ahead)
        })),
    }
}
