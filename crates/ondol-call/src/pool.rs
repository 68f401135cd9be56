//! The bounded pool of one endpoint.
//!
//! A call first takes a *place* (a fair semaphore: first come, first served), then a kept connection or, if there is
//! none, it opens one itself. Kept connections and places never add up to more than `connections_max`: a connection is
//! opened only by a call that holds a place and finds nothing kept. Everything is given back by `Drop`, so a call may
//! be dropped at any point.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, SemaphorePermit, watch};
use tokio::time::{Instant, timeout_at};

use crate::answer::NotSentReason;
use crate::clock;
use crate::connect::{Dialer, Opened};
use crate::http1::Http1;
use crate::http2::{Http2, STREAMS_MAX};
use crate::metrics::{self, Counters};
use crate::target::{Endpoint, PoolLimits, Protocol};

/// HTTP/2 connections to one endpoint: one a core of a small machine.
const HTTP2_CONNECTIONS_MAX: usize = 4;
/// An idle HTTP/2 connection is not pinged, so it is not kept longer than one ping would take to be due.
const HTTP2_IDLE_MAX: Duration = Duration::from_secs(30);

pub(crate) struct Pool {
    pub(crate) endpoint: Endpoint,
    /// Its host is a name, which may move.
    is_named: bool,
    protocol: Protocol,
    limits: PoolLimits,
    dialer: Arc<Dialer>,
    counters: Arc<Counters>,
    places: Semaphore,
    places_max: usize,
    waiting: AtomicUsize,
    dials: Semaphore,
    /// Why a connection was not opened, the last time that was so.
    dial_failed: watch::Sender<Arc<str>>,
    /// An HTTP/2 stream ended; only calls that hold a place and found every connection full wait for it.
    freed: Notify,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// Newest last. The newest is taken first, so that surplus ones grow old and go.
    idle: Vec<(Box<Http1>, Instant)>,
    /// With the time each was last taken.
    shared: Vec<(Arc<Http2>, Instant)>,
    /// ALPN has chosen HTTP/1, so that many may be opened at once.
    speaks_http1: bool,
    closed: bool,
}

/// The right to one connection or stream; given back when dropped.
pub(crate) struct Place(Arc<Pool>);

/// A connection for one exchange. Dropping it closes an HTTP/1 connection and ends an HTTP/2 stream.
pub(crate) enum Lease {
    Http1(Box<Http1>),
    Http2(Stream),
}

/// Until when a connection must be there.
#[derive(Clone, Copy)]
struct By {
    until: Instant,
    /// The connect timeout.
    connect: Duration,
    /// It is the call's deadline that comes first.
    deadline: bool,
}

impl By {
    fn late(self) -> NotSentReason {
        if self.deadline {
            NotSentReason::Deadline
        } else {
            NotSentReason::ConnectTimeout { waited_ms: clock::millis(self.connect) }
        }
    }
}

/// One stream of a shared connection.
pub(crate) struct Stream {
    pub(crate) connection: Arc<Http2>,
    pool: Arc<Pool>,
}

impl Pool {
    pub(crate) fn new(
        endpoint: Endpoint,
        protocol: Protocol,
        limits: PoolLimits,
        dialer: Arc<Dialer>,
        counters: Arc<Counters>,
    ) -> Self {
        let protocol = settled(protocol, &endpoint);
        // Until the first connection says which protocol it is, or if one carries all, one is opened at a time.
        let (places_max, dials) = match protocol {
            Protocol::Http1 => (limits.connections_max, limits.connecting_max),
            Protocol::Http2 => (HTTP2_CONNECTIONS_MAX * STREAMS_MAX, 1),
            Protocol::Auto => (limits.connections_max, 1),
        };
        Self {
            is_named: endpoint.host().parse::<IpAddr>().is_err(),
            endpoint,
            protocol,
            limits,
            dialer,
            counters,
            places: Semaphore::new(places_max),
            places_max,
            waiting: AtomicUsize::new(0),
            dials: Semaphore::new(dials),
            dial_failed: watch::Sender::new("".into()),
            freed: Notify::new(),
            kept: Mutex::new(Kept::default()),
        }
    }

    pub(crate) fn dialer(&self) -> &Dialer {
        &self.dialer
    }

    /// Whether a pool with these settings would be this one.
    pub(crate) fn is_for(&self, protocol: Protocol, limits: PoolLimits) -> bool {
        self.protocol == settled(protocol, &self.endpoint) && self.limits == limits
    }

    /// A place and a connection: a kept one if there is one and it need not be `fresh`.
    ///
    /// # Errors
    /// Nothing was sent, whatever the reason.
    pub(crate) async fn checkout(
        self: &Arc<Self>,
        connect: Duration,
        deadline: Instant,
        fresh: bool,
    ) -> Result<(Lease, Place), NotSentReason> {
        let place = self.place(deadline).await?;
        if fresh {
            self.close_oldest();
        } else if let Some(lease) = self.take() {
            metrics::add(&self.counters.reused);
            return Ok((lease, place));
        }
        Ok((self.open(connect, deadline, fresh).await?, place))
    }

