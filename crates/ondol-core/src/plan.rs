//! A plan: which steps there are, what follows what, and how hard each half is tried.
//!
//! A plan knows nothing of services, addresses or bodies; those belong to the definition it was compiled from.

use alloc::{boxed::Box, vec::Vec};
use core::fmt;

use crate::bounds::{ATTEMPTS_MAX, BACKOFF_MS_MAX, STEP_NAME_BYTES_MAX, STEPS_MAX, TIMEOUT_MS_MAX};
use crate::retry::Retry;
use crate::set::{StepId, StepSet};

/// One step as it was declared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// Unique in its plan, `[A-Za-z0-9_-]`, 1 to [`STEP_NAME_BYTES_MAX`] bytes.
    pub name: Box<str>,
    /// The steps that must be done (or skipped) before this one starts.
    pub after: Vec<StepId>,
    /// Must a condition be answered before the step starts?
    pub condition: bool,
    /// How hard the action is tried.
    pub action: Retry,
    /// How hard the compensation is tried; `None` where there is nothing to undo.
    pub compensation: Option<Retry>,
    /// Is there no way back after this step?
    pub pivot: bool,
}

/// Of which changes the outside is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Notify {
    /// Tell when the saga completed.
    pub completed: bool,
    /// Tell when the saga was undone.
    pub compensated: bool,
    /// Tell when the saga needs a person.
    pub parked: bool,
}

/// What [`Plan::new`] is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// 1 to [`STEPS_MAX`] steps.
    pub steps: Vec<Step>,
    /// How long the saga may go forward, in milliseconds; undoing has no deadline.
    pub timeout_ms: u64,
    /// Is there an output to compute when every step is done?
    pub output: bool,
    /// Of what the outside is told.
    pub notify: Notify,
}

/// A checked plan: acyclic, within bounds, its pivot (if any) in line with every other step.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Plan {
    steps: Vec<Step>,
    timeout_ms: u64,
    output: bool,
    notify: Notify,
    pivot: Option<StepId>,
    ancestors: Vec<StepSet>,
    descendants: Vec<StepSet>,
    #[cfg(feature = "bugs")]
    bug: Option<crate::bug::Bug>,
}

/// Why a draft is no plan. Steps are given by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// A plan has 1 to [`STEPS_MAX`] steps.
    StepCount(usize),
    /// The name is empty, too long, or has other characters than `[A-Za-z0-9_-]`.
    Name(StepId),
    /// Two steps have one name.
    NameTwice(StepId, StepId),
    /// The step follows one that does not exist.
    UnknownPredecessor(StepId, StepId),
    /// The step follows itself, directly or through others.
    Cycle(StepId),
    /// There is more than one pivot.
    PivotTwice(StepId, StepId),
    /// The pivot has a condition; whether there is a way back must not depend on data.
    PivotCondition(StepId),
    /// The pivot has a compensation, though there is no way back after it.
    PivotCompensation(StepId),
    /// The step is neither before nor after the pivot, so it could fail when there is no way back.
    PivotBeside(StepId),
    /// The step comes after the pivot and has a compensation, which could never run.
    CompensationBehindPivot(StepId),
    /// A retry is out of bounds (attempts, delay, or a factor below 100 %).
    Retry(StepId),
    /// The timeout is zero or above [`TIMEOUT_MS_MAX`].
    Timeout(u64),
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::StepCount(n) => write!(f, "a saga has 1 to {STEPS_MAX} steps, this one has {n}"),
            Self::Name(s) => {
                write!(f, "step {s}: a step name is 1 to {STEP_NAME_BYTES_MAX} bytes of A-Z a-z 0-9 _ -")
            }
            Self::NameTwice(a, b) => write!(f, "steps {a} and {b} have the same name"),
            Self::UnknownPredecessor(s, p) => write!(f, "step {s} follows step {p}, which does not exist"),
            Self::Cycle(s) => write!(f, "step {s} follows itself through `after`"),
            Self::PivotTwice(a, b) => {
                write!(f, "steps {a} and {b} are both the pivot; a saga has at most one")
            }
            Self::PivotCondition(s) => write!(f, "step {s} is the pivot and cannot have a condition"),
            Self::PivotCompensation(s) => write!(f, "step {s} is the pivot and cannot have a compensation"),
            Self::PivotBeside(s) => write!(f, "step {s} is neither before nor after the pivot"),
            Self::CompensationBehindPivot(s) => {
                write!(f, "step {s} comes after the pivot, so its compensation could never run")
            }
            Self::Retry(s) => write!(
                f,
                "step {s}: retry needs 1 to {ATTEMPTS_MAX} attempts, delays up to {BACKOFF_MS_MAX} ms and a factor of at least 1"
            ),
            Self::Timeout(ms) => write!(f, "a timeout is 1 to {TIMEOUT_MS_MAX} ms, this one is {ms}"),
        }
    }
}

