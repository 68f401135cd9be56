//! One try on one endpoint: a connection, the request, the head of the answer.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;

use crate::answer::{NotSentReason, UnclearReason};
use crate::body::{AnswerBody, Hold, Patience};
use crate::clock;
use crate::exchange::{Head, Limits};
use crate::fault::Fault;
use crate::metrics::{self, Counters};
use crate::policy::deadline;
use crate::pool::{Lease, Pool};
use crate::request::Request;

/// How a try ended.
pub(crate) enum Ended {
    /// A head came; the body may still be coming.
    Answered(http::Response<AnswerBody>),
    /// The peer certainly did not act upon it.
    Unsent(NotSentReason),
    /// Something may have left and no head came back.
    Unclear(UnclearReason),
}

/// What bounds a try, and what it has of the target.
#[derive(Clone, Copy)]
pub(crate) struct Bounds<'a> {
    /// The target's own headers, for requests that do not have them.
    pub(crate) headers: &'a HeaderMap,
    pub(crate) connect: Duration,
    /// From the end of the request to the head; none where only the deadline counts.
    pub(crate) response: Option<Duration>,
    pub(crate) body_idle: Duration,
    /// Both bodies may be silent for as long as they like.
    pub(crate) streams: bool,
    pub(crate) deadline: Option<Instant>,
    /// The deadline that somebody asked for, which is never the earlier one: it holds for the bodies, too. A default one
    /// does not cut off a long body that moves.
    pub(crate) asked: Option<Instant>,
    /// The peer is told what remains, in the headers that the request came with.
    pub(crate) tells: bool,
}

impl Bounds<'_> {
    /// The request with what is left of its deadline, less a margin for the way back. None if it goes as it is.
    pub(crate) fn told(&self, request: &Request) -> Option<Request> {
        let at = self.deadline.filter(|_| self.tells)?;
        let left = deadline::passed_on(at.saturating_duration_since(clock::now()));
        let mut request = request.clone();
        deadline::write(left, &mut request.headers);
        Some(request)
    }
}

/// Sends `request` once over a connection of `pool`.
pub(crate) async fn attempt(
    pool: &Arc<Pool>,
    request: &Request,
    bounds: &Bounds<'_>,
    fault: Option<Fault>,
    fresh: bool,
    counters: &Counters,
) -> Ended {
    let far = || clock::after(clock::now(), Duration::MAX);
    let ends = bounds.deadline.unwrap_or_else(far);
    let fault = match fault {
        None => None,
        Some(fault) => match fault.before(request.response_timeout.or(bounds.response), ends).await {
            Ok(fault) => Some(fault),
            Err(ended) => return ended,
        },
    };
    let (lease, place) = match pool.checkout(bounds.connect, ends, fresh).await {
        Ok(checked_out) => checked_out,
        Err(why) => return Ended::Unsent(why),
    };
    if clock::now() >= ends {
        if let Lease::Http1(connection) = lease {
            pool.give_back(connection);
        }
        return Ended::Unsent(NotSentReason::Deadline);
    }
    let told = bounds.told(request);
    let request = told.as_ref().unwrap_or(request);
    let limits = Limits::of(request, bounds);
    metrics::add(&counters.dispatched);
    let (head, hold) = match lease {
        Lease::Http1(mut connection) => {
            let head = connection.head(request.to_http1(&pool.endpoint, bounds.headers), &limits).await;
            (head, Hold::Http1 { connection, pool: Arc::clone(pool), place })
        }
        Lease::Http2(stream) => {
            let head =
                stream.connection.head(request.to_http2(&pool.endpoint, bounds.headers), &limits).await;
            (head, Hold::Http2 { _stream: stream, _place: place })
        }
    };
    match head {
        Head::Answered(answer) => match fault.map_or(Ok(None), Fault::after) {
            Ok(body_fault) => {
                let patience = Patience::of(&answer, bounds);
                Ended::Answered(answer.map(|incoming| AnswerBody::live(incoming, hold, patience, body_fault)))
            }
            Err(why) => Ended::Unclear(why),
        },
        Head::Unsent(why) => Ended::Unsent(why),
        Head::Unclear(why) => Ended::Unclear(why),
    }
}
