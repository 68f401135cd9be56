//! Notices are signed by the Standard Webhooks specification 1.0 (<https://www.standardwebhooks.com>): HMAC-SHA256
//! over `id.timestamp.body`, in the headers `webhook-id`, `webhook-timestamp` and `webhook-signature`.
//!
//! It verifies who sent a notice and when. It does not remember ids: a receiver keeps `webhook-id` to drop repeats.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha2::Sha256;

/// The notice's id, the same for every repeat.
pub const ID: &str = "webhook-id";
/// When this try was sent, in Unix seconds.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// Space-separated signatures, each `v1,<base64>`; several while a secret is being changed.
pub const SIGNATURE: &str = "webhook-signature";

/// How far the sender's clock may be off, in seconds; the specification's own libraries use five minutes.
pub const TOLERANCE_S: i64 = 5 * 60;

/// Signatures looked at: one for each secret in use, and a bound on the work of a forged header.
const SIGNATURES_MAX: usize = 8;

const SECRET_PREFIX: &str = "whsec_";

/// Why a notice is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The secret is not base64.
    #[error("the webhook secret is not base64 (with or without `whsec_` before it); copy it again")]
    Secret,
    /// A header is missing or unreadable.
    #[error("the header `{0}` is missing or unreadable; was this request sent by Ondol?")]
    Header(&'static str),
    /// Too old or from the future: a replay, or a wrong clock.
    #[error("the notice was sent {0} s from now, more than {TOLERANCE_S} s; check both clocks")]
    Timestamp(i64),
    /// No signature matches.
    #[error(
        "no signature matches; do both sides use the same secret, and is the body verified before any change?"
    )]
    Signature,
}

/// A notice that was signed with the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// `webhook-id`.
    pub id: String,
    /// Unix seconds of this try.
    pub timestamp: i64,
}

/// Verifies a notice; `now` is in Unix seconds, `body` exactly as received. Compares in constant time.
///
/// # Errors
/// [`Error`], saying what does not match.
pub fn verify(secret: &str, headers: &HeaderMap, body: &[u8], now: i64) -> Result<Verified, Error> {
    let key = key(secret)?;
    let id = text(headers, ID)?;
    let timestamp: i64 = text(headers, TIMESTAMP)?.parse().map_err(|_| Error::Header(TIMESTAMP))?;
    let distance = now.saturating_sub(timestamp);
    if distance.unsigned_abs() > TOLERANCE_S.unsigned_abs() {
        return Err(Error::Timestamp(distance));
    }
    let mac = mac(&key, id, timestamp, body);
    let matches = text(headers, SIGNATURE)?
        .split(' ')
        .take(SIGNATURES_MAX)
        .filter_map(|signature| BASE64.decode(signature.strip_prefix("v1,")?).ok())
        .any(|signature| mac.clone().verify_slice(&signature).is_ok());
    if matches { Ok(Verified { id: id.to_owned(), timestamp }) } else { Err(Error::Signature) }
}

/// The value of `webhook-signature` for a notice; for tests and for services that send notices of their own.
///
/// # Errors
/// [`Error::Secret`].
pub fn sign(secret: &str, id: &str, timestamp: i64, body: &[u8]) -> Result<String, Error> {
    let signature = mac(&key(secret)?, id, timestamp, body).finalize().into_bytes();
    Ok(format!("v1,{}", BASE64.encode(signature)))
}

fn key(secret: &str) -> Result<Vec<u8>, Error> {
    BASE64.decode(secret.strip_prefix(SECRET_PREFIX).unwrap_or(secret)).map_err(|_| Error::Secret)
}

fn mac(key: &[u8], id: &str, timestamp: i64, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    mac
}

fn text<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, Error> {
    headers.get(name).and_then(|value| value.to_str().ok()).ok_or(Error::Header(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const MESSAGE: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const GOOD: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn check(signature: &str, secret: &str, body: &[u8], now: i64, expected: Result<(), &Error>) {
        let headers = [(ID, MESSAGE), (TIMESTAMP, "1614265330"), (SIGNATURE, signature)];
        let headers =
            headers.map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()));
        let verified = verify(secret, &headers.into_iter().collect(), body, now);
        assert_eq!(verified.as_ref().map(|_| ()), expected, "{signature} {now}");
    }

    #[test]
    fn the_specifications_example_is_signed_and_verified() {
        assert_eq!(sign(SECRET, MESSAGE, AT, BODY).as_deref(), Ok(GOOD));
        let other = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        check(GOOD, SECRET, BODY, AT, Ok(()));
        check(GOOD, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", BODY, AT, Ok(()));
        check(&format!("v2,xx {other} {GOOD}"), SECRET, BODY, AT + TOLERANCE_S, Ok(()));
        check(GOOD, SECRET, BODY, AT + TOLERANCE_S + 1, Err(&Error::Timestamp(TOLERANCE_S + 1)));
        check(GOOD, SECRET, BODY, AT - TOLERANCE_S - 1, Err(&Error::Timestamp(-TOLERANCE_S - 1)));
        check(GOOD, SECRET, b"{}", AT, Err(&Error::Signature));
        check(other, SECRET, BODY, AT, Err(&Error::Signature));
        check("v1a,x", SECRET, BODY, AT, Err(&Error::Signature));
        check(GOOD, "whsec_AAAA", BODY, AT, Err(&Error::Signature));
        check(GOOD, "whsec_!", BODY, AT, Err(&Error::Secret));
        assert_eq!(verify(SECRET, &HeaderMap::new(), BODY, AT), Err(Error::Header(ID)));
    }
}
