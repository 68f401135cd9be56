//! What the business says to the barrier ([`Done`], [`Refusal`], [`Stop`]) and what the barrier says to the
//! caller ([`Reply`]). No HTTP library: a reply is a status, a body and headers by name.

use super::{BARRIER_HEADER, BARRIER_IN_PROGRESS, EFFECT_HEADER, EFFECT_NONE, REPLAYED, REPLAYED_HEADER};
use crate::problem::{self, Problem};
use http::StatusCode;
use serde::Serialize;
use std::borrow::Cow;

/// Longest answer in bytes. Ondol reads 1 MiB of an output and calls more unusable.
pub const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// The business took effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    status: StatusCode,
    body: Vec<u8>,
}

impl Done {
    /// 200 with a JSON body, which becomes the step's output.
    ///
    /// # Errors
    /// [`Stop::Failed`] if the value cannot be serialized or exceeds [`ANSWER_BYTES_MAX`].
    pub fn ok(output: &impl Serialize) -> Result<Self, Stop> {
        Self::with(StatusCode::OK, output)
    }

    /// 201 with a JSON body.
    ///
    /// # Errors
    /// As [`Done::ok`].
    pub fn created(output: &impl Serialize) -> Result<Self, Stop> {
        Self::with(StatusCode::CREATED, output)
    }

    /// 204: done, and nothing to say.
    pub const fn empty() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: Vec::new() }
    }

    fn with(status: StatusCode, output: &impl Serialize) -> Result<Self, Stop> {
        let body = serde_json::to_vec(output)
            .map_err(|error| Stop::Failed(format!("the answer cannot be written as JSON: {error}")))?;
        if body.len() > ANSWER_BYTES_MAX {
            let length = body.len();
            return Err(Stop::Failed(format!(
                "the answer has {length} bytes, over the limit of {ANSWER_BYTES_MAX} (ANSWER_BYTES_MAX); answer with less"
            )));
        }
        Ok(Self { status, body })
    }
}

/// The business says no, and means it: the same request would be refused again. Only the 4xx that Ondol reads as
/// a refusal can be made; 408, 425 and 429 mean *ask again* and are not among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(Problem);

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident => $status:ident;)+) => {
        impl Refusal {
            $($(#[$doc])*
            pub fn $name(code: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
                Self(Problem::new(StatusCode::$status, code, detail))
            })+
        }
    };
}

refusals! {
    /// 400: the request makes no sense.
    bad_request => BAD_REQUEST;
    /// 401: nobody known by this token.
    unauthorized => UNAUTHORIZED;
    /// 402: not enough money.
    payment_required => PAYMENT_REQUIRED;
    /// 403: known, but not allowed.
    forbidden => FORBIDDEN;
    /// 404: no such thing.
    not_found => NOT_FOUND;
    /// 409: taken, or in a state that does not allow it.
    conflict => CONFLICT;
    /// 410: was there once.
    gone => GONE;
    /// 422: understood, and against the rules.
    unprocessable => UNPROCESSABLE_ENTITY;
}

impl Refusal {
    /// The problem that is answered.
    pub const fn problem(&self) -> &Problem {
        &self.0
    }
}

/// Why the business did not take effect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// It was refused; for an action that answer is stored.
    #[error("refused: {}", .0.problem().detail)]
    Refused(Refusal),
    /// Something broke: nothing is stored, everything is rolled back, and the caller asks again.
    #[error("{0}")]
    Failed(String),
    /// The key or the database was busy for [`WAIT_MAX`](super::WAIT_MAX): nothing happened, ask again.
    #[error("the key or its database is busy with another request; nothing happened, ask again")]
    Busy,
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Where a reply comes from; it decides the headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The half took effect, now or earlier, or a compensation had nothing to undo.
    Done,
    /// A stored refusal of an action.
    Refused,
    /// A compensation was refused; not stored.
    NotUndone,
    /// The action's compensation came first.
    Compensated,
    /// Same key, other request.
    KeyReused,
    /// Still busy.
    InProgress,
    /// The business failed.
    Failed,
}