impl core::error::Error for PlanError {}

impl Plan {
    /// Checks a draft.
    ///
    /// # Errors
    ///
    /// The first rule the draft breaks, in the order of [`PlanError`].
    pub fn new(draft: Draft) -> Result<Self, PlanError> {
        check_steps(&draft.steps)?;
        let ancestors = ancestors(&draft.steps)?;
        let descendants = invert(&ancestors);
        let pivot = pivot(&draft.steps, &ancestors, &descendants)?;
        if draft.timeout_ms == 0 || draft.timeout_ms > TIMEOUT_MS_MAX {
            return Err(PlanError::Timeout(draft.timeout_ms));
        }
        Ok(Self {
            steps: draft.steps,
            timeout_ms: draft.timeout_ms,
            output: draft.output,
            notify: draft.notify,
            pivot,
            ancestors,
            descendants,
            #[cfg(feature = "bugs")]
            bug: None,
        })
    }

    /// The steps in the order of declaration.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The indices of the steps.
    pub fn ids(&self) -> impl Iterator<Item = StepId> + use<> {
        0..self.steps.len() as StepId
    }

    /// One step, or `None` where the index is out of range.
    #[must_use]
    pub fn step(&self, id: StepId) -> Option<&Step> {
        self.steps.get(usize::from(id))
    }

    /// The step of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<StepId> {
        self.steps.iter().position(|step| &*step.name == name).map(|at| at as StepId)
    }

    /// How long the saga may go forward, in milliseconds.
    #[must_use]
    pub const fn timeout_ms(&self) -> u64 {
        self.timeout_ms
    }

    /// Is there an output to compute at the end?
    #[must_use]
    pub const fn output(&self) -> bool {
        self.output
    }

    /// Of what the outside is told.
    #[must_use]
    pub const fn notify(&self) -> Notify {
        self.notify
    }

    /// The step after which there is no way back.
    #[must_use]
    pub const fn pivot(&self) -> Option<StepId> {
        self.pivot
    }

    /// Everything that must come before a step, directly or not.
    #[must_use]
    pub fn ancestors(&self, id: StepId) -> StepSet {
        self.ancestors.get(usize::from(id)).copied().unwrap_or_default()
    }

    /// Everything that comes after a step, directly or not.
    #[must_use]
    pub fn descendants(&self, id: StepId) -> StepSet {
        self.descendants.get(usize::from(id)).copied().unwrap_or_default()
    }

    /// Does the step come after the pivot?
    #[must_use]
    pub fn behind_pivot(&self, id: StepId) -> bool {
        self.pivot.is_some_and(|pivot| self.ancestors(id).contains(pivot))
    }

    /// The same plan with a deliberate bug in the rules that run it.
    #[cfg(feature = "bugs")]
    #[must_use]
    pub fn with_bug(mut self, bug: crate::bug::Bug) -> Self {
        self.bug = Some(bug);
        self
    }

    /// Is this deliberate bug switched on? Always false without the feature `bugs`.
    #[cfg_attr(not(feature = "bugs"), expect(clippy::unused_self, reason = "constant without the feature"))]
    pub(crate) fn has(&self, bug: crate::bug::Bug) -> bool {
        #[cfg(feature = "bugs")]
        return self.bug == Some(bug);
        #[cfg(not(feature = "bugs"))]
        {
            let _ = bug;
            false
        }
    }
}

