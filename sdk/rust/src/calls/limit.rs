//! Limits that turn a call away before it is sent, in words that say what to change.

use std::time::Duration;

use ondol_call::policy::rate::TooEarly;

/// Which limit turned a call away. Nothing of that attempt was sent.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Limit {
    /// As many as the service stands are in flight, and as many as may wait do.
    #[error(
        "{in_flight_max} calls are in flight, as many as the service stands, and {queued} wait already (throttle.queue_max, throttle.limit_max)"
    )]
    Full {
        /// The present limit of calls in flight.
        in_flight_max: u32,
        /// How many wait.
        queued: usize,
    },
    /// It waited for a place and got none.
    #[error("no place among {in_flight_max} calls in flight became free within {} ms (throttle.wait_max, throttle.limit_max)", .waited.as_millis())]
    Waited {
        /// The limit of calls in flight when it began to wait.
        in_flight_max: u32,
        /// How long it waited, at most; less if its deadline was nearer.
        waited: Duration,
    },
    /// Too many calls a second.
    #[error(transparent)]
    Rate(#[from] TooEarly),
}

impl Limit {
    /// When there may be room, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Rate(early) => Some(early.wait),
            Self::Full { .. } | Self::Waited { .. } => None,
        }
    }
}
