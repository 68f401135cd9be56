//! The attempts of every half, put together from the history.

use ondol_core::{Attempt, Event, Fact, Half, StepId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::clock;
use crate::wire::event::{Follows, ended, follows};
use crate::wire::words;

/// One request sent for one half.
#[derive(Serialize, ToSchema)]
#[schema(as = Attempt)]
pub(crate) struct AttemptView<'a> {
    #[schema(value_type = crate::wire::schema::HalfName)]
    half: &'static str,
    /// Numbered from 1 in its half.
    number: u32,
    /// When it was allowed to leave.
    started_at: String,
    /// When its outcome was recorded; absent while it is on its way.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    took_ms: Option<u64>,
    /// `in_flight`, `done`, `unusable`, `refused`, `unclear`, `lost` or `not_sent`.
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// What was decided to follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Follows>)]
    follows: Option<Follows>,
    #[serde(skip)]
    started_ms: u64,
}

/// The attempts of each step, both halves, in the order in which they started.
pub(crate) fn of_steps(steps: usize, events: &[Event]) -> Vec<Vec<AttemptView<'_>>> {
    let mut all: Vec<Vec<AttemptView<'_>>> = (0..steps).map(|_| Vec::new()).collect();
    for event in events {
        match &event.fact {
            Fact::Started { attempt, digest: _ } => {
                if let Some(of_step) = all.get_mut(usize::from(attempt.step)) {
                    of_step.push(AttemptView::started(*attempt, event.at_ms));
                }
            }
            Fact::Finished { attempt, finish, then } => {
                let ended = ended(finish);
                end(&mut all, *attempt, event.at_ms, ended.outcome, ended.reason, Some(follows(*then)));
            }
            Fact::Lost { attempt, then } => {
                end(&mut all, *attempt, event.at_ms, "lost", None, Some(follows(*then)));
            }
            Fact::Unrendered { step, half, reason, then } => {
                if let Some(number) = in_flight(&all, *step, *half) {
                    let attempt = Attempt { step: *step, half: *half, number };
                    end(&mut all, attempt, event.at_ms, "not_sent", Some(reason), Some(follows(*then)));
                }
            }
            Fact::Withdrawn { step } => {
                if let Some(number) = in_flight(&all, *step, Half::Action) {
                    let attempt = Attempt { step: *step, half: Half::Action, number };
                    end(&mut all, attempt, event.at_ms, "not_sent", None, None);
                }
            }
            Fact::Submitted(_)
            | Fact::Answered { .. }
            | Fact::TurnBackPending(_)
            | Fact::TurnedBack(_)
            | Fact::Paused
            | Fact::Resumed
            | Fact::Acted(_)
            | Fact::Retried { .. }
            | Fact::Vouched { .. }
            | Fact::Edited { .. }
            | Fact::Completed(_)
            | Fact::Compensated
            | Fact::Parked
            | Fact::Noticed { .. } => {}
        }
    }
    all
}

fn in_flight(all: &[Vec<AttemptView<'_>>], step: StepId, half: Half) -> Option<u32> {
    let last = all.get(usize::from(step))?.iter().rev().find(|attempt| attempt.half == words::half(half))?;
    last.ended_at.is_none().then_some(last.number)
}

fn end<'a>(
    all: &mut [Vec<AttemptView<'a>>],
    attempt: Attempt,
    at_ms: u64,
    outcome: &'static str,
    reason: Option<&'a str>,
    then: Option<Follows>,
) {
    let Some(of_step) = all.get_mut(usize::from(attempt.step)) else { return };
    let half = words::half(attempt.half);
    let same = |view: &&mut AttemptView<'a>| view.half == half && view.number == attempt.number;
    if let Some(view) = of_step.iter_mut().rev().find(same) {
        view.ended_at = Some(clock::text(at_ms));
        view.took_ms = Some(at_ms.saturating_sub(view.started_ms));
        view.outcome = outcome;
        view.reason = reason;
        view.follows = then;
    }
}

impl AttemptView<'_> {
    fn started(attempt: Attempt, at_ms: u64) -> Self {
        Self {
            half: words::half(attempt.half),
            number: attempt.number,
            started_at: clock::text(at_ms),
            ended_at: None,
            took_ms: None,
            outcome: "in_flight",
            reason: None,
            follows: None,
            started_ms: at_ms,
        }
    }

    pub(crate) const fn reason(&self) -> Option<&str> {
        self.reason
    }
}
