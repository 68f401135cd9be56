//! What is live about a service: its addresses, timeouts and headers.

use std::collections::HashMap;
use std::sync::Arc;

use http::uri::InvalidUri;
use http::{HeaderMap, HeaderName, HeaderValue};
use ondol_call::{Callee, EndpointError, OperationOf, Snapshot, Target, TargetNow, Timeouts};
use ondol_spec::calls::Pattern;
use ondol_spec::{HeaderError, Secrets};

use super::settings;

/// A service, checked and not yet live.
pub(crate) struct Service {
    pub(crate) target: Target,
    pub(crate) timeouts: Timeouts,
}

/// A live service.
pub(super) struct Ready {
    pub(super) callee: Callee,
    /// The same as the proxy calls it.
    pub(super) proxied: Callee,
    pub(super) timeouts: Timeouts,
}

/// How a service is called, as it stands.
pub(crate) struct ServiceNow {
    /// Its policies, which all who call it share.
    pub(crate) target: TargetNow,
    /// What steps of sagas made of it.
    pub(crate) saga: Snapshot,
    /// What calls through the proxy made of it.
    pub(crate) proxy: Snapshot,
}

impl Ready {
    pub(super) fn now(&self) -> ServiceNow {
        let (saga, proxy) = (self.callee.snapshot(), self.proxied.snapshot());
        ServiceNow { target: self.callee.explain(), saga, proxy }
    }
}

/// Live services by name.
pub(super) type Services = HashMap<String, Arc<Ready>>;

/// A service that lint accepted and that cannot be called all the same.
#[derive(Debug, thiserror::Error)]
#[error("service `{name}`: {why}")]
pub(crate) struct BadService {
    name: String,
    why: Why,
}

#[derive(Debug, thiserror::Error)]
enum Why {
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    #[error("its health path cannot be sent: {0}")]
    Health(#[from] InvalidUri),
    #[error(transparent)]
    Header(#[from] HeaderError),
    #[error("the header `{0}` has characters that HTTP cannot send; mend it, or the secret in it")]
    Characters(String),
}

impl Service {
    /// Reads what the system file says of a service.
    pub(crate) fn new(
        name: &str,
        service: &ondol_spec::Service,
        secrets: &Secrets,
    ) -> Result<Self, BadService> {
        let bad = |why: Why| BadService { name: name.to_owned(), why };
        let endpoints = service.origins.iter().map(|origin| origin.as_str().parse());
        let endpoints =
            endpoints.collect::<Result<Vec<_>, EndpointError>>().map_err(|error| bad(error.into()))?;
        let headers = service.headers(secrets).map_err(|error| bad(error.into()))?;
        let headers = self::headers(&headers).map_err(bad)?;
        let patterns: Vec<Pattern> =
            service.operations.iter().map(|operation| operation.pattern.clone()).collect();
        // The first that matches holds.
        let operation_of = OperationOf::new(move |method, path| {
            patterns.iter().position(|pattern| pattern.matches(method.as_str(), path))
        });
        let target = settings::target(name, service, endpoints).map_err(|error| bad(error.into()))?;
        let target = Target { headers, operation_of, ..target };
        Ok(Self { timeouts: target.timeouts, target })
    }
}

fn headers(pairs: &[(String, String)]) -> Result<HeaderMap, Why> {
    let mut headers = HeaderMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        let bad = || Why::Characters(name.clone());
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
        let mut value = HeaderValue::from_str(value).map_err(|_| bad())?;
        value.set_sensitive(true);
        headers.insert(header, value);
    }
    Ok(headers)
}
