//! What a person means by a verb, and whether it is allowed now: the same for doing it and for asking what it would do.

use std::sync::Arc;

use ondol_core::{Half, Input, Mode, Permit, Saga, Said, StepId, Verb, VerbKind};

use crate::error::ActError;
use crate::handle::VerbRequest;

/// What a person means, with who they are and why, and what it would do now.
pub(crate) fn verb(
    saga: &Saga,
    definition: &str,
    request: &VerbRequest,
) -> Result<(Input, Permit), ActError> {
    let seq = saga.seq();
    if let Some(expected) = request.if_seq
        && expected != seq
    {
        return Err(ActError::Stale { seq, expected });
    }
    let verb = resolve(saga, definition, request)?;
    let permit = saga.permits(&verb).map_err(|reason| ActError::NotAllowed { reason })?;
    let VerbRequest { by, note, batch, .. } = request;
    let said = Said { by: by.clone(), note: note.clone(), batch: batch.clone() };
    Ok((Input::Signed(verb, said), permit))
}

/// Finds the half a person means, and the verb about it.
fn resolve(saga: &Saga, definition: &str, request: &VerbRequest) -> Result<Verb, ActError> {
    let note = request.note.clone();
    let payload = || request.payload.clone().unwrap_or_else(|| Arc::from(&b"null"[..]));
    Ok(match request.kind {
        VerbKind::Pause => Verb::Pause,
        VerbKind::Resume => Verb::Resume,
        VerbKind::Cancel => Verb::Cancel,
        VerbKind::Retry => {
            let (step, half) = half_meant(saga, definition, request, request.half)?;
            Verb::Retry(step, half)
        }
        VerbKind::Complete if request.half == Some(Half::Compensation) => {
            return Err(ActError::NotAllowed {
                reason: "only an action is completed; `skip` a compensation",
            });
        }
        VerbKind::Complete => {
            let (step, _) = half_meant(saga, definition, request, Some(Half::Action))?;
            Verb::Complete { step, output: payload(), note }
        }
        VerbKind::Skip => {
            let (step, half) = half_meant(saga, definition, request, request.half)?;
            Verb::Skip { step, half, note }
        }
        VerbKind::Resend => Verb::Resend(request.notice.unwrap_or(0)),
        VerbKind::Edit => Verb::Edit { input: payload(), note },
    })
}

/// The half a person names; where no step is named, the only one that rests, among those of the `asked` half.
fn half_meant(
    saga: &Saga,
    definition: &str,
    request: &VerbRequest,
    asked: Option<Half>,
) -> Result<(StepId, Half), ActError> {
    let plan = saga.plan();
    let trying = |step| {
        [Half::Action, Half::Compensation]
            .into_iter()
            .find_map(|half| saga.progress(step, half).map(|progress| (half, *progress)))
    };
    let Some(name) = &request.step else {
        let mut resting = plan.ids().filter_map(|step| {
            let (half, progress) = trying(step)?;
            let rests = matches!(progress.mode, Mode::Stuck(_) | Mode::Waiting { .. });
            (rests && asked.is_none_or(|asked| asked == half)).then_some((step, half))
        });
        return match (resting.next(), resting.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(ActError::NotAllowed { reason: none_rests(asked) }),
            (Some(_), Some(_)) => {
                Err(ActError::NotAllowed { reason: "more than one half could be meant; name the step" })
            }
        };
    };
    let step = plan.find(name).ok_or_else(|| ActError::UnknownStep {
        step: name.clone(),
        definition: definition.to_owned(),
        known: plan.steps().iter().map(|step| &*step.name).collect::<Vec<_>>().join(", "),
    })?;
    let half = asked.or_else(|| trying(step).map(|(half, _)| half)).unwrap_or(Half::Action);
    Ok((step, half))
}

const fn none_rests(asked: Option<Half>) -> &'static str {
    match asked {
        None => "no half of this saga is stuck or waits to be tried again",
        Some(Half::Action) => "no `action` of this saga is stuck or waits to be tried again",
        Some(Half::Compensation) => "no `compensation` of this saga is stuck or waits to be tried again",
    }
}
