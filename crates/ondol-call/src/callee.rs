//! One target, ready to be called.
//!
//! The layers of a call, in their fixed order, and where each will live (those in brackets are not built yet):
//! deadline (`send`) → [fallback → cache → retry, hedge and budget] (around `attempt`) → *per attempt:* [throttle] →
//! pick an endpoint (`Turns`, round robin; later by load) → [breaker] (where `Turns` is asked) → pool checkout →
//! send → response timeout → body idle timeout (`attempt_on`).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::answer::{Answer, NotSent, NotSentReason, Sent, Try, Unclear};
use crate::clock;
use crate::exchange::{Exchange, Limits};
use crate::metrics::{self, Counters, Snapshot};
use crate::pool::{Lease, Pool};
use crate::request::Request;
use crate::target::Timeouts;

/// A handle on one target; a cheap clone. [`Caller::callee`](crate::Caller::callee) gives it.
#[derive(Clone)]
pub struct Callee(pub(crate) Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) name: String,
    pub(crate) pools: Vec<Arc<Pool>>,
    pub(crate) timeouts: Timeouts,
    pub(crate) counters: Arc<Counters>,
    pub(crate) calls: TaskTracker,
    pub(crate) turn: AtomicUsize,
}

enum Attempt {
    Unsent(Request, NotSentReason),
    Settled(Try),
}

impl Callee {
    /// The target's name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The target's counters.
    pub fn snapshot(&self) -> Snapshot {
        self.0.counters.snapshot()
    }

    /// Sends `request` at most once and waits until `deadline` for its whole answer. Tries that certainly never left
    /// move on to the other endpoints, each at most once; a kept connection that had gone stale, or a peer that turned
    /// the request away unprocessed, may cost one try more.
    ///
    /// Dropping the future is safe at any point: whatever it held is closed or given back, never left half used. What
    /// had been sent by then is unclear.
    pub async fn send(&self, request: Request, deadline: Instant) -> Sent {
        let shared = &*self.0;
        // Held until the answer is in, for shutdown to wait for. Taken before looking, so that none slips through.
        let _call = shared.calls.token();
        let _in_flight = shared.counters.enter();
        let sent = if shared.calls.is_closed() {
            not_sent(Vec::new(), NotSent { endpoint: None, why: NotSentReason::ShuttingDown })
        } else {
            shared.attempt(request, deadline).await
        };
        shared.counters.settle(&sent.result);
        sent
    }
}

fn not_sent(unsent: Vec<NotSent>, last: NotSent) -> Sent {
    Sent { unsent, result: Try::NotSent(last) }
}

impl Shared {
    async fn attempt(&self, mut request: Request, deadline: Instant) -> Sent {
        let mut turns = Turns::new(self.turn.fetch_add(1, Relaxed), self.pools.len());
        let mut unsent = Vec::new();
        while let Some(index) = turns.next() {
            let pool = &*self.pools[index];
            match self.attempt_on(pool, request, deadline).await {
                Attempt::Settled(result) => return Sent { unsent, result },
                Attempt::Unsent(returned, why) => {
                    request = returned;
                    if why.is_uncounted() {
                        turns.again(index);
                    }
                    let out_of_time = matches!(why, NotSentReason::Deadline);
                    unsent.push(NotSent { endpoint: Some(pool.endpoint.clone()), why });
                    if out_of_time {
                        break;
                    }
                }
            }
        }
        let last = unsent.pop().unwrap_or(NotSent { endpoint: None, why: NotSentReason::NoEndpoint });
        not_sent(unsent, last)
    }

    async fn attempt_on(&self, pool: &Pool, request: Request, deadline: Instant) -> Attempt {
        let (lease, _place) = match pool.checkout(self.timeouts.connect, deadline).await {
            Ok(checked_out) => checked_out,
            Err(why) => return Attempt::Unsent(request, why),
        };
        if clock::now() >= deadline {
            if let Lease::Http1(connection) = lease {
                pool.give_back(connection);
            }
            return Attempt::Unsent(request, NotSentReason::Deadline);
        }
        let response_timeout = request.response_timeout;
        let response = response_timeout.unwrap_or(self.timeouts.response);
        let limits = Limits { response, body_idle: self.timeouts.body_idle, deadline };
        let body = request.body.clone();
        metrics::add(&self.counters.dispatched);
        let exchange = match lease {
            Lease::Http1(mut connection) => {
                let exchange = connection.exchange(request.into_http1(&pool.endpoint), &limits).await;
                if matches!(exchange, Exchange::Answered { over_limit: false, .. }) {
                    pool.give_back(connection);
                }
                exchange
            }
            Lease::Http2(stream) => {
                stream.connection.exchange(request.into_http2(&pool.endpoint), &limits).await
            }
        };
        let endpoint = pool.endpoint.clone();
        match exchange {
            Exchange::Unsent(outgoing, why) => {
                Attempt::Unsent(Request::recover(outgoing, body, response_timeout), why)
            }
            Exchange::Unclear(why) => Attempt::Settled(Try::Unclear(Unclear { endpoint, why })),
            Exchange::Answered { status, headers, body, over_limit } => {
                Attempt::Settled(Try::Answered(Answer { status, headers, body, over_limit, endpoint }))
            }
        }
    }
}

/// Which endpoint is next: every one once, in a circle from `first`, and one of them once more if it asks for it.
struct Turns {
    first: usize,
    count: usize,
    taken: usize,
    again: Again,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    Free,
    Asked(usize),
    Used,
}

impl Turns {
    fn new(first: usize, count: usize) -> Self {
        Self { first, count, taken: 0, again: Again::Free }
    }

    fn next(&mut self) -> Option<usize> {
        if self.taken < self.count {
            self.taken += 1;
            return Some(self.first.wrapping_add(self.taken - 1) % self.count);
        }
        match std::mem::replace(&mut self.again, Again::Used) {
            Again::Asked(index) => Some(index),
            Again::Free | Again::Used => None,
        }
    }

    /// Gives `index` one more turn after all others, if none has had one.
    fn again(&mut self, index: usize) {
        if self.again == Again::Free {
            self.again = Again::Asked(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_has_one_turn_and_one_of_them_two() {
        #[rustfmt::skip]
        let table: [(usize, usize, &[usize], &[usize]); 6] = [
            // first, count, ask again, order
            (0,          0, &[],     &[]),
            (7,          1, &[],     &[0]),
            (1,          3, &[],     &[1, 2, 0]),
            (1,          3, &[1, 2], &[1, 2, 0, 1]),
            (0,          1, &[0],    &[0, 0]),
            (usize::MAX, 4, &[],     &[3, 0, 1, 2]),
        ];
        for (first, count, ask, expected) in table {
            let mut turns = Turns::new(first, count);
            let mut order = Vec::new();
            while let Some(index) = turns.next() {
                if ask.contains(&index) {
                    turns.again(index);
                }
                order.push(index);
            }
            assert_eq!(order, expected, "first {first} of {count}, again {ask:?}");
        }
    }
}
