//! One attempt at one endpoint, and what its end means.

use std::future::poll_fn;
use std::time::Duration;

use http::{Request, Response};
use ondol_call::policy::balance::Sample;
use ondol_call::policy::breaker::Outcome;
use ondol_call::policy::retry;
use ondol_call::policy::throttle::Left;
use ondol_call::{How, Judged};
use tower_service::Service;

use super::{Clock, Failed};

/// How long the inner service may take to get ready: to connect, where it does that first, or to find a place. A call
/// that found none for this long is better sent elsewhere; ondol-call's own pool has the same second for either.
const READY_WITHIN: Duration = Duration::from_secs(1);

/// How an attempt ended.
pub(super) enum Ended<R, E> {
    /// A head came; the body may still be coming.
    Answered(Response<R>),
    /// The inner service did not get ready, and was given nothing.
    NotReady { waited: Duration },
    /// It was sent, and no head came in time.
    TimedOut { waited: Duration },
    /// It failed before a head came.
    Failed { failed: Failed, error: E },
}

/// Sends `request` once. `within` is for getting ready and for the answer's head together: what of it is connecting,
/// a service does not say.
pub(super) async fn attempt<S, B, R>(
    mut service: S,
    request: Request<B>,
    within: Option<Duration>,
    failed: fn(&S::Error) -> Failed,
    clock: &Clock,
) -> Ended<R, S::Error>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    let began = clock.now();
    let waited = || clock.now().since(began);
    let ready_within = within.map_or(READY_WITHIN, |within| within.min(READY_WITHIN));
    match bounded(Some(ready_within), ready(&mut service)).await {
        None => return Ended::NotReady { waited: waited() },
        // The request was not given to it, whatever the error says of others.
        Some(Err(error)) => return Ended::Failed { failed: Failed::NotSent, error },
        Some(Ok(())) => {}
    }
    let left = within.map(|within| within.saturating_sub(waited()));
    match bounded(left, service.call(request)).await {
        None => Ended::TimedOut { waited: waited() },
        Some(Err(error)) => Ended::Failed { failed: failed(&error), error },
        Some(Ok(answer)) => Ended::Answered(answer),
    }
}

/// Waits until `service` takes a request.
pub(super) async fn ready<S: Service<Q>, Q>(service: &mut S) -> Result<(), S::Error> {
    poll_fn(|cx| service.poll_ready(cx)).await
}

async fn bounded<F: Future>(within: Option<Duration>, future: F) -> Option<F::Output> {
    match within {
        Some(within) => tokio::time::timeout(within, future).await.ok(),
        None => Some(future.await),
    }
}

impl<R, E> Ended<R, E> {
    /// What it means for the next attempt, the endpoint and the throttle. `took`: since the attempt began.
    pub(super) fn judged(&self, took: Duration, clock: &Clock) -> Judged {
        match self {
            Self::Answered(answer) => {
                Judged::answered(answer.status(), answer.headers(), took, clock.wall_ms())
            }
            // Its own client is busy, which says nothing of the endpoint.
            Self::NotReady { .. } => Judged {
                retry: retry::Ended::NotSent,
                health: None,
                sample: Sample::GivenUp(took),
                throttle: Left::Other,
                how: How::Failed("its client was not ready in time".to_owned()),
            },
            Self::TimedOut { .. } => failed(Failed::TimedOut, took),
            Self::Failed { failed: how, .. } => failed(*how, took),
        }
    }
}

fn failed(failed: Failed, took: Duration) -> Judged {
    let penalty = Sample::Failed { retry_after: None };
    let (retry, health, sample, throttle, why) = match failed {
        Failed::NotSent => {
            (retry::Ended::NotSent, Some(Outcome::Unreachable), penalty, Left::Other, "it was sent nothing")
        }
        Failed::TurnedAway => (
            retry::Ended::TurnedAway,
            None,
            Sample::GivenUp(took),
            Left::Other,
            "it turned the request away unprocessed",
        ),
        Failed::Cut => (
            retry::Ended::Cut,
            Some(Outcome::Hard),
            penalty,
            Left::Other,
            "the connection failed before an answer",
        ),
        Failed::TimedOut => {
            (retry::Ended::TimedOut, Some(Outcome::Hard), penalty, Left::Overloaded, "no answer in time")
        }
    };
    Judged { retry, health, sample, throttle, how: How::Failed(why.to_owned()) }
}
