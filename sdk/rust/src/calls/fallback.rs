//! Another answer instead of a failure, always marked as such.

use std::pin::Pin;
use std::sync::Arc;

use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use ondol_call::FallbackKind;
use ondol_call::policy::fallback::Failure;
use ondol_call::policy::settings::Fallback;
use tower_service::Service;

use super::attempt::ready;
use super::kind::Kind;
use super::{Balanced, CallBody, CallError, Decision, Story};

/// Says on an answer that it is not the service's own, and whose it is.
const MARK: HeaderName = HeaderName::from_static("ondol-fallback");

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Answering<R> = Pin<Box<dyn Future<Output = Result<Response<CallBody<R>>, BoxError>> + Send>>;

/// Another service, whatever its type.
pub(super) type Alternate<B, R> = Arc<dyn Fn(Request<B>) -> Answering<R> + Send + Sync>;

impl<S, B, R, E> Balanced<S, B, R, E> {
    /// Where everything fails, asks `other`, which has its own policies or none. It replaces the settings' fallback.
    /// `service` is what stories call it. `shares_keys`: it keeps idempotency keys in the same store, so that what the
    /// first did is not done again; without that only idempotent requests get its answer.
    ///
    /// Its body is one of the inner service's kind, as it comes or from another [`Balanced`].
    #[must_use]
    pub fn with_alternate<A, O>(mut self, service: impl Into<String>, shares_keys: bool, other: A) -> Self
    where
        A: Service<Request<B>, Response = Response<O>> + Clone + Send + Sync + 'static,
        A::Future: Send,
        A::Error: Into<BoxError>,
        O: Into<CallBody<R>>,
        B: Send + 'static,
    {
        self.fallback = Some(Arc::new(Fallback::Alternate { service: service.into(), shares_keys }));
        self.alternate = Some(Arc::new(move |request| {
            let mut other = other.clone();
            Box::pin(async move {
                ready(&mut other).await.map_err(Into::into)?;
                let answer = other.call(request).await.map_err(Into::into)?;
                Ok(answer.map(Into::into))
            })
        }));
        self
    }

    /// The call's own result, or what is set instead of a failure. `spare` is the request for an alternate.
    pub(super) async fn instead(
        &self,
        result: Result<Response<CallBody<R>>, CallError<E>>,
        spare: Option<Request<B>>,
        kind: &Kind,
        story: &mut Story,
    ) -> Result<Response<CallBody<R>>, CallError<E>> {
        let Some(fallback) = self.fallback.as_deref() else { return result };
        let Some(failure) = failure(&result) else { return result };
        if let Err(why) = fallback.applies(&kind.method, kind.has_key, failure) {
            story.tell(Decision::NoFallback(why.to_string()));
            return result;
        }
        let found = match fallback {
            Fallback::Static { status, content_type, body } => {
                let mut answer = Response::new(CallBody::fixed(body.clone()));
                *answer.status_mut() = StatusCode::from_u16(*status).unwrap_or(StatusCode::OK);
                if let Ok(content_type) = HeaderValue::from_str(content_type) {
                    answer.headers_mut().insert(header::CONTENT_TYPE, content_type);
                }
                Ok((answer, FallbackKind::Static))
            }
            Fallback::Cached { .. } => {
                Err("a layer keeps no answers (fallback.cached); call through the proxy for that".to_owned())
            }
            Fallback::Alternate { service, .. } => self.ask_alternate(service, spare, kind).await,
        };
        match found {
            Ok((mut answer, kind)) => {
                answer.headers_mut().insert(MARK, HeaderValue::from_static(kind.as_str()));
                story.tell(Decision::Fallback(kind));
                Ok(answer)
            }
            Err(why) => {
                story.tell(Decision::NoFallback(why));
                result
            }
        }
    }

    /// Its answer counts only if it is one.
    async fn ask_alternate(
        &self,
        service: &str,
        spare: Option<Request<B>>,
        kind: &Kind,
    ) -> Result<(Response<CallBody<R>>, FallbackKind), String> {
        let Some(alternate) = &self.alternate else {
            return Err(format!("the layer was not given {service} (Balanced::with_alternate)"));
        };
        let Some(mut request) = spare else {
            return Err("its body cannot be copied (Options::copy)".to_owned());
        };
        let now = self.desk.now();
        // A deadline that nobody asked for is each service's own.
        let within = if kind.asked.is_some() { kind.remaining(now) } else { self.desk.settings.deadline };
        if within.is_zero() {
            return Err(format!("no time is left for {service}"));
        }
        kind.pass_on(request.headers_mut(), now);
        let Ok(answered) = tokio::time::timeout(within, alternate(request)).await else {
            return Err(format!("{service} did not answer within {} ms", within.as_millis()));
        };
        match answered {
            Ok(answer) if answer.status().is_server_error() => {
                Err(format!("{service} answered {}", answer.status()))
            }
            Ok(answer) => Ok((answer, FallbackKind::Alternate)),
            Err(error) => Err(format!("{service}: {error}")),
        }
    }
}

/// How it failed; none if it did not, or where an answer would reach nobody.
fn failure<R, E>(result: &Result<Response<R>, CallError<E>>) -> Option<Failure> {
    match result {
        Ok(answer) if answer.status().as_u16() < 400 => None,
        Ok(answer) => Some(Failure::Status(answer.status())),
        Err(CallError::Rejected { .. }) => Some(Failure::Limited),
        Err(
            CallError::NoEndpoint { .. }
            | CallError::NotReady { .. }
            | CallError::NotSent { .. }
            | CallError::TimedOut { .. }
            | CallError::Failed { .. },
        ) => Some(Failure::NoAnswer),
        Err(CallError::Expired { .. }) => None,
    }
}
