//! The owner of every connection, and its end.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use tokio::time::{Instant, MissedTickBehavior, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::callee::{Callee, Shared};
use crate::connect::Dialer;
use crate::metrics::Snapshot;
use crate::pool::Pool;
use crate::target::Target;
use crate::tls::{Tls, TlsError};

/// Nothing depends on it: connections past their age are not taken anyway. It only returns memory and sockets.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// What a caller needs to know at its start.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where jitter begins. The same seed gives the same lifetimes.
    pub seed: u64,
    /// Certificates trusted beside Mozilla's, in DER: those of a private authority.
    pub extra_roots: Vec<CertificateDer<'static>>,
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
}

impl Caller {
    /// A caller without targets. It must be made inside a tokio runtime with time and I/O enabled.
    ///
    /// # Errors
    /// An extra root is no certificate.
    pub fn new(options: &Options) -> Result<Self, TlsError> {
        let calls = TaskTracker::new();
        let stop = CancellationToken::new();
        let dialer = Dialer {
            tls: Tls::new(&options.extra_roots)?,
            tasks: calls.clone(),
            abort: CancellationToken::new(),
            seed: options.seed,
            opened: AtomicU64::new(0),
        };
        let inner = Inner { dialer: Arc::new(dialer), calls, stop, callees: Mutex::new(HashMap::new()) };
        let caller = Self(Arc::new(inner));
        let sweeping = sweep(Arc::downgrade(&caller.0), caller.0.stop.clone());
        caller.0.calls.spawn(sweeping);
        Ok(caller)
    }

    /// A handle on `target`. A target of the same name is replaced: pools of endpoints that stay are kept with their
    /// connections, the others end with their last call. Handles given out before go on as they were.
    pub fn callee(&self, target: Target) -> Callee {
        let mut callees = self.0.callees();
        let before = callees.get(&target.name);
        let counters = before.map_or_else(Arc::default, |before| Arc::clone(&before.0.counters));
        let pools = target.endpoints.iter().map(|endpoint| {
            let kept = before.and_then(|before| {
                let same = |pool: &&Arc<Pool>| {
                    pool.endpoint == *endpoint && pool.is_for(target.protocol, target.pool)
                };
                before.0.pools.iter().find(same).cloned()
            });
            kept.unwrap_or_else(|| {
                let dialer = Arc::clone(&self.0.dialer);
                let counters = Arc::clone(&counters);
                Arc::new(Pool::new(endpoint.clone(), target.protocol, target.pool, dialer, counters))
            })
        });
        let callee = Callee(Arc::new(Shared {
            pools: pools.collect(),
            name: target.name.clone(),
            timeouts: target.timeouts,
            counters: Arc::clone(&counters),
            calls: self.0.calls.clone(),
            turn: AtomicUsize::new(0),
        }));
        if let Some(before) = callees.insert(target.name, callee.clone()) {
            let gone = |pool: &&Arc<Pool>| !callee.0.pools.iter().any(|kept| Arc::ptr_eq(kept, pool));
            before.0.pools.iter().filter(gone).for_each(|pool| pool.close());
        }
        callee
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
            callee.0.pools.iter().for_each(|pool| pool.close());
        }
        let ended = timeout_at(deadline, self.0.calls.wait()).await.is_ok();
        self.0.dialer.abort.cancel();
        ended
    }
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
        callees.iter().flat_map(|callee| &callee.0.pools).for_each(|pool| pool.sweep());
    }
}
