//! The body of an answer on its way: it holds its connection, drives it, and gives it back when all was read.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body::Body as _;
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, timeout_at};

use crate::attempt::Bounds;
use crate::clock;
use crate::fault::BodyFault;
use crate::http1::Http1;
use crate::pool::{Place, Pool, Stream};

/// An answer of unknown length that is not there by then may be a stream, which whoever asked wants as it comes. A service
/// that merely does not count beforehand needs less for 64 KiB.
const WHOLE_WITHIN: Duration = Duration::from_millis(100);

/// The body of an answer. Dropping it before its end closes an HTTP/1 connection and resets an HTTP/2 stream.
#[derive(Debug)]
pub struct AnswerBody(Kind);

#[derive(Debug)]
enum Kind {
    Whole(Bytes),
    Live(Box<Live>),
    /// What was read of one already, and the rest.
    Begun(VecDeque<Frame<Bytes>>, Box<Live>),
}

/// Why an answer's body ended early.
#[derive(Debug, thiserror::Error)]
pub enum AnswerBodyError {
    /// Nothing came for too long.
    #[error("the body stopped for {waited_ms} ms")]
    Silent {
        /// What was waited, in milliseconds.
        waited_ms: u64,
    },
    /// The call's deadline passed.
    #[error("the deadline passed within the body")]
    Deadline,
    /// The connection failed.
    #[error("the connection failed within the body: {0}")]
    Cut(hyper::Error),
    /// A fault of the system file's `faults`.
    #[error("the body was cut off by an injected fault")]
    Injected,
}

/// How long a body may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Between two pieces; none where it may be silent.
    pub(crate) idle: Option<Duration>,
    /// For all of it.
    pub(crate) deadline: Option<Instant>,
}

impl Patience {
    /// gRPC and server-sent events may be silent for as long as they like; pings and keep-alive find dead peers.
    pub(crate) fn of<B>(answer: &http::Response<B>, bounds: &Bounds<'_>) -> Self {
        Self {
            idle: (!bounds.streams && !is_events(answer.headers())).then_some(bounds.body_idle),
            deadline: bounds.asked,
        }
    }
}

/// Server-sent events: whoever reads them wants each as it comes.
pub(crate) fn is_events(answer: &HeaderMap) -> bool {
    let media_type = answer.get(header::CONTENT_TYPE);
    media_type.is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"))
}

/// What the body came over.
pub(crate) enum Hold {
    Http1 {
        connection: Box<Http1>,
        pool: Arc<Pool>,
        place: Place,
    },
    Http2 {
        _stream: Stream,
        _place: Place,
    },
    /// A task of its own drives the connection, which serves this one call.
    Own {
        _place: Place,
    },
}

/// A body whose bytes are still coming.
pub(crate) struct Live {
    pub(crate) incoming: Incoming,
    /// None once all was read, or it failed: nothing comes after that.
    hold: Option<Hold>,
    patience: Patience,
    /// Set when it first has to wait.
    timer: Option<Pin<Box<Sleep>>>,
    waiting_since: Option<Instant>,
    fault: Option<BodyFault>,
    /// It failed; told when it is asked next.
    failed: Option<AnswerBodyError>,
}

impl AnswerBody {
    /// No body.
    pub const fn absent() -> Self {
        Self::whole(Bytes::new())
    }

    /// A body that is there already.
    pub const fn whole(bytes: Bytes) -> Self {
        Self(Kind::Whole(bytes))
    }

    /// All of it, if it is no longer than `max` bytes and came whole; otherwise it goes on as if nothing had been read. One
    /// that does not say how long it is must come within [`WHOLE_WITHIN`].
    pub(crate) async fn whole_up_to(self, max: usize) -> Result<Bytes, Self> {
        let mut live = match self.0 {
            Kind::Whole(bytes) if bytes.len() <= max => return Ok(bytes),
            Kind::Live(live) if live.incoming.size_hint().lower() <= max as u64 => live,
            other @ (Kind::Whole(_) | Kind::Live(_) | Kind::Begun(..)) => return Err(Self(other)),
        };
        let (mut read, mut bytes) = (VecDeque::new(), 0);
        let within = if live.incoming.size_hint().exact().is_some() { Duration::MAX } else { WHOLE_WITHIN };
        let until = clock::after(clock::now(), within);
        loop {
            let next = timeout_at(until, std::future::poll_fn(|cx| live.poll_frame(cx))).await;
            let Ok(next) = next else { return Err(Self(Kind::Begun(read, live))) };
            match next {
                Some(Ok(frame)) => {
                    bytes += frame.data_ref().map_or(max, Bytes::len);
                    read.push_back(frame);
                    if bytes > max {
                        return Err(Self(Kind::Begun(read, live)));
                    }
                }
                None => {
                    let mut whole = BytesMut::with_capacity(bytes);
                    read.iter().filter_map(Frame::data_ref).for_each(|data| whole.extend_from_slice(data));
                    return Ok(whole.freeze());
                }
                Some(Err(error)) => {
                    live.failed = Some(error);
                    return Err(Self(Kind::Begun(read, live)));
                }
            }
        }
    }

