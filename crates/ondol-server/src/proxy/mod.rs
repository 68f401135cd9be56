//! The local proxy: whatever language a service is written in, its calls of other services get the caller's retries,
//! breakers, limits and fallbacks by going through here.
//!
//! It finds the service ([`address`]), takes off what belongs to one connection ([`hop`]), and lets [`ondol_call`] do
//! the rest. It never decodes a body and holds no policy.

mod address;
mod answer;
mod client;
mod hand;
mod hop;
mod http1;
mod listen;
mod trace;
mod tunnel;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use http::{HeaderMap, HeaderName, HeaderValue, header};
use hyper::body::Incoming;
use ondol_call::{AnswerBody, Body, Callee, Request};
use tokio_util::task::TaskTracker;

use address::{Addressed, Unaddressed};
use hand::Hand;
pub(crate) use listen::{Listening, listen};

use crate::clock;
use crate::digest::same_secret;
use crate::problem::Code;
use crate::spans::{Begun, CallSpans};
use crate::spread::Spread;

/// Asks for the story of a call in [`DECISIONS`] of its answer.
const EXPLAIN: HeaderName = HeaderName::from_static("ondol-explain");
/// Why a call went as it did, in short.
const DECISIONS: HeaderName = HeaderName::from_static("ondol-decisions");

/// Bytes of [`DECISIONS`]; clients bound a head by as little as 8 KiB.
const DECISIONS_MAX: usize = 2_048;

/// A service as the proxy calls it.
pub(crate) struct Route {
    pub(crate) callee: Callee,
}

/// The services that can be called now.
#[derive(Default)]
pub(crate) struct Routes(RwLock<Arc<HashMap<String, Arc<Route>>>>);

impl Routes {
    /// Makes these the services, and no others.
    pub(crate) fn install(&self, routes: HashMap<String, Arc<Route>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(routes);
    }

    fn now(&self) -> Arc<HashMap<String, Arc<Route>>> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What every connection shares.
pub(crate) struct Proxy {
    routes: Arc<Routes>,
    /// What every client must show, where the proxy listens off loopback.
    token: Option<String>,
    ids: Spread,
    /// Where the spans of calls go; none where nobody keeps them.
    spans: Option<CallSpans>,
    /// Connections that speak something else than HTTP by now.
    tunnels: TaskTracker,
}

type Response = http::Response<AnswerBody>;

impl Proxy {
    /// `seed`: where trace ids begin.
    pub(crate) fn new(
        routes: Arc<Routes>,
        token: Option<String>,
        seed: u64,
        spans: Option<CallSpans>,
    ) -> Self {
        Self { routes, token, ids: Spread::new(seed), spans, tunnels: TaskTracker::new() }
    }

    /// Answers one request. `hand` is its connection's, where it is HTTP/1.
    async fn handle(
        self: Arc<Self>,
        incoming: http::Request<Incoming>,
        hand: Option<Arc<Hand>>,
    ) -> http::Response<hand::Answer> {
        let held = hand.as_ref().map(Hand::take);
        let incoming = incoming.map(|body| hand::Request::new(body, hand.as_ref()));
        self.answer(incoming).await.map(|body| hand::Answer::new(body, held))
    }

