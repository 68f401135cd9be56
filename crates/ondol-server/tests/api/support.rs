//! A server on loopback over a directory of its own, a service to call, and a client.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use ondol_server::{Listen, Options, Signal, SignalSender, Signals};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinSet;

/// No test takes this long; one that hangs says where.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A service whose paths say what it answers: `/ok`, `/refuse`, `/fail`, `/hold` (until released).
#[derive(Clone, Default)]
pub(crate) struct Service {
    pub(crate) requests: Arc<Mutex<Vec<Seen>>>,
    pub(crate) release: Arc<Notify>,
}

#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Service {
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.requests.lock().unwrap().clone()
    }
}

async fn serve_one(State(service): State<Service>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let path = parts.uri.path().to_owned();
    service.requests.lock().unwrap().push(Seen {
        path: path.clone(),
        headers: parts.headers,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        text: String::from_utf8_lossy(&body).into_owned(),
    });
    let (status, body) = match path.split('/').nth(1).unwrap_or_default() {
        "refuse" => (StatusCode::CONFLICT, r#"{"detail":"the seat is taken"}"#),
        "fail" => (StatusCode::SERVICE_UNAVAILABLE, r#"{"detail":"try later"}"#),
        "hold" => {
            service.release.notified().await;
            (StatusCode::OK, r#"{"held":true}"#)
        }
        _ => (StatusCode::OK, r#"{"user":"ann","price":1.10}"#),
    };
    (status, [("content-type", "application/json")], body).into_response()
}

/// A running server. Dropping it aborts it; [`Server::stop`] ends it in good order.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// Where the proxy listens, if it was asked to.
    pub(crate) proxy: Listen,
    /// Where OTLP is taken, if it was asked to: gRPC and HTTP.
    pub(crate) otlp: (Listen, Listen),
    pub(crate) service: Service,
    pub(crate) service_address: SocketAddr,
    pub(crate) directory: Arc<TempDir>,
    pub(crate) token: Option<String>,
    signals: SignalSender,
    tasks: JoinSet<()>,
}

/// The system that most tests run, calling the service at `{service}`.
pub(crate) const SYSTEM: &str = r#"
ondol: 1
services:
  shop: { url: "http://{service}", barrier: true, headers: { x-key: "${{ secrets.KEY }}" } }
secrets: { KEY: { env: ONDOL_TEST_NO_SUCH_VARIABLE, default: swordfish } }
sagas:
  buy:
    steps:
      - { name: hold, action: shop POST /ok/hold, compensate: shop POST /ok/release }
      - name: pay
        action: { call: shop POST /ok/pay, body: { amount: "${{ input.amount }}", user: "${{ steps.hold.output.user }}" } }
        compensate: none
    output: { user: "${{ steps.hold.output.user }}", price: "${{ steps.hold.output.price }}" }
  refused:
    steps:
      - { name: hold, action: shop POST /ok/hold, compensate: shop POST /ok/release }
      - { name: pay, action: shop POST /refuse/pay, compensate: none }
  held:
    steps:
      - { name: wait, action: shop POST /hold/it, compensate: shop POST /ok/release }
  pivoting:
    steps:
      - { name: pay, action: shop POST /hold/pay, pivot: true }
  stuck:
    steps:
      - { name: pay, action: shop POST /ok/pay, pivot: true }
      - { name: confirm, action: shop POST /refuse/confirm }
"#;

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Options)) -> Self {
        Self::on(Arc::new(TempDir::new().unwrap()), Service::default(), None, change).await
    }

    /// Another one, with this system.
    pub(crate) async fn running(system: &str, change: impl FnOnce(&mut Options)) -> Self {
        let directory = Arc::new(TempDir::new().unwrap());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        write_system(&directory.path().join("ondol.yaml"), system, address);
        Self::on(directory, Service::default(), Some(address), change).await
    }

    /// Starts a server again on what another one left.
    pub(crate) async fn again(before: Server, change: impl FnOnce(&mut Options)) -> Self {
        let (directory, service, address) =
            (Arc::clone(&before.directory), before.service.clone(), before.service_address);
        before.stop().await;
        Self::on(directory, service, Some(address), change).await
    }

    async fn on(
        directory: Arc<TempDir>,
        service: Service,
        service_address: Option<SocketAddr>,
        change: impl FnOnce(&mut Options),
    ) -> Self {
        let mut tasks = JoinSet::new();
        let listener =
            TcpListener::bind(service_address.unwrap_or(([127, 0, 0, 1], 0).into())).await.unwrap();
        let service_address = listener.local_addr().unwrap();
        let router = Router::new().fallback(serve_one).with_state(service.clone());
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        let config = directory.path().join("ondol.yaml");
        let mut options = Options::new(directory.path().join("data"), ([127, 0, 0, 1], 0).into());
        options.config = Some(config);
        change(&mut options);
        if let Some(config) = options.config.as_ref().filter(|config| !config.exists()) {
            write_system(config, SYSTEM, service_address);
        }
        let token = options.token_file.as_ref().map(|path| std::fs::read_to_string(path).unwrap());
        let (signals, receiver) = Signals::manual();
        let (bound, address) = oneshot::channel();
        tasks.spawn(async move {
            let on_bound = move |at: ondol_server::Bound| bound.send(at).unwrap();
            ondol_server::serve(options, on_bound, receiver).await.unwrap();
        });
        let at = tokio::time::timeout(PATIENCE, address).await.expect("it starts").unwrap();
        let (address, proxy, otlp) = (at.listen, at.proxy, (at.otlp_grpc, at.otlp_http));
        Self { address, proxy, otlp, service, service_address, directory, token, signals, tasks }
    }

    pub(crate) fn config(&self) -> std::path::PathBuf {
        self.directory.path().join("ondol.yaml")
    }

    pub(crate) async fn reload(&self) {
        self.signals.send(Signal::Reload).await.unwrap();
    }

    /// Stops in good order.
    pub(crate) async fn stop(mut self) {
        self.signals.send(Signal::Stop).await.unwrap();
        let server = async {
            // The service never ends by itself.
            self.tasks.join_next().await.unwrap().unwrap();
        };
        tokio::time::timeout(PATIENCE, server).await.expect("it stops");
        self.tasks.shutdown().await;
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path), Bytes::new()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        let request = self.request(Method::POST, path).header("content-type", "application/json");
        self.send(request, body.to_string().into()).await
    }

    /// A request as a program on this machine makes it.
    pub(crate) fn request(&self, method: Method, path: &str) -> http::request::Builder {
        let request = Request::builder().method(method).uri(path).header("host", self.address.to_string());
        match &self.token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        }
    }

    pub(crate) async fn send(&self, request: http::request::Builder, body: Bytes) -> Reply {
        Reply::read(self.open(request, body).await).await
    }

    pub(crate) async fn open(
        &self,
        request: http::request::Builder,
        body: Bytes,
    ) -> http::Response<Incoming> {
        Self::open_at(self.address, request, body).await
    }

    /// `GET` through the proxy: the first segment of the path is the service.
    pub(crate) async fn call(&self, path: &str) -> Reply {
        let Listen::At(address) = self.proxy else { panic!("the server was started without a proxy") };
        let request = Request::builder().uri(path).header("host", address.to_string());
        Reply::read(Self::open_at(address, request, Bytes::new()).await).await
    }

    pub(crate) async fn open_at(
        address: SocketAddr,
        request: http::request::Builder,
        body: Bytes,
    ) -> http::Response<Incoming> {
        let stream = TcpStream::connect(address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        let mut driving = JoinSet::new();
        driving.spawn(connection);
        driving.detach_all();
        let request = request.body(Full::new(body)).unwrap();
        tokio::time::timeout(PATIENCE, sender.send_request(request)).await.expect("an answer").unwrap()
    }

    /// Submits and waits until the saga has settled.
    pub(crate) async fn run(&self, id: &str, definition: &str) -> Reply {
        let body = serde_json::json!({ "id": id, "definition": definition, "input": { "amount": 7 } });
        self.post("/v1/sagas?wait=10s", &body).await
    }

    /// Asks until it holds; lists and batches follow in their own time.
    pub(crate) async fn until(&self, path: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let asked = async {
            loop {
                let reply = self.get(path).await;
                if reply.status == 200 && holds(&reply.json()) {
                    return reply.json();
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let Ok(value) = tokio::time::timeout(PATIENCE, asked).await else {
            panic!("{path} never held; now {:?}", self.get(path).await)
        };
        value
    }
}

pub(crate) fn write_system(path: &Path, system: &str, service: SocketAddr) {
    std::fs::write(path, system.replace("{service}", &service.to_string())).unwrap();
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) async fn read(response: http::Response<Incoming>) -> Self {
        let (parts, body) = response.into_parts();
        let body =
            tokio::time::timeout(PATIENCE, body.collect()).await.expect("a whole body").unwrap().to_bytes();
        let text = String::from_utf8(body.to_vec()).unwrap();
        Self { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The code of a problem; its form is checked on the way.
    pub(crate) fn code(&self) -> String {
        let problem = self.json();
        assert_eq!(self.headers["content-type"], "application/problem+json", "{problem}");
        assert_eq!(problem["status"], self.status, "{problem}");
        let code = problem["code"].as_str().unwrap().to_owned();
        assert_eq!(problem["type"], format!("/docs/codes/{code}"));
        code
    }
}

/// Reads server-sent events.
pub(crate) struct Stream {
    body: Incoming,
    buffer: String,
}

impl Stream {
    pub(crate) async fn open(server: &Server, path: &str, after: Option<&str>) -> Self {
        let mut request = server.request(Method::GET, path).header("accept", "text/event-stream");
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let response = server.open(request, Bytes::new()).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body(), buffer: String::new() }
    }

    /// The next event: its id and its data. `None` where the stream ended.
    pub(crate) async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.buffer.split_once("\n\n") {
                let field = |name: &str| {
                    let line = event.lines().find_map(|line| line.strip_prefix(name));
                    line.map(|text| text.trim().to_owned())
                };
                let found = field("id:").zip(field("data:"));
                let rest = rest.to_owned();
                self.buffer = rest;
                if let Some((id, data)) = found {
                    return Some((id, serde_json::from_str(&data).unwrap()));
                }
                continue;
            }
            let frame = tokio::time::timeout(PATIENCE, self.body.frame()).await.expect("an event")?;
            let Ok(frame) = frame else { return None };
            self.buffer.push_str(&String::from_utf8_lossy(frame.data_ref()?));
        }
    }
}
