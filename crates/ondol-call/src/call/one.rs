//! One attempt of a call: a place, an endpoint, a try, and what it taught.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{CallError, Judged, Kind};
use crate::answer::NotSentReason;
use crate::attempt::{self, Bounds, Ended};
use crate::callee::Shared;
use crate::clock;
use crate::desk::{Choice, Lane, Patience, Place, Rejected, Visit};
use crate::policy::deadline;
use crate::policy::retry;
use crate::pool::Pool;
use crate::request::Request;
use crate::story::Decision;
use crate::upgrade::upgrade;

/// A gRPC call whose head did not come by then is taken for a stream that has nothing to say, and gives its place back:
/// such streams may be open for hours, and a few of them would leave no place for others. As long as a call's whole
/// time by default, so that one that the service is slow with counts as such.
const STREAM_PLACE_MAX: Duration = Duration::from_secs(10);

/// An attempt that has its place and its endpoint.
pub(crate) struct Ready {
    /// The endpoint's, as the desk knows it.
    pub(crate) id: u64,
    pub(crate) pool: Arc<Pool>,
    pub(crate) decision: Decision,
    place: Place,
    visit: Visit,
}

/// An attempt that ended.
pub(crate) struct Done {
    pub(crate) ended: Ended,
    pub(crate) retry: retry::Ended,
    pub(crate) decision: Decision,
}

/// Why there is no attempt.
pub(crate) enum NotReady {
    Rejected(Rejected),
    NoEndpoint,
}

/// How an attempt is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Over a kept connection, if there is one.
    Kept,
    /// Over a new one.
    Fresh,
    /// Over a new one that may switch to another protocol.
    Upgrade,
}

impl Shared {
    /// A place and an endpoint that was not tried yet.
    pub(crate) async fn ready(
        &self,
        operation: Option<usize>,
        way_in: (Lane, Patience),
        deadline: Option<Instant>,
        tried: &[u64],
    ) -> Result<Ready, NotReady> {
        let place = self.desk.enter(operation, way_in, deadline).await.map_err(NotReady::Rejected)?;
        let mut not_ours = Vec::new();
        loop {
            let chosen = if not_ours.is_empty() {
                self.desk.choose(tried)
            } else {
                self.desk.choose(&[tried, &not_ours].concat())
            };
            let Choice { id, endpoint, visit, decision } = chosen.ok_or(NotReady::NoEndpoint)?;
            match self.pools.of(&endpoint) {
                Some(pool) => return Ok(Ready { id, pool, decision, place, visit }),
                // The desk knows of a change that this caller has yet to be told.
                None => not_ours.push(id),
            }
        }
    }

    /// Sends it, and remembers what came of it.
    pub(crate) async fn go(
        self: &Arc<Self>,
        ready: Ready,
        request: &Request,
        bounds: &Bounds<'_>,
        way: Way,
    ) -> Done {
        let Ready { pool, place, visit, .. } = ready;
        let fault = if self.has_faults { self.desk.fault() } else { None };
        let ends = async {
            match way {
                Way::Upgrade => upgrade(pool.dialer(), &pool, request, bounds).await,
                Way::Kept | Way::Fresh => {
                    attempt::attempt(&pool, request, bounds, fault, way == Way::Fresh, &self.counters).await
                }
            }
        };
        let (ended, place) = within_place(ends, place, bounds.streams).await;
        let took = visit.took();
        let judged = Judged::of(&ended, took, (self.wall_ms)());
        if let Some(place) = place {
            place.leave(judged.throttle);
        }
        let endpoint = pool.endpoint.clone();
        let why = match &judged.how {
            crate::story::How::Status(status) if *status < 500 => None,
            crate::story::How::Status(status) => Some(format!("answered {status}")),
            crate::story::How::Failed(why) => Some(why.clone()),
        };
        match judged.health {
            Some(health) => visit.end(health, judged.sample, why),
            None => drop(visit),
        }
        Done { ended, retry: judged.retry, decision: Decision::Ended { endpoint, how: judged.how, took } }
    }

    /// `another`: there may be another attempt after this one.
    pub(super) fn bounds(&self, kind: &Kind<'_>, another: bool) -> Bounds<'_> {
        let settings = kind.settings;
        let response = match (settings.response, kind.deadline) {
            (Some(response), None) => Some(response),
            (set, Some(deadline)) => {
                let remaining = deadline.saturating_duration_since(clock::now());
                Some(deadline::attempt_timeout(remaining, set, another))
            }
            (None, None) => None,
        };
        Bounds {
            headers: &self.headers,
            connect: self.timeouts.connect,
            response,
            body_idle: settings.body_idle,
            streams: kind.grpc,
            deadline: kind.deadline,
            asked: kind.asked,
            tells: kind.asked.is_some(),
        }
    }

    /// Asks a service to switch to another protocol: one attempt, and one more endpoint for each that is not there.
    pub(crate) async fn upgraded(
        self: &Arc<Self>,
        request: &Request,
        operation: Option<usize>,
    ) -> Result<http::Response<crate::body::AnswerBody>, CallError> {
        let kind = self.kind(&request.method, &request.headers, operation);
        if kind.asked.is_some_and(|at| at <= clock::now()) {
            return Err(CallError::Expired);
        }
        self.desk.begin(operation)?;
        let bounds = self.bounds(&kind, false);
        let mut tried = Vec::new();
        let mut last = NotSentReason::NoEndpoint;
        loop {
            let ready =
                match self.ready(operation, (kind.lane, Patience::Settings), kind.deadline, &tried).await {
                    Ok(ready) => ready,
                    Err(NotReady::Rejected(rejected)) => return Err(rejected.into()),
                    Err(NotReady::NoEndpoint) => return Err(CallError::NotSent { why: last }),
                };
            if tried.is_empty() {
                self.desk.earn(operation);
            }
            tried.push(ready.id);
            match self.go(ready, request, &bounds, Way::Upgrade).await.ended {
                Ended::Answered(answer) => return Ok(answer),
                Ended::Unsent(why) => last = why,
                Ended::Unclear(why) => return Err(CallError::Unclear { why }),
            }
        }
    }
}

/// Waits for an attempt's end, and for the place that it had, unless it was a stream that gave it back.
async fn within_place(
    ends: impl Future<Output = Ended>,
    place: Place,
    streams: bool,
) -> (Ended, Option<Place>) {
    if !streams {
        return (ends.await, Some(place));
    }
    let mut ends = pin!(ends);
    match tokio::time::timeout(STREAM_PLACE_MAX, ends.as_mut()).await {
        Ok(ended) => (ended, Some(place)),
        Err(_elapsed) => {
            drop(place);
            (ends.await, None)
        }
    }
}
