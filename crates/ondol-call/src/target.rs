//! Whom to call and within which limits. Plain data: no connection is made here.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use http::uri::{Authority, PathAndQuery, Scheme, Uri};
use http::{HeaderMap, HeaderValue, Method};

use crate::fault::FaultRule;
use crate::policy::settings::Settings;

/// DNS, TCP and TLS together; between Linkerd's 1 s and the AWS SDK's 3.1 s, for services that are near.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// From the request's dispatch to the response's head; the system file's default for an attempt.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);
/// reqwest's pool has no cap and hyper's (#2136) opens one connection a waiting call; 64 serve thousands of calls/s.
const CONNECTIONS_MAX: usize = 64;
/// More handshakes at once do not finish sooner and look like an attack to the peer.
const CONNECTING_MAX: usize = 8;
/// A waiter costs about 1 KiB, and this many at 1 ms a call and 64 places are served in 16 ms.
const WAITERS_MAX: usize = 1_024;
/// A call that found no place for this long is better told so than kept.
const WAIT_MAX: Duration = Duration::from_secs(1);
/// Node closes idle connections at 5 s; ours must be the first to go.
const IDLE_MAX: Duration = Duration::from_secs(4);
/// Long enough to be free, short enough that a moved address is left within minutes. Each connection varies by ±20 %.
const LIFETIME: Duration = Duration::from_mins(5);

/// One address of a service: scheme and authority, as in `https://pay.example:8443`. A cheap clone.
#[derive(Clone)]
pub struct Endpoint(Arc<Parts>);

struct Parts {
    secure: bool,
    authority: Authority,
    host: Box<str>,
    port: u16,
    host_header: HeaderValue,
}

/// Why a text is no endpoint.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// It is not a URI at all.
    #[error("reading the endpoint `{text}`: {source}; write it as http://host:port")]
    NotAUri {
        /// What was given.
        text: String,
        /// What the parser said.
        source: http::uri::InvalidUri,
    },
    /// The scheme is missing or neither `http` nor `https`.
    #[error("reading the endpoint `{0}`: the scheme must be http or https; write it as http://host:port")]
    Scheme(String),
    /// It has a user, a path, a query, or no host.
    #[error(
        "reading the endpoint `{0}`: only scheme, host and port belong here; move the rest into the call"
    )]
    NotAnOrigin(String),
}

impl Endpoint {
    /// Whether calls go over TLS.
    pub fn is_secure(&self) -> bool {
        self.0.secure
    }

    /// Host and port as written.
    pub fn authority(&self) -> &Authority {
        &self.0.authority
    }

    /// The host without IPv6 brackets, as a resolver and a certificate know it.
    pub(crate) fn host(&self) -> &str {
        &self.0.host
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.port
    }

    pub(crate) fn host_header(&self) -> HeaderValue {
        self.0.host_header.clone()
    }

    pub(crate) fn scheme(&self) -> Scheme {
        if self.0.secure { Scheme::HTTPS } else { Scheme::HTTP }
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let uri: Uri =
            text.parse().map_err(|source| EndpointError::NotAUri { text: text.to_owned(), source })?;
        let secure = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            Some(_) | None => return Err(EndpointError::Scheme(text.to_owned())),
        };
        let origin_only = matches!(uri.path(), "" | "/") && uri.query().is_none();
        let not_an_origin = || EndpointError::NotAnOrigin(text.to_owned());
        let authority = uri.authority().filter(|_| origin_only).ok_or_else(not_an_origin)?.clone();
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() || authority.as_str().contains('@') {
            return Err(not_an_origin());
        }
        let host_header = HeaderValue::from_str(authority.as_str()).map_err(|_| not_an_origin())?;
        let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
        Ok(Self(Arc::new(Parts { secure, host: host.into(), port, host_header, authority })))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme(), self.0.authority)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Endpoint {
    fn eq(&self, other: &Self) -> bool {
        self.0.secure == other.0.secure && self.0.authority == other.0.authority
    }
}

impl Eq for Endpoint {}

impl Hash for Endpoint {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.secure.hash(state);
        self.0.authority.hash(state);
    }
}

/// Which HTTP to speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1 (RFC 9112).
    Http1,
    /// HTTP/2 (RFC 9113): by prior knowledge without TLS, by ALPN with it. Nothing else will do.
    Http2,
    /// HTTP/1.1 without TLS; with it, whichever the server picks by ALPN (RFC 7301).
    #[default]
    Auto,
}

/// How long to wait, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For name, TCP and TLS together; 1 s by default.
    pub connect: Duration,
    /// From dispatch to the response's head, of a saga's step; 10 s by default. Other calls have
    /// [`Settings::response`].
    pub response: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: CONNECT_TIMEOUT, response: RESPONSE_TIMEOUT }
    }
}

