//! A fault within the body of an answer.

use bytes::Bytes;
use hyper::body::Frame;

/// The body goes wrong after so many bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyFault {
    left: u64,
    stalls: bool,
}

impl BodyFault {
    pub(crate) const fn cut(at: u64) -> Self {
        Self { left: at, stalls: false }
    }

    pub(crate) const fn stall(at: u64) -> Self {
        Self { left: at, stalls: true }
    }

    /// Its point has come.
    pub(crate) const fn is_due(&self) -> bool {
        self.left == 0
    }

    /// It stays silent from there on, where others end.
    pub(crate) const fn stalls(&self) -> bool {
        self.stalls
    }

    /// What of a frame comes before its point.
    pub(crate) fn shorten(&mut self, frame: Frame<Bytes>) -> Frame<Bytes> {
        match frame.into_data() {
            Ok(mut data) => {
                data.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
                self.left -= data.len() as u64;
                Frame::data(data)
            }
            Err(trailers) => trailers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_cut_at_its_byte() {
        let mut fault = BodyFault::cut(5);
        let mut seen = Vec::new();
        for piece in ["abc", "def", "g"] {
            if fault.is_due() {
                break;
            }
            let frame = fault.shorten(Frame::data(Bytes::from(piece)));
            seen.extend_from_slice(frame.data_ref().expect("it is data"));
        }
        assert_eq!(seen, b"abcde");
    }
}
