//! A second copy of a slow attempt, beside it on another endpoint.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::Kind;
use super::attempts::{Course, is_good};
use super::one::{Done, NotReady, Ready, Way};
use crate::attempt::{Bounds, Ended};
use crate::callee::Shared;
use crate::clock;
use crate::desk::Patience;
use crate::policy::hedge;
use crate::policy::retry::Stop;
use crate::request::Request;
use crate::story::{Decision, Story};

/// A copy that is not needed waits for no place: meanwhile nobody would look after the first.
const NO_PATIENCE: Patience = Patience::Own(Duration::ZERO);

impl Shared {
    /// After how long this attempt gets a second copy, if it does.
    pub(super) fn hedge_after(
        &self,
        request: &Request,
        kind: &Kind<'_>,
        course: &Course,
        story: &mut Story,
    ) -> Option<Duration> {
        kind.settings.hedge?;
        let call = hedge::Call {
            method: &request.method,
            keyed: kind.has_key && self.key_honoured || kind.idempotent,
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
    pub(super) async fn hedged(
        self: &Arc<Self>,
        first: impl Future<Output = Done>,
        after: Duration,
        (request, bounds): (&Request, &Bounds<'_>),
        kind: &Kind<'_>,
        course: &mut Course,
        story: &mut Story,
    ) -> Done {
        let began = clock::now();
        let record = || self.desk.record(kind.operation, clock::now() - began);
        let first = async {
            let done = first.await;
            if is_good(&done) {
                record();
            }
            done
        };
        let mut first = Box::pin(first);
        if let Ok(done) = tokio::time::timeout(after, &mut first).await {
            return done;
        }
        let ready = match self.ready_and_paid(kind, course).await {
            Ok(ready) => ready,
            Err(why) => {
                story.tell(Decision::NotHedged(why));
                return first.await;
            }
        };
        self.counters.hedged();
        if kind.engine_attempt.is_some() {
            // It is the one that may be added to a call of the engine's.
            course.counted += 1;
        }
        course.tried.push(ready.id);
        story.tell(Decision::Hedged { after });
        story.tell(ready.decision.clone());
        let second = Box::pin(self.go(ready, request, bounds, Way::Kept));
        match select(first, second).await {
            Either::Left((done, _second)) if is_good(&done) => done,
            Either::Right((done, _first)) if is_good(&done) => {
                record();
                done
            }
            Either::Left((done, second)) => better(done, second.await, story),
            Either::Right((done, first)) => better(done, first.await, story),
        }
    }

    /// A place and another endpoint at once, or why there is no second copy. Nothing is paid where none can be sent.
    async fn ready_and_paid(&self, kind: &Kind<'_>, course: &Course) -> Result<Ready, String> {
        let way_in = (kind.lane, NO_PATIENCE);
        let ready = self.ready(kind.operation, way_in, kind.deadline, &course.tried).await;
        let ready = ready.map_err(|not_ready| match not_ready {
            NotReady::Rejected(rejected) => rejected.to_string(),
            NotReady::NoEndpoint => "there is no other endpoint".to_owned(),
        })?;
        match self.desk.pay(kind.operation, hedge::COST) {
            Ok(_) => Ok(ready),
            Err(empty) => Err(Stop::from(empty).to_string()),
        }
    }
}

/// The later of two, unless it was sent nothing: then the call is as the earlier left it.
fn better(earlier: Done, later: Done, story: &mut Story) -> Done {
    let (told, done) =
        if matches!(later.ended, Ended::Unsent(_)) { (later, earlier) } else { (earlier, later) };
    story.tell(told.decision);
    done
}
