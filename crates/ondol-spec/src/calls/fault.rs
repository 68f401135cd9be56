//! Injected faults, compiled.

use crate::share::Share;

/// Which share of the attempts meets which fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultRule {
    /// The share; all where the file says nothing.
    pub share: Share,
    /// What is waited before anything else, in milliseconds.
    pub latency_ms: u64,
    /// And up to this much longer.
    pub jitter_ms: u64,
    /// What happens then.
    pub effect: FaultEffect,
    /// Where chance begins.
    pub seed: u32,
}

/// What happens to an attempt. `at_byte` counts in the answer's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultEffect {
    /// Nothing but the delay.
    Delay,
    /// It is answered with this status, 400 to 599, and never sent.
    Status(u16),
    /// It is sent, and its answer is lost.
    LoseAnswer,
    /// The connection is reset.
    Reset {
        /// Where.
        at_byte: u32,
    },
    /// Nothing more comes.
    Stall {
        /// Where.
        at_byte: u32,
    },
    /// The other side ends its half.
    HalfClose {
        /// Where.
        at_byte: u32,
    },
    /// The body ends here, and its head said another length.
    WrongLength {
        /// Where.
        at_byte: u32,
    },
    /// HTTP/2: the server takes no new streams.
    Goaway,
    /// HTTP/2: the server refuses this stream.
    RefusedStream,
}
