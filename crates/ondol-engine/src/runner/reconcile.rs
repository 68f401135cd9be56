//! What is wanted against what is under way.

use std::sync::Arc;

use bytes::Bytes;
use ondol_core::{Attempt, Half, Input, Outcome};
use ondol_spec::Secrets;

use super::live::{Errand, Live, Progress, Slot, Work};
use super::target::{Lane, Target};
use super::{Effect, Runner};
use crate::caller::{NoticeCall, Notified, Reach, StepCall};
use crate::id::SagaId;
use crate::notice;

impl Runner {
    /// Starts what is wanted and not under way, and forgets what is under way and not wanted.
    pub(super) fn reconcile(&mut self, id: &SagaId, live: &mut Live) {
        let wanted = live.saga.wanted();
        let now_ms = self.now_ms.max(live.floor_ms).max(live.saga.now_ms());
        let notice = wanted.notices.first().copied();
        live.work.retain(|(work, _)| match work {
            Work::Call(attempt) => wanted.calls.iter().any(|call| call.attempt == *attempt),
            Work::Notice(number) => notice.is_some_and(|due| due.notice == *number),
        });
        for call in &wanted.calls {
            let work = Work::Call(call.attempt);
            match live.progress_of(work) {
                None => self.line_up(id, live, work),
                Some(Progress::Lined) if call.stop_if_unsent => {
                    live.set_progress(work, Progress::Back);
                    let input = Input::Outcome(call.attempt, Outcome::NotSent);
                    live.errands.push_back(Errand::Input { input, not_before_ms: 0 });
                }
                Some(Progress::Lined | Progress::Sent | Progress::Back) => {}
            }
        }
        // Notices of one saga go out in order, so only the first is looked at.
        let notice_due_ms = notice.and_then(|due| {
            let work = Work::Notice(due.notice);
            if live.progress_of(work).is_some() {
                return None;
            }
            if due.due_ms <= now_ms {
                self.line_up(id, live, work);
                return None;
            }
            Some(due.due_ms)
        });
        let due_ms = wanted.wake_at_ms.into_iter().chain(notice_due_ms).min();
        let due = due_ms.map(|due_ms| (self.mono_ms + due_ms.saturating_sub(now_ms), due_ms));
        self.timers.set(id, due);
    }

    fn line_up(&mut self, id: &SagaId, live: &mut Live, work: Work) {
        live.set_progress(work, Progress::Lined);
        let (name, lane) = destination(live, work);
        let window = self.windows.get(&*name).copied();
        let target = self.targets.entry(Arc::clone(&name)).or_insert_with(|| Target::new(window));
        target.line_up(lane, (id.clone(), work));
        self.pump(&name);
    }

    /// A call that was let go and did not leave waits at the head of the line.
    pub(super) fn line_up_again(&mut self, id: &SagaId, live: &mut Live, work: Work) {
        live.set_progress(work, Progress::Lined);
        let (name, lane) = destination(live, work);
        let window = self.windows.get(&*name).copied();
        let target = self.targets.entry(Arc::clone(&name)).or_insert_with(|| Target::new(window));
        target.line_up_first(lane, (id.clone(), work));
        self.pump(&name);
    }

    /// Sends what a target let go, if it is still wanted.
    pub(super) fn send(&mut self, id: &SagaId, live: &mut Live, work: Work) {
        let (target, _) = destination(live, work);
        if live.progress_of(work) != Some(Progress::Lined) {
            return self.release(&target);
        }
        let effect = match work {
            Work::Call(attempt) => match step_call(id, live, attempt, &self.secrets) {
                Ok(call) => Effect::Call { work, target, call: Box::new(call) },
                Err(why) => {
                    self.release(&target);
                    live.set_progress(work, Progress::Back);
                    let input = Input::Outcome(attempt, Outcome::Changed(why.into()));
                    live.errands.push_back(Errand::Input { input, not_before_ms: 0 });
                    return;
                }
            },
            Work::Notice(number) => {
                Effect::Notify { work, target, call: Box::new(notice_call(id, live, number)) }
            }
        };
        live.set_progress(work, Progress::Sent);
        self.on_their_way += 1;
        self.effects.push(effect);
    }

    /// A notice came back.
    pub(super) fn notified(&mut self, id: SagaId, work: Work, target: &Arc<str>, fared: Notified) {
        self.on_their_way -= 1;
        self.stats.notified(fared);
        self.learn(target, if fared == Notified::NotSent { Reach::Unreachable } else { Reach::Reached });
        if let Some(Slot::Live(mut live)) = self.take(&id) {
            if let (Work::Notice(notice), Some(_)) = (work, live.progress_of(work)) {
                match fared {
                    Notified::NotSent => self.line_up_again(&id, &mut live, work),
                    Notified::Delivered | Notified::Failed => {
                        live.set_progress(work, Progress::Back);
                        let input = Input::Notice { notice, delivered: fared == Notified::Delivered };
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
fn destination(live: &Live, work: Work) -> (Arc<str>, Lane) {
    match work {
        Work::Call(attempt) => {
            let service = live.blueprint.service(attempt.step, attempt.half);
            let lane = match attempt.half {
                Half::Action => Lane::Forward,
                Half::Compensation => Lane::Undoing,
            };
            (service, lane)
        }
        Work::Notice(_) => (live.blueprint.notices(), Lane::Forward),
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
    let digest = live.saga.progress(attempt.step, attempt.half).and_then(|progress| progress.digest);
    if digest != Some(request.digest) {
        return Err(
            "its request would differ from the one already sent under this idempotency key".to_owned()
        );
    }
    let submission = live.saga.submission();
    Ok(StepCall {
        saga: id.clone(),
        run: submission.map_or(0, |submission| submission.run),
        attempt,
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
