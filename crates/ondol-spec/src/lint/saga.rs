//! Sagas: from the model to what is pinned, and on to a definition.

use std::collections::{BTreeMap, BTreeSet};

use ondol_core::bounds::{BACKOFF_MS_MAX, TIMEOUT_MS_MAX};
use ondol_core::{Half as CoreHalf, Retry};

use super::{Services, factor_percent, service};
use crate::bounds::SAGA_TIMEOUT_MS;
use crate::call::split;
use crate::definition::Definition;
use crate::duration::Duration;
use crate::finding::{Code, Fault, quoted, suggest};
use crate::model::{self, Half};
use crate::pinned;
use crate::place::Faults;
use crate::system::System;

/// What a saga may refer to.
pub(crate) struct Context<'a> {
    pub(crate) services: &'a Services<'a>,
    pub(crate) secrets: &'a BTreeSet<String>,
    /// Did it come through the API, so that nothing live knows its webhook?
    pub(crate) inline: bool,
}

/// The compensation that says there is none.
const NONE: &str = "none";

/// Where a half stands, as far as its retry depends on it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stand {
    Forward,
    Pivot,
    Behind,
    Undo,
}

impl Context<'_> {
    /// Compiles one saga; what is wrong is added to `faults`, which stands at the saga.
    pub(crate) fn compile(&self, name: &str, saga: &model::Saga, faults: &mut Faults) -> Option<Definition> {
        let pinned = self.pin(name, saga, faults)?;
        let canonical = serde_json::to_string(&pinned).expect("text keys and raw JSON always serialize");
        Definition::compile(&pinned, &canonical, Some(self.secrets), faults)
    }

    fn pin(&self, name: &str, saga: &model::Saga, faults: &mut Faults) -> Option<pinned::Saga> {
        let mut timeout_ms = saga.timeout.map_or(SAGA_TIMEOUT_MS, |timeout| timeout.ms);
        if timeout_ms == 0 || timeout_ms > TIMEOUT_MS_MAX {
            let (given, max) = (Duration { ms: timeout_ms }, Duration { ms: TIMEOUT_MS_MAX });
            let message = format!("the timeout is {given}; 1ms to {max} is allowed");
            faults.add_in(
                "timeout",
                Fault::new(Code::OutOfBounds, message, "choose a timeout within the bounds"),
            );
            // So that what else is wrong is found, too.
            timeout_ms = timeout_ms.clamp(1, TIMEOUT_MS_MAX);
        }
        let after = after(saga, faults);
        let behind = behind_pivot(saga, &after);
        let steps = faults.key("steps", |faults| {
            let steps = saga.steps.iter().zip(after).zip(behind).enumerate();
            let pin = |(at, ((step, after), behind))| {
                faults.index(at, |faults| self.step(step, after, behind, faults))
            };
            // All are looked at, then any that failed fails the whole.
            steps.map(pin).collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>()
        })?;
        let mut notify = saga.notify.as_ref().map_or_else(Vec::new, |notify| notify.events.clone());
        notify.sort_unstable();
        notify.dedup();
        let webhook = saga.notify.as_ref().filter(|_| self.inline).map(|notify| notify.webhook.clone());
        let output = saga.output.clone();
        Some(pinned::Saga {
            format: pinned::FORMAT,
            name: name.to_owned(),
            timeout_ms,
            steps,
            output,
            notify,
            webhook,
        })
    }

    fn step(
        &self,
        step: &model::Step,
        after: Vec<u16>,
        behind: bool,
        faults: &mut Faults,
    ) -> Option<pinned::Step> {
        let stand = if step.pivot {
            Stand::Pivot
        } else if behind {
            Stand::Behind
        } else {
            Stand::Forward
        };
        let action = faults.key("action", |faults| self.half(&step.action, step, stand, faults));
        let compensation = match &step.compensate {
            None => {
                if stand == Stand::Forward {
                    let message = format!("the step {} does not say how it is undone", quoted(&step.name));
                    let fix = "add `compensate: service METHOD /path`, or `compensate: none`";
                    faults.add(Fault::new(Code::NoCompensation, message, fix));
                }
                None
            }
            Some(Half::Line(line)) if line.trim() == NONE => None,
            Some(half) => {
                Some(faults.key("compensate", |faults| self.half(half, step, Stand::Undo, faults))?)
            }
        };
        faults.key("timeout", |faults| service::ms(step.timeout, faults));
        Some(pinned::Step {
            name: step.name.clone(),
            after,
            condition: step.condition.clone(),
            pivot: step.pivot,
            action: action?,
            compensation,
        })
    }

    fn half(
        &self,
        half: &Half,
        step: &model::Step,
        stand: Stand,
        faults: &mut Faults,
    ) -> Option<pinned::Call> {
        let full = match half {
            Half::Line(line) => &line_only(line),
            Half::Call(call) => &**call,
        };
        let split = match split(&full.call) {
            Err(fault) if stand == Stand::Undo && means_none(&full.call) => {
                Err(Fault { fix: "write `none`, in lower case".to_owned(), ..fault })
            }
            split => split,
        };
        let (service, method, path) = faults.key("call", |faults| faults.take(split))?;
        if !self.services.contains_key(service) {
            let known: Vec<&str> = self.services.keys().copied().collect();
            let message = format!("there is no service {}", quoted(service));
            let fault = Fault::new(Code::UnknownService, message, suggest(service, &known, "service"));
            faults.add_in("call", fault.pointing_at(service));
        }
        if stand != Stand::Undo && full.accept.is_some() {
            let message = "`accept` stands on an action; only a compensation may have it";
            let fix = "remove it, or move it to `compensate`";
            faults.add_in("accept", Fault::new(Code::AcceptOnAction, message, fix));
        }
        let accept = faults.key("accept", |faults| statuses(full.accept.as_deref(), faults));
        let retry_on = faults.key("retry_on", |faults| statuses(full.retry_on.as_deref(), faults));
        let timeout_ms = faults.key("timeout", |faults| service::ms(full.timeout, faults));
        let retry = retry(step.retry.as_ref(), full.retry.as_ref(), stand, faults);
        Some(pinned::Call {
            service: service.to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
            query: full.query.iter().map(|(name, value)| (name.clone(), value.0.clone())).collect(),
            headers: full
                .headers
                .iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
                .collect(),
            body: full.body.clone(),
            accept,
            retry_on,
            timeout_ms: timeout_ms.or(step.timeout.map(|timeout| timeout.ms)),
            retry,
        })
    }
}