    async fn answer(&self, mut incoming: http::Request<hand::Request>) -> Response {
        let grpc = answer::is_grpc(incoming.headers());
        if let Some(token) = &self.token
            && !has_token(incoming.headers(), token)
        {
            let detail =
                "send `Proxy-Authorization: Bearer <token>`, with the content of the server's --token-file";
            return answer::problem(grpc, Code::ProxyUnauthorized, detail);
        }
        let routes = self.routes.now();
        let (method, uri, headers) = (incoming.method(), incoming.uri(), incoming.headers());
        let is_service = |name: &str| routes.contains_key(name);
        let (name, path) = match address::address(method, uri, headers, self.token.is_some(), is_service) {
            Ok(Addressed::Service { name, path }) => (name, path),
            Ok(Addressed::Health) => return answer::nothing(),
            Ok(Addressed::Metadata) => return answer::metadata(),
            Err(why) => return unaddressed(grpc, &why, &routes),
        };
        let Some(route) = routes.get(&name) else {
            return unaddressed(grpc, &Unaddressed::NoSuchService(name), &routes);
        };
        let upgrade = hop::upgrade(incoming.headers()).filter(|_| incoming.version() < http::Version::HTTP_2);
        let client = upgrade.is_some().then(|| hyper::upgrade::on(&mut incoming));
        let (parts, body) = incoming.into_parts();
        let explain = parts.headers.contains_key(&EXPLAIN);
        let mut headers = outgoing(parts.headers);
        if parts.version == http::Version::HTTP_2 {
            hop::join_cookies(&mut headers);
        }
        let own = self.spans.as_ref().is_some_and(|spans| spans.admits(clock::wall_ns()));
        let place = trace::enter(&mut headers, &self.ids, own);
        let request = Request {
            method: parts.method,
            path_and_query: path,
            headers,
            body: Body::streamed(body),
            response_timeout: None,
        };
        match (upgrade, client) {
            (Some(protocol), Some(client)) => tunnel::open(self, route, request, protocol, client).await,
            _ => self.call(route, request, (grpc, explain), place).await,
        }
    }

    async fn call(
        &self,
        route: &Route,
        request: Request,
        (grpc, explain): (bool, bool),
        place: Option<trace::Place>,
    ) -> Response {
        let operation = route.callee.operation_of(&request.method, request.path_and_query.path());
        let spans = self.spans.as_ref().zip(place);
        let begun =
            spans.map(|(spans, place)| (spans, Begun::new(place.ids(), route.callee.name(), &request)));
        let called = route.callee.call(request, operation).await;
        if let Some((spans, begun)) = begun {
            spans.put(begun, &called);
        }
        let mut response = match called.result {
            Ok(mut response) => {
                hop::strip(response.headers_mut());
                // Which version the service speaks is between it and the caller.
                *response.version_mut() = http::Version::default();
                response
            }
            Err(error) => answer::failed(grpc, route.callee.name(), &error),
        };
        if let Some(kind) = called.fallback {
            response.headers_mut().insert(answer::FALLBACK, HeaderValue::from_static(kind.as_str()));
        }
        if explain {
            let mut text = called.story.to_string();
            text.truncate(text.floor_char_boundary(DECISIONS_MAX));
            if let Ok(text) = HeaderValue::from_bytes(text.as_bytes()) {
                response.headers_mut().insert(DECISIONS, text);
            }
        }
        response
    }
}

/// The headers as the service gets them, but for its place in a trace, and for its own, which are added when it is called.
fn outgoing(mut headers: HeaderMap) -> HeaderMap {
    hop::strip(&mut headers);
    for name in [header::HOST, header::EXPECT, address::TARGET, EXPLAIN] {
        headers.remove(name);
    }
    headers
}

fn has_token(headers: &HeaderMap, token: &str) -> bool {
    let given = headers.get(header::PROXY_AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|text| text.split_once(' '));
    given.is_some_and(|(scheme, given)| {
        scheme.eq_ignore_ascii_case("bearer") && same_secret(token, given.trim())
    })
}

/// Says whom the system has, so that a mistyped name is seen at once.
fn unaddressed(grpc: bool, why: &Unaddressed, routes: &HashMap<String, Arc<Route>>) -> Response {
    let code = match why {
        Unaddressed::Tunnel => Code::TunnelRefused,
        Unaddressed::NoSuchService(_) | Unaddressed::Unnamed => Code::ServiceUnknown,
        Unaddressed::WebPage => Code::OriginRefused,
        Unaddressed::Path => Code::BadRequest,
    };
    let mut names: Vec<&str> = routes.keys().map(String::as_str).collect();
    names.sort_unstable();
    let known =
        if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) };
    let detail = match why {
        Unaddressed::NoSuchService(_) => format!("{why}; {known}"),
        Unaddressed::Tunnel | Unaddressed::Unnamed | Unaddressed::WebPage | Unaddressed::Path => {
            why.to_string()
        }
    };
    answer::problem(grpc, code, detail)
}
