//! What happens next with a saga, and when, in one sentence.

use ondol_core::{Half, Mode, NoticeState, Saga, StepId};
use ondol_engine::Blueprint;
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
        if saga.phase().ended() {
            return notice(saga);
        }
        let stuck = || halves(saga).find(|(_, _, mode)| matches!(mode, Mode::Stuck(_)));
        let flying = halves(saga).find(|(_, _, mode)| *mode == Mode::InFlight);
        if let Some((step, half, _)) = flying {
            let (name, service) = (step_name(saga.plan(), step), blueprint.service(step, half));
            return waits(format!("{service} answers the {} of {name}", words::half(half)));
        }
        if saga.paused_at_ms().is_some() {
            return waits("a person resumes it".to_owned());
        }
        let waiting = halves(saga).filter_map(|(step, half, mode)| match mode {
            Mode::Waiting { due_ms } => Some((due_ms, step, half)),
            Mode::Unasked | Mode::InFlight | Mode::Stuck(_) => None,
        });
        if let Some((due_ms, step, half)) = waiting.min_by_key(|(due_ms, ..)| *due_ms) {
            let what =
                format!("the {} of {} is tried again", words::half(half), step_name(saga.plan(), step));
            return Some(Self { at: Some(clock::text(due_ms)), what });
        }
        if let Some((step, half, Mode::Stuck(trouble))) = stuck() {
            let name = step_name(saga.plan(), step);
            let what = format!(
                "a person decides about the {} of {name} ({})",
                words::half(half),
                words::trouble(trouble)
            );
            return waits(what);
        }
        waits("its next request is sent".to_owned())
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every way out of `Next::of` has one form")]
fn waits(what: String) -> Option<Next> {
    Some(Next { at: None, what })
}

fn halves(saga: &Saga) -> impl Iterator<Item = (StepId, Half, Mode)> + '_ {
    saga.plan().ids().zip(saga.steps()).filter_map(|(step, state)| {
        let (half, progress) = progress(state.status)?;
        Some((step, half, progress.mode))
    })
}

fn notice(saga: &Saga) -> Option<Next> {
    let due = saga.notices().iter().enumerate().filter_map(|(number, notice)| match notice.state {
        NoticeState::Due { due_ms } => Some((due_ms, number)),
        NoticeState::Delivered | NoticeState::Undelivered => None,
    });
    let (due_ms, number) = due.min()?;
    Some(Next { at: Some(clock::text(due_ms)), what: format!("notice {number} is sent") })
}
