//! One request over one connection, as far as the head of its answer. The same for both protocols.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use tokio::time::Instant;

use crate::answer::{NotSentReason, UnclearReason};
use crate::attempt::Bounds;
use crate::body::Upload;
use crate::clock;
use crate::request::{Outgoing, Request};

/// What bounds the wait for a head.
pub(crate) struct Limits {
    /// From the end of the request to the head; none where only the deadline counts.
    pub(crate) response: Option<Duration>,
    /// Between two pieces of a request's body that is still coming; none where it may be silent.
    pub(crate) body_idle: Option<Duration>,
    pub(crate) deadline: Option<Instant>,
    /// The one that was asked for, which holds while the body is still coming, too.
    pub(crate) asked: Option<Instant>,
    /// The request's body, where it is still coming.
    pub(crate) upload: Option<Upload>,
}

/// How the wait for a head ended.
pub(crate) enum Head {
    /// The peer certainly did not act upon it.
    Unsent(NotSentReason),
    /// The body may still be coming.
    Answered(http::Response<Incoming>),
    Unclear(UnclearReason),
}

/// Waits for `response`, calling `drive` whenever the connection may have work.
pub(crate) async fn head<R>(response: R, mut drive: impl FnMut(&mut Context<'_>), limits: &Limits) -> Head
where
    R: Future<Output = Result<http::Response<Incoming>, TrySendError<Outgoing>>>,
{
    let started = clock::now();
    let mut timer = pin!(tokio::time::sleep_until(limits.next(started)));
    let mut response = pin!(response);
    let head = poll_fn(|cx| {
        drive(cx);
        match response.as_mut().poll(cx) {
            Poll::Ready(head) => return Poll::Ready(Some(head)),
            Poll::Pending => {}
        }
        // The end of the request's body begins a shorter wait than there was for its next piece.
        let next = limits.next(started);
        if next < timer.deadline() {
            timer.as_mut().reset(next);
        }
        while timer.as_mut().poll(cx).is_ready() {
            // A body that moved since then has earned more time.
            let next = limits.next(started);
            if next <= clock::now() {
                return Poll::Ready(None);
            }
            timer.as_mut().reset(next);
        }
        Poll::Pending
    });
    match head.await {
        Some(Ok(head)) => Head::Answered(head),
        Some(Err(failure)) => failed(failure, limits),
        None => Head::Unclear(limits.late(started)),
    }
}

impl Limits {
    pub(crate) fn of(request: &Request, bounds: &Bounds<'_>) -> Self {
        Self {
            response: request.response_timeout.or(bounds.response),
            body_idle: (!bounds.streams).then_some(bounds.body_idle),
            deadline: bounds.deadline,
            asked: bounds.asked,
            upload: request.body.upload(),
        }
    }

    /// Whose fault it is that nothing came.
    fn late(&self, started: Instant) -> UnclearReason {
        let now = clock::now();
        match self.upload.as_ref().filter(|upload| upload.waits_for_client()) {
            Some(upload) => {
                UnclearReason::ClientSilent { waited_ms: clock::millis(now - upload.moved().max(started)) }
            }
            None => UnclearReason::ResponseTimeout { waited_ms: clock::millis(now - started) },
        }
    }

    /// When waiting ends, as things stand. `started` is when the request was given to the connection.
    fn next(&self, started: Instant) -> Instant {
        let far = clock::after(started, Duration::MAX);
        let until =
            |since, within: Option<Duration>| within.map_or(far, |within| clock::after(since, within));
        let deadline = self.deadline.unwrap_or(far);
        let Some(upload) = &self.upload else { return until(started, self.response).min(deadline) };
        let asked = self.asked.unwrap_or(far);
        if let Some(moved) = upload.moving_since() {
            return until(moved.max(started), self.body_idle).min(asked);
        }
        // A deadline that nobody asked for begins when the request is whole.
        let whole = upload.moved().max(started);
        let later = clock::after(whole, deadline.saturating_duration_since(started));
        until(whole, self.response).min(later).min(asked)
    }
}

/// Only two things are certain: hyper gave the request back before writing it, or the peer vouched that it did not
/// look at it. Whatever else failed may have had its effect.
fn failed(mut failure: TrySendError<Outgoing>, limits: &Limits) -> Head {
    if failure.take_message().is_some() {
        return Head::Unsent(NotSentReason::Stale);
    }
    let error = failure.into_error();
    if is_unprocessed(&error) {
        return Head::Unsent(NotSentReason::Unprocessed(error));
    }
    if limits.upload.as_ref().is_some_and(Upload::failed) {
        return Head::Unclear(UnclearReason::ClientGone);
    }
    Head::Unclear(UnclearReason::Reset(error))
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
