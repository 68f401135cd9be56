//! What one HTTP/1 connection has in hand: whether it is between two requests, with nothing of either left over.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use ondol_call::{AnswerBody, AnswerBodyError};
use tokio::sync::OwnedSemaphorePermit;

/// A place among the connections that there may be at once.
pub(super) type ConnectionPlace = Arc<OwnedSemaphorePermit>;

/// One connection's requests.
#[derive(Debug)]
pub(super) struct Hand {
    /// Its place among all connections. Whoever holds the client's socket holds its hand, and so this: a tunnel, too, when
    /// the connection becomes one.
    _place: ConnectionPlace,
    /// Requests whose answers were not read to their end, and bodies of requests that did not come to theirs: a service
    /// may answer early, and whoever sends it the rest holds the body for as long as that takes.
    open: AtomicU32,
    /// Requests that came so far.
    came: AtomicU32,
    /// The body of one was not read to its end: what is left of it may still come.
    left_over: AtomicBool,
    /// The last write could not be done: the client does not read.
    blocked: AtomicBool,
}

impl Hand {
    pub(super) const fn new(place: ConnectionPlace) -> Self {
        Self {
            _place: place,
            open: AtomicU32::new(0),
            came: AtomicU32::new(0),
            left_over: AtomicBool::new(false),
            blocked: AtomicBool::new(false),
        }
    }

    /// A request came; it is in hand until what is given back is dropped.
    pub(super) fn take(self: &Arc<Self>) -> Held {
        self.open.fetch_add(1, Relaxed);
        self.came.fetch_add(1, Relaxed);
        Held(Arc::clone(self))
    }

    /// How many requests came so far.
    pub(super) fn came(&self) -> u32 {
        self.came.load(Relaxed)
    }

    /// Every request was read to its end, and answered, and the answers went to the kernel.
    pub(super) fn is_empty(&self) -> bool {
        self.open.load(Relaxed) == 0 && !self.left_over.load(Relaxed) && !self.blocked.load(Relaxed)
    }

    /// How the last write went.
    pub(super) fn wrote(&self, blocked: bool) {
        self.blocked.store(blocked, Relaxed);
    }
}

/// A request in hand.
#[derive(Debug)]
pub(super) struct Held(Arc<Hand>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Relaxed);
    }
}

/// The body of a request, which is in hand until its end, and notes if it was left before that.
#[derive(Debug)]
pub(super) struct Request {
    body: Incoming,
    /// None once it has come to its end.
    hand: Option<Arc<Hand>>,
}

impl Request {
    pub(super) fn new(body: Incoming, hand: Option<&Arc<Hand>>) -> Self {
        let hand = hand.filter(|_| !body.is_end_stream()).cloned();
        if let Some(hand) = &hand {
            hand.open.fetch_add(1, Relaxed);
        }
        Self { body, hand }
    }
}

impl Body for Request {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        // Nobody asks further once the length is reached.
        let ended = matches!(polled, Poll::Ready(None)) || self.body.is_end_stream();
        if let Some(hand) = self.hand.take_if(|_| ended) {
            hand.open.fetch_sub(1, Relaxed);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        if let Some(hand) = &self.hand {
            hand.left_over.store(true, Relaxed);
            hand.open.fetch_sub(1, Relaxed);
        }
    }
}

/// The body of an answer, which holds its request in hand until it is read.
#[derive(Debug)]
pub(super) struct Answer {
    body: AnswerBody,
    _held: Option<Held>,
}

impl Answer {
    pub(super) const fn new(body: AnswerBody, held: Option<Held>) -> Self {
        Self { body, _held: held }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = AnswerBodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerBodyError>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
