//! How an engine is set up.

/// The engine's bounds.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Sagas whose append may be under way at once; beyond it new ones are refused. Default 16,384: at one group commit
    /// a millisecond more waiting would only add latency.
    pub appending_max: usize,
    /// Bytes of saga state kept in memory before sagas that wait are put to sleep; at twice this, new ones are refused.
    /// Default 256 MiB.
    pub live_bytes_max: usize,
    /// Journals read at once. Default 64: enough to keep the cores busy, few enough to bound memory.
    pub loads_max: usize,
    /// How long a shutdown waits for calls on their way, in milliseconds. Default 10 s, as long as one attempt may take.
    pub drain_ms: u64,
    /// A deliberate bug.
    #[cfg(feature = "bugs")]
    pub bug: Option<Bug>,
    /// Where the process aborts itself.
    #[cfg(feature = "torture")]
    pub die_at: Option<DieAt>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            appending_max: 16_384,
            live_bytes_max: 256 << 20,
            loads_max: 64,
            drain_ms: 10_000,
            #[cfg(feature = "bugs")]
            bug: None,
            #[cfg(feature = "torture")]
            die_at: None,
        }
    }
}

/// Bugs in the loop around the core, for the simulator to find.
#[cfg(feature = "bugs")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A request is sent before its intent is durable.
    SendBeforeAppend,
}

/// Where the process aborts itself, as a power cut would, and at which time it comes by there.
#[cfg(feature = "torture")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DieAt {
    /// The place.
    pub point: DiePoint,
    /// The number of the visit that is the last one, from 1.
    pub visit: u64,
}

/// A place at which a crash is worth trying.
#[cfg(feature = "torture")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiePoint {
    /// A batch became durable; nothing of what it allows was sent.
    AfterAppend,
    /// An answer arrived; it is not appended.
    AfterAnswer,
    /// A saga was read back; its calls are not sent again.
    MidRecovery,
}
