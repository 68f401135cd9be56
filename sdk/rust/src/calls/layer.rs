//! The layer: every policy around one inner service.

use std::fmt;
use std::sync::Arc;

use http::{Request, Response};
use ondol_call::policy::settings::Settings;
use tower_layer::Layer;
use tower_service::Service;

use super::desk::Desk;
use super::{Balanced, Options};

/// Puts every policy around a service, which is the target's one endpoint. Services made by one layer, and by its
/// clones, share what is known of the target: its budget, throttle, rate and breaker. `B` is the request's body, `E`
/// the inner service's error.
///
/// ```
/// use bytes::Bytes;
/// use http_body_util::Full;
/// use hyper_util::{client::legacy::Client, rt::TokioExecutor};
/// use ondol_sdk::calls::{CallLayer, Settings};
/// use tower::{Layer, ServiceExt};
///
/// # async fn charge() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
/// let payment = CallLayer::new("payment", Settings::default()).layer(client);
///
/// let request = http::Request::get("http://127.0.0.1:7104/charges/42").body(Full::default())?;
/// match payment.clone().oneshot(request).await {
///     Ok(answer) => println!("{}", answer.status()),
///     Err(error) => println!("{error}\nhow it went: {}", error.about().story),
/// }
/// # Ok(())
/// # }
/// ```
pub struct CallLayer<B, E> {
    desk: Arc<Desk>,
    options: Options<B, E>,
}

impl<B, E> CallLayer<B, E> {
    /// A layer for the target `name`, which stories and errors give it.
    pub fn new(name: impl Into<String>, settings: Settings) -> Self
    where
        Options<B, E>: Default,
    {
        Self::with(name, settings, Options::default())
    }

    /// The same, with options.
    pub fn with(name: impl Into<String>, settings: Settings, options: Options<B, E>) -> Self {
        let name = name.into();
        let desk = Desk::new(name.clone(), [name], settings, options.clock, options.seed);
        Self { desk, options }
    }
}

impl<S, B, R, E> Layer<S> for CallLayer<B, E>
where
    S: Service<Request<B>, Response = Response<R>, Error = E>,
{
    type Service = Balanced<S, B, R, E>;

    fn layer(&self, inner: S) -> Self::Service {
        Balanced::over(Arc::clone(&self.desk), Arc::new([inner]), self.options)
    }
}

// Not derived: neither a body nor an error is in it.
impl<B, E> Clone for CallLayer<B, E> {
    fn clone(&self) -> Self {
        Self { desk: Arc::clone(&self.desk), options: self.options }
    }
}

impl<B, E> fmt::Debug for CallLayer<B, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallLayer").field("desk", &self.desk).finish_non_exhaustive()
    }
}
