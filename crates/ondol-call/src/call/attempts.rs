//! Attempts of one call, one after the other or hedged, within its deadline and the target's budget.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use http_body::Body as _;
use http_body_util::BodyExt;

use super::one::{Done, NotReady, Way, with_deadline};
use super::{CallError, Kind};
use crate::answer::NotSentReason;
use crate::attempt::{Bounds, Ended};
use crate::body::AnswerBody;
use crate::callee::Shared;
use crate::clock;
use crate::desk::Patience;
use crate::policy::hedge;
use crate::policy::retry::{self, Mode, Next, Place, Repeat, Stop, Tries};
use crate::request::Request;
use crate::story::{Decision, Story};

/// An answer that is not passed on is read to its end if it is no longer than this, so that its connection can be kept …
const DRAINED_MAX: u64 = 16 * 1024;
/// … and comes at once.
const DRAINED_WITHIN: Duration = Duration::from_millis(50);

type Result = std::result::Result<http::Response<AnswerBody>, CallError>;

/// What has been tried.
#[derive(Default)]
struct Course {
    tried: Vec<usize>,
    counted: u32,
    turned_away: u32,
    retries: u32,
    way: Option<Way>,
    /// Only an endpoint that was not tried yet will do.
    another_only: bool,
    /// What the last attempt came to, if nothing comes after it.
    last: Option<CallError>,
}

impl Shared {
    /// Tries until there is an answer to pass on, or no reason to try on.
    pub(super) async fn attempts(
        self: &Arc<Self>,
        request: &Request,
        kind: &Kind<'_>,
        story: &mut Story,
    ) -> Result {
        if let Err(rejected) = self.desk.begin(kind.operation) {
            story.tell(Decision::Rejected(rejected.to_string()));
            return Err(rejected.into());
        }
        let most = retry::attempts_max(&kind.settings.retry, &request.method, kind.engine_attempt);
        let mut course = Course::default();
        loop {
            let another = course.counted + 1 < most && kind.repeat == Repeat::Safe;
            let done = match self.attempt(request, kind, &mut course, another, story).await {
                Ok(done) => done,
                Err(error) => return Err(error),
            };
            story.tell(done.decision);
            let next = self.next(kind, &done.retry, &mut course, most);
            let wait = match self.paid(kind, next, &mut course, request, story) {
                Ok(wait) => wait,
                Err(stop) => {
                    story.tell(Decision::Stopped(stop));
                    return result(done.ended);
                }
            };
            course.last = match result(done.ended) {
                Ok(answer) => {
                    drain(answer).await;
                    None
                }
                Err(error) => Some(error),
            };
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
        }
    }

    /// One attempt, or two if it is hedged.
    async fn attempt(
        self: &Arc<Self>,
        request: &Request,
        kind: &Kind<'_>,
        course: &mut Course,
        another: bool,
        story: &mut Story,
    ) -> std::result::Result<Done, CallError> {
        let way = course.way.take().unwrap_or(Way::Kept);
        let mut ready =
            self.ready(kind.operation, (kind.lane, Patience::Settings), kind.deadline, &course.tried).await;
        if let (Err(NotReady::NoEndpoint), false) = (&ready, course.another_only) {
            // Every endpoint had its turn: they may have another.
            course.tried.clear();
            ready = self
                .ready(kind.operation, (kind.lane, Patience::Settings), kind.deadline, &course.tried)
                .await;
        }
        let ready = match ready {
            Ok(ready) => ready,
            Err(NotReady::Rejected(rejected)) => {
                story.tell(Decision::Rejected(rejected.to_string()));
                return Err(rejected.into());
            }
            Err(NotReady::NoEndpoint) => {
                let none = || CallError::NotSent { why: NotSentReason::NoEndpoint };
                return Err(course.last.take().unwrap_or_else(none));
            }
        };
        course.tried.push(ready.index);
        story.tell(ready.decision.clone());
        let bounds = self.bounds(kind, another);
        let timed = with_deadline(request, kind);
        let request = timed.as_ref().unwrap_or(request);
        match self.hedge_after(request, kind, course, story) {
            None => {
                let began = clock::now();
                let done = self.go(ready, request, &bounds, way).await;
                if kind.settings.hedge.is_some() && course.retries == 0 {
                    self.desk.record(kind.operation, clock::now() - began);
                }
                Ok(done)
            }
            Some(after) => {
                let first = self.go(ready, request, &bounds, way);
                Ok(self.hedged(first, after, (request, &bounds), kind, course, story).await)
            }
        }
    }

    /// After how long this attempt gets a second copy, if it does.
    fn hedge_after(
        &self,
        request: &Request,
        kind: &Kind<'_>,
        course: &Course,
        story: &mut Story,
    ) -> Option<Duration> {
        kind.settings.hedge?;
        let call = hedge::Call {
            method: &request.method,
            keyed: kind.has_key && self.key_honoured,
            engine_attempt: kind.engine_attempt,
            repeated: course.retries > 0,
        };
        let refused = match self.desk.hedge_after(kind.operation, &call)? {
            Ok(after) if request.body.is_here() => return Some(after),
            Ok(_) => "its body is still coming".to_owned(),
            Err(why) => why.to_string(),
        };
        story.tell(Decision::NotHedged(refused));
        None
    }

