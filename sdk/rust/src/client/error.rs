//! What can go wrong between a client and the server.

use http::StatusCode;
use serde::Deserialize;

/// Why a request brought no result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The base address cannot be used.
    #[error(
        "{0:?} is not an address this client can use; give http://host:port, without a path and without TLS"
    )]
    Address(String),
    /// The text is no id of a saga: it would name another address, or none.
    #[error("{0:?} is no saga id; use 1 to 128 characters of A-Z a-z 0-9 . _ - and neither `.` nor `..`")]
    Id(String),
    /// A token for a server on another machine, which would be sent where others can read it.
    #[error(
        "a token is sent without TLS, and {0} is not on this machine; use a tunnel or a proxy on loopback that adds TLS"
    )]
    TokenInTheClear(String),
    /// The request cannot be built, mostly from a token with characters that no header has.
    #[error("the request cannot be built: {0}; is the token one line of visible characters?")]
    Request(String),
    /// The input cannot be written as JSON.
    #[error("the request body cannot be written as JSON")]
    Encode(#[source] serde_json::Error),
    /// The answer is not the JSON this client knows.
    #[error("the server's answer cannot be read; is it an Ondol server of a compatible version?")]
    Decode(#[source] serde_json::Error),
    /// Nobody listens there: nothing was sent.
    #[error("the server cannot be reached: {0}; is it running at this address?")]
    Unreachable(String),
    /// The connection broke: the request may have arrived.
    #[error("the connection to the server broke: {0}")]
    Connection(String),
    /// No answer in time.
    #[error("the server did not answer in time")]
    Timeout,
    /// It could not be learnt whether the saga was accepted.
    #[error("it is unknown whether saga {id} was accepted; submit again with this id")]
    Unsettled {
        /// The id that every try carried.
        id: String,
        /// What the last try ended in.
        source: Box<Error>,
    },
    /// The server said no (RFC 9457).
    #[error("{code} ({status}): {detail} (help: {help})")]
    Problem {
        /// HTTP status.
        status: u16,
        /// Stable word to compare.
        code: String,
        /// What happened, why, and what to do next.
        detail: String,
        /// The problem's `type`: its help page.
        help: String,
    },
}

/// The members of a problem that a client uses; all may be missing when something else answered.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Members {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    detail: String,
    code: String,
}

impl Error {
    pub(super) fn problem(status: StatusCode, body: &[u8]) -> Self {
        let members: Members = serde_json::from_slice(body).unwrap_or_default();
        let or = |text: String, other: &str| if text.is_empty() { other.to_owned() } else { text };
        let phrase = status.canonical_reason().unwrap_or("error");
        Self::Problem {
            status: status.as_u16(),
            code: or(members.code, "unknown"),
            detail: or(or(members.detail, &members.title), phrase),
            help: or(members.kind, "about:blank"),
        }
    }

    /// hyper's own text is only "client error (Connect)"; the reason is in its sources.
    pub(super) fn connection(error: &hyper_util::client::legacy::Error) -> Self {
        let unsent = error.is_connect();
        let mut text = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(inner) = source {
            text = format!("{text}: {inner}");
            source = inner.source();
        }
        if unsent { Self::Unreachable(text) } else { Self::Connection(text) }
    }

    /// Whether this request certainly changed nothing: it did not leave, or the server turned it away before it did
    /// anything.
    pub(super) fn changed_nothing(&self) -> bool {
        match self {
            Self::Problem { status, code, .. } => {
                (400..500).contains(status) || matches!(&**code, "not_ready" | "shutting_down" | "no_space")
            }
            Self::Connection(_) | Self::Timeout | Self::Decode(_) | Self::Unsettled { .. } => false,
            Self::Unreachable(_)
            | Self::Address(_)
            | Self::Id(_)
            | Self::TokenInTheClear(_)
            | Self::Request(_)
            | Self::Encode(_) => true,
        }
    }

    /// Whether the same request with the same id may be sent again at once and end otherwise: nothing was
    /// answered, or the server said that it was overloaded, starting or not sure.
    pub fn is_repeatable(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Connection(_) | Self::Timeout => true,
            Self::Problem { status, .. } => matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504),
            Self::Address(_)
            | Self::Id(_)
            | Self::TokenInTheClear(_)
            | Self::Request(_)
            | Self::Encode(_)
            | Self::Decode(_)
            | Self::Unsettled { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_certainly_changed_nothing() {
        #[rustfmt::skip]
        let table = [
            (429, "overloaded", true), (404, "definition_not_found", true), (503, "not_ready", true),
            (503, "shutting_down", true), (507, "no_space", true),
            (503, "outcome_unknown", false), (503, "too_slow", false), (500, "internal", false), (502, "unknown", false),
        ];
        for (status, code, nothing) in table {
            let status = StatusCode::from_u16(status).unwrap_or_default();
            let error = Error::problem(status, format!(r#"{{"code":"{code}"}}"#).as_bytes());
            assert_eq!(error.changed_nothing(), nothing, "{error}");
        }
        assert!(Error::Unreachable(String::new()).changed_nothing());
        assert!(!Error::Connection(String::new()).changed_nothing() && !Error::Timeout.changed_nothing());
    }
}
