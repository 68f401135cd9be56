//! Plans and inputs in a line.
//!
//! A plan: `a b-:a c?:a,b p*:c`, a step being its name, then `-` where there is nothing to undo, `?` where it has a
//! condition, `*` where it is the pivot, a number where its halves have that many attempts, then `:` and what it follows.
//! Without a number an action that may fail has two attempts, every other half has no limit. No half has a back-off.
//! The words `output` and `notify` give the plan an output and all notices.
//!
//! A half: `a` is the action of step a, `a'` its compensation, `a#2` its second attempt.

use ondol_core::plan::Draft;
use ondol_core::{Attempt, Half, Notify, Plan, PlanError, Question, Retry, Step, StepId};

/// Forward timeout of every plan here.
pub(crate) const TIMEOUT_MS: u64 = 60_000;

pub(crate) fn plan(line: &str) -> Result<Plan, PlanError> {
    let words: Vec<&str> =
        line.split_whitespace().filter(|word| !["output", "notify"].contains(word)).collect();
    let steps = words.iter().map(|word| step(word, &words)).collect();
    let output = line.contains("output");
    let told = line.contains("notify");
    let notify = Notify { completed: told, compensated: told, parked: told };
    Plan::new(Draft { steps, timeout_ms: TIMEOUT_MS, output, notify })
}

fn step(word: &str, words: &[&str]) -> Step {
    let (head, after) = word.split_once(':').unwrap_or((word, ""));
    let names: Vec<&str> = words.iter().map(|word| name(word)).collect();
    let find = |name: &str| names.iter().position(|n| *n == name).expect("a step follows declared steps");
    let attempts = head.chars().filter(char::is_ascii_digit).collect::<String>().parse().ok();
    let retry =
        |default| Retry { attempts_max: attempts.or(default), first_ms: 0, factor_percent: 100, max_ms: 0 };
    let behind = follows_pivot(after, words);
    let persistent = head.contains('*') || behind;
    Step {
        name: name(word).into(),
        after: after.split(',').filter(|name| !name.is_empty()).map(|name| find(name) as StepId).collect(),
        condition: head.contains('?'),
        action: retry(if persistent { None } else { Some(2) }),
        compensation: (!head.contains(['-', '*'])).then(|| retry(None)),
        pivot: head.contains('*'),
    }
}

/// Is the pivot among the first predecessors, their first predecessors, and so on? Enough for the plans of these tests.
fn follows_pivot(after: &str, words: &[&str]) -> bool {
    let mut after = after;
    for _ in words {
        let first = after.split(',').next().unwrap_or("");
        let Some(word) = words.iter().find(|word| name(word) == first) else { return false };
        let (head, before) = word.split_once(':').unwrap_or((word, ""));
        if head.contains('*') {
            return true;
        }
        after = before;
    }
    false
}

fn name(word: &str) -> &str {
    word.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("")
}

pub(crate) fn half(plan: &Plan, word: &str) -> (StepId, Half) {
    let half = if word.contains('\'') { Half::Compensation } else { Half::Action };
    (plan.find(name(word)).unwrap_or_else(|| panic!("no step in {word:?}")), half)
}

/// `a#2`, or `a` for the attempt that is `current`.
pub(crate) fn attempt(plan: &Plan, word: &str, current: impl Fn(StepId, Half) -> u32) -> Attempt {
    let (step, half) = half(plan, word);
    let number = word.split_once('#').map(|(_, number)| number.parse().expect("a number follows #"));
    Attempt { step, half, number: number.unwrap_or_else(|| current(step, half)) }
}

/// `a?` is the condition of a, `a` its request, `output` the output.
pub(crate) fn question(plan: &Plan, word: &str) -> Question {
    if word == "output" {
        return Question::Output;
    }
    let (step, half) = half(plan, word);
    if word.ends_with('?') { Question::Condition(step) } else { Question::Request(step, half) }
}

/// `5s`, `1m`, `24h`, `250ms`, `0`.
pub(crate) fn duration_ms(word: &str) -> u64 {
    let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
    let number: u64 = digits.parse().unwrap_or_else(|_| panic!("no duration: {word:?}"));
    match &word[digits.len()..] {
        "ms" | "" => number,
        "s" => number * 1_000,
        "m" => number * 60_000,
        "h" => number * 3_600_000,
        unit => panic!("no unit: {unit:?}"),
    }
}
