//! What is live about a service: its addresses, timeouts and headers.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use ondol_call::{Callee, EndpointError, PoolLimits, Protocol, Target, Timeouts};
use ondol_spec::{HeaderError, Secrets};

use super::PLACE_WAIT;

/// A service, checked and not yet live.
pub(crate) struct Service {
    pub(crate) target: Target,
    pub(crate) headers: HeaderMap,
    pub(crate) timeouts: Timeouts,
}

/// A live service.
pub(super) struct Ready {
    pub(super) callee: Callee,
    pub(super) headers: HeaderMap,
    pub(super) timeouts: Timeouts,
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
        let timeouts = Timeouts {
            connect: Duration::from_millis(service.connect_ms),
            response: Duration::from_millis(service.response_ms),
            ..Timeouts::default()
        };
        let protocol = match service.protocol {
            ondol_spec::model::Protocol::Http1 => Protocol::Http1,
            ondol_spec::model::Protocol::Http2 => Protocol::Http2,
        };
        let mut pool = PoolLimits { wait_max: PLACE_WAIT, ..PoolLimits::default() };
        if let Some(connections_max) = service.pool.connections_max {
            pool.connections_max = connections_max as usize;
        }
        let headers = service.headers(secrets).map_err(|error| bad(error.into()))?;
        let target = Target { endpoints, timeouts, protocol, pool, ..Target::new(name, Vec::new()) };
        let headers = self::headers(&headers).map_err(bad)?;
        Ok(Self { target, headers, timeouts })
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
