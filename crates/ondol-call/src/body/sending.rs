//! The body of a request: what its owner gives, and the form in which one try sends it.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use super::BoxError;
use super::replay::{Replay, Source, Upload};

/// The body of a request; a cheap clone, of which all clones are the same body.
#[derive(Clone, Debug)]
pub struct Body(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Absent,
    Whole(Bytes),
    Streamed(Source),
}

impl Body {
    /// No body, not even one of length zero.
    pub const fn absent() -> Self {
        Self(Kind::Absent)
    }

    /// A body that is there already. It can be sent any number of times.
    pub const fn whole(bytes: Bytes) -> Self {
        Self(Kind::Whole(bytes))
    }

    /// A body that is still coming. It can be sent again for as long as no more than
    /// [`REPLAY_MAX`](super::REPLAY_MAX) bytes of it were read.
    pub fn streamed<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        if body.is_end_stream() {
            return Self::absent();
        }
        Self(Kind::Streamed(Source::new(body)))
    }

    /// Whether a try would send all of it, from its first byte.
    pub(crate) fn is_repeatable(&self) -> bool {
        match &self.0 {
            Kind::Absent | Kind::Whole(_) => true,
            Kind::Streamed(source) => source.is_repeatable(),
        }
    }

    /// Whether nobody knows how long it is.
    pub(crate) fn is_unmeasured(&self) -> bool {
        match &self.0 {
            Kind::Absent | Kind::Whole(_) => false,
            Kind::Streamed(source) => source.is_unmeasured(),
        }
    }

    /// Whether nothing of it is still to come.
    pub(crate) fn is_here(&self) -> bool {
        match &self.0 {
            Kind::Absent | Kind::Whole(_) => true,
            Kind::Streamed(source) => source.is_read(),
        }
    }

    /// Its bytes, where its owner gave all of them at once.
    pub(crate) const fn as_whole(&self) -> Option<&Bytes> {
        match &self.0 {
            Kind::Whole(bytes) => Some(bytes),
            Kind::Absent | Kind::Streamed(_) => None,
        }
    }

    /// How far its reading has come, where it is still coming.
    pub(crate) fn upload(&self) -> Option<Upload> {
        match &self.0 {
            Kind::Absent | Kind::Whole(_) => None,
            Kind::Streamed(source) => Some(source.upload()),
        }
    }

    /// Its form for one try.
    pub(crate) fn sending(&self) -> Sending {
        match &self.0 {
            Kind::Absent => Sending::Whole(Bytes::new()),
            Kind::Whole(bytes) => Sending::Whole(bytes.clone()),
            Kind::Streamed(source) => Sending::Replay(source.replay()),
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::whole(bytes)
    }
}

/// The body as hyper takes it, once a try.
#[derive(Debug)]
pub(crate) enum Sending {
    Whole(Bytes),
    Replay(Replay),
}

impl http_body::Body for Sending {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Replay(replay) => replay.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Replay(replay) => replay.is_end(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Replay(replay) => replay.size_hint(),
        }
    }
}
