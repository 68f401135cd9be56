//! What the end of an attempt means: for a retry, for the endpoint's breaker and load, for the target's throttle.

use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::answer::{NotSentReason, UnclearReason};
use crate::attempt::Ended;
use crate::policy::balance::Sample;
use crate::policy::breaker::Outcome;
use crate::policy::retry::{self, http_of_grpc};
use crate::policy::throttle::Left;
use crate::retry_after;
use crate::story::How;

/// A callee's barrier says so that a request had no effect.
const EFFECT: &str = "ondol-effect";
const GRPC_STATUS: &str = "grpc-status";

/// The end of an attempt, judged. Public for whoever sends requests in another way and wants the same policy.
#[derive(Clone, Debug)]
pub struct Judged {
    /// For what comes next.
    pub retry: retry::Ended,
    /// For the endpoint's breaker; none where nothing was learnt of the endpoint.
    pub health: Option<Outcome>,
    /// For the endpoint's load.
    pub sample: Sample,
    /// For the target's throttle.
    pub throttle: Left,
    /// For a person.
    pub how: How,
}

impl Judged {
    /// `took`: since the attempt began. `now_ms`: Unix time, for a `Retry-After` that is a date.
    pub(crate) fn of(ended: &Ended, took: Duration, now_ms: u64) -> Self {
        match ended {
            Ended::Answered(answer) => Self::answered(answer.status(), answer.headers(), took, now_ms),
            Ended::Unsent(why) => Self::unsent(why, took),
            Ended::Unclear(why) => Self::unclear(why, took),
        }
    }

    /// An answer whose head came `took` after the attempt began. `now_ms`: Unix time, for a `Retry-After` that is a date.
    pub fn answered(status: StatusCode, headers: &HeaderMap, took: Duration, now_ms: u64) -> Self {
        let grpc = headers.get(GRPC_STATUS).and_then(|value| value.to_str().ok()?.parse().ok());
        let status = grpc.and_then(http_of_grpc).unwrap_or(status);
        let retry_after = retry_after::wait_ms(headers, now_ms).map(Duration::from_millis);
        let unprocessed =
            headers.get(EFFECT).is_some_and(|effect| effect.as_bytes().eq_ignore_ascii_case(b"none"));
        let (health, failed) = match status.as_u16() {
            500 | 501 => (Outcome::Soft, true),
            502..=599 => (Outcome::Hard, true),
            // It is well, and has too much to do: nothing attracts more.
            429 => (Outcome::Ok, true),
            _ => (Outcome::Ok, false),
        };
        Self {
            retry: retry::Ended::Answered { status, unprocessed, retry_after },
            health: Some(health),
            sample: if failed { Sample::Failed { retry_after } } else { Sample::Took(took) },
            throttle: if matches!(status.as_u16(), 429 | 503 | 504) { Left::Overloaded } else { Left::Ok },
            how: How::Status(status.as_u16()),
        }
    }

    fn unsent(why: &NotSentReason, took: Duration) -> Self {
        let retry = if why.is_uncounted() { retry::Ended::TurnedAway } else { retry::Ended::NotSent };
        let (health, sample) = if why.is_uncounted() || why.is_ours() {
            (None, Sample::GivenUp(took))
        } else {
            (Some(Outcome::Unreachable), Sample::Failed { retry_after: None })
        };
        Self { retry, health, sample, throttle: Left::Other, how: How::Failed(why.to_string()) }
    }

    fn unclear(why: &UnclearReason, took: Duration) -> Self {
        let (retry, health, throttle) = match why {
            UnclearReason::ResponseTimeout { .. }
            | UnclearReason::BodyTimeout { .. }
            | UnclearReason::BodyDeadline { .. } => {
                (retry::Ended::TimedOut, Some(Outcome::Hard), Left::Overloaded)
            }
            UnclearReason::ClientGone | UnclearReason::ClientSilent { .. } => {
                (retry::Ended::ClientGone, None, Left::Other)
            }
            UnclearReason::Reset(_) | UnclearReason::BodyCut { .. } | UnclearReason::Injected => {
                (retry::Ended::Cut, Some(Outcome::Hard), Left::Ok)
            }
        };
        let sample = match why {
            UnclearReason::ClientGone | UnclearReason::ClientSilent { .. } => Sample::GivenUp(took),
            UnclearReason::ResponseTimeout { .. }
            | UnclearReason::BodyTimeout { .. }
            | UnclearReason::BodyDeadline { .. }
            | UnclearReason::Reset(_)
            | UnclearReason::BodyCut { .. }
            | UnclearReason::Injected => Sample::Failed { retry_after: None },
        };
        Self { retry, health, sample, throttle, how: How::Failed(why.to_string()) }
    }
}