    /// A place for a connection that is opened elsewhere and never kept.
    ///
    /// # Errors
    /// There is none in time.
    pub(crate) async fn place_of_its_own(
        self: &Arc<Self>,
        deadline: Instant,
    ) -> Result<Place, NotSentReason> {
        let place = self.place(deadline).await?;
        self.close_oldest();
        Ok(place)
    }

    async fn place(self: &Arc<Self>, deadline: Instant) -> Result<Place, NotSentReason> {
        match self.places.try_acquire() {
            Ok(permit) => {
                permit.forget();
                Ok(Place(Arc::clone(self)))
            }
            Err(_) => self.wait_for_place(deadline).await,
        }
    }

    async fn wait_for_place(self: &Arc<Self>, deadline: Instant) -> Result<Place, NotSentReason> {
        let waiter = Waiter::enter(&self.waiting);
        if waiter.ahead >= self.limits.waiters_max {
            return Err(NotSentReason::QueueFull {
                places: self.places_max,
                waiting: self.limits.waiters_max,
            });
        }
        let permit = self.until_wait_max(deadline, self.places.acquire()).await?;
        permit.expect("the semaphore of places is never closed").forget();
        Ok(Place(Arc::clone(self)))
    }

    async fn until_wait_max<F: Future>(
        &self,
        deadline: Instant,
        future: F,
    ) -> Result<F::Output, NotSentReason> {
        let until = clock::after(clock::now(), self.limits.wait_max);
        timeout_at(until.min(deadline), future).await.map_err(|_elapsed| {
            if deadline <= until {
                NotSentReason::Deadline
            } else {
                NotSentReason::NoPlace { waited_ms: clock::millis(self.limits.wait_max) }
            }
        })
    }

    /// Opens a connection, unless there is one by the time that this call may open it. Its turn and the connecting have
    /// `connect` together: whoever waits behind a connection that does not come waits no longer than for its own.
    async fn open(
        self: &Arc<Self>,
        connect: Duration,
        deadline: Instant,
        fresh: bool,
    ) -> Result<Lease, NotSentReason> {
        loop {
            if let Some(lease) = self.until_wait_max(deadline, self.room()).await? {
                metrics::add(&self.counters.reused);
                return Ok(lease);
            }
            let until = clock::after(clock::now(), connect);
            let by = By { until: until.min(deadline), connect, deadline: deadline <= until };
            let _turn = self.turn(by).await?;
            if let Some(lease) = if fresh { None } else { self.take() } {
                metrics::add(&self.counters.reused);
                return Ok(lease);
            }
            if self.may_open() {
                let dialed = self.dial(by).await;
                // Before the turn is given on. That this call had less time than others says nothing to them.
                if let Err(why) = &dialed
                    && !why.is_ours()
                {
                    self.dial_failed.send_replace(why.to_string().into());
                }
                return dialed;
            }
        }
    }

    /// Waits until a connection may be opened; gives a stream of another where there is room before that.
    async fn room(self: &Arc<Self>) -> Option<Lease> {
        loop {
            // Registered before looking, so that a stream which ends in between is not missed.
            let freed = self.freed.notified();
            if self.may_open() {
                return None;
            }
            if let Some(lease) = self.take() {
                return Some(lease);
            }
            freed.await;
        }
    }

