//! Calls through the proxy as spans: one for each logical call, between the caller's span and the service's, with what was
//! decided on the way as its moments.
//!
//! The proxy's thread only puts what it knows into a bounded queue; making spans of it is done elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use ondol_call::{CallError, Called, Decision, How, Request, Story};
use ondol_telemetry::model::{Attributes, Kind, Moment, Source, Span, SpanId, Status, TraceId};
use tokio::sync::mpsc;

use crate::clock;

/// Calls that wait to become spans: some seconds of them. A store that is slower for longer loses spans, never calls.
const QUEUE: usize = 16_384;

/// Calls of one second that get a span: enough that a team's calls all have theirs, and few enough that a flood of calls
/// does not cost a tenth more each, nor fill the store.
const A_SECOND: u64 = 500;

/// Bytes of a path that are kept.
const PATH_MAX: usize = 512;

/// Correlation ids that callers bring, and that people search for.
const REQUEST_ID: &str = "x-request-id";

/// Where the proxy puts its calls. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct CallSpans {
    queue: mpsc::Sender<Ended>,
    dropped: Arc<AtomicU64>,
    sampled_out: Arc<AtomicU64>,
    /// The present second since 1970, and how many of its calls were admitted: the upper and the lower half.
    admitted: Arc<AtomicU64>,
}

/// A call that has begun.
#[derive(Debug)]
pub(crate) struct Begun {
    ids: (TraceId, Option<SpanId>, SpanId),
    service: String,
    method: http::Method,
    path: String,
    request_id: Option<String>,
    from_ns: u64,
}

/// One that has ended.
#[derive(Debug)]
pub(super) struct Ended {
    begun: Begun,
    to_ns: u64,
    outcome: Result<u16, (&'static str, String)>,
    fallback: Option<&'static str>,
    story: Story,
}

/// The two ends of the queue.
pub(super) fn queue() -> (CallSpans, mpsc::Receiver<Ended>) {
    let (queue, receiver) = mpsc::channel(QUEUE);
    let spans =
        CallSpans { queue, dropped: Arc::default(), sampled_out: Arc::default(), admitted: Arc::default() };
    (spans, receiver)
}

impl Begun {
    /// `ids`: the trace, the caller's span, the proxy's own.
    pub(crate) fn new(ids: (TraceId, Option<SpanId>, SpanId), service: &str, request: &Request) -> Self {
        let path = request.path_and_query.path();
        let request_id = request.headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
        Self {
            ids,
            service: service.to_owned(),
            method: request.method.clone(),
            path: path[..path.floor_char_boundary(PATH_MAX)].to_owned(),
            request_id: request_id.map(|id| id[..id.floor_char_boundary(PATH_MAX)].to_owned()),
            from_ns: clock::wall_ns(),
        }
    }
}

impl CallSpans {
    /// Shall a call that begins now have a span? Decided at its beginning, so that the service never names a parent that
    /// nobody knows.
    pub(crate) fn admits(&self, now_ns: u64) -> bool {
        let second = (now_ns / 1_000_000_000) & 0xFFFF_FFFF;
        let next = |packed: u64| match packed {
            of_now if of_now >> 32 == second && of_now & 0xFFFF_FFFF >= A_SECOND => None,
            of_now if of_now >> 32 == second => Some(of_now + 1),
            _ => Some(second << 32 | 1),
        };
        let admitted = self.admitted.fetch_update(Relaxed, Relaxed, next).is_ok();
        if !admitted {
            self.sampled_out.fetch_add(1, Relaxed);
        }
        admitted
    }

    /// Calls without a span, since too many came in their second.
    pub(super) fn sampled_out(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.sampled_out)
    }

    /// Notes what became of a call. Its body may still be coming.
    pub(crate) fn put(&self, begun: Begun, called: &Called) {
        let outcome = match &called.result {
            Ok(response) => Ok(response.status().as_u16()),
            Err(error) => Err((error_type(error), error.to_string())),
        };
        let fallback = called.fallback.map(ondol_call::FallbackKind::as_str);
        let (to_ns, story) = (clock::wall_ns(), called.story.clone());
        if self.queue.try_send(Ended { begun, to_ns, outcome, fallback, story }).is_err() {
            self.dropped.fetch_add(1, Relaxed);
        }
    }

    /// Calls without a span, for want of room in the queue.
    pub(super) fn dropped(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.dropped)
    }
}

fn error_type(error: &CallError) -> &'static str {
    match error {
        _ if error.is_timeout() => "timeout",
        CallError::NotSent { .. } => "not_sent",
        CallError::Unclear { .. } => "connection_lost",
        CallError::Rejected { .. } => "rejected",
        CallError::Expired => "expired",
    }
}

