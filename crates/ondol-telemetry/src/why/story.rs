//! A story, and how it looks on a terminal.

use serde::Serialize;

use super::sentence::{Heading, Sentence};
use super::{english, korean};
use crate::model::{Level, SpanId, TraceId};
use crate::trace;

/// In which language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

impl Language {
    pub(super) fn say(self, sentence: &Sentence) -> String {
        match self {
            Self::En => english::say(sentence),
            Self::Ko => korean::say(sentence),
        }
    }

    const fn heading(self, heading: Heading) -> &'static str {
        match self {
            Self::En => english::heading(heading),
            Self::Ko => korean::heading(heading),
        }
    }
}

/// A story. Its texts are whole sentences in its language; a part with nothing to say is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Story {
    /// In which language.
    pub language: Language,
    /// What became of it.
    pub headline: String,
    /// What was asked, and when.
    pub asked: Option<String>,
    /// How far it came.
    pub progress: Vec<String>,
    /// What failed.
    pub failing: Option<Failing>,
    /// What was tried again.
    pub retried: Vec<Retried>,
    /// What was undone.
    pub undone: Vec<String>,
    /// What is left: what is in effect, may be, or is still to come.
    pub left: Vec<String>,
    /// The lines of logs that matter, at most five, oldest first.
    pub logs: Vec<Line>,
    /// What is not known, and what was corrected.
    pub unknown: Vec<String>,
    /// What to do.
    pub next: Vec<Advice>,
}

/// What failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failing {
    /// In which service; of a failure that no service is to blame for, empty.
    pub service: String,
    /// In which step of the saga.
    pub step: Option<String>,
    /// At which stage.
    pub stage: Stage,
    /// In the words of whoever saw it.
    pub reason: String,
    /// In plain words.
    pub text: Vec<String>,
}

/// At which stage something failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The callee failed.
    CalleeFailed,
    /// The callee said no.
    CalleeRefused,
    /// The callee did its work, and its answer was lost.
    AnswerLost,
    /// The callee was not reached, as far as anything says.
    NeverArrived,
    /// The caller gave up while the callee went on.
    SlowCallee,
    /// The work itself failed; no call is involved.
    Own,
    /// Nobody knows whether the callee did it.
    Unclear,
    /// The callee did it, and its answer cannot be used.
    Unusable,
    /// The saga's own doing: its definition, its time, or a person.
    Saga,
}

impl From<trace::Stage> for Stage {
    fn from(stage: trace::Stage) -> Self {
        match stage {
            trace::Stage::CalleeFailed => Self::CalleeFailed,
            trace::Stage::CalleeRefused => Self::CalleeRefused,
            trace::Stage::AnswerLost => Self::AnswerLost,
            trace::Stage::NeverArrived => Self::NeverArrived,
            trace::Stage::SlowCallee => Self::SlowCallee,
            trace::Stage::Own => Self::Own,
        }
    }
}

/// What was tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Retried {
    /// Who was called.
    pub service: String,
    /// For which step of the saga.
    pub step: Option<String>,
    /// How many attempts.
    pub attempts: u64,
    /// Did the last one succeed? Not while it goes on.
    pub ok: bool,
    /// At which stage the attempt before the last failed.
    pub stage: Option<Stage>,
    /// In plain words.
    pub text: String,
}

/// A line of a log that matters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// When it was written: nanoseconds since 1970.
    pub time_ns: u64,
    /// How bad it is.
    pub level: Level,
    /// Who wrote it.
    pub service: String,
    /// Its first line, at most 300 characters.
    pub text: String,
    /// How many lines of its kind are there.
    pub times: u64,
    /// The request it was written in.
    pub trace_id: Option<TraceId>,
    /// The span it was written in.
    pub span_id: Option<SpanId>,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// In plain words.
    pub text: String,
    /// The command that does it.
    pub command: Option<String>,
}

/// The story as plain text for a terminal of any width: a heading and indented lines for each part that has something.
pub fn render(story: &Story) -> String {
    let parts: [(Heading, Vec<String>); 9] = [
        (Heading::Asked, story.asked.iter().cloned().collect()),
        (Heading::Failing, story.failing.iter().flat_map(|failing| failing.text.clone()).collect()),
        (Heading::Progress, story.progress.clone()),
        (Heading::Retried, story.retried.iter().map(|retried| retried.text.clone()).collect()),
        (Heading::Undone, story.undone.clone()),
        (Heading::Left, story.left.clone()),
        (Heading::Logs, story.logs.iter().map(line).collect()),
        (Heading::Unknown, story.unknown.clone()),
        (Heading::Next, story.next.iter().flat_map(advice).collect()),
    ];
    let mut lines = vec![story.headline.clone()];
    for (heading, said) in parts.into_iter().filter(|(_, said)| !said.is_empty()) {
        lines.extend([String::new(), story.language.heading(heading).to_owned()]);
        lines.extend(said.iter().map(|said| format!("  {said}")));
    }
    lines.join("\n") + "\n"
}

fn line(line: &Line) -> String {
    let at = super::units::clock(line.time_ns);
    let times = if line.times > 1 { format!(" (×{})", line.times) } else { String::new() };
    format!("{at} {:5} {}: {}{times}", line.level.name(), line.service, line.text)
}

fn advice(advice: &Advice) -> Vec<String> {
    let command = advice.command.iter().map(|command| format!("    {command}"));
    std::iter::once(advice.text.clone()).chain(command).collect()
}
