//! Whether something else may be answered instead of a failure. It is the last layer that looks at a call, and what
//! it gives is always marked as such.

use http::{Method, StatusCode};

pub use super::settings::Fallback;

/// How the call itself ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No answer: not sent, cut, timed out.
    NoAnswer,
    /// An answer with this status.
    Status(StatusCode),
    /// A limit of ours rejected it: rate, throttle, budget.
    Limited,
}

/// Why a fallback does not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhyNot {
    /// The answer is not a failure, or is the request's own fault, which another answer would hide.
    #[error("{} is an answer, not a failure", .0.as_u16())]
    Answered(StatusCode),
    /// A write may have taken effect, and would be said to have ended otherwise, or be done twice.
    #[error(
        "a non-idempotent write gets none, unless an alternate shares its idempotency store (shares_keys) and it has a key"
    )]
    Write,
    /// Only what is read can be answered with what was read.
    #[error("only GET and HEAD are answered from what was kept")]
    NotRead,
}

impl Fallback {
    /// The word that `ondol-fallback` and counters carry.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Static { .. } => "static",
            Self::Cached { .. } => "cached",
            Self::Alternate { .. } => "alternate",
        }
    }

    /// Whether it applies to a request of this `method`, with or without an idempotency key, that `failed` so.
    pub fn applies(&self, method: &Method, has_key: bool, failed: Failure) -> Result<(), WhyNot> {
        if let Failure::Status(status) = failed
            && !status.is_server_error()
        {
            return Err(WhyNot::Answered(status));
        }
        match self {
            Self::Cached { .. } if *method != Method::GET && *method != Method::HEAD => Err(WhyNot::NotRead),
            Self::Alternate { shares_keys, .. } if *shares_keys && has_key => Ok(()),
            Self::Static { .. } | Self::Cached { .. } | Self::Alternate { .. } => {
                if method.is_idempotent() {
                    Ok(())
                } else {
                    Err(WhyNot::Write)
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use bytes::Bytes;

    #[test]
    fn the_table() {
        let fixed =
            Fallback::Static { status: 200, content_type: "application/json".to_owned(), body: Bytes::new() };
        let cached = Fallback::Cached { not_older_than: Duration::from_mins(1) };
        let alternate = |shares_keys| Fallback::Alternate { service: "other".to_owned(), shares_keys };
        let (shared, apart) = (alternate(true), alternate(false));
        let status = |code| Failure::Status(StatusCode::from_u16(code).unwrap());
        let answered = |code| Err(WhyNot::Answered(StatusCode::from_u16(code).unwrap()));
        let (gone, limited) = (Failure::NoAnswer, Failure::Limited);
        #[rustfmt::skip]
        let table = [
            // fallback, method, has a key, how it failed
            (&fixed,  Method::GET,    false, gone,        Ok(())),
            (&fixed,  Method::GET,    false, limited,     Ok(())),
            (&fixed,  Method::GET,    false, status(503), Ok(())),
            (&fixed,  Method::GET,    false, status(500), Ok(())),
            (&fixed,  Method::GET,    false, status(404), answered(404)),
            (&fixed,  Method::GET,    false, status(429), answered(429)),
            (&fixed,  Method::GET,    false, status(200), answered(200)),
            (&fixed,  Method::PUT,    false, gone,        Ok(())),
            (&fixed,  Method::POST,   false, gone,        Err(WhyNot::Write)),
            (&fixed,  Method::POST,   true,  gone,        Err(WhyNot::Write)),
            (&fixed,  Method::POST,   true,  limited,     Err(WhyNot::Write)),
            (&cached, Method::GET,    false, gone,        Ok(())),
            (&cached, Method::HEAD,   false, status(502), Ok(())),
            (&cached, Method::DELETE, false, gone,        Err(WhyNot::NotRead)),
            (&cached, Method::POST,   true,  gone,        Err(WhyNot::NotRead)),
            (&apart,  Method::GET,    false, gone,        Ok(())),
            (&apart,  Method::DELETE, false, gone,        Ok(())),
            (&apart,  Method::POST,   true,  gone,        Err(WhyNot::Write)),
            (&shared, Method::POST,   true,  gone,        Ok(())),
            (&shared, Method::POST,   false, gone,        Err(WhyNot::Write)),
            (&shared, Method::POST,   true,  status(422), answered(422)),
            (&shared, Method::PATCH,  true,  status(500), Ok(())),
        ];
        for (fallback, method, has_key, failed, expected) in table {
            let got = fallback.applies(&method, has_key, failed);
            assert_eq!(got, expected, "{} {method} {has_key} {failed:?}", fallback.kind());
        }
    }
}
