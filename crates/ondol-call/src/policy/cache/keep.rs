//! Whether an answer may be kept, and for how long.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};

use super::Lookup;
use super::control::{says, seconds, words};
use crate::policy::settings;

/// How an answer is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// For how long it is fresh; never zero.
    pub fresh_for: Duration,
    /// It may be given to requests with credentials: [`Lookup::PublicOnly`].
    pub public: bool,
}

/// Why an answer is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotKept {
    /// Its status is none that may be kept.
    #[error("{} is not kept", .0.as_u16())]
    Status(StatusCode),
    /// The callee says so.
    #[error("the answer says {0}")]
    Says(&'static str),
    /// It answers a request with credentials, and does not say `public`.
    #[error("the request has credentials and the answer does not say public")]
    Credentials,
    /// It depends on more than the encoding.
    #[error("the answer varies by more than accept-encoding")]
    Varies,
    /// It sets a cookie, which is for one client.
    #[error("the answer sets a cookie")]
    Cookie,
    /// It says nothing of how long, or was too old on arrival.
    #[error("the answer is not fresh: it needs max-age above its age")]
    NotFresh,
    /// Its body is too long.
    #[error("the body is longer than {body_max} bytes (cache.body_max)")]
    TooLong {
        /// The limit.
        body_max: usize,
    },
}

/// Final statuses whose meaning does not depend on the request's state (RFC 9110 §15.1), less 206, which is a part.
const STATUSES: [u16; 7] = [200, 203, 204, 301, 308, 404, 410];

/// Whether the answer to a request that [`lookup`](super::lookup) let through may be kept.
pub fn keep(
    settings: &settings::Cache,
    lookup: Lookup,
    status: StatusCode,
    answer: &HeaderMap,
    body_len: usize,
) -> Result<Kept, NotKept> {
    if !STATUSES.contains(&status.as_u16()) {
        return Err(NotKept::Status(status));
    }
    // `no-cache` asks to be revalidated each time, which is not done here.
    for word in ["no-store", "private", "no-cache"] {
        if says(answer, word) {
            return Err(NotKept::Says(word));
        }
    }
    let public = says(answer, "public");
    if lookup == Lookup::PublicOnly && !public {
        return Err(NotKept::Credentials);
    }
    if words(answer, header::VARY).any(|word| !word.is_empty() && word != "accept-encoding") {
        return Err(NotKept::Varies);
    }
    if answer.contains_key(header::SET_COOKIE) {
        return Err(NotKept::Cookie);
    }
    let body_max = settings.body_max;
    if body_len > body_max {
        return Err(NotKept::TooLong { body_max });
    }
    let said = seconds(answer, "s-maxage").or_else(|| seconds(answer, "max-age")).map(Duration::from_secs);
    let lifetime = said.unwrap_or(settings.fresh_unsaid);
    let fresh_for = lifetime.saturating_sub(Duration::from_secs(age(answer))).min(settings.fresh_max);
    if fresh_for.is_zero() { Err(NotKept::NotFresh) } else { Ok(Kept { fresh_for, public }) }
}

/// How old it was on arrival, in seconds. An age that cannot be read is ignored (RFC 9111 §5.1).
fn age(answer: &HeaderMap) -> u64 {
    let text = words(answer, header::AGE).next().unwrap_or_default();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().unwrap_or(u64::MAX) } else { 0 }
}