fn check_steps(steps: &[Step]) -> Result<(), PlanError> {
    if steps.is_empty() || steps.len() > STEPS_MAX {
        return Err(PlanError::StepCount(steps.len()));
    }
    for (at, step) in steps.iter().enumerate() {
        let id = at as StepId;
        if !name_is_valid(&step.name) {
            return Err(PlanError::Name(id));
        }
        if let Some(first) = steps[..at].iter().position(|other| other.name == step.name) {
            return Err(PlanError::NameTwice(first as StepId, id));
        }
        if let Some(&unknown) = step.after.iter().find(|&&p| usize::from(p) >= steps.len()) {
            return Err(PlanError::UnknownPredecessor(id, unknown));
        }
        if !retry_is_valid(&step.action) || !step.compensation.as_ref().is_none_or(retry_is_valid) {
            return Err(PlanError::Retry(id));
        }
    }
    Ok(())
}

fn name_is_valid(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    !name.is_empty() && name.len() <= STEP_NAME_BYTES_MAX && name.bytes().all(allowed)
}

fn retry_is_valid(retry: &Retry) -> bool {
    retry.attempts_max.is_none_or(|n| (1..=ATTEMPTS_MAX).contains(&n))
        && retry.factor_percent >= 100
        && retry.first_ms <= BACKOFF_MS_MAX
        && retry.max_ms <= BACKOFF_MS_MAX
}

/// Transitive predecessors of every step, found by settling steps whose predecessors are settled.
fn ancestors(steps: &[Step]) -> Result<Vec<StepSet>, PlanError> {
    let mut sets: Vec<Option<StepSet>> = alloc::vec![None; steps.len()];
    for _round in 0..steps.len() {
        for (at, step) in steps.iter().enumerate() {
            if sets[at].is_some() {
                continue;
            }
            let mut set = StepSet::default();
            let settled = step.after.iter().all(|&p| {
                set.insert(p);
                sets[usize::from(p)].is_some_and(|of| {
                    set.extend(&of);
                    true
                })
            });
            if settled {
                sets[at] = Some(set);
            }
        }
        if sets.iter().all(Option::is_some) {
            break;
        }
    }
    match sets.iter().position(Option::is_none) {
        Some(at) => Err(PlanError::Cycle(in_cycle(steps, &sets, at))),
        None => Ok(sets.into_iter().flatten().collect()),
    }
}

/// From a step that could not be settled, back along steps that could not be settled either: after as many of them as
/// there are steps, the walk is in a cycle. (The first one may only follow a cycle.)
fn in_cycle(steps: &[Step], sets: &[Option<StepSet>], from: usize) -> StepId {
    let unsettled = |at: usize| steps[at].after.iter().map(|&p| usize::from(p)).find(|&p| sets[p].is_none());
    (0..steps.len()).fold(from, |at, _| unsettled(at).unwrap_or(at)) as StepId
}

fn invert(ancestors: &[StepSet]) -> Vec<StepSet> {
    let of = |id: StepId| {
        let mut set = StepSet::default();
        for (at, _) in ancestors.iter().enumerate().filter(|(_, above)| above.contains(id)) {
            set.insert(at as StepId);
        }
        set
    };
    (0..ancestors.len() as StepId).map(of).collect()
}

fn pivot(
    steps: &[Step],
    ancestors: &[StepSet],
    descendants: &[StepSet],
) -> Result<Option<StepId>, PlanError> {
    let mut pivots = steps.iter().enumerate().filter(|(_, step)| step.pivot);
    let Some((at, pivot)) = pivots.next() else { return Ok(None) };
    let id = at as StepId;
    if let Some((other, _)) = pivots.next() {
        return Err(PlanError::PivotTwice(id, other as StepId));
    }
    if pivot.condition {
        return Err(PlanError::PivotCondition(id));
    }
    if pivot.compensation.is_some() {
        return Err(PlanError::PivotCompensation(id));
    }
    for (other, step) in steps.iter().enumerate().filter(|&(other, _)| other != at) {
        let behind = descendants[at].contains(other as StepId);
        if !behind && !ancestors[at].contains(other as StepId) {
            return Err(PlanError::PivotBeside(other as StepId));
        }
        if behind && step.compensation.is_some() {
            return Err(PlanError::CompensationBehindPivot(other as StepId));
        }
    }
    Ok(Some(id))
}