/// The answer to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Body; empty with 204.
    pub body: Vec<u8>,
    /// Where it comes from.
    pub verdict: Verdict,
    /// It was stored by an earlier request: this one changed nothing.
    pub replayed: bool,
}

impl Reply {
    /// Headers to send, by name.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let content_type = match self.verdict {
            Verdict::Done if self.body.is_empty() => None,
            Verdict::Done => Some("application/json"),
            Verdict::Refused
            | Verdict::NotUndone
            | Verdict::Compensated
            | Verdict::KeyReused
            | Verdict::InProgress
            | Verdict::Failed => Some(problem::CONTENT_TYPE),
        };
        let own = match self.verdict {
            Verdict::Refused | Verdict::Compensated => Some((EFFECT_HEADER, EFFECT_NONE)),
            Verdict::InProgress => Some((BARRIER_HEADER, BARRIER_IN_PROGRESS)),
            Verdict::Done | Verdict::NotUndone | Verdict::KeyReused | Verdict::Failed => None,
        };
        let replayed = self.replayed.then_some((REPLAYED_HEADER, REPLAYED));
        content_type.map(|value| ("content-type", value)).into_iter().chain(own).chain(replayed)
    }

    /// What a service without a barrier answers: the business' own word, vouched for by nobody.
    pub fn unguarded(outcome: Result<Done, Stop>) -> Self {
        match outcome {
            Ok(done) => Self::done(done),
            Err(stop) => Self::stopped(stop),
        }
    }

    pub(super) fn done(done: Done) -> Self {
        Self { status: done.status.as_u16(), body: done.body, verdict: Verdict::Done, replayed: false }
    }

    /// Nothing was stored.
    pub(super) fn stopped(stop: Stop) -> Self {
        match stop {
            Stop::Refused(refusal) => Self::problem(refusal.problem(), Verdict::NotUndone),
            Stop::Failed(why) => {
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                let title = "The step failed and changed nothing";
                Self::problem(&Problem::own(status, "step_failed", title, why), Verdict::Failed)
            }
            Stop::Busy => {
                let title = "The same half is still being worked on";
                let detail = "another request with this key, or another writer of this database, is not finished; \
                              nothing happened, send it again";
                Self::problem(
                    &Problem::own(StatusCode::TOO_EARLY, "in_progress", title, detail),
                    Verdict::InProgress,
                )
            }
        }
    }

    fn problem(problem: &Problem, verdict: Verdict) -> Self {
        Self { status: problem.status, body: problem.to_json(), verdict, replayed: false }
    }
}

/// What only a barrier says.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
impl Reply {
    /// A compensation that had nothing to undo.
    pub(super) fn settled() -> Self {
        Self {
            status: StatusCode::OK.as_u16(),
            body: b"{}".to_vec(),
            verdict: Verdict::Done,
            replayed: false,
        }
    }

    /// A refusal whose row was stored with it.
    pub(super) fn refused(refusal: &Refusal) -> Self {
        Self::problem(refusal.problem(), Verdict::Refused)
    }

    pub(super) fn compensated() -> Self {
        let title = "The compensation of this action came first";
        let detail =
            "this action was undone before it arrived, so it is not carried out; nothing needs to be done";
        Self::problem(&Problem::own(StatusCode::CONFLICT, "compensated", title, detail), Verdict::Compensated)
    }

    pub(super) fn key_reused() -> Self {
        let title = "This idempotency key belongs to another request";
        let detail = "the stored request has another method, path or body; every attempt of a half must send the \
                      same request, and another request needs a key of its own";
        Self::problem(
            &Problem::own(StatusCode::UNPROCESSABLE_ENTITY, "key_reused", title, detail),
            Verdict::KeyReused,
        )
    }
}
