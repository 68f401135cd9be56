//! Attempts of one call, one after the other or hedged, within its deadline and the target's budget.

use std::sync::Arc;
use std::time::Duration;

use http_body::Body as _;
use http_body_util::BodyExt;

use super::one::{Done, NotReady, Way};
use super::{CallError, Kind};
use crate::answer::NotSentReason;
use crate::attempt::Ended;
use crate::body::AnswerBody;
use crate::callee::Shared;
use crate::clock;
use crate::desk::Patience;
use crate::policy::retry::{self, Mode, Next, Place, Repeat, Stop, Tries};
use crate::request::Request;
use crate::story::{Decision, Story};

/// An answer that may not be passed on is read to its end if it is no longer than this, so that its connection can be
/// kept …
const DRAINED_MAX: u64 = 16 * 1024;
/// … and comes at once.
const DRAINED_WITHIN: Duration = Duration::from_millis(50);

type Result = std::result::Result<http::Response<AnswerBody>, CallError>;

/// What has been tried.
#[derive(Default)]
pub(super) struct Course {
    pub(super) tried: Vec<u64>,
    pub(super) counted: u32,
    /// It has earned budget.
    earned: bool,
    turned_away: u32,
    pub(super) retries: u32,
    way: Option<Way>,
    /// Only an endpoint that was not tried yet will do.
    another_only: bool,
    /// What the call comes to if no further attempt is sent: what the last one that was sent came to, or why none was.
    last: Option<Result>,
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
                Err(none) => return course.last.unwrap_or(Err(none)),
            };
            story.tell(done.decision);
            let next = self.next(kind, &done.retry, &mut course, most);
            let wait = match self.paid(kind, next, &mut course, request, story) {
                Ok(wait) => wait,
                Err(stop) => {
                    if !is_success(&done.retry) {
                        story.tell(Decision::Stopped(stop));
                    }
                    return course.ends(done.ended);
                }
            };
            course.goes_on(done.ended).await;
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
                return Err(CallError::NotSent { why: NotSentReason::NoEndpoint });
            }
        };
        if !std::mem::replace(&mut course.earned, true) {
            self.desk.earn(kind.operation);
        }
        course.tried.push(ready.id);
        story.tell(ready.decision.clone());
        let bounds = self.bounds(kind, another);
        match self.hedge_after(request, kind, course, story) {
            None => {
                let began = clock::now();
                let done = self.go(ready, request, &bounds, way).await;
                if kind.settings.hedge.is_some() && course.retries == 0 && is_good(&done) {
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

    fn next(&self, kind: &Kind<'_>, ended: &retry::Ended, course: &mut Course, most: u32) -> Next {
        match ended {
            retry::Ended::TurnedAway => course.turned_away += 1,
            retry::Ended::NotSent => {}
            retry::Ended::Cut
            | retry::Ended::TimedOut
            | retry::Ended::Answered { .. }
            | retry::Ended::ClientGone
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

impl Course {
    /// There is no further attempt. One that was not sent leaves the call at what the one before it came to: that the
    /// service was sent nothing would not be true.
    fn ends(&mut self, ended: Ended) -> Result {
        match self.last.take() {
            Some(last) if matches!(ended, Ended::Unsent(_)) && !is_unsent(&last) => last,
            Some(_) | None => result(ended),
        }
    }

    /// There may be a further attempt.
    async fn goes_on(&mut self, ended: Ended) {
        let last = match self.ends(ended) {
            Ok(answer) => read(answer).await.map(Ok),
            Err(error) => Some(Err(error)),
        };
        self.last = last;
    }
}

/// A second copy is not waited for.
pub(super) fn is_good(done: &Done) -> bool {
    matches!(done.retry, retry::Ended::Answered { status, .. } if status.as_u16() < 500 && status.as_u16() != 429)
}

/// Nobody asks why it was not sent again.
fn is_success(ended: &retry::Ended) -> bool {
    matches!(ended, retry::Ended::Answered { status, .. } if status.as_u16() < 400)
}

fn is_unsent(result: &Result) -> bool {
    matches!(result, Err(CallError::NotSent { .. }))
}

fn result(ended: Ended) -> Result {
    match ended {
        Ended::Answered(answer) => Ok(answer),
        Ended::Unsent(why) => Err(CallError::NotSent { why }),
        Ended::Unclear(why) => Err(CallError::Unclear { why }),
    }
}

/// Reads a short answer to its end, so that its connection is kept. None if it is not short, or does not come at once.
pub(crate) async fn read(answer: http::Response<AnswerBody>) -> Option<http::Response<AnswerBody>> {
    let (parts, body) = answer.into_parts();
    body.size_hint().upper().filter(|upper| *upper <= DRAINED_MAX)?;
    let whole = tokio::time::timeout(DRAINED_WITHIN, body.collect()).await.ok()?.ok()?;
    Some(http::Response::from_parts(parts, AnswerBody::whole(whole.to_bytes())))
}
