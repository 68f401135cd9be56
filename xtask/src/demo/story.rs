//! What became of one booking: Ondol's word, and what the user was told.

use crate::clock::wait_for;
use crate::error::Error;
use crate::http::Client;
use crate::stack::{Api, Booking};
use airline::audit::{Accepted, Outcome};
use serde_json::Value;
use std::time::Duration;

/// How long a booking may take: the sample's saga timeout, and some retries to undo it.
const END_MAX: Duration = Duration::from_mins(3);

/// A booking and its end.
#[derive(Debug, Clone)]
pub(super) struct Story {
    pub(super) id: String,
    pub(super) seat: String,
    /// `completed` or `compensated`.
    pub(super) outcome: String,
    /// The step, and the service it called; empty if none failed.
    pub(super) failed_at: String,
    pub(super) reason: String,
    /// Steps that took effect, or may have, and were undone; last first.
    pub(super) undone: Vec<String>,
    /// From the inbox.
    pub(super) told: String,
    expected: Outcome,
}

impl Story {
    /// Waits for the end of a booking and for the message to its user.
    ///
    /// # Errors
    /// If either does not come.
    pub(super) fn of(
        api: &mut Api,
        inbox: &mut Client,
        booking: &Booking,
        expected: Outcome,
    ) -> Result<Self, Error> {
        let told = wait_for(END_MAX, || told(inbox, booking).ok().flatten());
        let saga = api.saga(&booking.id)?;
        let told = told.ok_or_else(|| {
            let status = &saga["status"];
            Error::Failed(format!(
                "{} is {status} and its user was told nothing after {END_MAX:?}",
                booking.id
            ))
        })?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let failed = &saga["failed"];
        let failed_at = match (failed["step"].as_str(), failed["service"].as_str()) {
            (Some(step), Some(service)) => format!("{step} ({service})"),
            (step, _) => step.unwrap_or_default().to_owned(),
        };
        let steps = saga["steps"].as_array().cloned().unwrap_or_default();
        let undone =
            steps.iter().rev().filter(|step| step["status"] == "undone").map(|step| text(&step["name"]));
        Ok(Self {
            id: booking.id.clone(),
            seat: booking.seat.clone(),
            outcome: text(&saga["status"]),
            failed_at,
            reason: text(&failed["reason"]),
            undone: undone.collect(),
            told,
            expected,
        })
    }

    /// For the audit.
    pub(super) fn accepted(&self) -> Accepted {
        Accepted { saga: self.id.clone(), expected: Some(self.expected) }
    }
}

/// The user's message about this booking, once it is a final one.
fn told(inbox: &mut Client, booking: &Booking) -> Result<Option<String>, Error> {
    let answer = inbox.must("GET", &format!("/messages?user={}", booking.user), None)?;
    let messages = answer["messages"].as_array().cloned().unwrap_or_default();
    let ours = messages.into_iter().find(|message| message["saga"] == booking.id.as_str());
    let last = ours.filter(|message| message["phase"] != "parked");
    Ok(last.and_then(|message| message["en"].as_str().map(str::to_owned)))
}
