//! Refusals as RFC 9457 problems: `application/problem+json` with a stable `code` and a help page as `type`.
//!
//! It does not decide what is refused; it only says so in one form.

mod code;
mod from_engine;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde::Serialize;
use serde_json::{Map, Value};

pub use code::Code;
pub(crate) use from_engine::chain;

/// Where help pages are served.
pub(crate) const PAGES: &str = "/docs/codes";

/// The media type of problems.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was refused.
#[derive(Clone, Debug)]
pub struct Problem {
    code: Code,
    detail: String,
    more: Map<String, Value>,
    retry_after_s: Option<u32>,
}

/// What every handler answers.
pub(crate) type Answer<T> = Result<T, Problem>;

impl Problem {
    /// A problem; `detail` says what is wrong with this request, and what to do next.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), more: Map::new(), retry_after_s: None }
    }

    /// With a further member.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).expect("a member of a problem is plain data");
        self.more.insert(name.to_owned(), value);
        self
    }

    /// With the time after which asking again makes sense.
    #[must_use]
    pub(crate) fn again_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The problem as JSON, of [`MEDIA_TYPE`].
    pub(crate) fn json(&self) -> Vec<u8> {
        let body = Body {
            r#type: format!("{PAGES}/{}", self.code.as_str()),
            code: self.code.as_str(),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            detail: &self.detail,
            more: &self.more,
        };
        serde_json::to_vec(&body).expect("a problem is plain data")
    }

    pub(crate) const fn retry_after_s(&self) -> Option<u32> {
        self.retry_after_s
    }

    /// A further member.
    pub(crate) fn member(&self, name: &str) -> Option<&Value> {
        self.more.get(name)
    }

    pub(crate) const fn code(&self) -> Code {
        self.code
    }

    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }
}

/// RFC 9457 §3.1, and `code`.
#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    code: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(flatten)]
    more: &'a Map<String, Value>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.code.status();
        if status.is_server_error() {
            tracing::warn!(code = self.code.as_str(), detail = %self.detail, "answered with an error");
        }
        let mut response = (status, self.json()).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if self.code == Code::Unauthorized {
            let bearer = HeaderValue::from_static("Bearer realm=\"ondol\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, bearer);
        }
        response
    }
}
