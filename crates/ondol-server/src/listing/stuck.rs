//! The half of a saga that needs a person: since when, why, and what other sagas have the same cause.

use ondol_core::{Event, Fact, Finish, Half, Mode, Saga, StepId, Text, Then, bounds::TROUBLE_SHOWN_MS};
use ondol_engine::Blueprint;
use serde::{Deserialize, Serialize};

use super::row::shortened;
use crate::digest;
use crate::wire::event::step_name;
use crate::wire::saga::step_progress;
use crate::wire::words;

/// What a half is called that is still being tried, and has failed for a while.
pub(crate) const FAILING: &str = "failing";

/// What a saga is called whose journal cannot be read.
pub(crate) const JOURNAL_ILLEGAL: &str = "journal_illegal";

/// The half that needs a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StuckRow {
    pub(crate) step: Option<String>,
    pub(crate) half: Option<String>,
    pub(crate) service: Option<String>,
    /// A word of [`words::trouble`], [`FAILING`] or [`JOURNAL_ILLEGAL`].
    pub(crate) trouble: String,
    pub(crate) reason: String,
    /// Since when it needs a person, or has been failing (Unix milliseconds).
    pub(crate) since_ms: u64,
    /// The same for all that have the same cause.
    pub(crate) cause: String,
}

impl StuckRow {
    /// A half that failed once is not stuck; one that has been failing for a while is shown as if it were.
    pub(crate) fn shown(&self, now_ms: u64) -> bool {
        !self.failing() || now_ms.saturating_sub(self.since_ms) >= TROUBLE_SHOWN_MS
    }

    /// Is it still being tried?
    pub(super) fn failing(&self) -> bool {
        self.trouble == FAILING
    }

    /// A saga whose journal cannot be read.
    pub(super) fn illegal(since_ms: u64, reason: &str) -> Self {
        Self {
            step: None,
            half: None,
            service: None,
            trouble: JOURNAL_ILLEGAL.to_owned(),
            reason: shortened(reason),
            since_ms,
            cause: cause(&[JOURNAL_ILLEGAL, &masked(reason)]),
        }
    }
}

/// What the last attempts of a saga's halves came to, as far as the state does not tell.
#[derive(Default)]
pub(super) struct Troubles(Vec<(StepId, Half, Trouble)>);

struct Trouble {
    reason: Text,
    /// When it came to need a person; 0 while it is still tried.
    stuck_ms: u64,
}

impl Troubles {
    /// Takes in what happened.
    pub(super) fn take(&mut self, events: &[Event]) {
        for event in events {
            let (step, half, reason, then) = match &event.fact {
                Fact::Finished { attempt, finish, then } => {
                    (attempt.step, attempt.half, reason(finish), *then)
                }
                Fact::Unrendered { step, half, reason, then } => (*step, *half, Some(reason), *then),
                _ => continue,
            };
            self.0.retain(|(of, which, _)| (*of, *which) != (step, half));
            if let Some(reason) = reason {
                let stuck_ms = if matches!(then, Then::Stick(_)) { event.at_ms } else { 0 };
                self.0.push((step, half, Trouble { reason: reason.clone(), stuck_ms }));
            }
        }
    }

    /// The half that needs a person; where none does, the one that has been failing for longest.
    pub(super) fn row(&self, saga: &Saga, blueprint: &Blueprint) -> Option<StuckRow> {
        let halves = || {
            saga.plan().ids().zip(saga.steps()).filter_map(|(step, state)| {
                let (half, progress) = step_progress(state.status)?;
                Some((step, half, progress))
            })
        };
        let stuck = halves().find_map(|(step, half, progress)| match progress.mode {
            Mode::Stuck(trouble) => Some((step, half, words::trouble(trouble), None)),
            Mode::Unasked | Mode::InFlight | Mode::Waiting { .. } => None,
        });
        let failing = || {
            let failing = halves().filter_map(|(step, half, progress)| {
                Some((step, half, FAILING, Some(progress.troubled_since_ms?)))
            });
            failing.min_by_key(|(.., since_ms)| *since_ms)
        };
        let (step, half, trouble, since_ms) = stuck.or_else(failing)?;
        let known = self.0.iter().find(|(of, which, _)| (*of, *which) == (step, half));
        let known = known.map(|(.., known)| known);
        let reason = known.map_or("", |known| &known.reason);
        let (name, service) = (step_name(saga.plan(), step), blueprint.service(step, half));
        let half = words::half(half);
        Some(StuckRow {
            cause: cause(&[&blueprint.name, name, half, &service, trouble, &masked(reason)]),
            step: Some(name.to_owned()),
            half: Some(half.to_owned()),
            service: Some(service.to_string()),
            trouble: trouble.to_owned(),
            reason: shortened(reason),
            since_ms: since_ms.or(known.map(|known| known.stuck_ms)).unwrap_or(saga.now_ms()),
        })
    }
}

fn reason(finish: &Finish) -> Option<&Text> {
    match finish {
        Finish::Done(_) => None,
        Finish::Unusable(reason) | Finish::Refused { reason, .. } | Finish::Unclear(reason) => Some(reason),
    }
}

/// A short text that is the same for the same parts.
fn cause(parts: &[&str]) -> String {
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    format!("{:016x}", digest::of(&parts) >> 64)
}

/// A reason without what differs from saga to saga: of every word that has a digit only `#` is left.
fn masked(reason: &str) -> String {
    let mut masked = String::with_capacity(reason.len());
    let part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut rest = reason;
    while let Some(first) = rest.chars().next() {
        let inside = part(first);
        let end = rest.find(|c| part(c) != inside).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        let value = inside && word.contains(|c: char| c.is_ascii_digit());
        masked.push_str(if value { "#" } else { word });
        rest = behind;
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn numbers_and_ids_say_nothing_about_a_cause() {
        #[rustfmt::skip]
        let table = [
            ("",                                                  ""),
            ("the seat is taken",                                 "the seat is taken"),
            ("seat 15A of flight KE-901 is taken",                "seat # of flight # is taken"),
            ("no booking 01M83WT1DMK08NER1EGFCJVNB1, try later",  "no booking #, try later"),
            ("10.0.0.1:7101 did not answer within 2.5 s",         "#:# did not answer within # s"),
            ("좌석 15A 없음",                                      "좌석 # 없음"),
        ];
        for (reason, expected) in table {
            assert_eq!(masked(reason), expected);
        }
    }
}
