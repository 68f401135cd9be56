//! W3C trace context for calls that come without.

use http::{HeaderName, HeaderValue};

use crate::spread::Spread;

pub(super) const PARENT: HeaderName = HeaderName::from_static("traceparent");

/// A new trace (W3C Trace Context, level 1): sampled, since whoever stores traces decides what is kept.
pub(super) fn fresh(ids: &Spread) -> HeaderValue {
    let trace = (u128::from(ids.next()) << 64) | u128::from(ids.next());
    let text = format!("00-{:032x}-{:016x}-01", trace.max(1), ids.next().max(1));
    HeaderValue::try_from(text).expect("hexadecimal digits are a header")
}
