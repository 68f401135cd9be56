//! What is sent and received, in the words of the API. Unknown members are kept, unknown states survive: a client
//! must outlive its server's next version.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A saga to submit.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Submit {
    /// Name of the definition.
    pub definition: String,
    /// The input, read by the definition's expressions.
    pub input: Value,
    /// `[A-Za-z0-9._-]{1,128}`, neither `.` nor `..`; a ULID is minted when absent. Give your own (an order number) to be able to
    /// repeat the submit after *your* crash, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// A version of the definition; the newest when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

impl Submit {
    /// A saga of the newest version, with a minted id.
    pub fn new(definition: impl Into<String>, input: Value) -> Self {
        Self { definition: definition.into(), input, ..Self::default() }
    }

    pub(super) fn with_id(&self, id: &str) -> Self {
        Self { id: Some(id.to_owned()), ..self.clone() }
    }
}

/// An accepted saga.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// Its id, given or minted.
    pub id: String,
    /// False if an earlier submit, perhaps this one's own first try, had started it.
    pub created: bool,
    /// How it stands.
    pub saga: Saga,
}

/// A saga as the server shows it.
#[derive(Debug, Clone, Deserialize)]
pub struct Saga {
    /// Its id.
    pub id: String,
    /// How it stands.
    pub status: Status,
    /// Number of its last event; what `if_seq` compares.
    #[serde(default)]
    pub seq: u64,
    /// The output, once completed.
    #[serde(default)]
    pub output: Option<Value>,
    /// The first failure, if any.
    #[serde(default)]
    pub failed: Option<Failed>,
    /// Everything else the server sent: steps, `allowed`, times.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A step that failed, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Failed {
    /// The step; `None` where time ran out, or a person cancelled, while none was under way.
    pub step: Option<String>,
    /// The service it calls.
    pub service: Option<String>,
    /// Why.
    pub reason: String,
}

/// A saga's phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Going forward.
    Running,
    /// Undoing.
    Compensating,
    /// Ended, everything in effect.
    Completed,
    /// Ended, nothing in effect.
    Compensated,
    /// Needs a person.
    Parked,
    /// A word of a newer server.
    #[serde(other)]
    Unknown,
}

impl Status {
    /// Nothing will change by itself.
    pub const fn is_resting(self) -> bool {
        match self {
            Self::Completed | Self::Compensated | Self::Parked => true,
            Self::Running | Self::Compensating | Self::Unknown => false,
        }
    }
}

/// What an operator can do to a saga; the saga's `allowed` says which of them now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Start nothing new.
    Pause,
    /// Go on.
    Resume,
    /// Turn back.
    Cancel,
    /// Begin the stuck half's attempts again.
    Retry,
    /// Vouch that the action took effect, with this output.
    Complete,
    /// Vouch that the compensation is not needed.
    Skip,
    /// New input for halves not yet sent.
    Edit,
    /// Send a notice again that was not delivered, or now one that is due later.
    Resend,
}

impl Verb {
    /// The word in the path.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
            Self::Retry => "retry",
            Self::Complete => "complete",
            Self::Skip => "skip",
            Self::Edit => "edit",
            Self::Resend => "resend",
        }
    }
}

/// What a verb may carry.
#[derive(Debug, Clone, Default, Serialize)]
pub struct VerbRequest {
    /// The step it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// `action` or `compensation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub half: Option<String>,
    /// The output to vouch for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// The new input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Value>,
    /// Number of the notice to send again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<u16>,
    /// Why; kept in the saga's journal.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Who acts, 1 to 128 bytes; kept in the saga's journal as it is said, and verified by nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Do it only if this is still the saga's last event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub if_seq: Option<u64>,
    /// Only say which events and calls it would cause.
    #[serde(skip)]
    pub dry_run: bool,
}
