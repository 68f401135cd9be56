//! How a piece of work ended, written into its span.

use ondol_core::Finish;
use ondol_telemetry::model::{Attributes, Kind, Span, Status};

use super::super::{Seen, reason};
use super::RUNNING;

/// How a piece of work ended.
pub(super) struct End<'a> {
    pub(super) outcome: &'static str,
    pub(super) failed: bool,
    pub(super) reason: Option<&'a str>,
    /// Did the callee answer? Then it ended within this millisecond, not before.
    pub(super) answered: bool,
}
pub(super) const LOST: End<'static> = End {
    outcome: "lost",
    failed: true,
    reason: Some("Ondol stopped before the answer came; the request may have been sent"),
    answered: false,
};
pub(super) const NOT_SENT: End<'static> =
    End { outcome: "not_sent", failed: true, reason: None, answered: false };
pub(super) const WITHDRAWN: End<'static> = End {
    outcome: "withdrawn",
    failed: true,
    reason: Some("it waited for its target and never left, and shall not any more"),
    answered: false,
};
pub(super) const GIVEN_UP: End<'static> =
    End { outcome: "given_up", failed: true, reason: None, answered: false };
pub(super) const VOUCHED: End<'static> =
    End { outcome: "vouched", failed: false, reason: None, answered: false };

pub(super) fn finished(finish: &Finish) -> End<'_> {
    let (outcome, failed, reason) = match finish {
        Finish::Done(_) => ("done", false, None),
        Finish::Unusable(reason) => ("unusable", true, Some(&**reason)),
        Finish::Refused { reason, sealed: _ } => ("refused", true, Some(&**reason)),
        Finish::Unclear(reason) => ("unclear", true, Some(&**reason)),
    };
    End { outcome, failed, reason, answered: true }
}
/// The caller's own clock is finer than the journal's, and cannot be outside of what the journal says. A span that comes
/// again after a crash lacks this, which is why the store does not tell spans apart by their times.
pub(super) fn see(span: &mut Span, pairs: &mut Vec<(String, String)>, seen: &Seen) {
    let end_ns = span.end_ns();
    span.start_ns = seen.from_ns.clamp(span.start_ns, end_ns);
    span.duration_ns = seen.to_ns.clamp(span.start_ns, end_ns) - span.start_ns;
    if let Some(address) = &seen.address {
        let (host, port) = match address.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, Some(port)),
            Some(_) | None => (&**address, None),
        };
        pairs.push(("server.address".to_owned(), host.to_owned()));
        pairs.extend(port.map(|port| ("server.port".to_owned(), port.to_owned())));
    }
    pairs.extend(seen.status.map(|status| ("http.response.status_code".to_owned(), status.to_string())));
    if seen.replayed {
        pairs.push(("ondol.replayed".to_owned(), "true".to_owned()));
    }
}

/// Writes down how it ended.
pub(super) fn close(span: &mut Span, mut pairs: Vec<(String, String)>, end: &End<'_>) {
    pairs.push(("ondol.outcome".to_owned(), end.outcome.to_owned()));
    if let Some(reason) = end.reason {
        pairs.push(("ondol.reason".to_owned(), reason.to_owned()));
    }
    if end.failed {
        span.status = Status::Error;
        end.reason.unwrap_or(end.outcome).clone_into(&mut span.status_message);
        let answered = end.reason.filter(|_| end.answered && span.kind == Kind::Client);
        let kind = answered.map_or_else(|| end.outcome.to_owned(), reason::error_type);
        pairs.push(("error.type".to_owned(), kind));
        let status = answered.and_then(reason::status);
        pairs.extend(status.map(|status| ("http.response.status_code".to_owned(), status.to_string())));
    }
    span.attributes = Attributes::from_pairs(pairs);
}

/// Marks what has not ended. `reason`: what went wrong with it so far.
pub(super) fn running(mut span: Span, reason: Option<&str>) -> Span {
    let mut pairs = std::mem::take(&mut span.attributes).0;
    pairs.push((RUNNING.to_owned(), "true".to_owned()));
    pairs.extend(reason.map(|reason| ("ondol.reason".to_owned(), reason.to_owned())));
    span.attributes = Attributes::from_pairs(pairs);
    span
}

/// Writes into the span of an attempt that goes on why it did not leave yet: its service cannot be reached.
pub(crate) fn held_back(span: &mut Span, why: &str) {
    let mut pairs = std::mem::take(&mut span.attributes).0;
    pairs.push(("error.type".to_owned(), NOT_SENT.outcome.to_owned()));
    pairs.push(("ondol.reason".to_owned(), why.to_owned()));
    span.attributes = Attributes::from_pairs(pairs);
    span.status = Status::Error;
    why.clone_into(&mut span.status_message);
}
