//! What must be true of every saga in the end, by what really happened and never by Ondol's word.

use ondol_core::{Half, Phase, Status};
use ondol_engine::Story;

use super::network::Told;
use super::truth::Truth;

/// Everything about one saga that does not hold.
pub(crate) fn judge(story: &Story, truth: &Truth, told: &[Told]) -> Vec<String> {
    let mut found = Vec::new();
    let id = story.id.as_str();
    let phase = story.saga.phase();
    if !phase.ended() {
        found.push(format!("it never ended: {phase:?}"));
    }
    for (step, state) in story.saga.plan().steps().iter().zip(story.saga.steps()) {
        let effect = truth.effect(id, &step.name);
        let skipped = state.status == Status::Skipped;
        let expected = match phase {
            Phase::Completed => i32::from(!skipped),
            _ if step.compensation.is_some() || step.pivot => 0,
            _ => effect,
        };
        if effect != expected {
            found.push(format!("{phase:?}, and `{}` is in effect {effect} times", step.name));
        }
        if skipped && truth.arrived(id, &step.name, Half::Action) > 0 {
            found.push(format!("`{}` was skipped, and was called", step.name));
        }
        if matches!(state.status, Status::Idle | Status::Skipped)
            && truth.arrived(id, &step.name, Half::Compensation) > 0
        {
            found.push(format!("`{}` never ran, and was compensated", step.name));
        }
    }
    if phase == Phase::Compensated && story.saga.failures().is_empty() {
        found.push("it was undone for no reason".to_owned());
    }
    notices(story, told, &mut found);
    found
}

/// The outside must have been told of the end, and never of another one.
fn notices(story: &Story, told: &[Told], found: &mut Vec<String>) {
    let told: Vec<&Told> = told.iter().filter(|told| told.saga == story.id.as_str()).collect();
    let types: Vec<String> = told
        .iter()
        .filter_map(|told| serde_json::from_str::<serde_json::Value>(&told.body).ok())
        .filter_map(|body| body.get("type")?.as_str().map(str::to_owned))
        .collect();
    let (right, wrong, wanted) = match story.saga.phase() {
        Phase::Completed => ("saga.completed", "saga.compensated", story.saga.plan().notify().completed),
        _ => ("saga.compensated", "saga.completed", story.saga.plan().notify().compensated),
    };
    if wanted && !types.iter().any(|kind| kind == right) {
        found.push(format!("nobody was told {right}"));
    }
    if types.iter().any(|kind| kind == wrong) {
        found.push(format!("somebody was told {wrong}"));
    }
}
