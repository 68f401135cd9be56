//! What an answer means for one half of a step: the table of the design, pure.
//!
//! | what happened | action | compensation |
//! |---|---|---|
//! | nothing was sent | NotSent | NotSent |
//! | 2xx with JSON, or empty | Done | Done |
//! | 2xx, not JSON or over the limit | DoneUnusable | Done |
//! | 3xx | Refused | Refused |
//! | 408, 425, 429, 5xx, timeout, reset; 409 in progress; `retry_on` | Unclear | Unclear |
//! | other 4xx | Refused | Refused, or Done if in `accept` |

use bytes::Bytes;
use http::StatusCode;

use crate::answer::{Answer, Sent, Try};
use crate::reason::{self, Problem};
use crate::{json, retry_after};

/// A callee's barrier says with this header and [`IN_PROGRESS`] that the same key is still at work.
const BARRIER: &str = "ondol-barrier";
const IN_PROGRESS: &[u8] = b"in-progress";
/// A callee's barrier says with this header and [`NO_EFFECT`] that this key had no effect and never will.
const EFFECT: &str = "ondol-effect";
const NO_EFFECT: &[u8] = b"none";

/// How one half wants its answers read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules<'a> {
    /// It undoes. Otherwise it acts.
    pub compensation: bool,
    /// 4xx that count as done, for a compensation: `404` where nothing is left to delete.
    pub accept: &'a [u16],
    /// Statuses that are no answer, beside those that never are.
    pub retry_on: &'a [u16],
}

/// What an answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It took effect.
    Done {
        /// Valid JSON, at most 1 MiB. 202 without a body is `{}`; any other empty body is `null`.
        body: Bytes,
    },
    /// It took effect, and its output cannot be used. Only for an action.
    DoneUnusable {
        /// Why, for a person.
        reason: String,
    },
    /// The callee will not do it. For a compensation: a failed attempt.
    Refused {
        /// Why, for a person.
        reason: String,
        /// The callee's barrier vouches that this key had no effect and never will have.
        sealed: bool,
    },
    /// It may or may not have taken effect.
    Unclear {
        /// Why, for a person.
        reason: String,
        /// What the callee asked to wait, in milliseconds, at most ten minutes.
        retry_after_ms: Option<u64>,
    },
    /// Nothing left this machine that the callee may have acted upon.
    NotSent {
        /// Why, for a person.
        reason: String,
    },
}

/// What `sent` means for a half with `rules`. `service` is the name that reasons carry; `now_ms` is Unix time, for a
/// `Retry-After` that is a date.
pub fn classify(service: &str, sent: &Sent, rules: &Rules<'_>, now_ms: u64) -> Verdict {
    match &sent.result {
        Try::Answered(answer) => classify_answer(service, answer, rules, now_ms),
        Try::Unclear(unclear) => {
            let reason = format!("{service} at {}: {}", unclear.endpoint, unclear.why);
            Verdict::Unclear { reason, retry_after_ms: None }
        }
        Try::NotSent(last) => {
            let reason = match &last.endpoint {
                Some(endpoint) => format!("{service} at {endpoint} was sent nothing: {}", last.why),
                None => format!("{service} was sent nothing: {}", last.why),
            };
            Verdict::NotSent { reason }
        }
    }
}

fn classify_answer(service: &str, answer: &Answer, rules: &Rules<'_>, now_ms: u64) -> Verdict {
    let status = answer.status.as_u16();
    let unclear = || Verdict::Unclear {
        reason: reason::answered(service, answer),
        retry_after_ms: retry_after::wait_ms(&answer.headers, now_ms),
    };
    let sealed = says(answer, EFFECT, NO_EFFECT);
    // Before all else: a code the user wants retried is retried, whatever it would otherwise mean.
    if rules.retry_on.contains(&status) {
        return unclear();
    }
    match status {
        200..=299 => done(service, answer, rules),
        // Whoever redirects has not looked: it vouches for nothing.
        300..=399 => Verdict::Refused { reason: reason::redirected(service, answer), sealed: false },
        408 | 425 | 429 => unclear(),
        409 if is_in_progress(answer) => unclear(),
        400..=499 if rules.compensation && rules.accept.contains(&status) => {
            Verdict::Done { body: output(answer).unwrap_or(NULL) }
        }
        400..=499 => Verdict::Refused { reason: reason::answered(service, answer), sealed },
        // 5xx, and what is no final status at all.
        _ => unclear(),
    }
}

fn done(service: &str, answer: &Answer, rules: &Rules<'_>) -> Verdict {
    match output(answer) {
        Ok(body) => Verdict::Done { body },
        Err(_) if rules.compensation => Verdict::Done { body: NULL },
        Err(flaw) => Verdict::DoneUnusable {
            reason: format!("{service} answered {} with {flaw}; answer JSON of at most 1 MiB", answer.status),
        },
    }
}

const NULL: Bytes = Bytes::from_static(b"null");

/// What a successful answer puts out. No body is a valid answer to every 2xx; 204 and 205 cannot have one.
fn output(answer: &Answer) -> Result<Bytes, String> {
    if answer.over_limit {
        return Err("a body over the limit".to_owned());
    }
    match answer.status {
        StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT => Ok(NULL),
        StatusCode::ACCEPTED if answer.body.is_empty() => Ok(Bytes::from_static(b"{}")),
        _ if answer.body.is_empty() => Ok(NULL),
        _ => json::checked(&answer.body),
    }
}

fn is_in_progress(answer: &Answer) -> bool {
    says(answer, BARRIER, IN_PROGRESS) || Problem::read(&answer.body).is_in_progress()
}

fn says(answer: &Answer, header: &str, value: &[u8]) -> bool {
    answer.headers.get(header).is_some_and(|found| found.as_bytes().eq_ignore_ascii_case(value))
}

#[cfg(test)]
mod tests;
