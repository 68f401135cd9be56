//! Faults on purpose: what a system file's `faults` make of some calls, so that a team sees how theirs behave.
//!
//! They are injected where the caller meets the network, so that everything above (retries, breakers, sagas) sees what it
//! would see of a network or a service that really fails. Which calls they meet is drawn from a seed.

mod body;

use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

use crate::answer::{NotSentReason, UnclearReason};
use crate::attempt::Ended;
use crate::body::AnswerBody;
use crate::clock;
use crate::policy::dice::Dice;

pub(crate) use body::BodyFault;

/// One rule: how many calls it meets, and what happens to them.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultRule {
    /// Of all tries, from 0 to 1.
    pub share: f64,
    /// Every try that it meets waits for this long before anything is sent.
    pub latency: Duration,
    /// The wait is this much longer at most, drawn evenly.
    pub jitter: Duration,
    /// What happens then.
    pub kind: FaultKind,
    /// Where chance begins: the same calls in the same order meet the same faults.
    pub seed: u64,
}

/// What happens to a call that a fault meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Nothing beyond the wait.
    Slow,
    /// The service is sent nothing, and this status comes back.
    Status(u16),
    /// The service is sent the request, and its answer is lost: the connection is reset before the head.
    LoseAnswer,
    /// The answer's body is cut off after this many bytes: a reset, a half-closed connection or a wrong length, which a
    /// client cannot tell apart.
    CutBody(u64),
    /// The request is never answered.
    Stall,
    /// The answer's body stops after this many bytes, and stays silent.
    StallBody(u64),
    /// The service turns it away unprocessed, as by HTTP/2's REFUSED_STREAM or GOAWAY.
    TurnAway,
    /// No connection.
    Refuse,
}

/// What one try meets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    wait: Duration,
    kind: FaultKind,
}

/// The fault that this try meets: of the first rule that is drawn.
pub(crate) fn draw(rules: &[FaultRule], dice: &mut Dice) -> Option<Fault> {
    let rule = rules.iter().find(|rule| dice.unit() < rule.share)?;
    Some(Fault { wait: rule.latency + rule.jitter.mul_f64(dice.unit()), kind: rule.kind })
}

impl Fault {
    /// What happens before anything is sent: a wait, and perhaps the end of it.
    pub(crate) async fn before(self, response: Option<Duration>, deadline: Instant) -> Result<Self, Ended> {
        let now = clock::now();
        let patience = response.map_or(deadline, |response| deadline.min(clock::after(now, response)));
        if !self.wait.is_zero() {
            // Whoever is slow is waited for as long as any answer is, and no longer.
            let until = clock::after(now, self.wait);
            tokio::time::sleep_until(until.min(patience)).await;
            if until >= patience {
                return Err(silent(now));
            }
        }
        match self.kind {
            FaultKind::Status(status) => {
                let mut answer = http::Response::new(AnswerBody::whole(bytes::Bytes::new()));
                *answer.status_mut() =
                    StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
                answer.headers_mut().insert("ondol-fault", http::HeaderValue::from_static("status"));
                Err(Ended::Answered(answer))
            }
            FaultKind::TurnAway => Err(Ended::Unsent(NotSentReason::Injected)),
            FaultKind::Refuse => {
                Err(Ended::Unsent(NotSentReason::Connect(std::io::ErrorKind::ConnectionRefused.into())))
            }
            FaultKind::Stall => {
                tokio::time::sleep_until(patience).await;
                Err(silent(now))
            }
            FaultKind::Slow | FaultKind::LoseAnswer | FaultKind::CutBody(_) | FaultKind::StallBody(_) => {
                Ok(self)
            }
        }
    }

    /// What happens to the answer. An error is how it is lost.
    pub(crate) fn after(self) -> Result<Option<BodyFault>, UnclearReason> {
        match self.kind {
            FaultKind::LoseAnswer => Err(UnclearReason::Injected),
            FaultKind::CutBody(at) => Ok(Some(BodyFault::cut(at))),
            FaultKind::StallBody(at) => Ok(Some(BodyFault::stall(at))),
            FaultKind::Slow
            | FaultKind::Status(_)
            | FaultKind::Stall
            | FaultKind::TurnAway
            | FaultKind::Refuse => Ok(None),
        }
    }
}

fn silent(since: Instant) -> Ended {
    Ended::Unclear(UnclearReason::ResponseTimeout { waited_ms: clock::millis(clock::now() - since) })
}
