//! What may be retried: a table, not a loop. The caller loops, waits and pays.
//!
//! | how it ended | must not be sent twice | may be |
//! |---|---|---|
//! | nothing was sent | another endpoint | another endpoint |
//! | turned away unprocessed | once more, uncounted | once more, uncounted |
//! | cut before an answer | stop: ambiguous | a fresh connection |
//! | timed out | stop: ambiguous | retry, for 2 of the budget |
//! | 429 | after the push-back | after the push-back |
//! | 502, 503, 504, and what the settings add | stop, unless it says that it was not processed | retry |
//! | 425 | retry | retry |
//! | 408 | stop | retry |
//! | anything else, or a byte was passed on | stop | stop |

mod stop;

use std::time::Duration;

use http::{Method, StatusCode};

use super::dice::Dice;
use super::settings;
pub use stop::Stop;

/// How one attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Nothing left this machine that the endpoint may have acted upon.
    NotSent,
    /// The endpoint did not process it and said so below HTTP: REFUSED_STREAM, GOAWAY, a kept connection closed.
    TurnedAway,
    /// The connection failed after bytes were sent and before any of the answer came.
    Cut,
    /// The answer's head did not come in time.
    TimedOut,
    /// A head came, and nothing of it was passed on yet. 2xx and 3xx too.
    Answered {
        /// Its status, or [`http_of_grpc`] of its gRPC status.
        status: StatusCode,
        /// The answer itself vouches that the request had no effect.
        unprocessed: bool,
        /// What it asks to wait.
        retry_after: Option<Duration>,
    },
    /// It failed after a byte of the answer was passed on.
    CutAfterBegin,
    /// Whoever sends the request went away within its body.
    ClientGone,
}

/// Whether the same request may take effect twice without harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// It may.
    Safe,
    /// It must not.
    Unsafe,
}

impl Repeat {
    /// Safe is an idempotent method (RFC 9110 §9.2.2), and a request with an idempotency key that the callee honours.
    pub fn of(method: &Method, has_key: bool, key_honoured: bool) -> Self {
        if method.is_idempotent() || has_key && key_honoured { Self::Safe } else { Self::Unsafe }
    }
}

/// Who retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// This caller: the whole table.
    Full,
    /// Somebody above, durably: a saga's step. Sent at most once here; only what was not sent goes on.
    Once,
}

/// What has been tried of one call, the attempt that has just ended included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tries {
    /// Attempts that counted: all but those not sent or turned away.
    pub counted: u32,
    /// How many may count: [`attempts_max`].
    pub counted_max: u32,
    /// How often it was turned away.
    pub turned_away: u32,
    /// Endpoints that were not tried yet and are there.
    pub endpoints_left: usize,
    /// What is left of the call's deadline.
    pub remaining: Duration,
}

/// Where the next attempt goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// To an endpoint not tried yet, and to no other.
    Another,
    /// To an endpoint not tried yet if there is one, else to any. In both cases over a new connection.
    FreshConnection,
    /// To an endpoint not tried yet if there is one, else to any.
    Anywhere,
}

/// How long the next attempt waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Not at all.
    None,
    /// By the back-off.
    BackOff,
    /// For what the callee asked, and a little more by the back-off, so that not all come back at that moment.
    PushedBack(Duration),
}

impl Wait {
    /// How long before retry number `retry`, the first being 1.
    pub fn draw(self, retry: u32, backoff: &settings::Backoff, dice: &mut Dice) -> Duration {
        match self {
            Self::None => Duration::ZERO,
            Self::BackOff => backoff.draw(retry, dice),
            Self::PushedBack(asked) => asked.saturating_add(backoff.draw(retry, dice)),
        }
    }
}

/// What comes after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another attempt, once the budget has paid for it.
    Retry {
        /// Where.
        place: Place,
        /// When.
        wait: Wait,
        /// The attempt that ended counts towards [`Tries::counted`].
        counted: bool,
        /// What to withdraw from the budget; 0 is free, since the target has no work from it.
        cost: u32,
    },
    /// None; what came is the result.
    Stop(Stop),
}

/// A timeout kept the target busy for as long as it lasted, most likely because it has too much to do.
pub const COST_TIMED_OUT: u32 = 2;
/// Any other retry that reaches the target.
pub const COST: u32 = 1;
/// The proxy adds so many to a call of the engine's, which retries by itself and for much longer.
const ADDED_TO_ENGINE: u32 = 1;

/// How many attempts may count for `method`, the first included. `engine_attempt` is the request's `ondol-attempt`,
/// which only an engine's call has.
pub fn attempts_max(retry: &settings::Retry, method: &Method, engine_attempt: Option<u32>) -> u32 {
    let read = *method == Method::GET || *method == Method::HEAD;
    let most = if read { retry.attempts_read } else { retry.attempts }.max(1);
    if engine_attempt.is_some() { most.min(1 + ADDED_TO_ENGINE) } else { most }
}

