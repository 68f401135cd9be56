//! A server started from the binary, the services it calls, and a folder for both.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::{HeaderMap, Method, Uri};
use axum::routing::{any, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{ondol, seen};

/// Everything a test needs; gone with it.
pub(crate) struct World {
    folder: TempDir,
    server: Server,
    token: Option<String>,
    _services: tokio::runtime::Runtime,
}

/// The process, killed when it is dropped.
struct Server {
    child: Child,
    address: String,
    /// Of the proxy, where there is one.
    proxy: Option<String>,
    otlp: Option<String>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A service whose answer is its path's last word.
fn service() -> Router {
    let answer = |status: StatusCode, body: Value| move || std::future::ready((status, Json(body)));
    Router::new()
        .route("/done", post(answer(StatusCode::OK, json!({ "charge": "c-1" }))))
        .route("/undone", post(answer(StatusCode::OK, json!({}))))
        .route("/refused", post(answer(StatusCode::CONFLICT, json!({ "code": "sold_out" }))))
        .route("/broken", any(answer(StatusCode::SERVICE_UNAVAILABLE, json!({}))))
        .route("/echo", any(echo))
        .route("/bytes", any(|| std::future::ready(b"\x1b[31m\xff\0".to_vec())))
}

/// What came in, as the answer.
async fn echo(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Json<Value> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Json(json!({
        "call": format!("{method} {uri}"),
        "type": header("content-type"),
        "x": header("x-a"),
        "left": [header("ondol-explain"), header("ondol-target"), header("proxy-authorization")],
        "body": String::from_utf8_lossy(&body),
    }))
}

/// A service more, for calls: it is away and has something to answer all the same.
const INSTEAD: &str = r#"  instead: { url: "http://127.0.0.1:1", fallback: { static: { status: 200, body: { price: 100 } } } }"#;

const SYSTEM: &str = r#"
ondol: 1
services:
  shop: { url: "http://SHOP", barrier: true }
  away: { url: "http://127.0.0.1:1" }
sagas:
  good:
    steps:
      - { name: hold, action: shop POST /done, compensate: shop POST /undone }
      - { name: pay, action: shop POST /done, pivot: true }
    output: { charge: "${{ steps.pay.output.charge }}" }
  refused:
    steps:
      - { name: hold, action: shop POST /done, compensate: shop POST /undone }
      - { name: pay, action: shop POST /refused, compensate: shop POST /undone }
  parks:
    steps:
      - { name: pay, action: shop POST /done, pivot: true }
      - { name: confirm, action: shop POST /refused }
  waits:
    timeout: 1h
    steps:
      - { name: hold, action: shop POST /done, compensate: shop POST /undone }
      - { name: fly, action: away POST /done, compensate: none }
"#;

impl World {
    /// Services and a server.
    pub(crate) fn new() -> Self {
        Self::with_token(None)
    }

    /// With a proxy beside the server, and one service more.
    pub(crate) fn with_proxy() -> Self {
        let system = SYSTEM.replacen("services:", &format!("services:\n{INSTEAD}"), 1);
        Self::with(&system, None, &["--proxy", "127.0.0.1:0"])
    }

    /// With a server that takes traces and logs.
    pub(crate) fn with_otlp() -> Self {
        Self::with(SYSTEM, None, &["--otlp-http", "127.0.0.1:0"])
    }

    /// Where it takes them.
    pub(crate) fn otlp(&self) -> Option<String> {
        self.server.otlp.clone()
    }

    /// With a server that asks for this token.
    pub(crate) fn with_token(token: Option<&str>) -> Self {
        Self::with(SYSTEM, token, &[])
    }

    fn with(system: &str, token: Option<&str>, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let services = tokio::runtime::Runtime::new().expect("a runtime");
        let listener = services.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("bound");
        let shop = listener.local_addr().expect("an address").to_string();
        drop(services.spawn(async move { axum::serve(listener, service()).await }));
        std::fs::write(folder.path().join("ondol.yaml"), system.replace("SHOP", &shop)).expect("written");
        if let Some(token) = token {
            std::fs::write(folder.path().join("token"), format!("{token}\n")).expect("written");
        }
        let server = serve(folder.path(), "127.0.0.1:0", token.is_some(), more);
        Self { folder, server, token: token.map(str::to_owned), _services: services }
    }

    /// Where everything is.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The server's address, to be masked.
    pub(crate) fn address(&self) -> String {
        self.server.address.clone()
    }

    /// A command that asks this server.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = ondol(self.folder());
        command.args(args).env("ONDOL_SERVER", format!("http://{}", self.server.address));
        if let Some(token) = &self.token {
            command.env("ONDOL_TOKEN", token);
        }
        if let Some(proxy) = &self.server.proxy {
            command.env("ONDOL_PROXY_URL", format!("http://{proxy}"));
        }
        command
    }

    /// Runs it; it must end with this code. Returns what it printed on standard output.
    pub(crate) fn check(&self, args: &[&str], code: i32) -> String {
        let output = self.output(args);
        assert_eq!(output.status.code(), Some(code), "ondol {}\n{}", args.join(" "), seen(&output));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Runs it.
    pub(crate) fn output(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the binary runs")
    }

    /// The same as JSON.
    pub(crate) fn json(&self, args: &[&str], code: i32) -> Value {
        let mut args = args.to_vec();
        args.push("--json");
        let text = self.check(&args, code);
        serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{args:?} printed no JSON: {error}\n{text}"))
    }

    /// Waits until the server has ended by itself; the signal that ended it.
    #[cfg(feature = "torture")]
    pub(crate) fn died(&mut self) -> Option<i32> {
        use std::os::unix::process::ExitStatusExt as _;
        self.server.child.wait().expect("waited for").signal()
    }

    /// Kills the server and starts one that ends by itself, perhaps before it answers.
    #[cfg(feature = "torture")]
    pub(crate) fn start_to_die(&mut self, more: &[&str]) {
        let _ = self.server.child.kill();
        let _ = self.server.child.wait();
        let (child, _) = start(self.folder.path(), &self.server.address, self.token.is_some(), more);
        self.server.child = child;
        assert_eq!(self.died(), Some(6), "{more:?}: the server aborts itself");
    }

    /// SIGTERM; the exit code.
    pub(crate) fn terminate(&mut self) -> Option<i32> {
        let pid = self.server.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
        assert!(told.success());
        self.server.child.wait().expect("waited for").code()
    }

    /// SIGKILL, then a start at the same address.
    pub(crate) fn restart(&mut self, more: &[&str]) {
        let _ = self.server.child.kill();
        let _ = self.server.child.wait();
        let address = self.server.address.clone();
        self.server = serve(self.folder.path(), &address, self.token.is_some(), more);
    }
}

/// The server's process, and its first line.
fn start(folder: &Path, listen: &str, token: bool, more: &[&str]) -> (Child, String) {
    let mut command = ondol(folder);
    command.args(["serve", "--json", "--listen", listen, "--data", "data"]).args(more);
    if token {
        command.args(["--token-file", "token"]);
    }
    let log = std::fs::File::create(folder.join("log")).expect("a log");
    let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().expect("the binary runs");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    (child, line)
}

fn serve(folder: &Path, listen: &str, token: bool, more: &[&str]) -> Server {
    let (child, line) = start(folder, listen, token, more);
    let bound: Value = serde_json::from_str(&line).unwrap_or_else(|error| {
        let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        panic!("serve printed {line:?}: {error}\n{log}")
    });
    let address = bound["listen"].as_str().expect("an address").to_owned();
    let said = |listener: &str| bound[listener].as_str().map(str::to_owned);
    Server { child, address, proxy: said("proxy"), otlp: said("otlp_http") }
}
