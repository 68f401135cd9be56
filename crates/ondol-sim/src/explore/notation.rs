//! Plans in a line: `a b-:a c?:a,b p*:c`.
//!
//! A step is its name, then `-` where there is nothing to undo, `?` where it has a condition, `*` where it is the pivot,
//! then `:` and the steps it follows. Every half has two attempts and no back-off.

use ondol_core::plan::Draft;
use ondol_core::{Notify, Plan, PlanError, Retry, Step, StepId};

/// Two attempts in all, each at once: time is then a choice of the search and not of the plan.
const TWICE: Retry = Retry { attempts_max: Some(2), first_ms: 0, factor_percent: 100, max_ms: 0 };

/// Forward timeout in these plans: longer than all back-offs of one history together, shorter than a day.
pub(super) const TIMEOUT_MS: u64 = 3_600_000;

/// A step before it has an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sketch {
    pub(super) after: Vec<StepId>,
    pub(super) undoable: bool,
    pub(super) condition: bool,
    pub(super) pivot: bool,
}

/// Reads a plan; a plan ending in `=` has an output.
///
/// # Errors
///
/// What [`Plan::new`] finds wrong with it.
///
/// # Panics
///
/// Where the notation names a step it does not declare.
pub fn parse(line: &str) -> Result<Plan, PlanError> {
    let words: Vec<&str> = line.split_whitespace().filter(|word| *word != "=").collect();
    let names: Vec<String> = words.iter().map(|word| name(word)).collect();
    let find = |name: &str| names.iter().position(|n| n == name).expect("a step follows declared steps");
    let sketches: Vec<Sketch> = words
        .iter()
        .map(|word| {
            let (head, after) = word.split_once(':').unwrap_or((word, ""));
            let after =
                after.split(',').filter(|name| !name.is_empty()).map(|name| find(name) as StepId).collect();
            Sketch {
                after,
                undoable: !head.contains(['-', '*']),
                condition: head.contains('?'),
                pivot: head.contains('*'),
            }
        })
        .collect();
    build(&names, &sketches, line.contains('='))
}

fn name(word: &str) -> String {
    word.chars().take_while(char::is_ascii_alphanumeric).collect()
}

pub(super) fn build(names: &[String], sketches: &[Sketch], output: bool) -> Result<Plan, PlanError> {
    let step = |(name, sketch): (&String, &Sketch)| Step {
        name: name.as_str().into(),
        after: sketch.after.clone(),
        condition: sketch.condition,
        action: TWICE,
        compensation: sketch.undoable.then_some(TWICE),
        pivot: sketch.pivot,
    };
    let steps = names.iter().zip(sketches).map(step).collect();
    Plan::new(Draft { steps, timeout_ms: TIMEOUT_MS, output, notify: Notify::default() })
}

/// Writes a plan as [`parse`] reads it.
#[must_use]
pub fn written(plan: &Plan) -> String {
    let word = |step: &Step| {
        let mut word = step.name.to_string();
        if step.compensation.is_none() && !step.pivot {
            word.push('-');
        }
        if step.condition {
            word.push('?');
        }
        if step.pivot {
            word.push('*');
        }
        let names: Vec<&str> =
            step.after.iter().filter_map(|&before| plan.step(before)).map(|step| &*step.name).collect();
        if !names.is_empty() {
            word.push(':');
            word.push_str(&names.join(","));
        }
        word
    };
    let mut words: Vec<String> = plan.steps().iter().map(word).collect();
    if plan.output() {
        words.push("=".into());
    }
    words.join(" ")
}
