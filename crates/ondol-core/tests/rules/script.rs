//! Runs a table: each line an input and what it decides, or a look at the state and what it shows.

use std::sync::Arc;

use ondol_core::{Answer, Event, Half, Input, Outcome, Question, Saga, Said, Submission, Verb, fold};

use crate::{notation, words};

/// When every saga here is submitted.
pub(crate) const BEGIN_MS: u64 = 1_000_000_000;

/// Runs `script` against the plan and compares the whole table.
///
/// A line is `left | right`, left being one of
/// * an input: `submit`, `a done`, `a#1 refused`, `a' unclear 5s`, `answer a? no`, `timer`, `restart`, `pause`, `retry a'`, …
///   Questions that an input raises are answered at once, every condition being true. Right are all facts.
/// * `by hand`: from here on questions wait for an `answer` line.
/// * `+5s`, `-5s`: the wall clock moves. Right is empty.
/// * a look: `state`, `wants`, `failures`, `vouched`, `notices`, `deadline`, `input a`, `allowed cancel`. Right is what it shows.
///
/// After every line the folded journal must equal the live state.
pub(crate) fn check(plan: &str, script: &str) {
    let mut run = Run::new(plan);
    let lines: Vec<(&str, &str)> = script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| line.split_once('|').map_or((line, ""), |(left, right)| (left.trim(), right.trim())))
        .collect();
    let actual: Vec<(&str, String)> = lines.iter().map(|(left, _)| (*left, run.line(left))).collect();
    let table = |rows: &[(&str, String)]| {
        rows.iter().map(|(left, right)| format!("{left:<22}| {right}")).collect::<Vec<_>>().join("\n")
    };
    let expected: Vec<(&str, String)> = lines.iter().map(|(left, right)| (*left, (*right).into())).collect();
    assert!(
        actual == expected,
        "plan {plan}\n--- expected\n{}\n--- actual\n{}\n",
        table(&expected),
        table(&actual)
    );
}

/// One saga under test.
pub(crate) struct Run {
    pub(crate) saga: Saga,
    journal: Vec<Event>,
    now_ms: u64,
    by_hand: bool,
}

impl Run {
    pub(crate) fn new(plan: &str) -> Self {
        let plan = notation::plan(plan).unwrap_or_else(|error| panic!("{plan}: {error}"));
        Self { saga: Saga::new(Arc::new(plan)), journal: Vec::new(), now_ms: BEGIN_MS, by_hand: false }
    }

    /// Runs one left side, and returns the right side.
    pub(crate) fn line(&mut self, left: &str) -> String {
        let plan = Arc::clone(self.saga.plan());
        let words: Vec<&str> = left.split_whitespace().collect();
        match words.as_slice() {
            ["by", "hand"] => self.by_hand = true,
            ["state"] => return words::state(&self.saga),
            ["wants"] => return words::wanted(&plan, &self.saga.wanted()),
            ["failures"] => return words::failures(&self.saga),
            ["vouched"] => return words::vouched(&self.saga),
            ["notices"] => return words::notices(&self.saga),
            ["deadline"] => return words::at(self.saga.deadline_ms()),
            ["stands"] => return self.saga.standing_since_ms().map_or("no".to_owned(), words::at),
            ["recorded"] => return words::at(self.saga.now_ms()),
            ["seq"] => return self.saga.seq().to_string(),
            ["input", half] => {
                let (step, half) = notation::half(&plan, half);
                let input = self.saga.input_of(step, half).expect("a submitted saga has an input");
                return String::from_utf8_lossy(input).into();
            }
            ["output", step] => {
                let (step, _) = notation::half(&plan, step);
                let output = &self.saga.steps()[usize::from(step)].output;
                return output.as_ref().map_or("none".into(), |it| String::from_utf8_lossy(it).into());
            }
            ["allowed", verb @ ..] => {
                return match self.saga.permits(&self.verb(verb)) {
                    Ok(permit) => format!("{permit:?}"),
                    Err(reason) => reason.into(),
                };
            }
            [word] if word.starts_with('+') => self.now_ms += notation::duration_ms(&word[1..]),
            [word] if word.starts_with('-') => self.now_ms -= notation::duration_ms(&word[1..]),
            _ => {
                let input = self.input(&words);
                let events = self.feed(&input);
                return words::facts(&plan, &events);
            }
        }
        String::new()
    }