/// The HTTP status that a `grpc-status` in an answer's headers is treated as; none if it is final.
pub fn http_of_grpc(status: u32) -> Option<StatusCode> {
    match status {
        4 => Some(StatusCode::GATEWAY_TIMEOUT),      // DEADLINE_EXCEEDED
        8 => Some(StatusCode::TOO_MANY_REQUESTS),    // RESOURCE_EXHAUSTED
        14 => Some(StatusCode::SERVICE_UNAVAILABLE), // UNAVAILABLE
        _ => None,
    }
}

/// What comes after an attempt that `ended` so. Pays nothing: the caller withdraws the cost, and stops with
/// [`Stop::BudgetEmpty`] if it cannot.
pub fn decide(mode: Mode, ended: Ended, repeat: Repeat, tries: &Tries, retry: &settings::Retry) -> Next {
    let next = match mode {
        Mode::Full => full(ended, repeat, tries, retry),
        Mode::Once => once(ended, tries),
    };
    within(next, tries)
}

fn once(ended: Ended, tries: &Tries) -> Next {
    match ended {
        Ended::NotSent => elsewhere(tries),
        // The others first: each endpoint has one turn, and one that turned it away may have a second after all.
        Ended::TurnedAway if tries.endpoints_left > 0 => elsewhere(tries),
        Ended::TurnedAway => once_more(tries),
        Ended::Cut | Ended::TimedOut | Ended::Answered { .. } | Ended::CutAfterBegin | Ended::ClientGone => {
            Next::Stop(Stop::SentOnce)
        }
    }
}

fn full(ended: Ended, repeat: Repeat, tries: &Tries, retry: &settings::Retry) -> Next {
    match (ended, repeat) {
        (Ended::NotSent, _) => elsewhere(tries),
        (Ended::TurnedAway, _) => once_more(tries),
        (Ended::Cut | Ended::TimedOut, Repeat::Unsafe) => Next::Stop(Stop::Ambiguous),
        (Ended::Cut, Repeat::Safe) => again(Place::FreshConnection, Wait::BackOff, COST),
        (Ended::TimedOut, Repeat::Safe) => again(Place::Anywhere, Wait::BackOff, COST_TIMED_OUT),
        (Ended::CutAfterBegin, _) => Next::Stop(Stop::Begun),
        (Ended::ClientGone, _) => Next::Stop(Stop::ClientGone),
        (Ended::Answered { status, unprocessed, retry_after }, _) => {
            let may = unprocessed || repeat == Repeat::Safe;
            match answered(status, may, repeat, &retry.statuses) {
                Ok(()) => again(Place::Anywhere, retry_after.map_or(Wait::BackOff, Wait::PushedBack), COST),
                Err(stop) => Next::Stop(stop),
            }
        }
    }
}

/// `may`: it is safe to repeat, or vouched for as unprocessed.
fn answered(status: StatusCode, may: bool, repeat: Repeat, added: &[u16]) -> Result<(), Stop> {
    let code = status.as_u16();
    let allowed = match code {
        // Not looked at: too many, too early.
        425 | 429 => true,
        502..=504 => may,
        408 => repeat == Repeat::Safe,
        _ if added.contains(&code) => may,
        _ => return Err(Stop::Final(status)),
    };
    if allowed { Ok(()) } else { Err(Stop::FinalForUnsafe(status)) }
}

fn elsewhere(tries: &Tries) -> Next {
    if tries.endpoints_left == 0 {
        return Next::Stop(Stop::NoEndpointLeft);
    }
    Next::Retry { place: Place::Another, wait: Wait::None, counted: false, cost: 0 }
}

fn once_more(tries: &Tries) -> Next {
    if tries.turned_away > 1 {
        return Next::Stop(Stop::TurnedAwayTwice);
    }
    Next::Retry { place: Place::FreshConnection, wait: Wait::None, counted: false, cost: 0 }
}

fn again(place: Place, wait: Wait, cost: u32) -> Next {
    Next::Retry { place, wait, counted: true, cost }
}

/// Holds `next` to what is left of attempts and time.
fn within(next: Next, tries: &Tries) -> Next {
    let Next::Retry { wait, counted, .. } = next else { return next };
    if counted && tries.counted >= tries.counted_max {
        return Next::Stop(Stop::AttemptsUsedUp { attempts: tries.counted });
    }
    if tries.remaining.is_zero() {
        return Next::Stop(Stop::DeadlinePassed);
    }
    match wait {
        Wait::PushedBack(asked) if asked >= tries.remaining => {
            Next::Stop(Stop::PushedBackTooFar { asked, remaining: tries.remaining })
        }
        Wait::None | Wait::BackOff | Wait::PushedBack(_) => next,
    }
}
