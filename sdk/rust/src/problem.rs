//! Error answers by RFC 9457 (problem details), with a stable `code` beside the standard members.

use serde::Serialize;
use std::borrow::Cow;

/// Content type of a problem answer (RFC 9457, section 3).
pub const CONTENT_TYPE: &str = "application/problem+json";

/// Prefix of the `type` of the SDK's own problems. A URN, because a service in your network must not send its
/// callers to a page it does not serve; the code at its end is the page's name in Ondol's manual.
const TYPE_PREFIX: &str = "urn:ondol:code:";

/// A problem answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What kind of problem: a URI reference; `about:blank` for a business problem without a page of its own.
    #[serde(rename = "type")]
    pub kind: Cow<'static, str>,
    /// Short and the same for every occurrence.
    pub title: Cow<'static, str>,
    /// The HTTP status, repeated for readers who see only the body.
    pub status: u16,
    /// Stable word that programs may compare, such as `seat_taken`.
    pub code: Cow<'static, str>,
    /// What happened this time, why, and what to do next.
    pub detail: String,
}

impl Problem {
    /// A problem of the service's own making: its `type` is `about:blank`, its title the status in words.
    pub fn new(
        status: http::StatusCode,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            kind: "about:blank".into(),
            title: status.canonical_reason().unwrap_or("Error").into(),
            status: status.as_u16(),
            code: code.into(),
            detail: detail.into(),
        }
    }

    /// One of the SDK's own problems, whose code has a page in Ondol's manual.
    pub(crate) fn own(
        status: http::StatusCode,
        code: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        let kind = format!("{TYPE_PREFIX}{code}").into();
        Self { kind, title: title.into(), status: status.as_u16(), code: code.into(), detail: detail.into() }
    }

    /// The body as JSON.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a problem holds only strings and a number, which always serialize")
    }
}
