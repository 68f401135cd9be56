//! The seam to whatever makes calls. The engine says what to send; how, and what an answer means, is the caller's.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use ondol_core::{Attempt, Outcome};
use ondol_spec::Rendered;

use crate::blueprint::Blueprint;
use crate::id::SagaId;

/// One attempt to send.
#[derive(Clone, Debug)]
pub struct StepCall {
    /// The saga.
    pub saga: SagaId,
    /// Its run; (run, step, half) is the idempotency key.
    pub run: u128,
    /// Which attempt.
    pub attempt: Attempt,
    /// The definition the saga is pinned to: names of steps, rules for answers.
    pub blueprint: Arc<Blueprint>,
    /// What to send.
    pub request: Arc<Rendered>,
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
    /// Where to send it.
    pub url: Arc<str>,
    /// The JSON body.
    pub body: Bytes,
    /// Deliveries that failed before this one.
    pub failures: u32,
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
    fn call(&self, call: StepCall) -> Answered<Outcome>;
    /// Sends one notice.
    fn notify(&self, call: NoticeCall) -> Answered<Notified>;
}
