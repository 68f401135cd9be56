//! One request over one connection: dispatch, wait for the head, read the body. The same for both protocols.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use hyper::body::{Body, Incoming};
use hyper::client::conn::TrySendError;
use tokio::time::{Instant, Sleep};

use crate::answer::{Answer, NotSentReason, UnclearReason};
use crate::clock;
use crate::request::Outgoing;

/// What bounds one exchange.
pub(crate) struct Limits {
    pub(crate) response: Duration,
    pub(crate) body_idle: Duration,
    pub(crate) deadline: Instant,
}

/// How one exchange ended.
pub(crate) enum Exchange {
    /// The peer certainly did not act upon it; here it is back.
    Unsent(Outgoing, NotSentReason),
    Answered {
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
        over_limit: bool,
    },
    Unclear(UnclearReason),
}

enum BodyFailure {
    Silent { waited_ms: u64 },
    Cut(hyper::Error),
}

/// Waits for `response`, calling `drive` whenever the connection may have work. `spare` is a copy for hyper's HTTP/2,
/// which does not return what the peer refused.
pub(crate) async fn run<R>(
    response: R,
    mut drive: impl FnMut(&mut Context<'_>),
    spare: Option<Outgoing>,
    limits: &Limits,
) -> Exchange
where
    R: Future<Output = Result<http::Response<Incoming>, TrySendError<Outgoing>>>,
{
    let started = clock::now();
    let mut timer =
        pin!(tokio::time::sleep_until(limits.deadline.min(clock::after(started, limits.response))));
    let mut response = pin!(response);
    let head = poll_fn(|cx| {
        drive(cx);
        match response.as_mut().poll(cx) {
            Poll::Ready(head) => Poll::Ready(Some(head)),
            Poll::Pending => timer.as_mut().poll(cx).map(|()| None),
        }
    });
    match head.await {
        Some(Ok(head)) => {
            let (parts, incoming) = head.into_parts();
            let status = parts.status;
            match read_body(incoming, &mut drive, timer, limits).await {
                Ok((body, over_limit)) => {
                    Exchange::Answered { status, headers: parts.headers, body, over_limit }
                }
                Err(BodyFailure::Cut(error)) => Exchange::Unclear(UnclearReason::BodyCut { status, error }),
                Err(BodyFailure::Silent { waited_ms }) => {
                    Exchange::Unclear(UnclearReason::BodyTimeout { status, waited_ms })
                }
            }
        }
        Some(Err(failure)) => failed(failure, spare),
        None => {
            let waited_ms = clock::millis(clock::now() - started);
            Exchange::Unclear(UnclearReason::ResponseTimeout { waited_ms })
        }
    }
}

/// Only two things are certain: hyper gave the request back before writing it, or the peer vouched that it did not
/// look at it. Whatever else failed may have had its effect.
fn failed(mut failure: TrySendError<Outgoing>, spare: Option<Outgoing>) -> Exchange {
    if let Some(outgoing) = failure.take_message() {
        return Exchange::Unsent(outgoing, NotSentReason::Stale);
    }
    let error = failure.into_error();
    match spare {
        Some(outgoing) if is_unprocessed(&error) => {
            Exchange::Unsent(outgoing, NotSentReason::Unprocessed(error))
        }
        Some(_) | None => Exchange::Unclear(UnclearReason::Reset(error)),
    }
}

/// REFUSED_STREAM, or a GOAWAY whose last stream is below ours (RFC 9113 §8.7). h2 gives a remote GOAWAY as the error
/// of exactly those streams; the ones below it go on, and fail as I/O if the connection does.
fn is_unprocessed(error: &hyper::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
            return error.is_remote() && (refused || error.is_go_away());
        }
        source = error.source();
    }
    false
}

/// The whole body, or its beginning and `true` if it is longer than [`Answer::BODY_MAX`].
async fn read_body(
    mut incoming: Incoming,
    drive: &mut impl FnMut(&mut Context<'_>),
    mut timer: Pin<&mut Sleep>,
    limits: &Limits,
) -> Result<(Bytes, bool), BodyFailure> {
    let declared = usize::try_from(incoming.size_hint().lower()).unwrap_or(usize::MAX);
    let mut first = Bytes::new();
    let mut joined = BytesMut::new();
    while !incoming.is_end_stream() {
        let Some(piece) = next_piece(&mut incoming, drive, timer.as_mut(), limits).await? else { break };
        // Most bodies come in one piece, which is passed on as it is.
        if first.is_empty() {
            first = piece;
        } else {
            if joined.is_empty() {
                joined.reserve(declared.min(Answer::BODY_MAX).max(first.len() + piece.len()));
                joined.extend_from_slice(&first);
            }
            joined.extend_from_slice(&piece);
        }
        if declared.max(first.len()).max(joined.len()) > Answer::BODY_MAX {
            let mut beginning = if joined.is_empty() { first } else { joined.freeze() };
            beginning.truncate(Answer::BODY_MAX);
            return Ok((beginning, true));
        }
    }
    Ok((if joined.is_empty() { first } else { joined.freeze() }, false))
}

/// The next bytes of the body; trailers are passed over.
async fn next_piece(
    incoming: &mut Incoming,
    drive: &mut impl FnMut(&mut Context<'_>),
    mut timer: Pin<&mut Sleep>,
    limits: &Limits,
) -> Result<Option<Bytes>, BodyFailure> {
    let mut waiting_since = None;
    poll_fn(|cx| {
        let mut driven = false;
        loop {
            match Pin::new(&mut *incoming).poll_frame(cx) {
                Poll::Ready(None) => return Poll::Ready(Ok(None)),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(BodyFailure::Cut(error))),
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => return Poll::Ready(Ok(Some(data))),
                    Ok(_) | Err(_) => {}
                },
                Poll::Pending if driven => break,
                Poll::Pending => {
                    drive(cx);
                    driven = true;
                }
            }
        }
        let since = *waiting_since.get_or_insert_with(|| {
            let now = clock::now();
            timer.as_mut().reset(limits.deadline.min(clock::after(now, limits.body_idle)));
            now
        });
        let silent = || BodyFailure::Silent { waited_ms: clock::millis(clock::now() - since) };
        timer.as_mut().poll(cx).map(|()| Err(silent()))
    })
    .await
}
