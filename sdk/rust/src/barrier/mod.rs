//! The callee's own table that makes a half take effect at most once.
//!
//! Its row is written in the same transaction as the business change, so either both exist or neither does:
//!
//! | a request comes | what the barrier does |
//! |---|---|
//! | first action | runs the business; a success or a refusal (4xx) is stored, a refusal's own changes are rolled back |
//! | the same request again | answers what is stored, refusals too, with `ondol-replayed: true`; the business does not run |
//! | the same key, another request | 422 `key_reused` |
//! | while the first is still running | waits up to [`WAIT_MAX`], then 425 with `ondol-barrier: in-progress` |
//! | compensation of an action that took effect | runs the business; a success is stored |
//! | compensation of an action that was refused, or never came | blocks the action for ever and answers 200 |
//! | an action that was blocked so | 409 `compensated` |
//! | the business fails (5xx) | stores nothing and rolls back everything: the next attempt starts afresh |
//!
//! A stored refusal and the 409 carry `ondol-effect: none`: the barrier vouches that this key had no effect and
//! will never have one, so Ondol need not compensate it even if an earlier answer was lost.
//!
//! A *refused compensation* is answered but not stored. Its action took effect and its row already blocks
//! nothing; storing the refusal would only make the operator's `retry` useless for ever, since the key stays.
//!
//! It is not a lock and not a queue: it never delays a request beyond [`WAIT_MAX`], and it knows nothing of sagas
//! beyond the three parts of the key. Rows must outlive the oldest open saga; [`ROWS_KEPT_MIN`] is the floor.

mod answer;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod judge;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "sqlite")]
pub mod sqlite;

pub use answer::{ANSWER_BYTES_MAX, Done, Refusal, Reply, Stop, Verdict};

use crate::key::{Digest, Key};
use std::time::Duration;

/// How long a repeat waits for the first request to finish. A second is longer than a healthy local transaction
/// and shorter than every default attempt timeout, so that the caller sees the 425 and not a timeout.
pub const WAIT_MAX: Duration = Duration::from_secs(1);

/// Rows younger than this are never swept: a message may still be on its way, and an operator may repeat a half
/// of a saga that has been parked for months.
pub const ROWS_KEPT_MIN: Duration = Duration::from_hours(90 * 24);

/// Rows removed by one sweep: a bounded transaction, short enough to hide between two requests.
pub const SWEEP_ROWS_MAX: u32 = 1_000;

/// Response header by which the barrier vouches for a key.
pub const EFFECT_HEADER: &str = "ondol-effect";
/// Value of [`EFFECT_HEADER`]: this key had no effect and never will.
pub const EFFECT_NONE: &str = "none";
/// Response header of an answer that the barrier itself gave.
pub const BARRIER_HEADER: &str = "ondol-barrier";
/// Value of [`BARRIER_HEADER`] on a 425: the first request, or the database, is still busy.
pub const BARRIER_IN_PROGRESS: &str = "in-progress";
/// Response header of an answer that was stored by an earlier request: the work was done then, and this request changed
/// nothing. It tells apart, in a trace, a callee that failed from one whose answer was lost.
pub const REPLAYED_HEADER: &str = "ondol-replayed";
/// Value of [`REPLAYED_HEADER`].
pub const REPLAYED: &str = "true";

/// What the barrier must know about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The idempotency key.
    pub key: Key,
    /// The saga's id, stored for the reader of the table; it decides nothing.
    pub saga: String,
    /// Tells a repeat from another request with the same key.
    pub digest: Digest,
}

/// A sweep that would remove rows still needed.
#[derive(Debug, thiserror::Error)]
#[error("sweep of rows older than {0:?} refused: rows live at least 90 days (ROWS_KEPT_MIN); ask for more")]
pub struct SweepTooYoung(pub Duration);

/// Milliseconds for the database, or the refusal to sweep that young.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
fn sweep_age_ms(older_than: Duration) -> Result<i64, SweepTooYoung> {
    if older_than < ROWS_KEPT_MIN {
        return Err(SweepTooYoung(older_than));
    }
    i64::try_from(older_than.as_millis()).map_err(|_| SweepTooYoung(older_than))
}
