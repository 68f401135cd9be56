//! What can be seen of one target at one moment: what Ondol says of it, and what the kernel knows of Ondol's sockets.

use crate::error::Error;
use crate::stack::{Api, Metrics};
use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;

/// The answers a call can get, as `ondol_calls_total` names them, without those calls that got none.
const ANSWERS: [&str; 5] = ["2xx", "3xx", "4xx", "5xx", "other"];

/// One look.
#[derive(Debug, Clone, Default)]
pub(super) struct Look {
    /// Since the outage began.
    pub(super) at: Duration,
    /// `/v1/status`: can it be reached?
    pub(super) up: bool,
    /// `/v1/status`: why not.
    pub(super) reason: String,
    /// `/v1/status`: calls that wait in line.
    pub(super) waiting: u64,
    /// `/v1/status`: calls that the engine has let go and not got back.
    pub(super) let_go: u64,
    /// `/v1/status`: sagas that are being undone.
    pub(super) undoing: u64,
    /// `/metrics`: calls that the caller has in hand.
    pub(super) in_hand: u64,
    /// The kernel: sockets that ask for a connection to it, by whomever.
    pub(super) knocking: u64,
    /// `/metrics`: calls so far that left on no connection.
    pub(super) not_sent: u64,
    /// `/metrics`: calls so far that were answered, or may have been.
    pub(super) reached: u64,
}

impl Look {
    /// Looks now.
    ///
    /// # Errors
    /// If Ondol does not answer, or knows no such target.
    pub(super) fn now(api: &mut Api, name: &str, address: SocketAddr, at: Duration) -> Result<Self, Error> {
        // The kernel first: what is seen there cannot have ended before the two others are asked.
        let knocking = knocking(address);
        let (status, metrics) = (api.status()?, api.metrics()?);
        let targets = status["targets"].as_array().map(Vec::as_slice).unwrap_or_default();
        let target = targets.iter().find(|target| target["name"] == name);
        let target =
            target.ok_or_else(|| Error::Failed(format!("/v1/status has no target {name}: {status}")))?;
        let calls = |answer: &str| calls(&metrics, name, answer);
        Ok(Self {
            at,
            up: target["up"] == true,
            reason: target["reason"].as_str().unwrap_or_default().to_owned(),
            waiting: number(&target["waiting"]),
            let_go: number(&target["in_flight"]),
            undoing: number(&status["sagas"]["compensating"]),
            in_hand: metrics.sample(&format!("ondol_calls_in_flight{{target=\"{name}\"}}")),
            knocking,
            not_sent: calls("not_sent"),
            reached: ANSWERS.into_iter().chain(["unclear"]).map(calls).sum(),
        })
    }

    /// Calls on their way, by whoever counts the most.
    pub(super) fn on_their_way(&self) -> u64 {
        self.let_go.max(self.in_hand).max(self.knocking)
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

fn calls(metrics: &Metrics, name: &str, answer: &str) -> u64 {
    metrics.sample(&format!("ondol_calls_total{{target=\"{name}\",answer=\"{answer}\"}}"))
}

/// Sockets of this machine that have asked for a connection to the address and have no answer; 0 where the system does
/// not tell.
fn knocking(address: SocketAddr) -> u64 {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    table.lines().skip(1).filter(|line| knocks(line, address.port())).count() as u64
}

/// One line of `/proc/net/tcp`: number, local address, remote address, state; 02 is `SYN_SENT`.
fn knocks(line: &str, port: u16) -> bool {
    let mut fields = line.split_whitespace().skip(2);
    let (remote, state) = (fields.next().unwrap_or_default(), fields.next());
    state == Some("02") && remote.ends_with(&format!(":{port:04X}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_waits_for_a_connection_knocks() {
        let line = |state: &str| {
            format!("   3: 0100007F:8D2C 0100007F:5A1B {state} 00000000:00000000 00:00000000 00000000")
        };
        for (state, port, expected) in [("02", 0x5A1B, true), ("01", 0x5A1B, false), ("02", 0x8D2C, false)] {
            assert_eq!(knocks(&line(state), port), expected, "{state} {port}");
        }
    }
}
