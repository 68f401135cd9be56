//! Facts and states in words; times since the saga was submitted.

use ondol_core::{
    Cause, Delivery, Event, Fact, Finish, Half, Mode, NoticeState, Output, Plan, Progress, Question, Saga,
    Status, StepId, Then, Vouch, Wanted,
};

use crate::script::BEGIN_MS;

pub(crate) fn half(plan: &Plan, step: StepId, half: Half) -> String {
    let name = plan.step(step).map_or("?", |step| &step.name);
    match half {
        Half::Action => name.to_string(),
        Half::Compensation => format!("{name}'"),
    }
}

pub(crate) fn at(ms: u64) -> String {
    match ms.saturating_sub(BEGIN_MS) {
        0 => "@0".into(),
        ms if ms % 3_600_000 == 0 => format!("@{}h", ms / 3_600_000),
        ms if ms % 60_000 == 0 => format!("@{}m", ms / 60_000),
        ms if ms % 1_000 == 0 => format!("@{}s", ms / 1_000),
        ms => format!("@{ms}ms"),
    }
}

pub(crate) fn facts(plan: &Plan, events: &[Event]) -> String {
    let words: Vec<String> = events.iter().map(|event| fact(plan, &event.fact)).collect();
    words.join(", ")
}

pub(crate) fn fact(plan: &Plan, fact: &Fact) -> String {
    match fact {
        Fact::Submitted(_) => "submitted".into(),
        Fact::Answered { step, holds } => {
            format!("{} {}", half(plan, *step, Half::Action), if *holds { "chosen" } else { "skipped" })
        }
        Fact::Started { attempt, digest } => format!(
            "{}#{} {}",
            half(plan, attempt.step, attempt.half),
            attempt.number,
            if digest.is_some() { "started" } else { "again" }
        ),
        Fact::Finished { attempt, finish, then } => format!(
            "{}#{} {}{}",
            half(plan, attempt.step, attempt.half),
            attempt.number,
            finished(finish),
            then_word(*then)
        ),
        Fact::Lost { attempt, then } => {
            format!("{}#{} lost{}", half(plan, attempt.step, attempt.half), attempt.number, then_word(*then))
        }
        Fact::Unrendered { step, half: of, then, .. } => {
            format!("{} unrendered{}", half(plan, *step, *of), then_word(*then))
        }
        Fact::Withdrawn { step } => format!("{} withdrawn", half(plan, *step, Half::Action)),
        Fact::TurnBackPending(why) => format!("pending({})", cause(plan, why)),
        Fact::TurnedBack(why) => format!("turned({})", cause(plan, why)),
        Fact::Paused => "paused".into(),
        Fact::Resumed => "resumed".into(),
        Fact::Acted(act) => {
            let by = act.said.by.as_deref().unwrap_or("nobody");
            let about = act.half.map_or(String::new(), |(step, of)| format!(" {}", half(plan, step, of)));
            format!("{by} says {:?}{about}", act.verb)
        }
        Fact::Retried { step, half: of } => format!("{} retried", half(plan, *step, *of)),
        Fact::Vouched { step, vouch, .. } => match vouch {
            Vouch::Completed(_) => format!("{} vouched done", half(plan, *step, Half::Action)),
            Vouch::NoEffect => format!("{} vouched gone", half(plan, *step, Half::Action)),
            Vouch::NotNeeded => format!("{} vouched", half(plan, *step, Half::Compensation)),
        },
        Fact::Edited { .. } => "edited".into(),
        Fact::Completed(Output::None) => "completed".into(),
        Fact::Completed(Output::Some(_)) => "completed with output".into(),
        Fact::Completed(Output::Error(_)) => "completed with error".into(),
        Fact::Compensated => "compensated".into(),
        Fact::Parked => "parked".into(),
        Fact::Noticed { notice, delivery } => match delivery {
            Delivery::Delivered => format!("notice {notice} delivered"),
            Delivery::Again { due_ms } => format!("notice {notice} again {}", at(*due_ms)),
            Delivery::Undelivered => format!("notice {notice} undelivered"),
        },
    }
}

const fn finished(finish: &Finish) -> &'static str {
    match finish {
        Finish::Done(_) => "done",
        Finish::Unusable(_) => "unusable",
        Finish::Refused { sealed: false, .. } => "refused",
        Finish::Refused { sealed: true, .. } => "sealed",
        Finish::Unclear(_) => "unclear",
    }
}

fn then_word(then: Then) -> String {
    match then {
        Then::Settle => String::new(),
        Then::Retry { due_ms } => format!(" retry {}", at(due_ms)),
        Then::Stick(trouble) => format!(" stuck({trouble:?})"),
    }
}

