//! Those who book: many clients, each asking again until it is accepted.

use crate::bookings::case;
use crate::error::Error;
use crate::stack::Api;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Clients that book at the same time.
pub(super) const CLIENTS: usize = 24;

/// How long a client waits for the next booking to be released.
const PAUSE: Duration = Duration::from_millis(5);

/// Bookings, handed out one by one as far as they are released.
///
/// They are released life by life: no life of Ondol's shall be without work, and none shall get it all.
pub(super) struct Load {
    seed: u64,
    total: u64,
    released: AtomicU64,
    next: AtomicU64,
    accepted: AtomicU64,
    repeated: AtomicU64,
    stopped: AtomicBool,
    failure: Mutex<Option<Error>>,
}

impl Load {
    pub(super) const fn new(seed: u64, total: u64) -> Self {
        Self {
            seed,
            total,
            released: AtomicU64::new(0),
            next: AtomicU64::new(0),
            accepted: AtomicU64::new(0),
            repeated: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            failure: Mutex::new(None),
        }
    }

    /// Lets the first `upto` bookings go.
    pub(super) fn release(&self, upto: u64) {
        self.released.fetch_max(upto.min(self.total), Ordering::Relaxed);
    }

    /// Ends all clients after their current booking.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub(super) fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Requests beyond the first of each booking.
    pub(super) fn repeated(&self) -> u64 {
        self.repeated.load(Ordering::Relaxed)
    }

    pub(super) fn done(&self) -> bool {
        self.accepted() == self.total
    }

    /// Why a client gave up, if one did.
    pub(super) fn failure(&self) -> Option<Error> {
        self.failure.lock().ok().and_then(|mut failure| failure.take())
    }

    /// One client: books until there is nothing left.
    pub(super) fn book(&self, mut api: Api) {
        let mut mine = None;
        while !self.stopped.load(Ordering::Relaxed) {
            let number = *mine.get_or_insert_with(|| self.next.fetch_add(1, Ordering::Relaxed));
            if number >= self.total {
                return;
            }
            if number >= self.released.load(Ordering::Relaxed) {
                std::thread::sleep(PAUSE);
                continue;
            }
            match api.submit(&case(self.seed, number).booking) {
                Ok(sent) => {
                    self.accepted.fetch_add(1, Ordering::Relaxed);
                    self.repeated.fetch_add(u64::from(sent - 1), Ordering::Relaxed);
                    mine = None;
                }
                Err(error) => {
                    if let Ok(mut failure) = self.failure.lock() {
                        failure.get_or_insert(error);
                    }
                    self.stop();
                }
            }
        }
    }
}
