//! Attempts of one call, one after the other, within its deadline and the target's budget.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use ondol_call::policy::retry::{self, Mode, Next, Place, Repeat, Stop, Tries};
use tower_service::Service;

use super::attempt::{Ended, attempt};
use super::desk::{self, Visit};
use super::error::About;
use super::kind::Kind;
use super::{Balanced, CallError, Decision, Failed, NoMore, Story};

/// What has been tried.
struct Course<E> {
    tried: Vec<usize>,
    counted: u32,
    turned_away: u32,
    retries: u32,
    /// Only an endpoint that was not tried yet will do.
    another_only: bool,
    /// What the last attempt came to, should there be no endpoint for another.
    last: Option<CallError<E>>,
}

impl<E> Course<E> {
    fn new() -> Self {
        Self { tried: Vec::new(), counted: 0, turned_away: 0, retries: 0, another_only: false, last: None }
    }

    fn count(&mut self, ended: retry::Ended) {
        match ended {
            retry::Ended::NotSent => {}
            retry::Ended::TurnedAway => self.turned_away += 1,
            retry::Ended::Cut
            | retry::Ended::TimedOut
            | retry::Ended::Answered { .. }
            | retry::Ended::CutAfterBegin
            | retry::Ended::ClientGone => self.counted += 1,
        }
    }
}

impl<S, B, R, E> Balanced<S, B, R, E>
where
    S: Service<Request<B>, Response = Response<R>, Error = E> + Clone,
{
    /// Tries until there is an answer to pass on, or no reason to try on.
    pub(super) async fn attempts(
        &self,
        mut request: Request<B>,
        kind: &Kind,
        story: &mut Story,
    ) -> Result<Response<R>, CallError<E>> {
        if let Err(limit) = self.desk.begin() {
            story.tell(Decision::Rejected(limit));
            return Err(CallError::Rejected { call: self.about(), limit });
        }
        let mut course = Course::new();
        loop {
            let (place, visit) = self.ready(kind, &mut course, story).await?;
            let now = self.desk.now();
            if kind.remaining(now).is_zero() {
                story.tell(Decision::Stopped(Stop::DeadlinePassed.into()));
                return Err(CallError::Expired { call: self.about() });
            }
            let copy = self.copied(&request);
            let another = copy.is_some() && kind.repeat == Repeat::Safe && course.counted + 1 < kind.most;
            let within = kind.attempt_within(now, self.desk.settings.response, another);
            kind.pass_on(request.headers_mut(), now);
            let endpoint = Arc::clone(&visit.endpoint);
            let (ended, judged) = self.go(request, within, place, visit, story).await;
            course.count(judged);
            match self.next((judged, copy), kind, &mut course, story) {
                Ok((copy, wait)) => {
                    // An answer that came is given up: its connection is needed no longer.
                    let none_left = Stop::NoEndpointLeft.into();
                    course.last = result(ended, self.about(), endpoint, none_left).err();
                    if !wait.is_zero() {
                        tokio::time::sleep(wait).await;
                    }
                    request = copy;
                }
                Err(no_more) => {
                    story.tell(Decision::Stopped(no_more));
                    return result(ended, self.about(), endpoint, no_more);
                }
            }
        }
    }

    /// A place in flight, and an endpoint that was not tried yet.
    async fn ready(
        &self,
        kind: &Kind,
        course: &mut Course<E>,
        story: &mut Story,
    ) -> Result<(desk::Place, Visit), CallError<E>> {
        let place = self.desk.enter(kind.lane, kind.remaining(self.desk.now())).await.map_err(|limit| {
            story.tell(Decision::Rejected(limit));
            CallError::Rejected { call: self.about(), limit }
        })?;
        let mut chosen = self.desk.choose(&course.tried);
        if chosen.is_none() && !course.another_only {
            // Every endpoint had its turn: they may have another.
            course.tried.clear();
            chosen = self.desk.choose(&course.tried);
        }
        let none = || CallError::NoEndpoint { call: self.about() };
        let (visit, decision) = chosen.ok_or_else(|| course.last.take().unwrap_or_else(none))?;
        course.tried.push(visit.index);
        story.tell(decision);
        Ok((place, visit))
    }

    /// Sends it, and lets breaker, balancer and throttle learn from what came of it.
    async fn go(
        &self,
        request: Request<B>,
        within: Option<Duration>,
        place: desk::Place,
        visit: Visit,
        story: &mut Story,
    ) -> (Ended<R, E>, retry::Ended) {
        let service = self.services[visit.index].clone();
        let clock = &self.options.clock;
        let ended = attempt(service, request, within, self.options.failed, clock).await;
        let took = visit.took();
        let judged = ended.judged(took, clock);
        place.leave(judged.throttle);
        story.tell(Decision::Ended { endpoint: Arc::clone(&visit.endpoint), how: judged.how, took });
        match judged.health {
            Some(health) => visit.end(health, judged.sample),
            None => drop(visit),
        }
        (ended, judged.retry)
    }

    /// The request for the next attempt, which is paid for then, and how long it waits.
    fn next(
        &self,
        (ended, copy): (retry::Ended, Option<Request<B>>),
        kind: &Kind,
        course: &mut Course<E>,
        story: &mut Story,
    ) -> Result<(Request<B>, Duration), NoMore> {
        let settings = &self.desk.settings.retry;
        let remaining = kind.remaining(self.desk.now());
        let tries = Tries {
            counted: course.counted,
            counted_max: kind.most,
            turned_away: course.turned_away,
            endpoints_left: self.desk.untried(&course.tried),
            remaining,
        };
        let (place, wait, cost) = match retry::decide(Mode::Full, ended, kind.repeat, &tries, settings) {
            Next::Stop(stop) => return Err(stop.into()),
            Next::Retry { place, wait, cost, counted: _ } => (place, wait, cost),
        };
        let copy = copy.ok_or(NoMore::NotCopied)?;
        let wait = self.desk.roll(|dice| wait.draw(course.retries + 1, &settings.backoff, dice));
        if wait >= remaining {
            // It would wake up too late: what came is told at once.
            return Err(Stop::DeadlinePassed.into());
        }
        let budget = self.desk.pay(cost)?;
        course.retries += 1;
        course.another_only = place == Place::Another;
        story.tell(Decision::Again { wait, budget });
        Ok((copy, wait))
    }

    fn about(&self) -> About {
        About::new(&self.desk.name)
    }

    /// The request once more; none if its body cannot be copied.
    pub(super) fn copied(&self, request: &Request<B>) -> Option<Request<B>> {
        let mut copy = Request::new((self.options.copy)(request.body())?);
        *copy.method_mut() = request.method().clone();
        *copy.uri_mut() = request.uri().clone();
        *copy.version_mut() = request.version();
        *copy.headers_mut() = request.headers().clone();
        *copy.extensions_mut() = request.extensions().clone();
        Some(copy)
    }
}

fn result<R, E>(
    ended: Ended<R, E>,
    call: About,
    endpoint: Arc<str>,
    no_more: NoMore,
) -> Result<Response<R>, CallError<E>> {
    Err(match ended {
        Ended::Answered(answer) => return Ok(answer),
        Ended::NotReady { waited } => CallError::NotReady { call, endpoint, waited, no_more },
        Ended::TimedOut { waited } => CallError::TimedOut { call, endpoint, waited, no_more },
        Ended::Failed { failed, error: source } => match failed {
            Failed::NotSent | Failed::TurnedAway => CallError::NotSent { call, endpoint, no_more, source },
            Failed::Cut | Failed::TimedOut => CallError::Failed { call, endpoint, no_more, source },
        },
    })
}