/// The span of a call.
pub(super) fn span(ended: Ended, source: &Source) -> Span {
    let Ended { begun, to_ns, outcome, fallback, story } = ended;
    let (trace_id, parent, span_id) = begun.ids;
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut pair = |name: &str, value: String| pairs.push((name.to_owned(), value));
    let (mut status, mut message) = (Status::Unset, String::new());
    match outcome {
        Ok(code) => {
            pair("http.response.status_code", code.to_string());
            // By the semantic conventions a client's span fails with 4xx, too.
            if code >= 400 {
                status = Status::Error;
                pair("error.type", code.to_string());
                message = format!("{} answered {code}", begun.service);
            }
        }
        Err((kind, why)) => {
            status = Status::Error;
            pair("error.type", kind.to_owned());
            message = format!("{}: {why}", begun.service);
        }
    }
    let retries = story.decisions().iter().filter(|one| matches!(one, Decision::Again { .. })).count();
    if retries > 0 {
        pair("ondol.retries", retries.to_string());
    }
    if let Some(fallback) = fallback {
        pair("ondol.fallback", fallback.to_owned());
    }
    if let Some(id) = begun.request_id {
        pair("request.id", id);
    }
    pair("service.peer.name", begun.service.clone());
    pair("peer.service", begun.service.clone());
    pair("url.path", begun.path);
    pair("http.request.method", begun.method.to_string());
    Span {
        trace_id,
        span_id,
        parent,
        name: format!("{} {}", begun.method, begun.service),
        kind: Kind::Client,
        source: source.clone(),
        scope: "ondol.proxy".to_owned(),
        start_ns: begun.from_ns,
        duration_ns: to_ns.saturating_sub(begun.from_ns),
        status,
        status_message: message,
        attributes: Attributes::from_pairs(pairs),
        events: moments(&story, begun.from_ns, to_ns),
        links: Vec::new(),
    }
}

/// What was decided, where there is more to tell than one attempt that was answered. Decisions have no time of their own:
/// they follow from how long attempts took and waits were.
fn moments(story: &Story, from_ns: u64, to_ns: u64) -> Vec<Moment> {
    let mut at_ns = from_ns;
    let mut moments = Vec::new();
    for decision in story.decisions() {
        let (name, passed) = match decision {
            // They are in the span itself, or are how every call begins.
            Decision::Deadline { .. } | Decision::Picked { .. } | Decision::Cache(_) => continue,
            Decision::Ended { how: How::Status(status), took, .. } if *status < 400 => {
                at_ns += took.as_nanos() as u64;
                continue;
            }
            Decision::Ended { took, .. } => ("attempt failed", *took),
            Decision::Again { wait, .. } => ("tried again", *wait),
            Decision::Stopped(_) => ("not tried again", std::time::Duration::ZERO),
            Decision::Hedged { .. } => ("sent a second copy", std::time::Duration::ZERO),
            Decision::NotHedged(_) => ("no second copy", std::time::Duration::ZERO),
            Decision::Rejected(_) => ("turned away by a limit", std::time::Duration::ZERO),
            Decision::Fallback(_) => ("answered by the fallback", std::time::Duration::ZERO),
            Decision::NoFallback(_) => ("no fallback", std::time::Duration::ZERO),
        };
        at_ns = at_ns.saturating_add(passed.as_nanos() as u64).clamp(from_ns, to_ns.max(from_ns));
        let attributes = Attributes(vec![("ondol.reason".to_owned(), decision.to_string())]);
        moments.push(Moment { time_ns: at_ns, name: name.to_owned(), attributes });
    }
    moments
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use ondol_call::{AnswerBody, Body, FallbackKind};

    use super::*;

    fn called(result: Result<u16, CallError>, fallback: Option<FallbackKind>) -> Called {
        let respond = |status| {
            let mut response = http::Response::new(AnswerBody::whole(Bytes::new()));
            *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
            response
        };
        Called { result: result.map(respond), fallback, story: Story::default() }
    }

    fn check(result: Result<u16, CallError>, fallback: Option<FallbackKind>, expected: (Status, &str)) {
        let (spans, mut queue) = queue();
        let ids = (TraceId([1; 16]), Some(SpanId([2; 8])), SpanId([3; 8]));
        let path = http::uri::PathAndQuery::from_static("/orders/7?card=4111");
        let mut request = Request::new(http::Method::POST, path, Body::from(Bytes::new()));
        request.headers.insert(REQUEST_ID, http::HeaderValue::from_static("r-9"));
        spans.put(Begun::new(ids, "orders", &request), &called(result, fallback));
        let span = span(queue.try_recv().expect("it is there"), &super::super::source());
        assert_eq!((span.status, span.status_message.as_str()), expected);
        assert_eq!((span.name.as_str(), span.parent), ("POST orders", ids.1));
        assert_eq!(
            span.attributes.get("url.path"),
            Some("/orders/7"),
            "a query may hold what nobody may read"
        );
        assert_eq!(span.attributes.get("request.id"), Some("r-9"));
        assert_eq!(span.attributes.get("ondol.fallback"), fallback.map(FallbackKind::as_str));
    }

    #[test]
    fn a_call_is_a_span() {
        check(Ok(200), None, (Status::Unset, ""));
        check(Ok(200), Some(FallbackKind::Cached), (Status::Unset, ""));
        check(Ok(404), None, (Status::Error, "orders answered 404"));
        let expired = "orders: the caller's deadline had passed on arrival";
        check(Err(CallError::Expired), None, (Status::Error, expired));
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let (spans, queue) = queue();
        drop(queue);
        let ids = (TraceId([1; 16]), None, SpanId([3; 8]));
        let path = http::uri::PathAndQuery::from_static("/");
        let request = Request::new(http::Method::GET, path, Body::from(Bytes::new()));
        spans.put(Begun::new(ids, "orders", &request), &called(Ok(200), None));
        assert_eq!(spans.dropped().load(Relaxed), 1);
    }

    #[test]
    fn a_second_has_so_many_spans_and_no_more() {
        let (spans, _receiver) = queue();
        let second = 1_000_000_000;
        let admitted = (0..2 * A_SECOND).filter(|at| spans.admits(7 * second + at)).count() as u64;
        assert_eq!((admitted, spans.sampled_out().load(Relaxed)), (A_SECOND, A_SECOND));
        assert!(spans.admits(8 * second));
    }
}
