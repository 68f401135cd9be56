//! The service: every policy over one inner service or several.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use ondol_call::policy::settings::{Fallback, Settings};
use tower_service::Service;

use super::desk::Desk;
use super::error::About;
use super::fallback::Alternate;
use super::kind::Kind;
use super::{CallBody, CallError, Decision, Options, Story};

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Calls one target, whose endpoints are inner services of type `S`, with every policy. A cheap clone; clones share
/// what is known of the target. `B` is the request's body, `R` the answer's, `E` the inner services' error.
///
/// Two endpoints are drawn and the less loaded one is asked; one that fails is left alone for a while, but never the
/// last; a retry goes to another. It is always ready: its own throttle says no in words, and waits no longer than that
/// says. An inner service is cloned for each attempt, and gets ready within it.
///
/// ```
/// use bytes::Bytes;
/// use http_body_util::Full;
/// use hyper_util::{client::legacy::Client, rt::TokioExecutor};
/// use ondol_sdk::calls::{Balanced, NotAnOrigin, Origin, Settings, Story};
/// use tower::ServiceExt;
///
/// # async fn quote() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
/// let endpoints = ["http://10.0.0.1:7201", "http://10.0.0.2:7201"];
/// let endpoints = endpoints.map(|origin| Ok((origin.to_owned(), Origin::new(origin, client.clone())?)));
/// let endpoints = endpoints.into_iter().collect::<Result<_, NotAnOrigin>>()?;
/// let quote = Balanced::new("quote", endpoints, Settings::default());
///
/// let request = http::Request::get("/quotes/42").body(Full::default())?;
/// let answer = quote.oneshot(request).await?;
/// println!("{}: {}", answer.status(), Story::of(&answer).expect("every answer has one"));
/// # Ok(())
/// # }
/// ```
pub struct Balanced<S, B, R, E> {
    pub(super) desk: Arc<Desk>,
    pub(super) services: Arc<[S]>,
    pub(super) options: Options<B, E>,
    pub(super) fallback: Option<Arc<Fallback>>,
    pub(super) alternate: Option<Alternate<B, R>>,
}

impl<S, B, R, E> Balanced<S, B, R, E>
where
    S: Service<Request<B>, Response = Response<R>, Error = E>,
{
    /// The target `name` with these endpoints, each under the name that stories and errors give it. Without any, every
    /// call fails. Settings and options do not change any more.
    pub fn new(name: impl Into<String>, endpoints: Vec<(String, S)>, settings: Settings) -> Self
    where
        Options<B, E>: Default,
    {
        Self::with(name, endpoints, settings, Options::default())
    }

    /// The same, with options.
    pub fn with(
        name: impl Into<String>,
        endpoints: Vec<(String, S)>,
        settings: Settings,
        options: Options<B, E>,
    ) -> Self {
        let (names, services): (Vec<_>, Vec<_>) = endpoints.into_iter().unzip();
        let desk = Desk::new(name.into(), names, settings, options.clock, options.seed);
        Self::over(desk, services.into(), options)
    }

    pub(super) fn over(desk: Arc<Desk>, services: Arc<[S]>, options: Options<B, E>) -> Self {
        let fallback = desk.settings.fallback.clone().map(Arc::new);
        Self { desk, services, options, fallback, alternate: None }
    }
}

impl<S, B, R, E> Balanced<S, B, R, E>
where
    S: Service<Request<B>, Response = Response<R>, Error = E> + Clone,
{
    async fn run(self, request: Request<B>) -> Result<Response<CallBody<R>>, CallError<E>> {
        let now = self.desk.now();
        let kind = Kind::of(&request, &self.desk.settings, self.options.key_honoured, now);
        let mut story = Story::default();
        if kind.asked.is_some() {
            story.tell(Decision::Deadline { within: kind.remaining(now) });
            if kind.remaining(now).is_zero() {
                // Whoever asked has given up: no fallback either.
                let error = CallError::Expired { call: About::new(&self.desk.name) };
                return Err(error.ended(story));
            }
        }
        let spare = self.alternate.as_ref().and_then(|_| self.copied(&request));
        let result = self.attempts(request, &kind, &mut story).await;
        let result = result.map(|answer| answer.map(CallBody::from));
        match self.instead(result, spare, &kind, &mut story).await {
            Ok(mut answer) => {
                answer.extensions_mut().insert(story);
                Ok(answer)
            }
            Err(error) => Err(error.ended(story)),
        }
    }
}

impl<S, B, R, E> Service<Request<B>> for Balanced<S, B, R, E>
where
    S: Service<Request<B>, Response = Response<R>, Error = E> + Clone + Send + Sync + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: Send + 'static,
    E: Send + 'static,
{
    type Response = Response<CallBody<R>>;
    type Error = CallError<E>;
    type Future = BoxFuture<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    /// Makes the call. Dropping the future is safe at any point: its place is free again, and nothing is learnt of the
    /// endpoint but how long it had taken.
    fn call(&mut self, request: Request<B>) -> Self::Future {
        Box::pin(self.clone().run(request))
    }
}

// Not derived: what is cloned are handles, whatever the types are.
impl<S, B, R, E> Clone for Balanced<S, B, R, E> {
    fn clone(&self) -> Self {
        Self {
            desk: Arc::clone(&self.desk),
            services: Arc::clone(&self.services),
            options: self.options,
            fallback: self.fallback.clone(),
            alternate: self.alternate.clone(),
        }
    }
}

impl<S, B, R, E> fmt::Debug for Balanced<S, B, R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Balanced").field("desk", &self.desk).finish_non_exhaustive()
    }
}
