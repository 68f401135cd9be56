//! What is wanted against what is under way.

use std::sync::Arc;

use bytes::Bytes;
use ondol_core::bounds::NOTICE_RETRY_MS;
use ondol_core::{Attempt, Half, Input, Outcome, Wanted};
use ondol_spec::Secrets;

use super::line::{Lane, Place};
use super::live::{Errand, Live, Progress, Turn, Underway, Work};
use super::target::Target;
use super::{Effect, Grant, Runner};
use crate::blueprint::Blueprint;
use crate::caller::{NoticeCall, NoticeCame, Notified, StepCall};
use crate::id::SagaId;
use crate::notice;

/// Until then, in milliseconds, a probe of a receiver has come back: a delivery may take 20 s, and a connection before it
/// one more.
const PROBED_MS: u64 = 30_000;

impl Runner {
    /// Starts what is wanted and not under way, and forgets what is under way and not wanted.
    pub(super) fn reconcile(&mut self, id: &SagaId, live: &mut Live) {
        let wanted = live.saga.wanted();
        let now_ms = self.now_ms.max(live.floor_ms).max(live.saga.now_ms());
        self.forget_unwanted(live, &wanted);
        for call in &wanted.calls {
            let work = Work::Call(call.attempt);
            match live.progress_of(work) {
                None => self.line_up(id, live, work),
                Some(Progress::Lined(place)) if call.stop_if_unsent => {
                    self.leave_line(&live.blueprint, work, place);
                    live.set_progress(work, Progress::Back(Turn::First), self.mono_ms);
                    let input = Input::Outcome(call.attempt, Outcome::NotSent);
                    live.errands.push_back(Errand::Input { input, not_before_ms: 0 });
                }
                Some(Progress::Lined(_) | Progress::Sent | Progress::Back(_)) => {}
            }
        }
        // Notices of one saga go out in order, so only the first is looked at.
        let notice_due_ms = wanted.notices.first().and_then(|due| {
            let work = Work::Notice(due.notice);
            if live.underway(work).is_none() {
                if due.due_ms > now_ms {
                    return Some(due.due_ms);
                }
                self.line_up(id, live, work);
            }
            self.give_up_later(live, due.notice).map(|mono_ms| now_ms + (mono_ms - self.mono_ms))
        });
        let due_ms = wanted.wake_at_ms.into_iter().chain(notice_due_ms).min();
        let due = due_ms.map(|due_ms| (self.mono_ms + due_ms.saturating_sub(now_ms), due_ms));
        self.timers.set(id, due);
    }

    /// What is on its way stays known until it comes back, wanted or not: nothing is sent again meanwhile.
    fn forget_unwanted(&mut self, live: &mut Live, wanted: &Wanted) {
        let is_wanted = |work| match work {
            Work::Call(attempt) => wanted.calls.iter().any(|call| call.attempt == attempt),
            Work::Notice(number) => wanted.notices.first().is_some_and(|due| due.notice == number),
        };
        for underway in std::mem::take(&mut live.work) {
            let Underway { work, progress, .. } = underway;
            match progress {
                Progress::Sent => live.work.push(underway),
                Progress::Lined(_) | Progress::Back(_) if is_wanted(work) => live.work.push(underway),
                Progress::Lined(place) => self.leave_line(&live.blueprint, work, place),
                Progress::Back(_) => {}
            }
        }
    }

    pub(super) fn line_up(&mut self, id: &SagaId, live: &mut Live, work: Work) {
        let (name, lane) = destination(&live.blueprint, work);
        let place = self.target(&name).line_up(lane, (id.clone(), work));
        live.set_progress(work, Progress::Lined(place), self.mono_ms);
        self.pump(&name);
    }

    /// A call that was let go and did not leave waits at the head of the line.
    pub(super) fn line_up_again(&mut self, id: &SagaId, live: &mut Live, work: Work) {
        let (name, lane) = destination(&live.blueprint, work);
        let place = self.target(&name).line_up_first(lane, (id.clone(), work));
        live.set_progress(work, Progress::Lined(place), self.mono_ms);
        self.pump(&name);
    }

    fn leave_line(&mut self, blueprint: &Blueprint, work: Work, place: Place) {
        let (name, _) = destination(blueprint, work);
        if let Some(target) = self.targets.get_mut(&name) {
            target.leave_line(place);
        }
    }

    fn target(&mut self, name: &Arc<str>) -> &mut Target<(SagaId, Work)> {
        let window = self.windows.get(&**name).copied();
        self.targets.entry(Arc::clone(name)).or_insert_with(|| Target::new(window))
    }

