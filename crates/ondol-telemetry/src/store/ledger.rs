//! The delivery ledger: what became of the records of each instance, over all runs.

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::file;
use crate::otlp::Tally;
use crate::telemetry::{Account, Counted, Signal};

/// Accounts kept: a team's instances of a year. What comes after is counted together.
const ACCOUNTS_MAX: usize = 10_000;

/// The account of those for whom there is no room.
const OTHERS: &str = "(others)";

/// Where it is kept, inside the data folder.
const FILE: &str = "ledger.json";

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    accounts: Mutex<HashMap<Whose, (Counted, u64)>>,
    /// Something was counted since it was kept.
    changed: AtomicBool,
}

/// Service, instance and signal.
type Whose = (String, String, Signal);

impl Ledger {
    pub(crate) fn count(&self, signal: Signal, tallies: &[Tally], now_ns: u64) {
        self.changed.store(true, Ordering::Relaxed);
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
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

    /// Takes up what an earlier run counted. A ledger that cannot be read begins anew, and says so.
    pub(crate) fn load(&self, data: &Path) {
        let path = data.join(FILE);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => {
                tracing::warn!(path = %path.display(), error = &error as &dyn Error, "the delivery ledger cannot be read and begins anew");
                return;
            }
        };
        match serde_json::from_slice::<Vec<Account>>(&text) {
            Ok(kept) => {
                let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
                for account in kept {
                    let key = (account.service, account.instance, account.signal);
                    accounts.insert(key, (account.counted, account.last_ns));
                }
            }
            Err(error) => {
                tracing::warn!(path = %path.display(), error = &error as &dyn Error, "the delivery ledger is damaged and begins anew");
            }
        }
    }

    /// Keeps what was counted so far.
    pub(crate) fn save(&self, data: &Path) -> io::Result<()> {
        if !self.changed.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        let text = serde_json::to_vec(&self.accounts())?;
        let written = file::write_whole(&data.join(FILE), |file| file.write_all(&text));
        if written.is_err() {
            self.changed.store(true, Ordering::Relaxed);
        }
        written
    }

    pub(crate) fn accounts(&self) -> Vec<Account> {
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
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