/// The bounds of one endpoint's pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolLimits {
    /// HTTP/1 connections, busy and idle together; also the calls in flight where ALPN decides. 64 by default.
    pub connections_max: usize,
    /// Handshakes at once; 8 by default.
    pub connecting_max: usize,
    /// Calls waiting for a place; the next one is turned away. 1,024 by default.
    pub waiters_max: usize,
    /// How long a call waits for a place; 1 s by default.
    pub wait_max: Duration,
    /// How long an idle HTTP/1 connection is kept; 4 s by default.
    pub idle_max: Duration,
    /// How old a connection grows, ±20 % each; 5 min by default.
    pub lifetime: Duration,
}

impl Default for PoolLimits {
    fn default() -> Self {
        Self {
            connections_max: CONNECTIONS_MAX,
            connecting_max: CONNECTING_MAX,
            waiters_max: WAITERS_MAX,
            wait_max: WAIT_MAX,
            idle_max: IDLE_MAX,
            lifetime: LIFETIME,
        }
    }
}

/// A service as the caller knows it.
#[derive(Clone, Debug)]
pub struct Target {
    /// The service's name; reasons and counters carry it.
    pub name: String,
    /// Its addresses, all equal. Without any, every call is not sent.
    pub endpoints: Vec<Endpoint>,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// Which HTTP to speak.
    pub protocol: Protocol,
    /// The bounds of each endpoint's pool.
    pub pool: PoolLimits,
    /// How its calls are treated.
    pub settings: Settings,
    /// Operations that are treated in another way; whoever calls says by index which one it is.
    pub operations: Vec<Operation>,
    /// Which of them a call is of.
    pub operation_of: OperationOf,
    /// Its own headers: added to each request that is sent to it and has none of the name, and told to nobody else.
    pub headers: HeaderMap,
    /// An `Idempotency-Key` makes a call of it take effect once.
    pub key_honoured: bool,
    /// Where it tells whether it is well.
    pub health: Option<Health>,
    /// Faults that its calls meet on purpose.
    pub faults: Vec<FaultRule>,
}

/// Calls of one target that are treated in their own way.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// How, in full.
    pub settings: Settings,
    /// It may take effect twice without harm, whatever its method says.
    pub idempotent: bool,
    /// What of it is counted apart from the target's other calls.
    pub apart: Apart,
}

/// Finds the operation of a call by its method and its path, as an index; by itself it finds none.
#[derive(Clone, Default)]
pub struct OperationOf(Option<Arc<Find>>);

type Find = dyn Fn(&Method, &str) -> Option<usize> + Send + Sync;

impl OperationOf {
    /// Finds as `find` does.
    pub fn new(find: impl Fn(&Method, &str) -> Option<usize> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(find)))
    }

    /// The operation's index.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Option<usize> {
        self.0.as_ref().and_then(|find| find(method, path))
    }
}

impl fmt::Debug for OperationOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OperationOf").field(&self.0.is_some()).finish()
    }
}

/// What of an operation is counted apart from the target's other calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Apart {
    /// It has a throttle of its own.
    pub throttle: bool,
    /// It has a retry budget of its own.
    pub budget: bool,
    /// It has a rate of its own, or none.
    pub rate: bool,
}

/// An active health check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// What is asked, by GET; any 2xx is well.
    pub path: PathAndQuery,
    /// How often.
    pub every: Duration,
}

impl Target {
    /// A target with every default.
    pub fn new(name: impl Into<String>, endpoints: Vec<Endpoint>) -> Self {
        Self {
            name: name.into(),
            endpoints,
            timeouts: Timeouts::default(),
            protocol: Protocol::default(),
            pool: PoolLimits::default(),
            settings: Settings::default(),
            operations: Vec::new(),
            operation_of: OperationOf::default(),
            headers: HeaderMap::new(),
            key_honoured: false,
            health: None,
            faults: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_an_origin() {
        #[rustfmt::skip]
        let table = [
            ("http://127.0.0.1:7101",     Ok(("127.0.0.1", 7101))),
            ("http://flight",             Ok(("flight", 80))),
            ("https://pay.example/",      Ok(("pay.example", 443))),
            ("http://[::1]:9",            Ok(("::1", 9))),
            ("127.0.0.1:7101",            Err("the scheme must be http or https")),
            ("ftp://flight",              Err("the scheme must be http or https")),
            ("http://flight/v1",          Err("move the rest into the call")),
            ("http://flight?x=1",         Err("move the rest into the call")),
            ("http://user@flight",        Err("move the rest into the call")),
            ("http://",                   Err("write it as http://host:port")),
            ("http://a b",                Err("write it as http://host:port")),
        ];
        for (text, expected) in table {
            match (text.parse::<Endpoint>(), expected) {
                (Ok(endpoint), Ok((host, port))) => {
                    assert_eq!((endpoint.host(), endpoint.port()), (host, port), "{text}");
                }
                (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{text}: {error}"),
                (got, expected) => panic!("{text}: got {got:?}, expected {expected:?}"),
            }
        }
    }
}