    /// A notice whose receiver is away counts as not delivered once in each interval of its schedule, not once a probe:
    /// it ends as undelivered when it would have, had somebody been there who does not take it. Tells when to look again
    /// (monotonic milliseconds), as long as it waits in line.
    fn give_up_later(&mut self, live: &mut Live, number: u16) -> Option<u64> {
        let work = Work::Notice(number);
        let Some(Underway { since_ms, progress: Progress::Lined(place), .. }) = live.underway(work) else {
            return None;
        };
        let failures = live.saga.notices().get(usize::from(number)).map_or(0, |notice| notice.failures);
        let interval_ms = NOTICE_RETRY_MS.get(failures as usize).copied().unwrap_or(0);
        let (name, _) = destination(&live.blueprint, work);
        let Some(away) = self.targets.get(&name).and_then(Target::away) else {
            return Some(self.mono_ms + interval_ms.max(PROBED_MS));
        };
        let at_ms = (away.since_ms + interval_ms).max(since_ms + PROBED_MS);
        if at_ms > self.mono_ms {
            return Some(at_ms);
        }
        // It may have been away long ago, and nobody has looked since.
        if away.seen_ms < since_ms {
            return Some(self.mono_ms + PROBED_MS);
        }
        self.leave_line(&live.blueprint, work, place);
        live.set_progress(work, Progress::Back(Turn::First), self.mono_ms);
        let input = Input::Notice { notice: number, delivered: false };
        live.errands.push_back(Errand::Input { input, not_before_ms: 0 });
        None
    }

    /// Sends what a target let go, if it is still wanted.
    pub(super) fn send(&mut self, id: &SagaId, live: &mut Live, work: Work, grant: Grant) {
        if !matches!(live.progress_of(work), Some(Progress::Lined(_))) {
            return self.release(grant);
        }
        let effect = match work {
            Work::Call(attempt) => match step_call(id, live, attempt, &self.secrets) {
                Ok(call) => Effect::Call { work, grant, call: Box::new(call) },
                Err(why) => {
                    self.release(grant);
                    live.set_progress(work, Progress::Back(Turn::First), self.mono_ms);
                    let input = Input::Outcome(attempt, Outcome::Changed(why.into()));
                    live.errands.push_back(Errand::Input { input, not_before_ms: 0 });
                    return;
                }
            },
            Work::Notice(number) => {
                Effect::Notify { work, grant, call: Box::new(notice_call(id, live, number)) }
            }
        };
        live.set_progress(work, Progress::Sent, self.mono_ms);
        self.on_their_way += 1;
        self.effects.push(effect);
    }

    /// A notice came back.
    pub(super) fn notified(&mut self, id: SagaId, work: Work, grant: Grant, came: NoticeCame) {
        self.on_their_way -= 1;
        let NoticeCame { notified, reach } = came;
        self.stats.notified(notified);
        self.learn(grant, reach);
        if let Some(mut live) = self.take_live(&id) {
            if let (Work::Notice(notice), Some(_)) = (work, live.progress_of(work)) {
                match notified {
                    Notified::NotSent => self.line_up_again(&id, &mut live, work),
                    Notified::Delivered | Notified::Failed => {
                        live.set_progress(work, Progress::Back(Turn::First), self.mono_ms);
                        let input = Input::Notice { notice, delivered: notified == Notified::Delivered };
                        live.errands.push_back(Errand::Input { input, not_before_ms: 0 });
                    }
                }
            }
            self.drive(id, live);
        }
        self.deliver_granted();
    }
}

/// Where some work goes, and in which lane.
fn destination(blueprint: &Blueprint, work: Work) -> (Arc<str>, Lane) {
    match work {
        Work::Call(attempt) => {
            let service = blueprint.service(attempt.step, attempt.half);
            let lane = match attempt.half {
                Half::Action => Lane::Forward,
                Half::Compensation => Lane::Undoing,
            };
            (service, lane)
        }
        Work::Notice(_) => (blueprint.notices(), Lane::Forward),
    }
}

/// The call of an attempt; the reason where its request would differ from the one sent before.
fn step_call(id: &SagaId, live: &mut Live, attempt: Attempt, secrets: &Secrets) -> Result<StepCall, String> {
    let key = (attempt.step, attempt.half);
    let known = live.rendered.iter().position(|(of, _)| *of == key).map(|at| live.rendered.swap_remove(at).1);
    let request = if let Some(request) = known {
        request
    } else {
        let rendered = live.blueprint.render(id, &live.saga, attempt.step, attempt.half, secrets);
        Arc::new(rendered.map_err(|error| error.to_string())?)
    };
    let progress = live.saga.progress(attempt.step, attempt.half);
    if progress.and_then(|progress| progress.digest) != Some(request.digest) {
        return Err(
            "its request would differ from the one already sent under this idempotency key".to_owned()
        );
    }
    let submission = live.saga.submission();
    Ok(StepCall {
        saga: id.clone(),
        run: submission.map_or(0, |submission| submission.run),
        attempt,
        failures: progress.map_or(0, |progress| progress.failures),
        service: live.blueprint.service(attempt.step, attempt.half),
        blueprint: Arc::clone(&live.blueprint),
        request,
        trace: submission.map_or((0, 0), |submission| submission.trace),
    })
}

fn notice_call(id: &SagaId, live: &Live, number: u16) -> NoticeCall {
    let failures = live.saga.notices().get(usize::from(number)).map_or(0, |notice| notice.failures);
    NoticeCall {
        saga: id.clone(),
        id: notice::id(&live.saga, number),
        definition: Arc::clone(&live.blueprint.name),
        url: live.blueprint.webhook(),
        body: Bytes::from(notice::body(id, &live.saga, &live.blueprint, number)),
        failures,
    }
}
