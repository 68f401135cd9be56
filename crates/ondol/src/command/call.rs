//! `ondol call`: a service called through the proxy, and why the call went as it did.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::Serialize;
use serde_json::value::RawValue;

use super::explain;
use crate::args::{Call, Header};
use crate::client::{Called, JSON, Problem, Proxy};
use crate::error::Error;
use crate::exit::Exit;
use crate::output::raw::Raw;
use crate::output::style::{BAD, CARE, FAINT, GOOD, PLAIN, STRONG, paint};
use crate::output::{self, note, text};

/// Calls it, or says how it is called.
pub(crate) async fn run(args: &Call) -> Result<Exit, Error> {
    match (&args.method, &args.path) {
        (Some(method), Some(path)) => call(args, method, path).await,
        (Some(_), None) | (None, _) => explain::run(args).await,
    }
}

async fn call(args: &Call, method: &Method, path: &PathAndQuery) -> Result<Exit, Error> {
    let proxy = Proxy::new(&args.proxy, args.remote.token()?)?;
    let body = args.data.as_ref().map_or_else(Vec::new, |data| data.0.clone());
    let headers = headers(&args.headers, args.data.is_some());
    let mut called = proxy.call(&args.service, (method.clone(), path), headers, body, args.explain).await?;
    if args.remote.json {
        let body = called.whole().await?;
        output::json(told(&called, &body).as_bytes())?;
        return Ok(exit(&called, &body));
    }
    note(&head(&called, args.include));
    if args.explain {
        note(&trace(&called.decisions()));
    }
    if called.is_proxys_own() {
        let body = called.whole().await?;
        return Err(Error::Problem(Box::new(Problem::read(called.status(), &body))));
    }
    let mut raw = Raw::new();
    while let Some(piece) = called.piece().await? {
        raw.piece(&piece)?;
    }
    raw.end()?;
    Ok(exit(&called, &Bytes::new()))
}

fn headers(given: &[Header], has_body: bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for Header(name, value) in given {
        headers.append(name.clone(), value.clone());
    }
    if has_body && !headers.contains_key(header::CONTENT_TYPE) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
    }
    headers
}

/// `body` is looked at where it is the proxy's.
fn exit(called: &Called, body: &[u8]) -> Exit {
    match called.status() {
        status if called.is_proxys_own() => Problem::read(status, body).exit(),
        status if status.is_success() => Exit::Done,
        _ => Exit::Failed,
    }
}

/// The status, whose answer it is, and the headers if they are wanted.
fn head(called: &Called, include: bool) -> String {
    let status = called.status();
    let style = match status {
        status if status.is_success() => GOOD,
        status if status.is_client_error() || status.is_server_error() => BAD,
        _ => PLAIN,
    };
    let mut said = paint(style, &status_text(status));
    if let Some(kind) = called.fallback() {
        let kind = format!("not the service's own answer, but its fallback: {}", text::whole(&kind));
        write!(said, "  {}", paint(CARE, &kind)).expect("writing to a string cannot fail");
    }
    if include {
        for (name, value) in called.headers() {
            let name = paint(STRONG, name.as_str());
            write!(said, "\n{name}: {}", text::whole(&value)).expect("writing to a string cannot fail");
        }
    }
    said
}

fn status_text(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or_default();
    format!("{} {reason}", status.as_u16()).trim_end().to_owned()
}

/// One decision a line, numbered in their order.
pub(super) fn trace(decisions: &[String]) -> String {
    if decisions.is_empty() {
        return paint(FAINT, "  no decision was told");
    }
    let line = |(at, decision): (usize, &String)| {
        format!("  {}  {}", paint(FAINT, &format!("{:>2}", at + 1)), text::whole(decision))
    };
    decisions.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// What `--json` prints.
#[derive(Serialize)]
struct Told<'a> {
    status: u16,
    headers: BTreeMap<&'a str, Vec<String>>,
    fallback: Option<String>,
    decisions: Vec<String>,
    body: Body<'a>,
}

/// JSON as it came, digit by digit; anything else as text.
#[derive(Serialize)]
#[serde(untagged)]
enum Body<'a> {
    Json(&'a RawValue),
    Text(String),
    None,
}

fn told(called: &Called, body: &[u8]) -> String {
    let mut headers: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, value) in called.headers() {
        headers.entry(name.as_str()).or_default().push(value);
    }
    let json = if called.is_json() { serde_json::from_slice(body).ok() } else { None };
    let body = match json {
        Some(json) => Body::Json(json),
        None if body.is_empty() => Body::None,
        None => Body::Text(String::from_utf8_lossy(body).into_owned()),
    };
    let (status, fallback, decisions) = (called.status().as_u16(), called.fallback(), called.decisions());
    let told = Told { status, headers, fallback, decisions, body };
    serde_json::to_string(&told).expect("text and numbers are JSON")
}
