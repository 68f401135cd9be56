//! Names to addresses, looked up again when their time to live is over.
//!
//! getaddrinfo hides the TTL, so a name that moved would be seen only when connections fail. Here every name in use is
//! asked for again at its TTL, and connections to addresses that are gone are not used for another call.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::clock;

/// A TTL of 0 is common inside clusters; asking more often than once a second would be a load of its own.
const TTL_MIN: Duration = Duration::from_secs(1);
/// A moved name is left within this, whatever its TTL says.
const TTL_MAX: Duration = Duration::from_secs(30);
/// Names that are kept; a system has as many as it has services.
const NAMES_MAX: usize = 1_024;

/// The names of one caller.
#[derive(Default)]
pub(crate) struct Names {
    /// None where the system's own configuration cannot be read; then getaddrinfo is asked, without TTLs.
    resolver: OnceCell<Option<TokioResolver>>,
    known: Mutex<HashMap<Box<str>, Known>>,
    turn: AtomicUsize,
}

#[derive(Clone)]
struct Known {
    addresses: Vec<IpAddr>,
    until: Instant,
}

impl Names {
    /// All addresses of `host`, in the order to be tried, which differs from call to call. A literal address is not
    /// looked up. A name that cannot be looked up any more keeps the addresses it had.
    pub(crate) async fn lookup(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let fresh = self.known().get(host).filter(|known| clock::now() < known.until).cloned();
        let addresses = match fresh {
            Some(known) => known.addresses,
            None => self.refresh(host).await?,
        };
        let first = self.turn.fetch_add(1, Relaxed) % addresses.len();
        let circle = addresses.iter().cycle().skip(first).take(addresses.len());
        Ok(circle.map(|address| SocketAddr::new(*address, port)).collect())
    }

    /// Whether `address` is still one of `host`'s, as far as is known.
    pub(crate) fn holds(&self, host: &str, address: IpAddr) -> bool {
        self.known().get(host).is_none_or(|known| known.addresses.contains(&address))
    }

    /// A connection failed: the name may have moved, and is looked up before the next one.
    pub(crate) fn doubt(&self, host: &str) {
        if let Some(known) = self.known().get_mut(host) {
            known.until = clock::now();
        }
    }

    /// Looks up again what has grown old.
    pub(crate) async fn refresh_old(&self) {
        let now = clock::now();
        let old: Vec<Box<str>> = {
            let known = self.known();
            known.iter().filter(|(_, known)| known.until <= now).map(|(name, _)| name.clone()).collect()
        };
        for name in old {
            // What fails keeps its addresses, and is tried again a second later.
            let _kept = self.refresh(&name).await;
        }
    }

    async fn refresh(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let (addresses, until) = match self.resolve(host).await {
            Ok(found) => found,
            Err(error) => {
                let mut known = self.known();
                let Some(before) = known.get_mut(host) else { return Err(error) };
                before.until = clock::now() + TTL_MIN;
                return Ok(before.addresses.clone());
            }
        };
        let mut known = self.known();
        if known.len() >= NAMES_MAX && !known.contains_key(host) {
            known.clear();
        }
        known.insert(host.into(), Known { addresses: addresses.clone(), until });
        Ok(addresses)
    }

    async fn resolve(&self, host: &str) -> io::Result<(Vec<IpAddr>, Instant)> {
        let now = clock::now();
        let resolver = self.resolver.get_or_init(|| std::future::ready(system_resolver())).await;
        let (addresses, ttl): (Vec<IpAddr>, Duration) = if let Some(resolver) = resolver {
            let found = resolver.lookup_ip(host).await.map_err(io::Error::other)?;
            let until = Instant::from_std(found.valid_until());
            (found.iter().collect(), until.saturating_duration_since(now))
        } else {
            let found = tokio::net::lookup_host((host, 0)).await?;
            (found.map(|address| address.ip()).collect(), TTL_MAX)
        };
        if addresses.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, format!("`{host}` has no address")));
        }
        Ok((addresses, now + ttl.clamp(TTL_MIN, TTL_MAX)))
    }

    /// From now on these are `host`'s addresses.
    #[cfg(test)]
    fn say(&self, host: &str, addresses: &[&str]) {
        let addresses = addresses.iter().map(|address| address.parse().expect("an address")).collect();
        self.known().insert(host.into(), Known { addresses, until: clock::now() + TTL_MAX });
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Box<str>, Known>> {
        // Only whole entries are put in; a panic leaves nothing half done.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn system_resolver() -> Option<TokioResolver> {
    TokioResolver::builder_tokio().ok()?.build().ok()
}

#[cfg(test)]
mod tests;