    /// The right to open a connection. Where one is opened for all who wait, it has failed for all of them.
    async fn turn(&self, by: By) -> Result<SemaphorePermit<'_>, NotSentReason> {
        let mut dial_failed = self.dial_failed.subscribe();
        let one_for_all = self.protocol != Protocol::Http1 && !self.lock().speaks_http1;
        let turn = async {
            tokio::select! {
                biased;
                Ok(()) = dial_failed.changed(), if one_for_all => {
                    Err(NotSentReason::DialFailed(dial_failed.borrow().to_string()))
                }
                turn = self.dials.acquire() => Ok(turn.expect("the semaphore of dials is never closed")),
            }
        };
        timeout_at(by.until, turn).await.map_err(|_elapsed| by.late())?
    }

    async fn dial(self: &Arc<Self>, by: By) -> Result<Lease, NotSentReason> {
        let (endpoint, lifetime) = (&self.endpoint, self.limits.lifetime);
        let dial = self.dialer.dial(endpoint, self.protocol, lifetime, &self.counters, by.until);
        let opened = timeout_at(by.until, dial).await.map_err(|_elapsed| {
            if !by.deadline {
                // An address that was given to somebody else may well say nothing.
                self.dialer.names.doubt(endpoint.host());
            }
            by.late()
        })??;
        match opened {
            Opened::Http1(connection) => {
                self.learn_http1();
                Ok(Lease::Http1(connection))
            }
            Opened::Http2(connection) => {
                let mut kept = self.lock();
                if !kept.closed {
                    kept.shared.push((Arc::clone(&connection), clock::now()));
                }
                Ok(Lease::Http2(self.stream(connection)))
            }
        }
    }

    /// HTTP/1 has one connection a place. HTTP/2 has few, however many places.
    fn may_open(&self) -> bool {
        self.protocol == Protocol::Http1 || self.lock().shared.len() < HTTP2_CONNECTIONS_MAX
    }

    fn learn_http1(&self) {
        if self.protocol == Protocol::Auto {
            let mut kept = self.lock();
            if !kept.speaks_http1 {
                kept.speaks_http1 = true;
                self.dials.add_permits(self.limits.connecting_max.saturating_sub(1));
            }
        }
    }

    /// Makes room for one that is not kept: kept ones and places never add up to more than there may be.
    fn close_oldest(&self) {
        let mut kept = self.lock();
        let oldest = (!kept.idle.is_empty()).then(|| kept.idle.remove(0));
        drop(kept);
        drop(oldest);
    }

    /// A kept connection that is still good.
    fn take(self: &Arc<Self>) -> Option<Lease> {
        let now = clock::now();
        loop {
            let popped = {
                let mut kept = self.lock();
                match kept.idle.pop() {
                    Some(popped) => popped,
                    None => return self.take_stream(&mut kept, now),
                }
            };
            // Looked at, and closed if it is no longer good, outside of the lock.
            let (mut connection, since) = popped;
            if self.is_young(&connection, since, now) && connection.is_usable() {
                return Some(Lease::Http1(connection));
            }
        }
    }

    fn take_stream(self: &Arc<Self>, kept: &mut Kept, now: Instant) -> Option<Lease> {
        // Calls on a connection that is left out here end in peace: they hold it themselves.
        kept.shared.retain(|(connection, _)| {
            !connection.is_closed() && now < connection.expires && self.is_there(connection.peer)
        });
        let (connection, taken) = kept.shared.iter_mut().find(|(connection, _)| connection.has_room())?;
        *taken = now;
        Some(Lease::Http2(self.stream(Arc::clone(connection))))
    }

    fn stream(self: &Arc<Self>, connection: Arc<Http2>) -> Stream {
        connection.open();
        Stream { connection, pool: Arc::clone(self) }
    }

    /// Keeps a connection whose last exchange was read to its end. One that is not ready for another is closed.
    pub(crate) fn give_back(&self, mut connection: Box<Http1>) {
        connection.settled();
        let now = clock::now();
        if now < connection.expires && connection.is_usable() {
            let mut kept = self.lock();
            if !kept.closed {
                kept.idle.push((connection, now));
            }
        }
    }

    /// Closes what has grown too old or was closed by the peer.
    pub(crate) fn sweep(&self) {
        let now = clock::now();
        let mut kept = self.lock();
        let gone: Vec<_> = kept
            .idle
            .extract_if(.., |(connection, since)| {
                !self.is_young(connection, *since, now) || !connection.is_usable()
            })
            .collect();
        kept.shared.retain(|(connection, taken)| {
            let unused = connection.is_idle() && now.duration_since(*taken) >= HTTP2_IDLE_MAX;
            !connection.is_closed() && now < connection.expires && !unused && self.is_there(connection.peer)
        });
        drop(kept);
        drop(gone);
    }

    /// Closes what is idle and keeps nothing from now on. Calls in flight go on.
    pub(crate) fn close(&self) {
        let mut kept = self.lock();
        kept.closed = true;
        let gone = (std::mem::take(&mut kept.idle), std::mem::take(&mut kept.shared));
        drop(kept);
        drop(gone);
    }

    fn is_young(&self, connection: &Http1, since: Instant, now: Instant) -> bool {
        now.duration_since(since) < self.limits.idle_max
            && now < connection.expires
            && self.is_there(connection.peer)
    }

    /// The name still has this address; connections to one that it lost end with their calls.
    fn is_there(&self, peer: SocketAddr) -> bool {
        !self.is_named || self.dialer.names.holds(self.endpoint.host(), peer.ip())
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Every change under the lock is one push or removal; a panic leaves nothing half done.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Without TLS there is nothing to negotiate with, so `Auto` is HTTP/1.
fn settled(protocol: Protocol, endpoint: &Endpoint) -> Protocol {
    match protocol {
        Protocol::Auto if !endpoint.is_secure() => Protocol::Http1,
        Protocol::Auto | Protocol::Http1 | Protocol::Http2 => protocol,
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.places.add_permits(1);
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.connection.close();
        self.pool.freed.notify_one();
    }
}

/// Counts itself among the waiting for as long as it lives.
struct Waiter<'a> {
    waiting: &'a AtomicUsize,
    ahead: usize,
}

impl<'a> Waiter<'a> {
    fn enter(waiting: &'a AtomicUsize) -> Self {
        Self { waiting, ahead: waiting.fetch_add(1, Relaxed) }
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Relaxed);
    }
}
