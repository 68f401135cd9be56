//! The owner of every connection, and its end.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use tokio::runtime::Handle;
use tokio::time::{Instant, MissedTickBehavior, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::callee::{Callee, Shared};
use crate::connect::Dialer;
use crate::desk::Desks;
use crate::dns::Names;
use crate::health;
use crate::metrics::Snapshot;
use crate::pool::Pool;
use crate::pools::Pools;
use crate::shelf::{self, Shelf};
use crate::target::Target;
use crate::tls::{Tls, TlsError};

/// Nothing depends on it: connections past their age are not taken anyway. It only returns memory and sockets.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// What a caller needs to know at its start.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where chance begins. The same seed gives the same lifetimes, picks and faults.
    pub seed: u64,
    /// Unix time in milliseconds, for a `Retry-After` that is a date.
    pub wall_ms: fn() -> u64,
    /// Certificates trusted beside Mozilla's, in DER: those of a private authority.
    pub extra_roots: Vec<CertificateDer<'static>>,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 0, wall_ms: || 0, extra_roots: Vec::new() }
    }
}

/// The owner of every connection; a cheap clone. Dropping the last clone and every [`Callee`] closes what is idle.
#[derive(Clone)]
pub struct Caller(Arc<Inner>);

struct Inner {
    dialer: Arc<Dialer>,
    /// One token a call in flight, as well as the tasks.
    calls: TaskTracker,
    stop: CancellationToken,
    callees: Mutex<HashMap<String, Callee>>,
    /// Shared with the callers beside it.
    desks: Arc<Desks>,
    wall_ms: fn() -> u64,
    /// It asks endpoints whether they are well; of callers beside each other one does.
    watches: bool,
    /// The runtime it was made in, which runs what it does beside calls.
    runtime: Handle,
}

impl Caller {
    /// A caller without targets. It must be made inside a tokio runtime with time and I/O enabled.
    ///
    /// # Errors
    /// An extra root is no certificate.
    pub fn new(options: &Options) -> Result<Self, TlsError> {
        let desks = Arc::new(Desks::new(options.seed));
        let tls = Arc::new(Tls::new(&options.extra_roots)?);
        Ok(Self::with(tls, desks, true, (options.seed, options.wall_ms)))
    }

    /// A caller with connections of its own and one policy with this one: what either learns of a target, both know, and
    /// both draw on one retry budget. Health checks are made by this one alone. It must be made inside the runtime that will use it.
    #[must_use]
    pub fn beside(&self) -> Self {
        let dialer = &self.0.dialer;
        let (tls, desks) = (Arc::clone(&dialer.tls), Arc::clone(&self.0.desks));
        Self::with(tls, desks, false, (dialer.seed.wrapping_add(1), self.0.wall_ms))
    }

    fn with(tls: Arc<Tls>, desks: Arc<Desks>, watches: bool, (seed, wall_ms): (u64, fn() -> u64)) -> Self {
        let calls = TaskTracker::new();
        let stop = CancellationToken::new();
        let dialer = Dialer {
            tls,
            tasks: calls.clone(),
            abort: CancellationToken::new(),
            seed,
            opened: AtomicU64::new(0),
            names: Names::default(),
        };
        let callees = Mutex::new(HashMap::new());
        let inner = Inner {
            dialer: Arc::new(dialer),
            calls,
            stop,
            callees,
            desks,
            wall_ms,
            watches,
            runtime: Handle::current(),
        };
        let caller = Self(Arc::new(inner));
        let sweeping = sweep(Arc::downgrade(&caller.0), caller.0.stop.clone());
        caller.0.calls.spawn(sweeping);
        caller
    }

