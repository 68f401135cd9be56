//! A call of the proxy or the library: the layers in their fixed order.
//!
//! deadline → fallback → cache and single flight → rate → retry, hedge and budget → *per attempt* ([`one`]): place in
//! the throttle → endpoint, with its breaker → pool → send → response timeout → body idle timeout.

mod attempts;
mod error;
mod hedged;
mod judged;
pub(crate) mod one;

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, Method, header};
use tokio::time::Instant;

use crate::answer::NotSentReason;
use crate::body::AnswerBody;
use crate::callee::{Callee, Shared};
use crate::clock;
use crate::desk::Lane;
use crate::fallback;
use crate::metrics::Ending;
use crate::policy::deadline;
use crate::policy::fallback::{Failure, Fallback};
use crate::policy::retry::Repeat;
use crate::policy::settings::Settings;
use crate::request::Request;
use crate::shelf::{Shelf, Slot};
use crate::story::{Decision, Story};

pub(crate) use attempts::read;
pub use error::CallError;
pub use judged::Judged;

/// The engine's number of the attempt that a call is made for.
const ATTEMPT: HeaderName = HeaderName::from_static("ondol-attempt");
/// Which half of a saga's step a call is made for.
const HALF: HeaderName = HeaderName::from_static("ondol-half");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What became of a call.
#[derive(Debug)]
pub struct Called {
    /// The service's answer, or a fallback's; its body may still be coming.
    pub result: Result<http::Response<AnswerBody>, CallError>,
    /// The answer is not the service's own.
    pub fallback: Option<FallbackKind>,
    /// Why it went as it did.
    pub story: Story,
}

/// Whose answer it is, where it is not the service's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FallbackKind {
    /// One written down in the system file.
    Static,
    /// The service's last good one.
    Cached,
    /// Another service's.
    Alternate,
}

impl FallbackKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Static, Self::Cached, Self::Alternate];

    /// As it stands in the header `ondol-fallback`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::Cached => "cached",
            Self::Alternate => "alternate",
        }
    }
}

/// What a call is, as far as the policies go.
#[derive(Clone, Copy)]
pub(crate) struct Kind<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) operation: Option<usize>,
    pub(crate) repeat: Repeat,
    pub(crate) has_key: bool,
    /// Its operation says that it may take effect twice.
    pub(crate) idempotent: bool,
    pub(crate) lane: Lane,
    pub(crate) engine_attempt: Option<u32>,
    /// For all attempts, until the head of an answer.
    pub(crate) deadline: Option<Instant>,
    /// The deadline that the request brought, which holds for the bodies, too.
    pub(crate) asked: Option<Instant>,
    /// A stream may be silent, and its head may come late.
    pub(crate) grpc: bool,
}

impl Callee {
    /// Makes a call with every policy of the target. `operation` is the index of the target's operation that the call
    /// is of, if it is of one.
    ///
    /// Dropping the future, or the answer's body, is safe at any point.
    pub async fn call(&self, request: Request, operation: Option<usize>) -> Called {
        self.call_until(request, operation, None).await
    }

    /// A call that ends by `until` at the latest.
    pub(crate) async fn call_until(
        &self,
        request: Request,
        operation: Option<usize>,
        until: Option<Instant>,
    ) -> Called {
        let shared = &self.0;
        let _call = shared.calls.token();
        let _in_flight = shared.counters.enter();
        let began = clock::now();
        let mut story = Story::default();
        let (result, fallback) = if shared.calls.is_closed() {
            (Err(CallError::NotSent { why: NotSentReason::ShuttingDown }), None)
        } else {
            shared.layered(&request, (operation, until), &mut story).await
        };
        shared.counters.settle(Ending::of(&result, fallback), clock::now() - began);
        if story.is_remarkable() {
            let ended = match &result {
                Ok(answer) => answer.status().to_string(),
                Err(error) => error.to_string(),
            };
            shared.desk.tell(&request.method, request.path_and_query.path(), ended, story.clone());
        }
        Called { result, fallback, story }
    }
}

type Ended = (Result<http::Response<AnswerBody>, CallError>, Option<FallbackKind>);

