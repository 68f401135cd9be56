//! What the engine and the store refuse, as problems.

use ondol_engine::{ActError, BadSagaId, ReadError, SubmitError};
use ondol_store::log::LogError;
use ondol_store::view::ViewError;

use super::{Code, Problem};

/// When to come again after a refusal that passes by itself, in seconds: the least that `Retry-After` can say.
const SOON_S: u32 = 1;

/// When to come again where a person must free something first, in seconds.
const LATER_S: u32 = 30;

/// An error with everything that led to it, as one sentence.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

impl From<SubmitError> for Problem {
    fn from(error: SubmitError) -> Self {
        let code = match &error {
            SubmitError::UnknownDefinition { .. } => Code::DefinitionNotFound,
            SubmitError::IdTaken { .. } => Code::IdTaken,
            SubmitError::Overloaded { .. } => Code::Overloaded,
            SubmitError::NoSpace { .. } => Code::NoSpace,
            SubmitError::OutcomeUnknown => Code::OutcomeUnknown,
            SubmitError::ShuttingDown => Code::ShuttingDown,
            SubmitError::JournalIllegal { .. } => Code::JournalIllegal,
        };
        timed(Self::new(code, error.to_string()))
    }
}

impl From<ActError> for Problem {
    fn from(error: ActError) -> Self {
        let code = match &error {
            ActError::NotFound { .. } => Code::SagaNotFound,
            ActError::Stale { .. } => Code::Stale,
            ActError::NotAllowed { .. } => Code::NotAllowed,
            ActError::UnknownStep { .. } => Code::StepUnknown,
            ActError::Overloaded => Code::Overloaded,
            ActError::OutcomeUnknown => Code::OutcomeUnknown,
            ActError::ShuttingDown => Code::ShuttingDown,
            ActError::JournalIllegal { .. } => Code::JournalIllegal,
        };
        let problem = timed(Self::new(code, error.to_string()));
        match error {
            ActError::Stale { seq, expected } => problem.with("seq", seq).with("if_seq", expected),
            _ => problem,
        }
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        let code = match &error {
            ReadError::Reopening => Code::NotReady,
            ReadError::Log(_) => Code::StoreFailed,
            ReadError::JournalIllegal { .. } => Code::JournalIllegal,
        };
        timed(Self::new(code, chain(&error)))
    }
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Gone { oldest } => {
                let cursor = oldest.0.saturating_sub(1).to_string();
                let detail = format!("events behind this cursor were dropped; go on from {cursor}");
                Self::new(Code::CursorGone, detail).with("oldest", cursor)
            }
            LogError::Unknown { .. } | LogError::Poisoned => {
                timed(Self::new(Code::OutcomeUnknown, chain(&error)))
            }
            _ => Self::new(Code::StoreFailed, chain(&error)),
        }
    }
}

impl From<ViewError> for Problem {
    fn from(error: ViewError) -> Self {
        Self::new(Code::StoreFailed, chain(&error))
    }
}

impl From<BadSagaId> for Problem {
    fn from(error: BadSagaId) -> Self {
        Self::new(Code::BadSagaId, error.to_string())
    }
}

fn timed(problem: Problem) -> Problem {
    match problem.code() {
        Code::Overloaded | Code::OutcomeUnknown | Code::NotReady | Code::ShuttingDown => {
            problem.again_after(SOON_S)
        }
        Code::NoSpace => problem.again_after(LATER_S),
        _ => problem,
    }
}