/// Does somebody say that there is no compensation, in another way than [`NONE`]?
fn means_none(line: &str) -> bool {
    ["none", "no", "nothing", "null", "~", "-"].contains(&line.trim().to_ascii_lowercase().as_str())
}

/// What each step follows, as indices.
fn after(saga: &model::Saga, faults: &mut Faults) -> Vec<Vec<u16>> {
    let names: Vec<&str> = saga.steps.iter().map(|step| step.name.as_str()).collect();
    let find = |at: usize, entry: usize, name: &String, faults: &mut Faults| {
        let found = names.iter().position(|known| known == name);
        if found.is_none() {
            let others: Vec<&str> = names.iter().copied().filter(|other| *other != names[at]).collect();
            let message = format!("there is no step {}", quoted(name));
            let fault = Fault::new(Code::UnknownStep, message, suggest(name, &others, "other step"));
            let add = |faults: &mut Faults| faults.index(entry, |faults| faults.add(fault));
            faults.key("steps", |faults| faults.index(at, |faults| faults.key("after", add)));
        }
        // So that one wrong name is one finding: the step is looked at as if it followed the one above it.
        found.or(at.checked_sub(1)).map(|found| found as u16)
    };
    let of = |(at, step): (usize, &model::Step)| match &step.after {
        None => at.checked_sub(1).map(|before| before as u16).into_iter().collect(),
        Some(after) => {
            let mut found: Vec<u16> =
                after.iter().enumerate().filter_map(|(entry, name)| find(at, entry, name, faults)).collect();
            found.sort_unstable();
            found.dedup();
            found
        }
    };
    saga.steps.iter().enumerate().map(of).collect()
}

/// A half that is only a line.
fn line_only(line: &str) -> model::Call {
    model::Call {
        call: line.to_owned(),
        headers: BTreeMap::new(),
        query: BTreeMap::new(),
        body: None,
        accept: None,
        retry_on: None,
        retry: None,
        timeout: None,
    }
}

