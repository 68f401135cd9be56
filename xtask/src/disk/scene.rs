//! The small disk, and who works on it: what all acts of the play look at.

use super::room::Disk;
use super::{ANSWER_WITHIN, ended, held};
use crate::bookings::Case;
use crate::clock::wait_for;
use crate::error::Error;
use crate::print::Print;
use crate::stack::{Service, Stack};
use std::time::Duration;

/// How long anything may take that should take a second; a debug build on a busy machine included.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// Ondol looks at the room ten times a second.
const SEEN_AFTER: Duration = Duration::from_millis(300);

/// The status and code of an answer that says the disk is full.
const NO_SPACE: (u16, &str) = (507, "no_space");

/// What the acts work with.
pub(super) struct Scene<'a> {
    pub(super) print: &'a Print,
    pub(super) stack: &'a mut Stack,
    pub(super) disk: &'a Disk,
}

impl Scene<'_> {
    /// Lists must show everything again, without a start.
    pub(super) fn followed(&self) {
        let mut api = self.stack.api();
        let mut lag = None;
        let followed = wait_for(PATIENCE, || {
            lag = api.status().ok()?["log"]["view_lag"].as_u64();
            (lag == Some(0)).then_some(())
        });
        self.print.check(
            followed.is_some(),
            &format!(
                "lists have followed: {} records behind",
                lag.map_or("?".to_owned(), |lag| lag.to_string())
            ),
        );
    }

    /// Those that have not ended.
    pub(super) fn open<'c>(&self, cases: &'c [Case]) -> Vec<&'c Case> {
        let mut api = self.stack.api().patient(ANSWER_WITHIN);
        let open = |case: &&Case| !api.saga(&case.booking.id).is_ok_and(|saga| ended(&saga));
        cases.iter().filter(open).collect()
    }

    /// New bookings must be refused, in words that help.
    pub(super) fn refuses(&mut self, cases: &[Case], when: &str) -> Result<(), Error> {
        std::thread::sleep(SEEN_AFTER);
        let mut api = self.stack.api();
        for case in cases {
            let answer = wait_for(PATIENCE, || api.try_submit(&case.booking).ok());
            let answer = answer.ok_or_else(|| Error::Failed("Ondol does not answer".to_owned()))?;
            let (code, detail) = (&answer.body["code"], answer.body["detail"].as_str().unwrap_or_default());
            self.print.check(
                answer.status == NO_SPACE.0 && code == NO_SPACE.1 && detail.contains("free some"),
                &format!("{when} a new booking gets {} {code}: {detail}", answer.status),
            );
        }
        Ok(())
    }

    /// Until so many calls are held for a service.
    pub(super) fn wait_at(&mut self, service: Service, calls: u64) -> Result<(), Error> {
        let mut api = self.stack.api();
        let mut seen = None;
        let waits = wait_for(PATIENCE, || {
            seen = held(&mut api, service.name()).or(seen);
            (seen == Some(calls)).then_some(())
        });
        waits.ok_or_else(|| {
            Error::Failed(format!(
                "{calls} calls should wait for {} after {PATIENCE:?}; seen: {seen:?}",
                service.name()
            ))
        })
    }

    /// Is the ballast there?
    pub(super) fn ballast(&self) -> bool {
        self.disk.path().join("ondol-data/ballast").exists()
    }
}

/// For people.
pub(super) fn mib(bytes: u64) -> String {
    if bytes < 1 << 20 { format!("{bytes} bytes") } else { format!("{} MiB", bytes >> 20) }
}
