//! What the log holds of a batch, and the row it makes.

use std::sync::Arc;

use ondol_engine::VerbRequest;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::wire::words;

/// A record of a batch's stream. Stored: fields are only ever added, with a default.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Record {
    /// Always the first.
    Begun(Begun),
    /// How far it is.
    Moved(Moved),
    /// It is over.
    Ended {
        #[serde(flatten)]
        moved: Moved,
        cancelled: bool,
    },
}

/// What a batch does, and to which sagas.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Begun {
    pub(crate) at_ms: u64,
    pub(crate) action: Action,
    pub(crate) rate_per_second: u32,
    pub(crate) ids: Vec<String>,
    /// Digest of the request that began it; a repeat has the same. Zero in records of before there were repeats.
    #[serde(default)]
    pub(crate) request: u128,
}

/// The verb and its arguments.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Action {
    pub(crate) verb: String,
    #[serde(default)]
    pub(crate) step: Option<String>,
    #[serde(default)]
    pub(crate) half: Option<String>,
    #[serde(default)]
    pub(crate) payload: Option<Box<RawValue>>,
    #[serde(default)]
    pub(crate) notice: Option<u16>,
    pub(crate) note: String,
    #[serde(default)]
    pub(crate) by: Option<String>,
}

/// How far a batch is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Moved {
    pub(crate) at_ms: u64,
    /// Sagas that were asked, from the first on.
    pub(crate) done: usize,
    /// Of these, how many did it.
    pub(crate) acted: usize,
    /// The first refusals, for a person to look at.
    #[serde(default)]
    pub(crate) refusals: Vec<Refusal>,
}

/// A saga that did not allow the verb.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Refusal {
    pub(crate) id: String,
    pub(crate) reason: String,
}

/// How a batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Running,
    Completed,
    Cancelled,
}

/// A batch in a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BatchRow {
    pub(crate) id: String,
    pub(crate) action: Action,
    pub(crate) rate_per_second: u32,
    pub(crate) state: State,
    pub(crate) total: usize,
    pub(crate) done: usize,
    pub(crate) acted: usize,
    pub(crate) refusals: Vec<Refusal>,
    pub(crate) created_ms: u64,
    pub(crate) ended_ms: Option<u64>,
}

impl Record {
    /// The row after this record.
    pub(crate) fn onto(&self, id: &str, row: Option<BatchRow>) -> BatchRow {
        match (self, row) {
            (Self::Begun(begun), _) => BatchRow::new(id, begun),
            (Self::Moved(moved), Some(row)) => row.moved(moved),
            (Self::Ended { moved, cancelled }, Some(row)) => BatchRow {
                state: if *cancelled { State::Cancelled } else { State::Completed },
                ended_ms: Some(moved.at_ms),
                ..row.moved(moved)
            },
            // Its beginning was dropped while the view was being filled; the stream is about to go too.
            (Self::Moved(moved) | Self::Ended { moved, .. }, None) => {
                let action = Action {
                    verb: String::new(),
                    step: None,
                    half: None,
                    payload: None,
                    notice: None,
                    note: String::new(),
                    by: None,
                };
                let begun =
                    Begun { at_ms: moved.at_ms, action, rate_per_second: 0, ids: Vec::new(), request: 0 };
                BatchRow { state: State::Completed, ended_ms: Some(moved.at_ms), ..BatchRow::new(id, &begun) }
            }
        }
    }
}

impl BatchRow {
    fn new(id: &str, begun: &Begun) -> Self {
        Self {
            id: id.to_owned(),
            action: begun.action.clone(),
            rate_per_second: begun.rate_per_second,
            state: State::Running,
            total: begun.ids.len(),
            done: 0,
            acted: 0,
            refusals: Vec::new(),
            created_ms: begun.at_ms,
            ended_ms: None,
        }
    }

    fn moved(self, moved: &Moved) -> Self {
        Self { done: moved.done, acted: moved.acted, refusals: moved.refusals.clone(), ..self }
    }
}

impl Action {
    /// The request for one saga; `None` where the verb is unknown (a later version wrote it).
    pub(super) fn request(&self, batch: &str) -> Option<VerbRequest> {
        Some(VerbRequest {
            kind: words::parse_verb(&self.verb)?,
            step: self.step.clone(),
            half: self.half.as_deref().and_then(words::parse_half),
            payload: self.payload.as_ref().map(|payload| Arc::from(payload.get().as_bytes())),
            notice: self.notice,
            note: self.note.as_str().into(),
            by: self.by.as_deref().map(Into::into),
            batch: Some(batch.into()),
            if_seq: None,
        })
    }
}
