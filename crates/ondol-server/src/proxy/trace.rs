//! W3C trace context of proxied calls: begun where there is none, and continued by a span of the proxy's own.

use http::{HeaderMap, HeaderName, HeaderValue};
use ondol_telemetry::model::{SpanId, TraceId};

use crate::spread::Spread;
use crate::traceparent::{self, Traceparent};

const PARENT: HeaderName = HeaderName::from_static("traceparent");

/// A call's place in its trace.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) trace: u128,
    /// The caller's span; none where the trace begins here.
    pub(super) parent: Option<u64>,
    /// The proxy's own, which the service gets as its parent.
    pub(super) span: u64,
}

impl Place {
    /// Trace, parent and span.
    pub(super) fn ids(self) -> (TraceId, Option<SpanId>, SpanId) {
        let span = |id: u64| SpanId(id.to_be_bytes());
        (TraceId(self.trace.to_be_bytes()), self.parent.map(span), span(self.span))
    }
}

/// Makes the proxy's span the parent, if it is to have one (`own`). Nothing where it shall not: what came then goes
/// through as it came, so that the caller's span stays the parent; so do a trace that is not sampled, and a header that
/// is none. A trace is begun in any case.
pub(super) fn enter(headers: &mut HeaderMap, ids: &Spread, own: bool) -> Option<Place> {
    if !own && headers.contains_key(&PARENT) {
        return None;
    }
    let span = ids.next().max(1);
    let given = match headers.get(&PARENT) {
        Some(given) => Some(given.to_str().ok().and_then(traceparent::read).filter(|given| given.sampled())?),
        None => None,
    };
    // Sampled, since whoever stores traces decides what is kept.
    let entered = if let Some(given) = given {
        Traceparent { span, ..given }
    } else {
        let trace = (u128::from(ids.next()) << 64) | u128::from(ids.next());
        Traceparent { trace: trace.max(1), span, flags: 1 }
    };
    let text = HeaderValue::try_from(entered.to_string()).expect("hexadecimal digits are a header");
    headers.insert(PARENT, text);
    own.then(|| Place { trace: entered.trace, parent: given.map(|given| given.span), span })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn check(given: Option<&str>, entered: bool, right: impl Fn(&str) -> bool) {
        let mut headers = HeaderMap::new();
        if let Some(given) = given {
            headers.insert(PARENT, HeaderValue::from_str(given).unwrap());
        }
        let place = enter(&mut headers, &Spread::new(1), true);
        let arrived = headers[PARENT].to_str().unwrap();
        assert_eq!(place.is_some(), entered, "{given:?}");
        assert!(right(arrived), "{given:?} arrives as {arrived}");
        if let Some(place) = place {
            assert!(arrived.ends_with(&format!("{:032x}-{:016x}-01", place.trace, place.span)), "{arrived}");
        }
    }

    #[test]
    fn a_trace_goes_on_with_the_proxy_in_it() {
        let sampled = format!("00-{TRACE}-00f067aa0ba902b7-01");
        let unsampled = format!("00-{TRACE}-00f067aa0ba902b7-00");
        check(None, true, |arrived| !arrived.contains(TRACE));
        check(Some(&sampled), true, |arrived| arrived.contains(TRACE) && arrived != sampled);
        check(Some(&unsampled), false, |arrived| arrived == unsampled);
        check(Some("nonsense"), false, |arrived| arrived == "nonsense");
    }

    #[test]
    fn without_a_span_of_its_own_the_callers_stays_the_parent() {
        let sampled = HeaderValue::try_from(format!("00-{TRACE}-00f067aa0ba902b7-01")).unwrap();
        let mut headers = HeaderMap::from_iter([(PARENT, sampled.clone())]);
        assert!(enter(&mut headers, &Spread::new(1), false).is_none());
        assert_eq!(headers[PARENT], sampled);
        let mut headers = HeaderMap::new();
        assert!(enter(&mut headers, &Spread::new(1), false).is_none());
        assert!(headers.contains_key(PARENT), "a trace begins");
    }
}
