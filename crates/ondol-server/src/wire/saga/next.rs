//! What happens next with a saga, and when, in one sentence.

use ondol_core::{Half, Mode, NoticeState, Saga, StepId};
use ondol_engine::Blueprint;
use ondol_telemetry::why::{self as case, Coming};
use serde::Serialize;
use utoipa::ToSchema;

use super::step::progress;
use crate::clock;
use crate::wire::{event::step_name, words};

/// What happens next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Next {
    /// When; absent where it depends on somebody else.
    pub(crate) at: Option<String>,
    /// In words.
    pub(crate) what: String,
}

impl Next {
    /// `None` where nothing more will happen.
    pub(crate) fn of(saga: &Saga, blueprint: &Blueprint) -> Option<Self> {
        let (at_ms, what) = coming(saga, blueprint)?;
        Some(Self { at: at_ms.map(clock::text), what: what.english() })
    }
}

/// What happens next, and when where that is known; `None` where nothing more will happen.
pub(crate) fn coming(saga: &Saga, blueprint: &Blueprint) -> Option<(Option<u64>, Coming)> {
    if saga.phase().ended() {
        return notice(saga);
    }
    let name = |step| step_name(saga.plan(), step).to_owned();
    let flying = halves(saga).find(|(_, _, mode)| *mode == Mode::InFlight);
    if let Some((step, half, _)) = flying {
        let service = blueprint.service(step, half).to_string();
        return Some((None, Coming::Answer { service, step: name(step), half: told(half) }));
    }
    if saga.paused_at_ms().is_some() {
        return Some((None, Coming::Resume));
    }
    let waiting = halves(saga).filter_map(|(step, half, mode)| match mode {
        Mode::Waiting { due_ms } => Some((due_ms, step, half)),
        Mode::Unasked | Mode::InFlight | Mode::Stuck(_) => None,
    });
    if let Some((due_ms, step, half)) = waiting.min_by_key(|(due_ms, ..)| *due_ms) {
        return Some((Some(due_ms), Coming::Again { step: name(step), half: told(half) }));
    }
    let stuck = halves(saga).find_map(|(step, half, mode)| match mode {
        Mode::Stuck(trouble) => Some((step, half, trouble)),
        Mode::Unasked | Mode::InFlight | Mode::Waiting { .. } => None,
    });
    let decision = stuck.map(|(step, half, trouble)| Coming::Decision {
        step: name(step),
        half: told(half),
        trouble: words::trouble(trouble),
    });
    Some((None, decision.unwrap_or(Coming::Request)))
}

const fn told(half: Half) -> case::Half {
    match half {
        Half::Action => case::Half::Action,
        Half::Compensation => case::Half::Compensation,
    }
}

fn halves(saga: &Saga) -> impl Iterator<Item = (StepId, Half, Mode)> + '_ {
    saga.plan().ids().zip(saga.steps()).filter_map(|(step, state)| {
        let (half, progress) = progress(state.status)?;
        Some((step, half, progress.mode))
    })
}

fn notice(saga: &Saga) -> Option<(Option<u64>, Coming)> {
    let due = saga.notices().iter().enumerate().filter_map(|(number, notice)| match notice.state {
        NoticeState::Due { due_ms } => Some((due_ms, number)),
        NoticeState::Delivered | NoticeState::Undelivered => None,
    });
    let (due_ms, number) = due.min()?;
    Some((Some(due_ms), Coming::Notice { number }))
}