    /// Runs `first`; if it has not ended in time, a second one beside it on another endpoint. Whichever answers first
    /// wins; one that failed leaves the other its chance.
    async fn hedged(
        self: &Arc<Self>,
        first: impl Future<Output = Done>,
        after: Duration,
        (request, bounds): (&Request, &Bounds),
        kind: &Kind<'_>,
        course: &mut Course,
        story: &mut Story,
    ) -> Done {
        let began = clock::now();
        let first = async {
            let done = first.await;
            self.desk.record(kind.operation, clock::now() - began);
            done
        };
        let mut first = Box::pin(first);
        if let Ok(done) = tokio::time::timeout(after, &mut first).await {
            return done;
        }
        if let Err(empty) = self.desk.pay(kind.operation, hedge::COST) {
            story.tell(Decision::Stopped(empty.into()));
            return first.await;
        }
        let ready = match self
            .ready(kind.operation, (kind.lane, Patience::Settings), kind.deadline, &course.tried)
            .await
        {
            Ok(ready) => ready,
            Err(NotReady::Rejected(_) | NotReady::NoEndpoint) => {
                story.tell(Decision::NotHedged("no other endpoint, or no place".to_owned()));
                return first.await;
            }
        };
        self.counters.hedged();
        course.tried.push(ready.index);
        story.tell(Decision::Hedged { after });
        story.tell(ready.decision.clone());
        let second = Box::pin(self.go(ready, request, bounds, Way::Kept));
        match select(first, second).await {
            Either::Left((done, second)) if is_good(&done) => {
                drop(second);
                done
            }
            Either::Right((done, first)) if is_good(&done) => {
                drop(first);
                self.desk.record(kind.operation, clock::now() - began);
                done
            }
            Either::Left((done, second)) => {
                story.tell(done.decision);
                second.await
            }
            Either::Right((done, first)) => {
                story.tell(done.decision);
                first.await
            }
        }
    }

    fn next(&self, kind: &Kind<'_>, ended: &retry::Ended, course: &mut Course, most: u32) -> Next {
        match ended {
            retry::Ended::TurnedAway => course.turned_away += 1,
            retry::Ended::NotSent => {}
            retry::Ended::Cut
            | retry::Ended::TimedOut
            | retry::Ended::Answered { .. }
            | retry::Ended::CutAfterBegin => course.counted += 1,
        }
        let far = Duration::MAX;
        let remaining = kind.deadline.map_or(far, |at| at.saturating_duration_since(clock::now()));
        let tries = Tries {
            counted: course.counted,
            counted_max: most,
            turned_away: course.turned_away,
            endpoints_left: self.desk.untried(&course.tried),
            remaining,
        };
        retry::decide(Mode::Full, *ended, kind.repeat, &tries, &kind.settings.retry)
    }

    /// What is to be waited before the next attempt, once the budget has paid for it.
    fn paid(
        &self,
        kind: &Kind<'_>,
        next: Next,
        course: &mut Course,
        request: &Request,
        story: &mut Story,
    ) -> std::result::Result<Duration, Stop> {
        let (place, wait, cost) = match next {
            Next::Stop(stop) => return Err(stop),
            Next::Retry { place, wait, cost, .. } => (place, wait, cost),
        };
        if !request.body.is_repeatable() {
            return Err(Stop::BodyTooLong);
        }
        let budget = if cost == 0 {
            self.desk.balance(kind.operation)
        } else {
            self.desk.pay(kind.operation, cost).map_err(Stop::from)?
        };
        course.retries += 1;
        self.counters.retried();
        let wait = self.desk.roll(|dice| wait.draw(course.retries, &kind.settings.retry.backoff, dice));
        let left = kind.deadline.map_or(wait, |at| at.saturating_duration_since(clock::now()));
        let wait = wait.min(left);
        course.another_only = place == Place::Another;
        course.way = (place == Place::FreshConnection).then_some(Way::Fresh);
        story.tell(Decision::Again { place, wait, budget });
        Ok(wait)
    }
}

/// It is passed on, whatever else may come.
fn is_good(done: &Done) -> bool {
    matches!(done.retry, retry::Ended::Answered { status, .. } if status.as_u16() < 500 && status.as_u16() != 429)
}

fn result(ended: Ended) -> Result {
    match ended {
        Ended::Answered(answer) => Ok(answer),
        Ended::Unsent(why) => Err(CallError::NotSent { why }),
        Ended::Unclear(why) => Err(CallError::Unclear { why }),
    }
}

/// Reads a short answer to its end, so that its connection is kept.
async fn drain(answer: http::Response<AnswerBody>) {
    let body = answer.into_body();
    if body.size_hint().upper().is_some_and(|upper| upper <= DRAINED_MAX) {
        let _kept_or_closed = tokio::time::timeout(DRAINED_WITHIN, body.collect()).await;
    }
}
