//! One target, ready to be called: by the engine ([`Callee::send`], sent at most once) or with every policy
//! ([`Callee::call`]).

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::answer::{NotSent, NotSentReason, Sent, Try, Unclear};
use crate::attempt::{Bounds, Ended};
use crate::body::AnswerBody;
use crate::call::CallError;
use crate::call::one::{NotReady, Way};
use crate::clock;
use crate::collect::collect;
use crate::desk::{Desk, Lane, Patience, Rejected, TargetNow};
use crate::metrics::{Counters, Ending, Snapshot};
use crate::policy::retry::{self, Mode, Next, Place, Tries};
use crate::policy::settings::Settings;
use crate::pools::Pools;
use crate::request::Request;
use crate::shelf::Shelf;
use crate::target::{Operation, OperationOf, Timeouts};

/// A step waits for a place among its target's calls for this long at most. The engine bounds how many wait; a short
/// time here would make a slow service look like one that is away.
const PLACE_WAIT: Duration = Duration::from_secs(30);
/// A repeated step waits for budget, or a rate, for this long before it goes back to its line: others may be ready.
const BUDGET_WAIT: Duration = Duration::from_millis(250);

/// A handle on one target; a cheap clone. [`Caller::callee`](crate::Caller::callee) gives it.
#[derive(Clone)]
pub struct Callee(pub(crate) Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) name: String,
    pub(crate) pools: Pools,
    pub(crate) timeouts: Timeouts,
    pub(crate) settings: Settings,
    pub(crate) operations: Vec<Operation>,
    pub(crate) operation_of: OperationOf,
    pub(crate) headers: HeaderMap,
    pub(crate) key_honoured: bool,
    /// Its calls meet faults on purpose.
    pub(crate) has_faults: bool,
    pub(crate) desk: Arc<Desk>,
    /// Answers that are kept, where any operation keeps some.
    pub(crate) shelf: Option<Arc<Shelf>>,
    /// Where other services' answers come from.
    pub(crate) others: crate::caller::Others,
    pub(crate) counters: Arc<Counters>,
    pub(crate) calls: TaskTracker,
    /// Unix time in milliseconds, for a `Retry-After` that is a date.
    pub(crate) wall_ms: fn() -> u64,
}

/// How a step is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once {
    /// Undoing has places of its own.
    pub lane: Lane,
    /// It was sent before: it draws on the retry budget, and waits while that is empty.
    pub repeated: bool,
}

impl Once {
    /// A first attempt of an action.
    pub const FIRST: Self = Self { lane: Lane::Forward, repeated: false };
}

impl Callee {
    /// The target's name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The operation that a call is of, as [`Target::operation_of`](crate::Target::operation_of) finds it.
    pub fn operation_of(&self, method: &Method, path: &str) -> Option<usize> {
        self.0.operation_of.find(method, path)
    }

    /// The target's counters.
    pub fn snapshot(&self) -> Snapshot {
        self.0.counters.snapshot()
    }

    /// The target's policies, as they stand.
    pub fn explain(&self) -> TargetNow {
        self.0.desk.snapshot()
    }

    /// Sends `request` at most once and waits until `deadline` for its whole answer. Tries that certainly never left
    /// move on to the other endpoints, each at most once; a kept connection that had gone stale, or a peer that turned
    /// the request away unprocessed, may cost one try more.
    ///
    /// Dropping the future is safe at any point: whatever it held is closed or given back, never left half used. What
    /// had been sent by then is unclear.
    pub async fn send(&self, request: Request, deadline: Instant, once: Once) -> Sent {
        let shared = &self.0;
        // Held until the answer is in, for shutdown to wait for. Taken before looking, so that none slips through.
        let _call = shared.calls.token();
        let _in_flight = shared.counters.enter();
        let began = clock::now();
        let sent = if shared.calls.is_closed() {
            not_sent(Vec::new(), NotSentReason::ShuttingDown)
        } else {
            match shared.affordable(once).await {
                Ok(()) => shared.once(&request, deadline, once).await,
                Err(why) => not_sent(Vec::new(), why),
            }
        };
        shared.counters.settle(Ending::from(&sent.result), clock::now() - began);
        sent
    }

