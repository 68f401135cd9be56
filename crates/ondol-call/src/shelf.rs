//! Answers that are kept: for as long as they are fresh they are given instead of a call; the last good one may stand in
//! for a call that failed. What may be kept, and for how long, is [`policy::cache`](crate::policy::cache)'s.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use moka::sync::Cache;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::body::{AnswerBody, is_events};
use crate::clock;
use crate::policy::cache::{self, Kept as Fresh, Key, Lookup, NotKept};
use crate::policy::moment::Moment;
use crate::policy::settings::{Fallback, Settings};
use crate::request::Request;

/// Bytes of one target's kept answers.
const BYTES_MAX: u64 = 64 << 20;
/// What an entry costs beside its body: headers and the cache's own book-keeping.
const ENTRY_BYTES: usize = 512;

/// One target's kept answers.
pub(crate) struct Shelf {
    pub(crate) entries_max: usize,
    kept: Cache<Key, Arc<Kept>>,
    flights: Mutex<HashMap<Key, watch::Receiver<()>>>,
}

/// Where the answer of one call is kept.
#[derive(Debug)]
pub(crate) struct Slot {
    key: Key,
    lookup: Lookup,
}

struct Kept {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    at: Moment,
    fresh_until: Moment,
    public: bool,
}

/// The one call among equal ones that is made. When it is dropped the others look again.
pub(crate) struct Leading<'a> {
    shelf: &'a Shelf,
    key: Key,
    _landed: watch::Sender<()>,
}

impl Shelf {
    /// Keeps at most `entries_max` answers, and [`BYTES_MAX`] bytes of them.
    pub(crate) fn new(entries_max: usize) -> Self {
        // Each weighs as much as its share of the entries at least, so that one bound holds both.
        let share = BYTES_MAX / (entries_max as u64).max(1);
        let weigh = move |_: &Key, kept: &Arc<Kept>| {
            let bytes = (kept.body.len() + ENTRY_BYTES) as u64;
            u32::try_from(bytes.max(share)).unwrap_or(u32::MAX)
        };
        let kept = Cache::builder().weigher(weigh).max_capacity(BYTES_MAX).build();
        Self { entries_max, kept, flights: Mutex::default() }
    }

    /// Where the request's answer is kept, if it may be.
    pub(crate) fn slot(service: &str, request: &Request, settings: &Settings) -> Option<Slot> {
        if !keeps(settings) {
            return None;
        }
        let lookup = cache::lookup(&request.method, &request.headers).ok()?;
        let key = cache::key(service, &request.method, request.path_and_query.as_str(), &request.headers);
        Some(Slot { key, lookup })
    }

    fn get(&self, slot: &Slot) -> Option<Arc<Kept>> {
        self.kept.get(&slot.key).filter(|kept| kept.public || slot.lookup == Lookup::Any)
    }

    /// The kept answer, if it is fresh.
    pub(crate) fn fresh(&self, slot: &Slot, now: Moment) -> Option<http::Response<AnswerBody>> {
        let kept = self.get(slot)?;
        (now < kept.fresh_until).then(|| kept.answer(now))
    }

    /// The kept answer, fresh or not, if it is not older than `not_older_than`.
    pub(crate) fn last_good(
        &self,
        slot: &Slot,
        now: Moment,
        not_older_than: Duration,
    ) -> Option<http::Response<AnswerBody>> {
        let kept = self.get(slot)?;
        (now.since(kept.at) <= not_older_than).then(|| kept.answer(now))
    }

    /// Waits while an equal call is being made. Whoever finds none makes it, and leads the others.
    pub(crate) async fn lead(&self, slot: &Slot, deadline: Option<Instant>) -> Option<Leading<'_>> {
        let mut flight = {
            let mut flights = self.flights();
            let Some(flight) = flights.get(&slot.key) else {
                let (landed, flight) = watch::channel(());
                flights.insert(slot.key.clone(), flight);
                return Some(Leading { shelf: self, key: slot.key.clone(), _landed: landed });
            };
            flight.clone()
        };
        let until = deadline.unwrap_or_else(|| clock::after(clock::now(), Duration::MAX));
        // It is never sent anything: it ends when the leader is dropped. Whoever finds nothing kept then calls by itself.
        let _landed_or_late = timeout_at(until, flight.changed()).await;
        None
    }

    /// Keeps an answer that may be kept, and gives it back whole; gives any other back as it came.
    pub(crate) async fn keep(
        &self,
        slot: &Slot,
        answer: http::Response<AnswerBody>,
        now: Moment,
        settings: &Settings,
    ) -> http::Response<AnswerBody> {
        let rules = settings.cache.unwrap_or_default();
        let judge = |parts: &http::response::Parts, length| {
            match cache::keep(&rules, slot.lookup, parts.status, &parts.headers, length) {
                Ok(kept) if settings.cache.is_some() => Some(kept),
                // It may stand in for a call that fails later, if it was a good one.
                Ok(Fresh { public, .. }) => Some(Fresh { fresh_for: Duration::ZERO, public }),
                Err(NotKept::NotFresh) if parts.status.is_success() => {
                    Some(Fresh { fresh_for: Duration::ZERO, public: slot.lookup == Lookup::PublicOnly })
                }
                Err(_) => None,
            }
        };
        let (parts, body) = answer.into_parts();
        if is_events(&parts.headers) || judge(&parts, 0).is_none() {
            return http::Response::from_parts(parts, body);
        }
        let body = match body.whole_up_to(rules.body_max).await {
            Ok(body) => body,
            Err(too_long) => return http::Response::from_parts(parts, too_long),
        };
        if let Some(fresh) = judge(&parts, body.len()) {
            let kept = Kept {
                status: parts.status,
                headers: parts.headers.clone(),
                body: body.clone(),
                at: now,
                fresh_until: now + fresh.fresh_for,
                public: fresh.public,
            };
            self.kept.insert(slot.key.clone(), Arc::new(kept));
        }
        http::Response::from_parts(parts, AnswerBody::whole(body))
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<Key, watch::Receiver<()>>> {
        // Whole entries are put in and taken out; a panic leaves nothing half done.
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether any answer is kept with these settings.
pub(crate) fn keeps(settings: &Settings) -> bool {
    settings.cache.is_some() || matches!(settings.fallback, Some(Fallback::Cached { .. }))
}

impl Kept {
    fn answer(&self, now: Moment) -> http::Response<AnswerBody> {
        let mut answer = http::Response::new(AnswerBody::whole(self.body.clone()));
        *answer.status_mut() = self.status;
        *answer.headers_mut() = self.headers.clone();
        answer.headers_mut().insert(header::AGE, now.since(self.at).as_secs().into());
        answer
    }
}

impl Drop for Leading<'_> {
    fn drop(&mut self) {
        self.shelf.flights().remove(&self.key);
    }
}
