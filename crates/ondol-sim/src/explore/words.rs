//! A history in words.

use ondol_core::{Attempt, Cause, Event, Fact, Finish, Half, Status, StepId, Then, VerbKind};

use super::act::Act;
use super::callee::{Reply, Served};
use super::world::World;

impl World {
    /// What happened, in words.
    pub(super) fn act_words(&self, act: Act) -> String {
        match act {
            Act::Send(attempt) => format!("{} is sent", self.attempt(attempt)),
            Act::Unsent(attempt) => format!("{} has not left, and is reported so", self.attempt(attempt)),
            Act::Changed(attempt) => format!("{} renders to another request", self.attempt(attempt)),
            Act::Serve(attempt, served) => {
                format!("{} reaches the service, which {}", self.attempt(attempt), serves(served))
            }
            Act::ServeLate(step, half, served) => {
                format!(
                    "{}, an earlier attempt, reaches the service late, which {}",
                    self.half(step, half),
                    serves(served)
                )
            }
            Act::Double(attempt) => format!("the network doubles {}", self.attempt(attempt)),
            Act::Reply(attempt, reply) => {
                format!("the answer to {} arrives: {}", self.attempt(attempt), answer(reply))
            }
            Act::Timeout(attempt) => format!("{} times out", self.attempt(attempt)),
            Act::Timer => "the back-off is over".into(),
            Act::Deadline => "the forward timeout passes".into(),
            Act::Day => "a day passes".into(),
            Act::Crash => "Ondol crashes and starts again".into(),
            Act::Person(verb, half) => {
                let about = half.map_or(String::new(), |(step, half)| format!(" {}", self.half(step, half)));
                format!("a person says {}{about}", verb_word(verb))
            }
        }
    }

    /// What was recorded, in words.
    pub(super) fn fact_words(&self, event: &Event) -> String {
        let named = |step: StepId, word: &str| format!("{} {word}", self.name(step));
        match &event.fact {
            Fact::Submitted(_) => "submitted".into(),
            Fact::Answered { step, holds: true } => named(*step, "chosen"),
            Fact::Answered { step, holds: false } => named(*step, "skipped"),
            Fact::Started { attempt, .. } => format!("{} started", self.attempt(*attempt)),
            Fact::Finished { attempt, finish, then } => {
                let word = match finish {
                    Finish::Done(_) => "done",
                    Finish::Unusable(_) => "unusable",
                    Finish::Refused { sealed: true, .. } => "refused (sealed)",
                    Finish::Refused { sealed: false, .. } => "refused",
                    Finish::Unclear(_) => "unclear",
                };
                format!("{} {word}{}", self.attempt(*attempt), then_words(*then))
            }
            Fact::Lost { attempt, then } => format!("{} lost{}", self.attempt(*attempt), then_words(*then)),
            Fact::Unrendered { step, half, then, .. } => {
                format!("{} unrendered{}", self.half(*step, *half), then_words(*then))
            }
            Fact::Withdrawn { step } => named(*step, "withdrawn"),
            Fact::TurnBackPending(cause) => format!("turning back pending ({})", self.cause(cause)),
            Fact::TurnedBack(cause) => format!("turned back ({})", self.cause(cause)),
            Fact::Paused => "paused".into(),
            Fact::Resumed => "resumed".into(),
            // What they did is the act that led here.
            Fact::Acted(_) => "signed".into(),
            Fact::Retried { step, half } => format!("{} retried", self.half(*step, *half)),
            Fact::Vouched { step, .. } => named(*step, "vouched for"),
            Fact::Edited { .. } => "edited".into(),
            Fact::Completed(_) => "completed".into(),
            Fact::Compensated => "compensated".into(),
            Fact::Parked => "parked".into(),
            Fact::Noticed { notice, .. } => format!("notice {notice}"),
        }
    }

    /// Some facts, in words.
    pub(super) fn facts<'a>(&self, events: impl IntoIterator<Item = &'a Event>) -> String {
        let words: Vec<String> = events.into_iter().map(|event| self.fact_words(event)).collect();
        words.join(", ")
    }

    pub(super) fn attempt(&self, attempt: Attempt) -> String {
        format!("{} {}", self.half(attempt.step, attempt.half), attempt.number)
    }

    fn half(&self, step: StepId, half: Half) -> String {
        let word = match half {
            Half::Action => "action",
            Half::Compensation => "undoing",
        };
        format!("{}: {word}", self.name(step))
    }

    fn cause(&self, cause: &Cause) -> String {
        match cause {
            Cause::Step(step) => format!("{} failed", self.name(*step)),
            Cause::Timeout => "timeout".into(),
            Cause::Cancelled => "cancelled".into(),
        }
    }
}

pub(super) const fn status_word(status: Status) -> &'static str {
    match status {
        Status::Idle => "idle",
        Status::Chosen => "chosen",
        Status::Skipped => "skipped",
        Status::Acting(_) => "under way",
        Status::Done => "done",
        Status::Unusable => "unusable",
        Status::Unclear => "unclear",
        Status::NoEffect => "without effect",
        Status::Undoing(_) => "being undone",
        Status::Undone => "undone",
    }
}

const fn serves(served: Served) -> &'static str {
    match (served.happens, served.reply) {
        (true, Reply::Done) => "does it and answers 2xx",
        (false, Reply::Done) => "had done it and answers 2xx",
        (true, Reply::Unclear) => "does it and answers 5xx",
        (false, Reply::Unclear) => "does nothing and answers 5xx",
        (_, Reply::Unusable) => "does it and answers 2xx, not JSON",
        (_, Reply::Refused) => "answers 4xx",
        (_, Reply::Sealed) => "refuses it by its barrier",
    }
}

const fn answer(reply: Reply) -> &'static str {
    match reply {
        Reply::Done => "2xx",
        Reply::Unusable => "2xx, not JSON",
        Reply::Refused => "4xx",
        Reply::Sealed => "4xx by the barrier",
        Reply::Unclear => "5xx",
    }
}

fn then_words(then: Then) -> String {
    match then {
        Then::Settle => String::new(),
        Then::Retry { .. } => ", again".into(),
        Then::Stick(trouble) => format!(", stuck ({trouble:?})"),
    }
}

const fn verb_word(verb: VerbKind) -> &'static str {
    match verb {
        VerbKind::Pause => "pause",
        VerbKind::Resume => "resume",
        VerbKind::Cancel => "cancel",
        VerbKind::Retry => "retry",
        VerbKind::Complete => "complete",
        VerbKind::Skip => "skip",
        VerbKind::Resend => "resend",
        VerbKind::Edit => "edit",
    }
}
