//! A whole answer, out of one whose body is still coming.

use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::BodyExt;

use crate::answer::{Answer, Try, Unclear, UnclearReason};
use crate::body::{AnswerBody, AnswerBodyError};
use crate::target::Endpoint;

/// Reads the body to its end, or to [`Answer::BODY_MAX`].
pub(crate) async fn collect(answer: http::Response<AnswerBody>, endpoint: Endpoint) -> Try {
    let (parts, body) = answer.into_parts();
    let status = parts.status;
    match read(body).await {
        Ok((body, over_limit)) => {
            Try::Answered(Answer { status, headers: parts.headers, body, over_limit, endpoint })
        }
        Err(error) => {
            let why = match error {
                AnswerBodyError::Silent { waited_ms } => UnclearReason::BodyTimeout { status, waited_ms },
                AnswerBodyError::Deadline => UnclearReason::BodyDeadline { status },
                AnswerBodyError::Cut(error) => UnclearReason::BodyCut { status, error },
                AnswerBodyError::Injected => UnclearReason::Injected,
            };
            Try::Unclear(Unclear { endpoint, why })
        }
    }
}

/// The whole body, or its beginning and `true` if it is longer than [`Answer::BODY_MAX`].
async fn read(mut body: AnswerBody) -> Result<(Bytes, bool), AnswerBodyError> {
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let mut first = Bytes::new();
    let mut joined = BytesMut::new();
    while let Some(frame) = body.frame().await {
        // Trailers are passed over.
        let Ok(piece) = frame?.into_data() else { continue };
        if piece.is_empty() {
            continue;
        }
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
