//! What is wrong with a plan, in the words of the file.

use ondol_core::{PlanError, StepId};

use crate::finding::{Code, Fault};
use crate::pinned;
use crate::place::Faults;

/// Adds a [`PlanError`] where `faults` stands, which is the saga.
pub(crate) fn add(error: PlanError, saga: &pinned::Saga, faults: &mut Faults) {
    let (place, fault) = fault(error, saga);
    match place {
        None => faults.add(fault),
        Some((step, key)) => {
            faults.key("steps", |faults| faults.index(usize::from(step), |faults| faults.add_in(key, fault)));
        }
    }
}

/// The step and its key that are at fault, and what is wrong with them, with the names of the steps.
fn fault(error: PlanError, saga: &pinned::Saga) -> (Option<(StepId, &'static str)>, Fault) {
    let name = |id: StepId| saga.steps.get(usize::from(id)).map_or("?", |step| step.name.as_str());
    let new = |code, message: String, fix: String| Fault::new(code, message, fix);
    match error {
        PlanError::StepCount(_) => {
            let fix = "a saga has at least one step; split one that has too many";
            (None, new(Code::OutOfBounds, error.to_string(), fix.to_owned()))
        }
        PlanError::Timeout(_) => {
            (None, new(Code::OutOfBounds, error.to_string(), "choose a timeout within the bounds".to_owned()))
        }
        PlanError::Retry(step) => (
            Some((step, "retry")),
            new(Code::OutOfBounds, error.to_string(), "choose values within the bounds".to_owned()),
        ),
        PlanError::Name(step) => {
            (Some((step, "name")), new(Code::BadName, error.to_string(), "rename the step".to_owned()))
        }
        PlanError::NameTwice(first, second) => (
            Some((second, "name")),
            new(
                Code::DuplicateStep,
                format!("two steps are called `{}`", name(first)),
                "rename one of them".to_owned(),
            ),
        ),
        PlanError::UnknownPredecessor(step, _) => (
            Some((step, "after")),
            new(
                Code::UnknownStep,
                format!("the step `{}` follows a step that does not exist", name(step)),
                "name a step of this saga".to_owned(),
            ),
        ),
        PlanError::Cycle(step) => {
            let names: Vec<String> =
                cycle(saga, step).into_iter().map(|step| format!("`{}`", name(step))).collect();
            let message = format!("{} waits for itself: {}", names[0], names.join(" after "));
            let fix = format!("remove a name from the `after` of one of these steps ({})", names[0]);
            (Some((step, "after")), new(Code::Cycle, message, fix))
        }
        PlanError::PivotTwice(first, second) => (
            Some((second, "pivot")),
            new(
                Code::TwoPivots,
                format!("`{}` and `{}` are both the pivot", name(first), name(second)),
                format!(
                    "remove `pivot: true` from one; what follows `{}` is retried until it succeeds",
                    name(first)
                ),
            ),
        ),
        PlanError::PivotCondition(step) => (
            Some((step, "if")),
            new(
                Code::PivotCondition,
                format!("the pivot `{}` has a condition", name(step)),
                "remove `if`, or make two sagas of it".to_owned(),
            ),
        ),
        PlanError::PivotCompensation(step) => (
            Some((step, "compensate")),
            new(
                Code::PivotCompensation,
                format!("the pivot `{}` has a compensation", name(step)),
                "remove `compensate`, or `pivot: true` if the step can be undone".to_owned(),
            ),
        ),
        PlanError::PivotBeside(step) => (
            Some((step, "after")),
            new(
                Code::PivotBeside,
                format!("the step `{}` is neither before nor after the pivot", name(step)),
                format!("put `{}` before or after the pivot with `after`", name(step)),
            ),
        ),
        PlanError::CompensationBehindPivot(step) => (
            Some((step, "compensate")),
            new(
                Code::CompensationBehindPivot,
                format!("the step `{}` comes after the pivot and has a compensation", name(step)),
                "remove `compensate`; the step is retried until it succeeds".to_owned(),
            ),
        ),
    }
}

/// The steps of one cycle, the first again at the end, found from a step that waits for one.
fn cycle(saga: &pinned::Saga, from: StepId) -> Vec<StepId> {
    let after = |step: StepId| saga.steps.get(usize::from(step)).map_or(&[][..], |step| &step.after);
    let mut settled = vec![false; saga.steps.len()];
    let is_settled = |settled: &[bool], step: StepId| settled.get(usize::from(step)).copied().unwrap_or(true);
    for _ in 0..saga.steps.len() {
        for step in 0..saga.steps.len() as StepId {
            let all = after(step).iter().all(|&before| is_settled(&settled, before));
            settled[usize::from(step)] |= all;
        }
    }
    let mut way = vec![from];
    loop {
        let last = *way.last().expect("the way begins with a step");
        let Some(&next) = after(last).iter().find(|&&before| !is_settled(&settled, before)) else {
            return way;
        };
        if let Some(begin) = way.iter().position(|&step| step == next) {
            way.push(next);
            return way.split_off(begin);
        }
        way.push(next);
    }
}