    pub(crate) fn live(incoming: Incoming, hold: Hold, patience: Patience, fault: Option<BodyFault>) -> Self {
        let mut live = Live {
            incoming,
            hold: Some(hold),
            patience,
            timer: None,
            waiting_since: None,
            fault,
            failed: None,
        };
        if live.is_end() {
            live.give_back();
            return Self::whole(Bytes::new());
        }
        Self(Kind::Live(Box::new(live)))
    }
}

impl http_body::Body for AnswerBody {
    type Data = Bytes;
    type Error = AnswerBodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerBodyError>>> {
        match &mut self.get_mut().0 {
            Kind::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Kind::Live(live) => live.poll_frame(cx),
            Kind::Begun(read, live) => match read.pop_front() {
                Some(frame) => Poll::Ready(Some(Ok(frame))),
                None => live.poll_frame(cx),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Whole(bytes) => bytes.is_empty(),
            Kind::Live(live) => live.is_end(),
            Kind::Begun(read, live) => read.is_empty() && live.is_end(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Live(live) => live.incoming.size_hint(),
            // Said by the answer's own headers, where it is known.
            Kind::Begun(..) => SizeHint::default(),
        }
    }
}

impl Live {
    fn is_end(&self) -> bool {
        self.incoming.is_end_stream() && self.fault.is_none() && self.failed.is_none()
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, AnswerBodyError>>> {
        if let Some(failed) = self.failed.take() {
            return Poll::Ready(Some(Err(failed)));
        }
        if self.hold.is_none() {
            return Poll::Ready(None);
        }
        if self.fault.as_ref().is_some_and(BodyFault::is_due) {
            return self.injected(cx);
        }
        if self.patience.deadline.is_some_and(|deadline| deadline <= clock::now()) {
            return self.fail(AnswerBodyError::Deadline, cx);
        }
        let mut driven = false;
        loop {
            match Pin::new(&mut self.incoming).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    self.waiting_since = None;
                    let frame = match &mut self.fault {
                        None => frame,
                        Some(fault) => fault.shorten(frame),
                    };
                    if self.incoming.is_end_stream() && self.fault.is_none() {
                        self.give_back();
                    }
                    return Poll::Ready(Some(Ok(frame)));
                }
                Poll::Ready(None) => {
                    self.give_back();
                    return Poll::Ready(None);
                }
                Poll::Ready(Some(Err(error))) => return self.fail(AnswerBodyError::Cut(error), cx),
                Poll::Pending if driven => return self.poll_silence(cx),
                Poll::Pending => {
                    driven = true;
                    if let Some(Hold::Http1 { connection, .. }) = &mut self.hold {
                        connection.drive(cx);
                    }
                }
            }
        }
    }

    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, AnswerBodyError>>> {
        let since = if let Some(since) = self.waiting_since {
            since
        } else {
            let now = clock::now();
            let idle = clock::after(now, self.patience.idle.unwrap_or(Duration::MAX));
            let until = self.patience.deadline.map_or(idle, |deadline| deadline.min(idle));
            match &mut self.timer {
                Some(timer) => timer.as_mut().reset(until),
                None => self.timer = Some(Box::pin(tokio::time::sleep_until(until))),
            }
            *self.waiting_since.insert(now)
        };
        let timer = self.timer.as_mut().expect("it was set above, or when the waiting began");
        match timer.as_mut().poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => {
                let now = clock::now();
                if self.patience.deadline.is_some_and(|deadline| deadline <= now) {
                    return self.fail(AnswerBodyError::Deadline, cx);
                }
                let waited_ms = clock::millis(now - since);
                self.fail(AnswerBodyError::Silent { waited_ms }, cx)
            }
        }
    }

    /// Gives the connection up, and tells why when it is asked next. hyper's server forgets what it has not flushed when a
    /// body fails: in between it sends what it has, so that a client sees the head of an answer that is cut off.
    fn fail(
        &mut self,
        error: AnswerBodyError,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AnswerBodyError>>> {
        self.hold = None;
        self.failed = Some(error);
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// The fault has come to its point: cut off here, or stand still until patience ends.
    fn injected(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, AnswerBodyError>>> {
        if self.fault.as_ref().is_some_and(BodyFault::stalls) {
            return self.poll_silence(cx);
        }
        self.fail(AnswerBodyError::Injected, cx)
    }

    fn give_back(&mut self) {
        if let Some(Hold::Http1 { connection, pool, place }) = self.hold.take() {
            pool.give_back(connection);
            drop(place);
        }
    }
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").field("incoming", &self.incoming).finish_non_exhaustive()
    }
}