    /// A handle on `target`. A target of the same name is replaced: pools of endpoints that stay are kept with their
    /// connections, the others end with their last call. Handles given out before call the new endpoints, with the
    /// settings that they were given.
    pub fn callee(&self, target: Target) -> Callee {
        let mut callees = self.0.callees();
        let before = callees.get(&target.name);
        let counters = before.map_or_else(Arc::default, |before| Arc::clone(&before.0.counters));
        let pools = before.map_or_else(Pools::default, |before| before.0.pools.clone());
        let of_each = target.endpoints.iter().map(|endpoint| {
            let kept = pools.of(endpoint).filter(|pool| pool.is_for(target.protocol, target.pool));
            kept.unwrap_or_else(|| {
                let dialer = Arc::clone(&self.0.dialer);
                let counters = Arc::clone(&counters);
                Arc::new(Pool::new(endpoint.clone(), target.protocol, target.pool, dialer, counters))
            })
        });
        pools.replace(of_each.collect());
        let most = keeps_answers(&target);
        // One of another size begins anew.
        let answers = before.and_then(|before| before.0.shelf.clone());
        let answers = answers.filter(|kept| most == Some(kept.entries_max));
        let callee = Callee(Arc::new(Shared {
            pools,
            desk: self.0.desks.of(&target),
            shelf: most.map(|most| answers.unwrap_or_else(|| Arc::new(Shelf::new(most)))),
            name: target.name.clone(),
            timeouts: target.timeouts,
            settings: target.settings,
            operations: target.operations,
            operation_of: target.operation_of,
            headers: target.headers,
            key_honoured: target.key_honoured,
            has_faults: !target.faults.is_empty(),
            others: Others(Arc::downgrade(&self.0)),
            counters: Arc::clone(&counters),
            calls: self.0.calls.clone(),
            wall_ms: self.0.wall_ms,
        }));
        if let Some(health) = target.health.filter(|_| self.0.watches) {
            let watching = health::watch(Arc::downgrade(&callee.0), health, self.0.stop.clone());
            self.0.calls.spawn_on(watching, &self.0.runtime);
        }
        callees.insert(target.name, callee.clone());
        callee
    }

    /// Keeps the targets whose names `keep` says, and forgets all others with what was learnt of them. Handles given out before go on over connections that are not kept.
    pub fn retain(&self, keep: impl Fn(&str) -> bool) {
        let gone: Vec<Callee> =
            self.0.callees().extract_if(|name, _| !keep(name)).map(|(_, callee)| callee).collect();
        for callee in &gone {
            callee.0.pools.all().iter().for_each(|pool| pool.close());
        }
        self.0.desks.forget(gone.iter().map(Callee::name));
    }

    /// Every target's counters, by name.
    pub fn snapshot(&self) -> Vec<(String, Snapshot)> {
        let mut all: Vec<_> =
            self.0.callees().iter().map(|(name, callee)| (name.clone(), callee.snapshot())).collect();
        all.sort_by(|(a, _), (b, _)| a.cmp(b));
        all
    }

    /// Takes no more calls, closes what is idle, and waits for the calls in flight until `deadline`. True if all
    /// ended. Of what is left then, HTTP/2 connections are cut; an HTTP/1 connection belongs to the future of its
    /// call and ends with it.
    pub async fn shutdown(&self, deadline: Instant) -> bool {
        self.0.calls.close();
        self.0.stop.cancel();
        for callee in self.0.callees().values() {
            callee.0.pools.all().iter().for_each(|pool| pool.close());
        }
        let ended = timeout_at(deadline, self.0.calls.wait()).await.is_ok();
        self.0.dialer.abort.cancel();
        ended
    }
}

/// The other targets of the same caller.
#[derive(Clone)]
pub(crate) struct Others(Weak<Inner>);

impl Others {
    pub(crate) fn get(&self, name: &str) -> Option<Callee> {
        self.0.upgrade()?.callees().get(name).cloned()
    }
}

/// How many answers its calls want to be kept; none where they want none.
fn keeps_answers(target: &Target) -> Option<usize> {
    let own = target.operations.iter().map(|operation| &operation.settings);
    let keeping = own.chain([&target.settings]).filter(|settings| shelf::keeps(settings));
    keeping.map(|settings| settings.cache.unwrap_or_default().entries_max).max()
}

impl Inner {
    fn callees(&self) -> MutexGuard<'_, HashMap<String, Callee>> {
        // Only whole entries are put in or replaced; a panic leaves nothing half done.
        self.callees.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn sweep(inner: Weak<Inner>, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(SWEEP_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        if stop.run_until_cancelled(ticks.tick()).await.is_none() {
            return;
        }
        let Some(inner) = inner.upgrade() else { return };
        let callees: Vec<Callee> = inner.callees().values().cloned().collect();
        let dialer = Arc::clone(&inner.dialer);
        drop(inner);
        stop.run_until_cancelled(dialer.names.refresh_old()).await;
        callees.iter().flat_map(|callee| callee.0.pools.all()).for_each(|pool| pool.sweep());
    }
}
