//! Faults that a file may inject into calls, for tests.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::duration::Duration;
use crate::share::Share;

/// One rule: which share of the calls meets which fault. At most one of `status`, `kind` and `lose_answer`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// The share of attempts that meet it. Default 100%.
    pub share: Option<Share>,
    /// Wait this long before anything else.
    pub latency: Option<Duration>,
    /// And up to this much longer.
    pub jitter: Option<Duration>,
    /// Answer with this status instead of calling.
    #[schemars(range(min = 400, max = 599))]
    pub status: Option<u16>,
    /// Break the connection in this way.
    pub kind: Option<FaultKind>,
    /// With `kind`: at this byte of the answer's body. Default 0.
    pub at_byte: Option<u32>,
    /// Call, and lose the answer: the service has done it, and the caller cannot know.
    #[serde(default)]
    pub lose_answer: bool,
    /// Where chance begins; the same seed is the same faults. Default 0.
    pub seed: Option<u32>,
}

/// How a connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// It is reset.
    Reset,
    /// Nothing more comes.
    Stall,
    /// The other side ends its half.
    HalfClose,
    /// The body has another length than its head says.
    WrongLength,
    /// HTTP/2: the server takes no new streams.
    Goaway,
    /// HTTP/2: the server refuses this stream.
    RefusedStream,
}
