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
    let (place, code, message, fix) = match error {
        PlanError::StepCount(_) => (None, Code::OutOfBounds, error.to_string(), "split the saga".to_owned()),
        PlanError::Timeout(_) => (None, Code::OutOfBounds, error.to_string(), WITHIN.to_owned()),
        PlanError::Retry(step) => {
            (Some((step, "retry")), Code::OutOfBounds, error.to_string(), WITHIN.to_owned())
        }
        PlanError::Name(step) => {
            (Some((step, "name")), Code::BadName, error.to_string(), "rename the step".to_owned())
        }
        PlanError::NameTwice(first, second) => {
            let message = format!("two steps are called `{}`", name(first));
            (Some((second, "name")), Code::DuplicateStep, message, "rename one of them".to_owned())
        }
        PlanError::UnknownPredecessor(step, _) => {
            let message = format!("the step `{}` follows a step that does not exist", name(step));
            (Some((step, "after")), Code::UnknownStep, message, "name a step of this saga".to_owned())
        }
        PlanError::Cycle(step) => {
            let names: Vec<String> =
                cycle(saga, step).into_iter().map(|id| format!("`{}`", name(id))).collect();
            let message = format!("{} waits for itself: {}", names[0], names.join(" after "));
            (
                Some((step, "after")),
                Code::Cycle,
                message,
                "remove a name from one `after` of these".to_owned(),
            )
        }
        PlanError::PivotTwice(first, second) => {
            let (first, second_name) = (name(first), name(second));
            let message = format!("`{first}` and `{second_name}` are both the pivot");
            let fix = format!("remove one; what follows `{first}` is retried until it succeeds");
            (Some((second, "pivot")), Code::TwoPivots, message, fix)
        }
        PlanError::PivotCondition(step) => {
            let message = format!("the pivot `{}` has a condition", name(step));
            (
                Some((step, "if")),
                Code::PivotCondition,
                message,
                "remove `if`, or make two sagas of it".to_owned(),
            )
        }
        PlanError::PivotCompensation(step) => {
            let message = format!("the pivot `{}` has a compensation", name(step));
            let fix = "remove `compensate`, or `pivot: true` if the step can be undone".to_owned();
            (Some((step, "compensate")), Code::PivotCompensation, message, fix)
        }
        PlanError::PivotBeside(step) => {
            let message = format!("the step `{}` is neither before nor after the pivot", name(step));
            let fix = format!("put `{}` before or after the pivot with `after`", name(step));
            (Some((step, "after")), Code::PivotBeside, message, fix)
        }
        PlanError::CompensationBehindPivot(step) => {
            let message = format!("the step `{}` comes after the pivot and has a compensation", name(step));
            let fix = "remove `compensate`; the step is retried until it succeeds".to_owned();
            (Some((step, "compensate")), Code::CompensationBehindPivot, message, fix)
        }
    };
    (place, Fault::new(code, message, fix))
}

const WITHIN: &str = "choose a value within the bounds";

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
