//! Why an export was refused: one list for both protocols, as the OTLP specification maps them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::StatusCode;

use crate::problem::{Code, Problem};

/// When to come again where nobody said.
const AGAIN: Duration = Duration::from_secs(1);

/// When to come again after what a person must mend.
const LATER: Duration = Duration::from_secs(30);

/// Bytes of what is said of a body that is no OTLP: its place in the body can be as long as the body is deep.
const MALFORMED_MAX: usize = 300;

/// What kind of refusal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is no OTLP.
    Malformed,
    /// It is larger than the bound.
    TooLarge,
    /// There is no room now.
    Busy,
    /// The store cannot take it now.
    Away,
    /// The body did not arrive in time.
    Late,
    /// There is no valid token.
    Unauthorized,
    /// Not from this page or host.
    Forbidden,
    /// There is nothing at this address.
    Nowhere,
    /// The address does not take this method.
    Method,
    /// The body is of another type.
    MediaType,
    /// The body is encoded in another way.
    Encoding,
    /// A defect.
    Internal,
}

impl Fate {
    const ALL: [Self; 12] = [
        Self::Malformed,
        Self::TooLarge,
        Self::Busy,
        Self::Away,
        Self::Late,
        Self::Unauthorized,
        Self::Forbidden,
        Self::Nowhere,
        Self::Method,
        Self::MediaType,
        Self::Encoding,
        Self::Internal,
    ];

    /// For metrics; its HTTP status; its code of gRPC (google.rpc.Code).
    const fn row(self) -> (&'static str, StatusCode, i32) {
        match self {
            Self::Malformed => ("malformed", StatusCode::BAD_REQUEST, 3),
            Self::TooLarge => ("too_large", StatusCode::PAYLOAD_TOO_LARGE, 8),
            Self::Busy => ("busy", StatusCode::TOO_MANY_REQUESTS, 8),
            Self::Away => ("unavailable", StatusCode::SERVICE_UNAVAILABLE, 14),
            Self::Late => ("late", StatusCode::REQUEST_TIMEOUT, 4),
            Self::Unauthorized => ("unauthorized", StatusCode::UNAUTHORIZED, 16),
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN, 7),
            Self::Nowhere => ("not_found", StatusCode::NOT_FOUND, 12),
            Self::Method => ("method", StatusCode::METHOD_NOT_ALLOWED, 12),
            Self::MediaType => ("media_type", StatusCode::UNSUPPORTED_MEDIA_TYPE, 3),
            Self::Encoding => ("encoding", StatusCode::UNSUPPORTED_MEDIA_TYPE, 12),
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, 13),
        }
    }

    pub(super) const fn http(self) -> StatusCode {
        self.row().1
    }

    pub(super) const fn grpc(self) -> i32 {
        self.row().2
    }
}

/// A refusal.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    fate: Fate,
    message: String,
    retry_after: Option<Duration>,
}

impl Refused {
    pub(super) fn new(fate: Fate, message: impl Into<String>) -> Self {
        let retry_after = match fate {
            Fate::Busy | Fate::Late => Some(AGAIN),
            Fate::Away => Some(LATER),
            _ => None,
        };
        let mut message = message.into();
        if fate == Fate::Malformed {
            shorten(&mut message, MALFORMED_MAX);
        }
        Self { fate, message, retry_after }
    }

    pub(super) fn again_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    pub(super) const fn fate(&self) -> Fate {
        self.fate
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// When to send it again; never, where there is none.
    pub(super) const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

/// Cuts out of the middle what is too long: what was wrong stands at the end.
fn shorten(text: &mut String, bytes_max: usize) {
    const CUT: &str = "…";
    if text.len() > bytes_max {
        let half = (bytes_max - CUT.len()) / 2;
        let (head, tail) = (text.floor_char_boundary(half), text.ceil_char_boundary(text.len() - half));
        text.replace_range(head..tail, CUT);
    }
}

/// What the guard of the API refuses.
impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        let fate = match problem.code() {
            Code::Unauthorized => Fate::Unauthorized,
            _ => Fate::Forbidden,
        };
        Self::new(fate, problem.detail())
    }
}

/// How many were refused, by why.
#[derive(Default)]
pub(super) struct Counts([AtomicU64; Fate::ALL.len()]);

impl Counts {
    pub(super) fn count(&self, fate: Fate) {
        self.0[fate as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Fate::ALL.into_iter().zip(&self.0).map(|(fate, count)| (fate.row().0, count.load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_body_is_short_and_says_what_was_wrong() {
        let deep = format!("the body is no OTLP: {}invalid wire type", "AnyValue.value: ".repeat(120));
        let said = Refused::new(Fate::Malformed, deep).message;
        assert!(said.len() <= MALFORMED_MAX, "{} bytes", said.len());
        assert!(
            said.starts_with("the body is no OTLP: Any") && said.ends_with(": invalid wire type"),
            "{said}"
        );
        assert!(said.contains('…'));
        let wide = Refused::new(Fate::Malformed, "결".repeat(200)).message;
        assert!(wide.len() <= MALFORMED_MAX && wide.len() > MALFORMED_MAX - 9, "{} bytes", wide.len());
        for (fate, text) in [(Fate::Malformed, "cut off".to_owned()), (Fate::Away, "x".repeat(400))] {
            assert_eq!(Refused::new(fate, text.clone()).message, text);
        }
    }
}