    /// Asks the target to switch to another protocol (RFC 9110 §7.8), over a connection of its own. Where the answer
    /// is 101, `hyper::upgrade::on` gives what it switched to. Only tries that were not sent move on. Limits, deadline and
    /// counters are those of every call; what it switches to is bounded by whoever asked.
    ///
    /// # Errors
    /// As of [`Callee::call`].
    pub async fn upgrade(
        &self,
        request: Request,
        operation: Option<usize>,
    ) -> Result<http::Response<AnswerBody>, CallError> {
        let shared = &self.0;
        let _call = shared.calls.token();
        let _in_flight = shared.counters.enter();
        let began = clock::now();
        let result = if shared.calls.is_closed() {
            Err(CallError::NotSent { why: NotSentReason::ShuttingDown })
        } else {
            shared.upgraded(&request, operation).await
        };
        shared.counters.settle(Ending::of(&result, None), clock::now() - began);
        result
    }
}

fn not_sent(unsent: Vec<NotSent>, why: NotSentReason) -> Sent {
    Sent { unsent, result: Try::NotSent(NotSent { endpoint: None, why }) }
}

impl Shared {
    /// A first attempt keeps to the rate, a repeated one costs budget. What cannot be had at once is waited for a little.
    async fn affordable(&self, once: Once) -> Result<(), NotSentReason> {
        let until = clock::after(clock::now(), BUDGET_WAIT);
        loop {
            let (wait, why) = if once.repeated {
                match self.desk.pay(None, retry::COST) {
                    Ok(_) => return Ok(()),
                    Err(empty) => (self.desk.budget_wait(&empty), NotSentReason::BudgetEmpty),
                }
            } else {
                match self.desk.begin(None) {
                    Ok(()) => return Ok(()),
                    Err(limit) => (
                        limit.retry_after().unwrap_or(BUDGET_WAIT),
                        NotSentReason::Limited(limit.to_string()),
                    ),
                }
            };
            let now = clock::now();
            if now >= until {
                return Err(why);
            }
            tokio::time::sleep_until(until.min(clock::after(now, wait))).await;
        }
    }

    async fn once(self: &Arc<Self>, request: &Request, deadline: Instant, once: Once) -> Sent {
        let bounds = Bounds {
            headers: &self.headers,
            connect: self.timeouts.connect,
            response: Some(self.timeouts.response),
            body_idle: self.settings.body_idle,
            streams: false,
            deadline: Some(deadline),
            asked: Some(deadline),
            // The engine has written how long it waits once the request has left.
            tells: false,
        };
        let mut earned = false;
        let (mut tried, mut unsent, mut turned_away, mut way) = (Vec::new(), Vec::new(), 0, Way::Kept);
        loop {
            let ready = match self
                .ready(None, (once.lane, Patience::Own(PLACE_WAIT)), Some(deadline), &tried)
                .await
            {
                Ok(ready) => ready,
                // Every endpoint had its turn, and the last one asks for another.
                Err(NotReady::NoEndpoint) if way == Way::Fresh => {
                    tried.clear();
                    continue;
                }
                Err(NotReady::NoEndpoint) => return ended_unsent(unsent),
                Err(NotReady::Rejected(rejected)) => {
                    return not_sent(unsent, no_place(&rejected));
                }
            };
            if !once.repeated && !std::mem::replace(&mut earned, true) {
                self.desk.earn(None);
            }
            tried.push(ready.id);
            let endpoint = ready.pool.endpoint.clone();
            let done = self.go(ready, request, &bounds, way).await;
            match done.ended {
                Ended::Answered(answer) => return Sent { unsent, result: collect(answer, endpoint).await },
                Ended::Unclear(why) => {
                    return Sent { unsent, result: Try::Unclear(Unclear { endpoint, why }) };
                }
                Ended::Unsent(why) => unsent.push(NotSent { endpoint: Some(endpoint), why }),
            }
            turned_away += u32::from(done.retry == retry::Ended::TurnedAway);
            let so_far = Tries {
                counted: 0,
                counted_max: 1,
                turned_away,
                endpoints_left: self.desk.untried(&tried),
                remaining: deadline.saturating_duration_since(clock::now()),
            };
            match retry::decide(Mode::Once, done.retry, retry::Repeat::Unsafe, &so_far, &self.settings.retry)
            {
                Next::Stop(_) => return ended_unsent(unsent),
                Next::Retry { place: Place::FreshConnection, .. } => way = Way::Fresh,
                Next::Retry { place: Place::Another | Place::Anywhere, .. } => way = Way::Kept,
            }
        }
    }
}

/// The last of the refusals is the result.
fn ended_unsent(mut unsent: Vec<NotSent>) -> Sent {
    match unsent.pop() {
        Some(last) => Sent { unsent, result: Try::NotSent(last) },
        None => not_sent(unsent, NotSentReason::NoEndpoint),
    }
}

fn no_place(rejected: &Rejected) -> NotSentReason {
    NotSentReason::Limited(rejected.to_string())
}