impl Shared {
    async fn layered(
        self: &Arc<Self>,
        request: &Request,
        (operation, until): (Option<usize>, Option<Instant>),
        story: &mut Story,
    ) -> Ended {
        let mut kind = self.kind(&request.method, &request.headers, operation);
        kind.deadline = [kind.deadline, until].into_iter().flatten().min();
        if kind.asked.is_some() {
            let within =
                kind.deadline.map_or(Duration::ZERO, |at| at.saturating_duration_since(clock::now()));
            story.tell(Decision::Deadline { within, asked: true });
            if within.is_zero() {
                return (Err(CallError::Expired), None);
            }
        }
        let slot = self.shelf.as_deref().zip(Shelf::slot(&self.name, request, kind.settings));
        let Some(kept) = slot else {
            let result = self.attempts(request, &Self::own_part(request, &kind), story).await;
            return fallback::instead(self, request, &kind, result, None, story).await;
        };
        self.shelved(request, &kind, kept, story).await
    }

    /// A call whose answers are kept.
    async fn shelved(
        self: &Arc<Self>,
        request: &Request,
        kind: &Kind<'_>,
        (answers, slot): (&Shelf, Slot),
        story: &mut Story,
    ) -> Ended {
        let _leading = if kind.settings.cache.is_some() {
            let now = self.desk.now();
            if let Some(answer) = answers.fresh(&slot, now) {
                story.tell(Decision::Cache("hit"));
                return (Ok(answer), None);
            }
            let leading = answers.lead(&slot, kind.deadline).await;
            if let Some(answer) = answers.fresh(&slot, self.desk.now()) {
                story.tell(Decision::Cache("shared one flight"));
                return (Ok(answer), None);
            }
            story.tell(Decision::Cache("miss"));
            leading
        } else {
            None
        };
        let result = match self.attempts(request, &Self::own_part(request, kind), story).await {
            Ok(answer) => Ok(answers.keep(&slot, answer, self.desk.now(), kind.settings).await),
            Err(error) => Err(error),
        };
        fallback::instead(self, request, kind, result, Some((answers, &slot)), story).await
    }

    /// The call as its own attempts have it: where an alternate may follow them they leave it some time.
    fn own_part<'a>(request: &Request, kind: &Kind<'a>) -> Kind<'a> {
        let Some(fallback @ Fallback::Alternate { .. }) = &kind.settings.fallback else { return *kind };
        if fallback.applies(&request.method, kind.has_key, Failure::NoAnswer).is_err() {
            return *kind;
        }
        let now = clock::now();
        let before = |at: Instant| now + deadline::before_alternate(at.saturating_duration_since(now));
        Kind { deadline: kind.deadline.map(before), ..*kind }
    }

    pub(crate) fn kind(&self, method: &Method, headers: &HeaderMap, operation: Option<usize>) -> Kind<'_> {
        let own = operation.and_then(|index| self.operations.get(index));
        let settings = own.map_or(&self.settings, |own| &own.settings);
        let grpc = is_grpc(headers);
        let asked = deadline::asked(headers);
        let within = match asked {
            Some(asked) => Some(deadline::total(settings.deadline, Some(asked))),
            None if grpc => None,
            None => Some(settings.deadline),
        };
        let has_key = headers.contains_key(IDEMPOTENCY_KEY);
        let idempotent = own.is_some_and(|own| own.idempotent);
        let repeat = if idempotent { Repeat::Safe } else { Repeat::of(method, has_key, self.key_honoured) };
        let undoing = headers.get(HALF).is_some_and(|half| half.as_bytes() == b"compensation");
        let number = headers.get(ATTEMPT).and_then(|value| value.to_str().ok()?.parse().ok());
        let now = clock::now();
        Kind {
            settings,
            operation,
            repeat,
            has_key,
            idempotent,
            lane: if undoing { Lane::Undoing } else { Lane::Forward },
            engine_attempt: number,
            deadline: within.map(|within| clock::after(now, within)),
            asked: asked.map(|asked| clock::after(now, asked)),
            grpc,
        }
    }
}

fn is_grpc(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}
