//! OTLP over HTTP (OTLP 1.9, "OTLP/HTTP").

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use http_body::Body;
use http_body_util::Full;
use ondol_telemetry::{Exported, Signal};

use super::answer::{Status, Taken};
use super::encoding::{ACCEPTED, Encoding};
use super::refused::{Fate, Refused};
use super::{Form, MESSAGE_BYTES_MAX, Otlp, body};
use crate::guard;

/// Answers one request. `token` is asked for where there is one.
pub(super) async fn handle<B>(
    otlp: Arc<Otlp>,
    token: Option<Arc<str>>,
    request: Request<B>,
) -> Response<Full<Bytes>>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let form = form(request.headers());
    // Where the type says nothing, an answer in JSON can be read by a person at least.
    let answered = form.as_ref().map_or(Form::Json, |form| *form);
    let signal = signal(request.uri().path());
    match take(&otlp, token.as_deref(), signal, form, request).await {
        Ok((signal, exported)) => {
            response(answered, Bytes::from(Taken::new(exported).body(signal, answered)))
        }
        Err(refused) => {
            otlp.counts.count(refused.fate());
            tracing::debug!(status = %refused.fate().http(), why = refused.message(), "an export was refused");
            refusal(answered, &refused)
        }
    }
}

async fn take<B>(
    otlp: &Arc<Otlp>,
    token: Option<&str>,
    signal: Result<Signal, Refused>,
    form: Result<Form, Refused>,
    request: Request<B>,
) -> Result<(Signal, Exported), Refused>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    guard::who(token, &request)?;
    let signal = signal?;
    if request.method() != Method::POST {
        let why = format!("{} does not take {}; send POST", request.uri().path(), request.method());
        return Err(Refused::new(Fate::Method, why));
    }
    let form = form?;
    let encoding = request.headers().get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
    let encoding = Encoding::named(encoding)?;
    let mut held = otlp.admit()?;
    let body = body::read(request.into_body(), MESSAGE_BYTES_MAX, &mut held, |_| None).await?;
    let exported = otlp.take(signal, body, (encoding, form), &mut held).await?;
    Ok((signal, exported))
}

fn signal(path: &str) -> Result<Signal, Refused> {
    let found = Signal::ALL.into_iter().find(|signal| path.strip_prefix("/v1/") == Some(signal.name()));
    let nowhere = || {
        let why = format!("there is nothing at {path}; OTLP goes to /v1/traces, /v1/logs and /v1/metrics");
        Refused::new(Fate::Nowhere, why)
    };
    found.ok_or_else(nowhere)
}

fn form(headers: &HeaderMap) -> Result<Form, Refused> {
    let given = guard::essence(headers);
    match &*given {
        "application/x-protobuf" => Ok(Form::Protobuf),
        "application/json" => Ok(Form::Json),
        grpc if grpc.starts_with("application/grpc") => {
            let why = "this port takes OTLP over HTTP; gRPC goes to --otlp-grpc, by default port 4317";
            Err(Refused::new(Fate::MediaType, why))
        }
        other => {
            let shown = if other.is_empty() { "nothing" } else { other };
            let why = format!("Content-Type says {shown}; send application/x-protobuf or application/json");
            Err(Refused::new(Fate::MediaType, why))
        }
    }
}

fn response(form: Form, body: Bytes) -> Response<Full<Bytes>> {
    let kind = match form {
        Form::Protobuf => "application/x-protobuf",
        Form::Json => "application/json",
    };
    let mut response = Response::new(Full::new(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A `google.rpc.Status` in the form of the request.
fn refusal(form: Form, refused: &Refused) -> Response<Full<Bytes>> {
    let mut response = response(form, Bytes::from(Status::new(refused).body(form)));
    *response.status_mut() = refused.fate().http();
    let headers = response.headers_mut();
    if let Some(wait) = refused.retry_after() {
        headers.insert(
            header::RETRY_AFTER,
            wait.as_millis().div_ceil(1_000).max(1).to_string().parse().expect("digits"),
        );
    }
    match refused.fate() {
        Fate::Method => {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        Fate::Encoding => {
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(ACCEPTED));
        }
        Fate::Unauthorized => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"ondol\""));
        }
        _ => {}
    }
    response
}
