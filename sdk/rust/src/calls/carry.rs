//! What a request hands on to the calls that it causes: its trace, and what is left of its deadline.
//!
//! [`ReceiveLayer`] stands around a service and remembers it for as long as a request is handled; [`PassOnLayer`]
//! stands around a client, outside of the layers that heed the deadline. Between them lies the task: a handler that
//! spawns another takes it along with [`Carried::current`] and [`Carried::scope`].

use std::task::{Context, Poll};

use http::{HeaderMap, HeaderName, HeaderValue, Request};
use ondol_call::policy::deadline;
use tokio::task::futures::TaskLocalFuture;
use tokio::time::Instant;
use tower_layer::Layer;
use tower_service::Service;

use super::clock::{millis, now};

/// W3C Trace Context: where the request stands in its trace, and what vendors add to that.
const TRACE: [HeaderName; 2] =
    [HeaderName::from_static("traceparent"), HeaderName::from_static("tracestate")];

tokio::task_local! {
    static CARRIED: Carried;
}

/// What an incoming request hands on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    trace: [Option<HeaderValue>; 2],
    /// When whoever asked gives up; none if it did not say.
    until: Option<Instant>,
}

impl Carried {
    /// What `headers` say that came `now`.
    pub fn of(headers: &HeaderMap, now: Instant) -> Self {
        let until = deadline::asked(headers).and_then(|within| now.checked_add(within));
        Self { trace: TRACE.map(|name| headers.get(name).cloned()), until }
    }

    /// Adds to `headers` of a request that leaves `now` what they do not say themselves. Of two deadlines the nearer
    /// counts, as `ondol-deadline-ms`.
    pub fn put(&self, headers: &mut HeaderMap, now: Instant) {
        if !headers.contains_key(&TRACE[0]) {
            for (name, value) in TRACE.into_iter().zip(&self.trace) {
                if let Some(value) = value {
                    headers.insert(name, value.clone());
                }
            }
        }
        let Some(until) = self.until else { return };
        let left = until.saturating_duration_since(now);
        if deadline::asked(headers).is_none_or(|asked| left < asked) {
            headers.insert(deadline::ONDOL, HeaderValue::from(millis(left)));
        }
    }

    /// That of the request which this task handles, if it handles one.
    pub fn current() -> Option<Self> {
        CARRIED.try_with(Clone::clone).ok()
    }

    /// Runs `future` as if the request that handed this on were handled by it.
    pub fn scope<F: Future>(self, future: F) -> TaskLocalFuture<Self, F> {
        CARRIED.scope(self, future)
    }
}

/// Around a service: remembers what each request hands on.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReceiveLayer;

/// Around a client: hands it on.
#[derive(Clone, Copy, Debug, Default)]
pub struct PassOnLayer;

/// A service of [`ReceiveLayer`].
#[derive(Clone, Debug)]
pub struct Receive<S>(S);

/// A service of [`PassOnLayer`].
#[derive(Clone, Debug)]
pub struct PassOn<S>(S);

impl<S> Layer<S> for ReceiveLayer {
    type Service = Receive<S>;

    fn layer(&self, inner: S) -> Receive<S> {
        Receive(inner)
    }
}

impl<S> Layer<S> for PassOnLayer {
    type Service = PassOn<S>;

    fn layer(&self, inner: S) -> PassOn<S> {
        PassOn(inner)
    }
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for Receive<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = TaskLocalFuture<Carried, S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let carried = Carried::of(request.headers(), now());
        // A service may call others already while it makes its future.
        let future = CARRIED.sync_scope(carried.clone(), || self.0.call(request));
        carried.scope(future)
    }
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for PassOn<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        if let Some(carried) = Carried::current() {
            carried.put(request.headers_mut(), now());
        }
        self.0.call(request)
    }
}