fn cause(plan: &Plan, cause: &Cause) -> String {
    match cause {
        Cause::Step(step) => half(plan, *step, Half::Action),
        Cause::Timeout => "timeout".into(),
        Cause::Cancelled => "cancelled".into(),
    }
}

/// Phase, flags, then every step that has begun.
pub(crate) fn state(saga: &Saga) -> String {
    let mut words = vec![format!("{:?}", saga.phase()).to_lowercase()];
    words.extend(saga.paused_at_ms().map(|at_ms| format!("paused {}", at(at_ms))));
    words.extend(saga.pending().map(|why| format!("pending({})", cause(saga.plan(), why))));
    for (step, state) in saga.plan().ids().zip(saga.steps()) {
        let name = half(saga.plan(), step, Half::Action);
        let word = match &state.status {
            Status::Idle => continue,
            Status::Chosen => "chosen".into(),
            Status::Skipped => "skipped".into(),
            Status::Acting(it) => format!("acting[{}]", progress(it)),
            Status::Done => "done".into(),
            Status::Unusable => "unusable".into(),
            Status::Unclear => "unclear".into(),
            Status::NoEffect => "no effect".into(),
            Status::Undoing(it) => format!("undoing[{}]", progress(it)),
            Status::Undone => "undone".into(),
        };
        words.push(format!("{name} {word}"));
    }
    words.join(", ")
}

/// `#attempt`, `f`ailures, `r`efusals, since when in trouble, `~` for tainted, input, mode.
fn progress(it: &Progress) -> String {
    let mut words = vec![format!("#{} f{} r{}", it.attempt, it.failures, it.refusals)];
    words.extend(it.troubled_since_ms.map(|ms| format!("since {}", at(ms))));
    words.extend(it.tainted.then(|| "tainted".to_string()));
    words.extend((it.input > 0).then(|| format!("input {}", it.input)));
    words.push(match it.mode {
        Mode::Unasked => "unasked".into(),
        Mode::InFlight => "in flight".into(),
        Mode::Waiting { due_ms } => format!("due {}", at(due_ms)),
        Mode::Stuck(trouble) => format!("stuck({trouble:?})"),
    });
    words.join(" ")
}

/// Calls (`!` where to stop if unsent), questions, notices, wake-up.
pub(crate) fn wanted(plan: &Plan, wanted: &Wanted) -> String {
    let mut words = Vec::new();
    for call in &wanted.calls {
        let stop = if call.stop_if_unsent { "!" } else { "" };
        words.push(format!(
            "{}#{}{stop}",
            half(plan, call.attempt.step, call.attempt.half),
            call.attempt.number
        ));
    }
    for question in &wanted.questions {
        words.push(match question {
            Question::Condition(step) => format!("ask {}?", half(plan, *step, Half::Action)),
            Question::Request(step, of) => format!("ask {}", half(plan, *step, *of)),
            Question::Output => "ask output".into(),
        });
    }
    for notice in &wanted.notices {
        words.push(format!("notice {} {}", notice.notice, at(notice.due_ms)));
    }
    words.extend(wanted.wake_at_ms.map(|ms| format!("wake {}", at(ms))));
    if words.is_empty() { "nothing".into() } else { words.join(", ") }
}

pub(crate) fn failures(saga: &Saga) -> String {
    let word = |failure: &ondol_core::Failure| {
        let step = failure.step.map_or("-".into(), |step| half(saga.plan(), step, failure.half));
        format!("{step} {:?}({})", failure.why, failure.reason)
    };
    saga.failures().iter().map(word).collect::<Vec<_>>().join(", ")
}

pub(crate) fn vouched(saga: &Saga) -> String {
    let word = |it: &ondol_core::Vouched| {
        let fact = Fact::Vouched { step: it.step, vouch: it.vouch.clone(), note: it.note.clone() };
        format!("{} ({}) {}", self::fact(saga.plan(), &fact), it.note, at(it.at_ms))
    };
    saga.vouched().iter().map(word).collect::<Vec<_>>().join(", ")
}

pub(crate) fn notices(saga: &Saga) -> String {
    let word = |it: &ondol_core::Notice| {
        let state = match it.state {
            NoticeState::Due { due_ms } => at(due_ms),
            NoticeState::Delivered => "delivered".into(),
            NoticeState::Undelivered => "undelivered".into(),
        };
        format!("{:?} seq {} f{} {state}", it.news, it.seq, it.failures)
    };
    saga.notices().iter().map(word).collect::<Vec<_>>().join(", ")
}
