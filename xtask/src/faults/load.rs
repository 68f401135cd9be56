//! Calls through the proxy, sent when they are due whatever became of the ones before, and what became of each.

use super::client::{Answer, Client, Failure, Request};
use crate::clock::Stopwatch;
use crate::error::Error;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// Makes each call's id the only one of its name.
static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// What a call is, as far as it decides about being sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Get,
    /// A POST that nobody may send twice.
    Post,
    /// A POST with an `Idempotency-Key`.
    Keyed,
    /// A unary call of gRPC, without a key.
    Unary,
}

impl Kind {
    /// For people, and the first part of a call's id.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "keyless-POST",
            Self::Keyed => "keyed-POST",
            Self::Unary => "gRPC-call",
        }
    }
}

/// A call that was sent.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) kind: Kind,
    /// What the service writes down when it acts upon it.
    pub(super) id: String,
    /// When it was sent, since the load began.
    pub(super) at: Duration,
    pub(super) took: Duration,
    pub(super) result: Result<Answer, Failure>,
}

/// What is sent.
#[derive(Debug)]
pub(super) struct Load<'a> {
    pub(super) service: &'a str,
    /// Of each call, one after the other, and from the beginning again.
    pub(super) kinds: &'a [Kind],
    /// When each call is due, in order.
    pub(super) due: Vec<Duration>,
    /// Callers, each with a connection of its own: calls in flight at most.
    pub(super) callers: usize,
    /// Headers of every call.
    pub(super) headers: &'a [(&'a str, &'a str)],
}

/// So many a second, evenly, for so long.
pub(super) fn steady(per_second: u32, length: Duration) -> Vec<Duration> {
    let calls = per_second * length.as_millis() as u32 / 1_000;
    (0..calls).map(|number| Duration::from_secs(1) * number / per_second).collect()
}

/// So many, as fast as they are answered.
pub(super) fn at_once(calls: usize) -> Vec<Duration> {
    vec![Duration::ZERO; calls]
}

impl Load<'_> {
    /// Sends all; gives back every call once the last is answered.
    pub(super) fn run(&self, proxy: SocketAddr) -> Vec<Sample> {
        self.run_until(proxy, &AtomicBool::new(false))
    }

    /// Sends for as long as something else is done, at most all.
    ///
    /// # Errors
    /// Those of `meanwhile`, once the last call is answered.
    pub(super) fn run_while<T>(
        &self,
        proxy: SocketAddr,
        meanwhile: impl FnOnce(Stopwatch) -> Result<T, Error>,
    ) -> Result<(Vec<Sample>, T), Error> {
        let enough = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let load = scope.spawn(|| self.run_until(proxy, &enough));
            let done = meanwhile(Stopwatch::start());
            enough.store(true, Ordering::Relaxed);
            let samples = load.join().expect("the load does not panic");
            Ok((samples, done?))
        })
    }

    fn run_until(&self, proxy: SocketAddr, enough: &AtomicBool) -> Vec<Sample> {
        let (next, watch) = (AtomicUsize::new(0), Stopwatch::start());
        std::thread::scope(|scope| {
            let caller = || self.caller(Client::new(proxy), &next, watch, enough);
            let callers: Vec<_> = (0..self.callers).map(|_| scope.spawn(caller)).collect();
            callers.into_iter().flat_map(|caller| caller.join().expect("callers do not panic")).collect()
        })
    }

    fn caller(
        &self,
        mut client: Client,
        next: &AtomicUsize,
        watch: Stopwatch,
        enough: &AtomicBool,
    ) -> Vec<Sample> {
        let mut samples = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(due) = self.due.get(number) else { return samples };
            std::thread::sleep(due.saturating_sub(watch.elapsed()));
            if enough.load(Ordering::Relaxed) {
                return samples;
            }
            let kind = self.kinds[number % self.kinds.len()];
            let id = format!("{}-{}", kind.name(), NEXT_ID.fetch_add(1, Ordering::Relaxed));
            let at = watch.elapsed();
            let result = self.send(&mut client, kind, &id);
            samples.push(Sample { kind, id, at, took: watch.elapsed().saturating_sub(at), result });
        }
    }

    fn send(&self, client: &mut Client, kind: Kind, id: &str) -> Result<Answer, Failure> {
        let mut headers = vec![("x-id", id)];
        headers.extend(self.headers);
        let (method, path, body) = match kind {
            Kind::Get => ("GET", "/act", Vec::new()),
            Kind::Post | Kind::Keyed => ("POST", "/act", id.as_bytes().to_vec()),
            Kind::Unary => ("POST", "/faults.Peer/Act", message(id.as_bytes())),
        };
        match kind {
            Kind::Get | Kind::Post => {}
            Kind::Keyed => headers.push(("idempotency-key", id)),
            Kind::Unary => headers.extend([("content-type", "application/grpc"), ("te", "trailers")]),
        }
        client.send(&Request { method, host: self.service, path, headers: &headers, body: &body })
    }
}

/// gRPC's frame of a message: not compressed, its length, itself.
pub(super) fn message(bytes: &[u8]) -> Vec<u8> {
    [&[0], (bytes.len() as u32).to_be_bytes().as_slice(), bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_due_evenly() {
        let due = steady(200, Duration::from_millis(20));
        assert_eq!(due, [0, 5, 10, 15].map(Duration::from_millis));
        assert_eq!(message(b"ab"), [0, 0, 0, 0, 2, b'a', b'b']);
    }
}
