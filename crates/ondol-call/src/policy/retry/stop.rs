//! Why no further attempt is made, for a person.

use std::time::Duration;

use http::StatusCode;

/// Why no further attempt is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// The answer is the result.
    #[error("{} is final", .0.as_u16())]
    Final(StatusCode),
    /// The answer would be retried, were the request safe to repeat.
    #[error(
        "{} is final for a request that must not take effect twice; give it an idempotency key that the service honours",
        .0.as_u16()
    )]
    FinalForUnsafe(StatusCode),
    /// It may have taken effect.
    #[error(
        "it was sent and may have taken effect: a non-idempotent request without an idempotency key that the service honours is never sent twice"
    )]
    Ambiguous,
    /// Part of the answer is with the caller already.
    #[error("a part of the answer was passed on already")]
    Begun,
    /// There is nothing whole to send, and nobody to answer.
    #[error("the client went away before its request was whole")]
    ClientGone,
    /// A saga's step is sent once; its own retries are the engine's.
    #[error("a step is sent once an attempt; the saga decides on the next")]
    SentOnce,
    /// Attempts used up.
    #[error("all {attempts} attempts are used up (retry.attempts)")]
    AttemptsUsedUp {
        /// How many there were.
        attempts: u32,
    },
    /// Every endpoint had its turn.
    #[error("no endpoint is left that was not tried")]
    NoEndpointLeft,
    /// Turned away again.
    #[error("it was turned away unprocessed twice")]
    TurnedAwayTwice,
    /// Its body flowed through.
    #[error("its body is too long to be kept for another try")]
    BodyTooLong,
    /// No time.
    #[error("the deadline passed")]
    DeadlinePassed,
    /// The callee asks to wait for longer than there is time.
    #[error("the service asks to wait {} ms and only {} ms remain", .asked.as_millis(), .remaining.as_millis())]
    PushedBackTooFar {
        /// What it asks.
        asked: Duration,
        /// What is left.
        remaining: Duration,
    },
    /// The budget cannot pay.
    #[error("the retry budget has {balance} left and this costs {cost} (budget.share, budget.per_second)")]
    BudgetEmpty {
        /// What is left; below 0 when old requests no longer count.
        balance: i64,
        /// What the retry costs.
        cost: u32,
    },
}
