//! The body of an answer: the service's own, or a fallback's.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// The body of an answer; the service's own comes as it is.
#[derive(Debug)]
pub struct CallBody<R>(Kind<R>);

#[derive(Debug)]
enum Kind<R> {
    Own(R),
    /// None once it was read.
    Fixed(Option<Bytes>),
}

impl<R> CallBody<R> {
    pub(super) fn fixed(bytes: Bytes) -> Self {
        Self(Kind::Fixed(Some(bytes).filter(|bytes| !bytes.is_empty())))
    }

    /// The service's own body; none if it is a static fallback's.
    pub fn into_own(self) -> Option<R> {
        match self.0 {
            Kind::Own(body) => Some(body),
            Kind::Fixed(_) => None,
        }
    }
}

impl<R> From<R> for CallBody<R> {
    fn from(own: R) -> Self {
        Self(Kind::Own(own))
    }
}

impl<R> Body for CallBody<R>
where
    R: Body + Unpin,
    R::Data: From<Bytes>,
{
    type Data = R::Data;
    type Error = R::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<R::Data>, R::Error>>> {
        match &mut self.0 {
            Kind::Own(body) => Pin::new(body).poll_frame(cx),
            Kind::Fixed(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes.into())))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Own(body) => body.is_end_stream(),
            Kind::Fixed(bytes) => bytes.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Own(body) => body.size_hint(),
            Kind::Fixed(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
        }
    }
}
