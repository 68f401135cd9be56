//! The delivery ledger: what became of the records of each instance, since the start.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::otlp::Tally;
use crate::telemetry::{Account, Counted, Signal};

/// Accounts kept: a team's instances of a year. What comes after is counted together.
const ACCOUNTS_MAX: usize = 10_000;

/// The account of those for whom there is no room.
const OTHERS: &str = "(others)";

#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<HashMap<Whose, (Counted, u64)>>);

/// Service, instance and signal.
type Whose = (String, String, Signal);

impl Ledger {
    pub(crate) fn count(&self, signal: Signal, tallies: &[Tally], now_ns: u64) {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for tally in tallies {
            let mut key = (tally.service.clone(), tally.instance.clone(), signal);
            if accounts.len() >= ACCOUNTS_MAX && !accounts.contains_key(&key) {
                key = (OTHERS.to_owned(), OTHERS.to_owned(), signal);
            }
            let (counted, last_ns) = accounts.entry(key).or_default();
            counted.add(tally.counted);
            *last_ns = now_ns;
        }
    }

    pub(crate) fn accounts(&self) -> Vec<Account> {
        let accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<Account> = accounts
            .iter()
            .map(|((service, instance, signal), (counted, last_ns))| Account {
                service: service.clone(),
                instance: instance.clone(),
                signal: *signal,
                counted: *counted,
                last_ns: *last_ns,
            })
            .collect();
        all.sort_by(|left, right| {
            (&left.service, &left.instance, left.signal).cmp(&(&right.service, &right.instance, right.signal))
        });
        all
    }
}