    fn feed(&mut self, input: &Input) -> Vec<Event> {
        let mut events = self.decide(input);
        while !self.by_hand {
            let Some(question) = self.saga.wanted().questions.first().copied() else { break };
            let answer = match question {
                Question::Condition(_) => Answer::Holds(true),
                Question::Request(step, half) => {
                    Answer::Rendered(u128::from(step) * 2 + u128::from(half == Half::Compensation))
                }
                Question::Output => Answer::Output(b"\"output\"".as_slice().into()),
            };
            events.extend(self.decide(&Input::Answer(question, answer)));
        }
        let folded = fold(Arc::clone(self.saga.plan()), &self.journal);
        assert_eq!(folded.as_ref(), Ok(&self.saga), "the folded journal is not the live state");
        events
    }

    fn decide(&mut self, input: &Input) -> Vec<Event> {
        let events = self.saga.decide(input, self.now_ms);
        for event in &events {
            self.saga.apply(event).unwrap_or_else(|illegal| panic!("{illegal}: {event:?}"));
            self.journal.push(event.clone());
        }
        events
    }

    fn input(&self, words: &[&str]) -> Input {
        match words {
            ["submit"] => Input::Submit(Box::new(submission())),
            ["timer"] => Input::Timer,
            ["restart"] => Input::Restarted,
            ["notice", number, how] => Input::Notice {
                notice: number.parse().expect("a notice has a number"),
                delivered: *how == "delivered",
            },
            ["answer", question, answer] => {
                let question = notation::question(self.saga.plan(), question);
                let answer = match *answer {
                    "yes" => Answer::Holds(true),
                    "no" => Answer::Holds(false),
                    "fails" => Answer::Failed("no such key".into()),
                    "output" => Answer::Output(b"\"output\"".as_slice().into()),
                    digest => Answer::Rendered(digest.parse().expect("a digest is a number")),
                };
                Input::Answer(question, answer)
            }
            [
                half,
                how @ ("done" | "unusable" | "refused" | "sealed" | "unclear" | "unsent" | "changed"),
                rest @ ..,
            ] => {
                let current =
                    |step, half| self.saga.progress(step, half).map_or(1, |progress| progress.attempt);
                let attempt = notation::attempt(self.saga.plan(), half, current);
                Input::Outcome(attempt, outcome(how, rest))
            }
            ["signed", verb @ ..] => {
                let said = Said { by: Some("ann".into()), note: "drill".into(), batch: None };
                Input::Signed(self.verb(verb), said)
            }
            verb => Input::Verb(self.verb(verb)),
        }
    }

    fn verb(&self, words: &[&str]) -> Verb {
        let half = |word| notation::half(self.saga.plan(), word);
        match words {
            ["pause"] => Verb::Pause,
            ["resume"] => Verb::Resume,
            ["cancel"] => Verb::Cancel,
            ["retry", word] => Verb::Retry(half(word).0, half(word).1),
            ["complete", word] => Verb::Complete {
                step: half(word).0,
                output: b"\"by hand\"".as_slice().into(),
                note: "seen".into(),
            },
            ["skip", word] => Verb::Skip { step: half(word).0, half: half(word).1, note: "seen".into() },
            ["resend", number] => Verb::Resend(number.parse().expect("a notice has a number")),
            ["edit", input] => Verb::Edit { input: input.as_bytes().into(), note: "typo".into() },
            words => panic!("no input: {words:?}"),
        }
    }
}

fn outcome(how: &str, rest: &[&str]) -> Outcome {
    let reason = || "said no".into();
    match how {
        "done" => Outcome::Done(rest.first().unwrap_or(&"{}").as_bytes().into()),
        "unusable" => Outcome::Unusable("not JSON".into()),
        "refused" => Outcome::Refused { reason: reason(), sealed: false },
        "sealed" => Outcome::Refused { reason: reason(), sealed: true },
        "unsent" => Outcome::NotSent,
        "changed" => Outcome::Changed("differs".into()),
        _ => Outcome::Unclear {
            reason: "no answer".into(),
            retry_after_ms: rest.first().map(|word| notation::duration_ms(word)),
        },
    }
}

pub(crate) fn submission() -> Submission {
    Submission {
        run: 7,
        definition: "plan".into(),
        version: 1,
        request: 1,
        trace: (1, 2),
        input: b"first".as_slice().into(),
    }
}