/// Statuses that are always tried again need not, and must not, be listed.
fn statuses(given: Option<&[u16]>, faults: &mut Faults) -> Vec<u16> {
    let given = given.unwrap_or_default();
    for (at, status) in given.iter().enumerate().filter(|(_, status)| matches!(status, 408 | 425 | 429)) {
        let message = format!("{status} is always tried again");
        faults.index(at, |faults| faults.add(Fault::new(Code::BadStatus, message, "remove it")));
    }
    let mut sorted = given.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted
}

/// Which steps come after a pivot, directly or not. A graph that is no plan is reported later.
fn behind_pivot(saga: &model::Saga, after: &[Vec<u16>]) -> Vec<bool> {
    let mut behind = vec![false; saga.steps.len()];
    for _ in 0..saga.steps.len() {
        for at in 0..saga.steps.len() {
            behind[at] |=
                after[at].iter().map(|&before| usize::from(before)).any(|b| saga.steps[b].pivot || behind[b]);
        }
    }
    behind
}

/// The half's own values, then the step's, then the default of where it stands. `faults` stands at the half.
fn retry(
    step: Option<&model::Retry>,
    half: Option<&model::Retry>,
    stand: Stand,
    faults: &mut Faults,
) -> pinned::Retry {
    let base = match stand {
        Stand::Forward => Retry::FORWARD,
        Stand::Pivot | Stand::Behind | Stand::Undo => Retry::PERSISTENT,
    };
    let given = half.or(step);
    let attempts = given.and_then(|retry| retry.attempts);
    if stand == Stand::Pivot && attempts.is_some() {
        let message = "the pivot has `attempts`, and it is asked until its outcome is known";
        let fault = Fault::new(Code::PivotAttempts, message, "remove `attempts`; delays may stay");
        place_retry(half.is_some(), fault, faults);
    }
    let first = given.and_then(|retry| retry.first).map(|first| first.ms);
    let max = given.and_then(|retry| retry.max).map(|max| max.ms);
    let too_long = [first, max].into_iter().flatten().any(|ms| ms > BACKOFF_MS_MAX);
    if too_long {
        let message = format!("a delay is longer than {}", Duration { ms: BACKOFF_MS_MAX });
        let fix = "choose a shorter delay; a longer wait belongs into a schedule";
        place_retry(half.is_some(), Fault::new(Code::OutOfBounds, message, fix), faults);
    }
    // What is out of bounds was said; the plan need not say it again.
    let (first, max) = (first.map(|ms| ms.min(BACKOFF_MS_MAX)), max.map(|ms| ms.min(BACKOFF_MS_MAX)));
    if !too_long && matches!((first, max), (Some(first), Some(max)) if first > max) {
        let fault = Fault::new(Code::BadRetry, "`first` is longer than `max`", "make `max` the longer one");
        place_retry(half.is_some(), fault, faults);
    }
    let first_ms = first.unwrap_or_else(|| base.first_ms.min(max.unwrap_or(base.first_ms)));
    pinned::Retry {
        attempts: if stand == Stand::Pivot { None } else { attempts.or(base.attempts_max) },
        first_ms,
        factor_percent: given.and_then(|retry| retry.factor).map_or(base.factor_percent, factor_percent),
        max_ms: max.unwrap_or(base.max_ms.max(first_ms)),
    }
}

/// A fault of a `retry`: the half's own, or its step's.
fn place_retry(own: bool, fault: Fault, faults: &mut Faults) {
    if own { faults.add_in("retry", fault) } else { faults.add_beside("retry", fault) }
}

/// Warns of compensated services without a barrier, once a service.
pub(crate) fn barriers(system: &System, services: &Services<'_>, faults: &mut Faults) {
    let mut open: BTreeMap<&str, String> = BTreeMap::new();
    for (name, definition) in &system.definitions {
        for (at, step) in definition.plan().steps().iter().enumerate() {
            let (Some(action), Some(_)) = (
                definition.call(at as u16, CoreHalf::Action),
                definition.call(at as u16, CoreHalf::Compensation),
            ) else {
                continue;
            };
            if services.get(action.service()) == Some(&false) {
                open.entry(action.service()).or_insert_with(|| format!("{name}.{}", step.name));
            }
        }
    }
    faults.key("services", |faults| {
        for (service, step) in open {
            let message = format!(
                "the step `{step}` is undone, and the service {} does not declare a barrier",
                quoted(service)
            );
            let fix = "keep a barrier in the service (the SDK has one) and declare `barrier: true`";
            faults.add_in(service, Fault::new(Code::NoBarrier, message, fix));
        }
    });
}
