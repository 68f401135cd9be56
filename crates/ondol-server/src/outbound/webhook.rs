//! Notices as Standard Webhooks (<https://www.standardwebhooks.com>): three headers, and a signature over all of it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Method, header};
use ondol_call::Request;
use ondol_engine::NoticeCall;
use sha2::Sha256;

/// Time for one delivery; the specification recommends 15 to 30 s.
pub(super) const DEADLINE: Duration = Duration::from_secs(20);

/// How a secret begins in its usual form.
const SECRET_PREFIX: &str = "whsec_";

/// Bytes of a secret, as the specification bounds it.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// Signs notices.
pub(crate) struct Signer(Vec<u8>);

/// The text is no secret of the usual form.
#[derive(Debug, thiserror::Error)]
#[error(
    "the webhook secret is not `whsec_` and 24 to 64 bytes in base64; make one with `openssl rand -base64 32`"
)]
pub(crate) struct BadSecret;

impl Signer {
    /// Reads `whsec_` and base64.
    pub(crate) fn new(secret: &str) -> Result<Self, BadSecret> {
        let text = secret.trim();
        let encoded = text.strip_prefix(SECRET_PREFIX).unwrap_or(text);
        let key = STANDARD.decode(encoded).map_err(|_| BadSecret)?;
        if SECRET_BYTES.contains(&key.len()) { Ok(Self(key)) } else { Err(BadSecret) }
    }

    /// `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.
    fn sign(&self, id: &str, timestamp_s: u64, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(format!("{id}.{timestamp_s}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// Splits `http://host:port/path?query` into its origin, and path with query.
pub(super) fn split(url: &str) -> Option<(&str, PathAndQuery)> {
    let authority = url.find("://")? + 3;
    let end = url[authority..].find(['/', '?']).map_or(url.len(), |at| authority + at);
    let (origin, rest) = url.split_at(end);
    let path = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
    Some((origin, PathAndQuery::try_from(path).ok()?))
}

/// One delivery.
pub(super) fn request(
    call: &NoticeCall,
    path: PathAndQuery,
    signer: Option<&Signer>,
    now_ms: u64,
) -> Request {
    let mut request = Request::new(Method::POST, path, Bytes::clone(&call.body));
    request.response_timeout = Some(DEADLINE);
    let timestamp_s = now_ms / 1_000;
    let headers = &mut request.headers;
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(TIMESTAMP, timestamp_s.into());
    if let Ok(id) = HeaderValue::from_str(&call.id) {
        headers.insert(ID, id);
    }
    let signature = signer.map(|signer| signer.sign(&call.id, timestamp_s, &call.body));
    if let Some(Ok(signature)) = signature.map(HeaderValue::try_from) {
        headers.insert(SIGNATURE, signature);
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own library tests.
    #[test]
    fn signs_as_the_specification_does() {
        let signer = Signer::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a secret");
        let signature =
            signer.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        for bad in ["", "whsec_", "whsec_short", "not base64 at all, but long enough to be"] {
            assert!(Signer::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_address_is_split_behind_its_authority() {
        let table = [
            ("http://127.0.0.1:7105/outcomes", Some(("http://127.0.0.1:7105", "/outcomes"))),
            ("https://hooks.example", Some(("https://hooks.example", "/"))),
            ("https://hooks.example?a=b", Some(("https://hooks.example", "/?a=b"))),
            ("", None),
        ];
        for (url, expected) in table {
            let got = split(url);
            assert_eq!(got.as_ref().map(|(origin, path)| (*origin, path.as_str())), expected, "{url}");
        }
    }
}
