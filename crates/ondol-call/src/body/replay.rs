//! A streamed body that can be sent again as long as it is short.
//!
//! Nothing is read ahead: bytes are taken from the client when a connection wants them. What was read is kept until it
//! is more than [`REPLAY_MAX`]; from then on it flows through, in constant memory, and cannot be sent again.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::HeaderMap;
use http_body::Body as _;
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Frame, SizeHint};
use tokio::time::Instant;

use super::BoxError;
use crate::clock;

/// Bytes kept for another try: Linkerd's figure. Above it calls are uploads, which cost more to repeat than they gain.
pub const REPLAY_MAX: usize = 64 * 1024;

/// A body that is still coming; clones share it.
#[derive(Clone)]
pub(super) struct Source {
    kept: Arc<Mutex<Kept>>,
    size: SizeHint,
}

struct Kept {
    rest: UnsyncBoxBody<Bytes, BoxError>,
    read: Vec<Bytes>,
    read_bytes: usize,
    trailers: Option<HeaderMap>,
    state: State,
    /// When the last piece came.
    moved: Instant,
    /// A connection wants more, and the client has none.
    wanting: bool,
    /// How many tries there were. Only the last takes from the client: one that was answered early goes on writing over
    /// HTTP/2 until it is told, and two readers would wake only one.
    tries: u64,
    /// Whoever waits for the client.
    reader: Option<Waker>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// All that was read is in `read`.
    Kept,
    /// Too much was read: what was kept is gone.
    TooLong,
    /// All of it was read.
    Ended { repeatable: bool },
    /// The client went away.
    Failed,
}

/// One try's view of it.
pub(crate) struct Replay {
    source: Source,
    /// Which try it is, the first being 1.
    number: u64,
    /// Pieces of `read` that this try has had.
    next: usize,
    trailers_given: bool,
}

/// How far the reading of a body has come.
#[derive(Clone)]
pub(crate) struct Upload(Source);

impl Source {
    pub(super) fn new<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let size = body.size_hint();
        let kept = Kept {
            rest: body.map_err(Into::into).boxed_unsync(),
            read: Vec::new(),
            read_bytes: 0,
            trailers: None,
            state: State::Kept,
            moved: clock::now(),
            wanting: false,
            tries: 0,
            reader: None,
        };
        Self { kept: Arc::new(Mutex::new(kept)), size }
    }

    pub(super) fn is_repeatable(&self) -> bool {
        matches!(self.lock().state, State::Kept | State::Ended { repeatable: true })
    }

    pub(super) fn is_unmeasured(&self) -> bool {
        self.size.exact().is_none()
    }

    pub(super) fn is_read(&self) -> bool {
        matches!(self.lock().state, State::Ended { .. })
    }

    pub(super) fn upload(&self) -> Upload {
        Upload(self.clone())
    }

    pub(super) fn replay(&self) -> Replay {
        let mut kept = self.lock();
        kept.tries += 1;
        let (number, before) = (kept.tries, kept.reader.take());
        drop(kept);
        if let Some(before) = before {
            before.wake();
        }
        Replay { source: self.clone(), number, next: 0, trailers_given: false }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // A panic of the client's body leaves pieces that were read whole.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Upload {
    /// When the last piece was read, if more are to come.
    pub(crate) fn moving_since(&self) -> Option<Instant> {
        let kept = self.0.lock();
        matches!(kept.state, State::Kept | State::TooLong).then_some(kept.moved)
    }

    /// When the last piece was read.
    pub(crate) fn moved(&self) -> Instant {
        self.0.lock().moved
    }

    /// Whether more is to come and it is the client, not the peer, that keeps it waiting.
    pub(crate) fn waits_for_client(&self) -> bool {
        self.moving_since().is_some() && self.0.lock().wanting
    }

    /// Whether it was the client's side that failed.
    pub(crate) fn failed(&self) -> bool {
        self.0.lock().state == State::Failed
    }
}

impl Kept {
    fn keep(&mut self, data: &Bytes) {
        self.moved = clock::now();
        if self.state != State::Kept {
            return;
        }
        self.read_bytes += data.len();
        if self.read_bytes > REPLAY_MAX {
            self.state = State::TooLong;
            self.read = Vec::new();
        } else {
            self.read.push(data.clone());
        }
    }

    fn end(&mut self) {
        self.moved = clock::now();
        self.state = State::Ended { repeatable: self.state == State::Kept };
    }
}

