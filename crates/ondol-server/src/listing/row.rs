//! One line of a list, and what is left of a saga when even that is gone.

use ondol_core::{Phase, Saga};
use ondol_engine::Blueprint;
use serde::{Deserialize, Serialize};

use super::audit::ActRow;
use super::stuck::StuckRow;
use crate::wire::event::step_name;
use crate::wire::words;

/// A saga's status as it stands in keys. The numbers are part of the view's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub(crate) enum Status {
    Running = 1,
    Compensating = 2,
    Parked = 3,
    Completed = 4,
    Compensated = 5,
}

impl Status {
    pub(crate) const ALL: [Self; 5] =
        [Self::Running, Self::Compensating, Self::Parked, Self::Completed, Self::Compensated];

    pub(crate) const fn of(phase: Phase) -> Self {
        match phase {
            Phase::New | Phase::Running => Self::Running,
            Phase::Compensating => Self::Compensating,
            Phase::Parked(_) => Self::Parked,
            Phase::Completed => Self::Completed,
            Phase::Compensated => Self::Compensated,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        words::STATUSES_BY_NUMBER[self as usize - 1]
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Has the saga not come to its end?
    pub(crate) const fn open(self) -> bool {
        matches!(self, Self::Running | Self::Compensating | Self::Parked)
    }
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) definition: String,
    pub(crate) version: u32,
    pub(crate) status: Status,
    pub(crate) paused: bool,
    pub(crate) seq: u64,
    pub(crate) created_ms: u64,
    pub(crate) updated_ms: u64,
    pub(crate) ended_ms: Option<u64>,
    pub(crate) failed: Option<FailedRow>,
    /// The half that needs a person.
    pub(crate) stuck: Option<StuckRow>,
    /// When it was parked, each time (Unix milliseconds); at most [`PARKED_MAX`].
    pub(crate) parked_ms: Vec<u64>,
    /// Digest of the request, for the tombstone.
    pub(crate) request: u128,
    /// Is nothing wanted any more, notices included?
    pub(crate) closed: bool,
    /// Records of its journal that are in this row.
    pub(crate) records: u64,
}

/// Why it did not simply complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FailedRow {
    pub(crate) step: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) reason: String,
}

/// Times that a saga was parked, as they stand in its row. Later ones are not counted.
pub(super) const PARKED_MAX: usize = 64;

/// Bytes of a reason in a list; the whole one is on the saga.
const REASON_BYTES_MAX: usize = 300;

impl Row {
    /// The half that needs a person, where one is shown as such now.
    pub(crate) fn stuck_at(&self, now_ms: u64) -> Option<&StuckRow> {
        self.stuck.as_ref().filter(|stuck| stuck.shown(now_ms))
    }

    /// What a list shows of a saga that was created, and perhaps ended, at these times.
    pub(crate) fn new(
        id: &str,
        saga: &Saga,
        blueprint: &Blueprint,
        (created_ms, ended_ms): (u64, Option<u64>),
        stuck: Option<StuckRow>,
        parked_ms: &[u64],
        records: u64,
    ) -> Self {
        Self {
            id: id.to_owned(),
            definition: blueprint.name.to_string(),
            version: blueprint.version,
            status: Status::of(saga.phase()),
            paused: saga.paused_at_ms().is_some(),
            seq: saga.seq(),
            created_ms,
            updated_ms: saga.now_ms(),
            ended_ms,
            failed: saga.failures().first().map(|failure| FailedRow {
                step: failure.step.map(|step| step_name(saga.plan(), step).to_owned()),
                service: failure.step.map(|step| blueprint.service(step, failure.half).to_string()),
                reason: shortened(&failure.reason),
            }),
            stuck,
            parked_ms: parked_ms.to_vec(),
            request: saga.submission().map_or(0, |submission| submission.request),
            closed: saga.phase().ended() && saga.wanted().is_empty(),
            records,
        }
    }

    /// A saga whose journal cannot be read.
    pub(crate) fn illegal(id: &str, at_ms: u64, why: &str, records: u64) -> Self {
        let reason = format!("journal_illegal: {why}");
        Self {
            id: id.to_owned(),
            definition: String::new(),
            version: 0,
            status: Status::Parked,
            paused: false,
            seq: 0,
            created_ms: at_ms,
            updated_ms: at_ms,
            ended_ms: None,
            stuck: Some(StuckRow::illegal(at_ms, &reason)),
            failed: Some(FailedRow { step: None, service: None, reason: shortened(&reason) }),
            parked_ms: vec![at_ms],
            request: 0,
            closed: false,
            records,
        }
    }
}

pub(super) fn shortened(reason: &str) -> String {
    if reason.len() <= REASON_BYTES_MAX {
        return reason.to_owned();
    }
    let end = (0..=REASON_BYTES_MAX).rev().find(|&at| reason.is_char_boundary(at)).unwrap_or(0);
    format!("{}…", &reason[..end])
}

/// What is left of a saga whose history was dropped. Stored in the log: fields are only ever added, with a default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tombstone {
    pub(crate) id: String,
    /// Digest of the request that submitted it.
    pub(crate) request: u128,
    pub(crate) definition: String,
    pub(crate) version: u32,
    pub(crate) status: Status,
    pub(crate) seq: u64,
    pub(crate) created_ms: u64,
    pub(crate) ended_ms: u64,
    pub(crate) dropped_ms: u64,
    #[serde(default)]
    pub(crate) failed: Option<FailedRow>,
    /// What people did to it.
    #[serde(default)]
    pub(crate) acts: Vec<ActRow>,
    /// Place of the last event dropped up to then, of this saga or another.
    #[serde(default)]
    pub(crate) dropped_to: u64,
}

impl Tombstone {
    pub(crate) fn of(row: Row, acts: Vec<ActRow>, dropped_ms: u64, dropped_to: u64) -> Self {
        Self {
            id: row.id,
            request: row.request,
            definition: row.definition,
            version: row.version,
            status: row.status,
            seq: row.seq,
            created_ms: row.created_ms,
            ended_ms: row.ended_ms.unwrap_or(row.updated_ms),
            dropped_ms,
            failed: row.failed,
            acts,
            dropped_to,
        }
    }
}
