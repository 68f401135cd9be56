//! The seam to whatever makes calls. The engine says what to send; how, and what an answer means, is the caller's.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use ondol_core::{Attempt, Outcome};
use ondol_spec::Method;

use crate::blueprint::Blueprint;
use crate::id::SagaId;

/// A rendered request. Its headers may hold secrets.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path and query, encoded (RFC 3986).
    pub path_and_query: String,
    /// The headers that the call declares, names in lower case.
    pub headers: Vec<(String, String)>,
    /// JSON, or nothing.
    pub body: Bytes,
    /// Digest of all of it but the values of secrets.
    pub digest: u128,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path_and_query)
    }
}

/// One attempt to send.
#[derive(Clone, Debug)]
pub struct StepCall {
    /// The saga.
    pub saga: SagaId,
    /// Its run; (run, step, half) is the idempotency key.
    pub run: u128,
    /// Which attempt.
    pub attempt: Attempt,
    /// Attempts of this half that failed before. One whose outcome Ondol lost, since it stopped, is none of them.
    pub failures: u32,
    /// The definition the saga is pinned to: names of steps, rules for answers.
    pub blueprint: Arc<Blueprint>,
    /// The service to send it to.
    pub service: Arc<str>,
    /// What to send.
    pub request: Arc<Request>,
    /// W3C trace id and parent span id, zero where there is none.
    pub trace: (u128, u64),
}

/// One notice to send.
#[derive(Clone, Debug)]
pub struct NoticeCall {
    /// The saga.
    pub saga: SagaId,
    /// Identifies the notice to its receiver, the same for every delivery (`webhook-id` of Standard Webhooks).
    pub id: String,
    /// The definition; the system may say by now that its notices go elsewhere.
    pub definition: Arc<str>,
    /// Where the definition sends it.
    pub url: Arc<str>,
    /// The JSON body.
    pub body: Bytes,
    /// Deliveries that failed before this one.
    pub failures: u32,
}

/// How a call came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Came {
    /// What it means for the saga.
    pub outcome: Outcome,
    /// What it means for everybody else who calls the same target.
    pub reach: Reach,
}

/// What a call told about its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It is there.
    Reached,
    /// It could not be reached at all.
    Unreachable,
    /// Nothing: the call was kept back on this side, for want of a place.
    Untold,
    /// Nothing: this call was kept back for a reason of its own, such as an empty retry budget. Others may go.
    Deferred,
}

/// How a notice came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoticeCame {
    /// How it fared.
    pub notified: Notified,
    /// What it means for all other notices to the same receiver.
    pub reach: Reach,
}

/// How a notice fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notified {
    /// The receiver took it.
    Delivered,
    /// The receiver answered, and did not take it; or nobody knows.
    Failed,
    /// It certainly never left this machine.
    NotSent,
}

/// What a call comes to.
pub type Answered<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Makes calls. Sends each attempt at most once.
pub trait Caller: Send + Sync + 'static {
    /// Sends one attempt of a half.
    fn call(&self, call: StepCall) -> Answered<Came>;
    /// Sends one notice.
    fn notify(&self, call: NoticeCall) -> Answered<NoticeCame>;
}