impl Replay {
    pub(super) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut kept = self.source.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(piece) = kept.read.get(self.next) {
            self.next += 1;
            return Poll::Ready(Some(Ok(Frame::data(piece.clone()))));
        }
        if let State::Ended { .. } = kept.state {
            let trailers = if self.trailers_given { None } else { kept.trailers.clone() };
            self.trailers_given = true;
            return Poll::Ready(trailers.map(|trailers| Ok(Frame::trailers(trailers))));
        }
        if self.number != kept.tries {
            return Poll::Ready(Some(Err("its body is sent by another try now".into())));
        }
        let polled = Pin::new(&mut kept.rest).poll_frame(cx);
        kept.wanting = polled.is_pending();
        kept.reader = polled.is_pending().then(|| cx.waker().clone());
        match polled {
            Poll::Pending => Poll::Pending,
            Poll::Ready(None) => {
                kept.end();
                Poll::Ready(None)
            }
            Poll::Ready(Some(Err(error))) => {
                kept.state = State::Failed;
                Poll::Ready(Some(Err(error)))
            }
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref() {
                    kept.keep(data);
                    self.next = kept.read.len();
                    // hyper asks no further once the length is reached.
                    if kept.rest.is_end_stream() {
                        kept.end();
                    }
                } else if let Some(trailers) = frame.trailers_ref() {
                    kept.trailers = Some(trailers.clone());
                    self.trailers_given = true;
                    kept.end();
                }
                Poll::Ready(Some(Ok(frame)))
            }
        }
    }

    pub(super) fn is_end(&self) -> bool {
        let kept = self.source.lock();
        let all_given = self.next >= kept.read.len() && (self.trailers_given || kept.trailers.is_none());
        matches!(kept.state, State::Ended { .. }) && all_given
    }

    pub(super) fn size_hint(&self) -> SizeHint {
        self.source.size
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("size", &self.size).finish_non_exhaustive()
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replay").field("next", &self.next).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use http_body_util::{Full, StreamBody};

    use super::super::Body;
    use super::*;

    fn streamed(pieces: &[usize], trailers: bool) -> Body {
        let mut frames: VecDeque<Frame<Bytes>> =
            pieces.iter().map(|length| Frame::data(Bytes::from(vec![b'x'; *length]))).collect();
        if trailers {
            frames.push_back(Frame::trailers(HeaderMap::new()));
        }
        let frames = frames.into_iter().map(Ok::<_, BoxError>);
        Body::streamed(StreamBody::new(futures_util::stream::iter(frames)))
    }

    /// Bytes and trailers that a try sends, which reads this many frames.
    async fn send(body: &Body, frames: usize) -> (usize, bool) {
        let mut sending = body.sending();
        let (mut bytes, mut trailers) = (0, false);
        for _ in 0..frames {
            match sending.frame().await {
                None => break,
                Some(frame) => match frame.expect("the client stays").into_data() {
                    Ok(data) => bytes += data.len(),
                    Err(_) => trailers = true,
                },
            }
        }
        (bytes, trailers)
    }

    #[tokio::test]
    async fn a_short_body_is_sent_again_from_its_first_byte_and_a_long_one_is_not() {
        const HALF: usize = REPLAY_MAX / 2;
        #[rustfmt::skip]
        let table: [(&[usize], bool, usize, bool); 7] = [
            // pieces, trailers, frames that the first try reads, may there be a second?
            (&[],                   true,  0, true),
            (&[1, 2, 3],            false, 0, true),
            (&[1, 2, 3],            false, 2, true),
            (&[1, 2, 3],            true,  9, true),
            (&[HALF, HALF],         true,  9, true),
            (&[HALF, HALF, 1],      false, 2, true),
            (&[HALF, HALF, 1, 1],   false, 3, false),
        ];
        for (pieces, trailers, first, repeatable) in table {
            let body = streamed(pieces, trailers);
            send(&body, first).await;
            assert_eq!(body.is_repeatable(), repeatable, "{pieces:?}, {first} frames read");
            if repeatable {
                let all = (pieces.iter().sum(), trailers);
                assert_eq!(send(&body, 9).await, all, "{pieces:?} after {first} frames");
            }
        }
    }

    #[tokio::test]
    async fn a_client_that_goes_away_is_told_apart() {
        let frames = [Ok(Frame::data(Bytes::from_static(b"x"))), Err(BoxError::from("gone"))];
        let body = Body::streamed(StreamBody::new(futures_util::stream::iter(frames)));
        assert!(body.sending().collect().await.is_err());
        assert!(body.upload().expect("it is streamed").failed() && !body.is_repeatable());
    }

    #[tokio::test]
    async fn only_the_last_try_takes_from_the_client() {
        let (pieces, coming) = tokio::sync::mpsc::channel(1);
        let frames = futures_util::stream::unfold(coming, async |mut coming| {
            let piece: Bytes = coming.recv().await?;
            Some((Ok::<_, BoxError>(Frame::data(piece)), coming))
        });
        let body = Body::streamed(StreamBody::new(Box::pin(frames)));
        let mut first = body.sending();
        pieces.send(Bytes::from_static(b"ab")).await.expect("it is read");
        assert!(first.frame().await.is_some_and(|frame| frame.is_ok()));
        // It waits for more; the next try tells it that it waits in vain.
        let (ended, second) = tokio::join!(first.frame(), async {
            tokio::task::yield_now().await;
            body.sending()
        });
        assert!(ended.is_some_and(|frame| frame.is_err()), "the first");
        pieces.send(Bytes::from_static(b"c")).await.expect("it is read");
        drop(pieces);
        assert_eq!(second.collect().await.expect("the client stays").to_bytes(), "abc");
    }

    #[test]
    fn a_stream_that_is_at_its_end_is_no_stream() {
        assert!(Body::streamed(Full::new(Bytes::new())).upload().is_none());
    }
}
