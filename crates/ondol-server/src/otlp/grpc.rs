//! OTLP over gRPC: the three `Export` calls, each one message in and one out (gRPC over HTTP/2, "PROTOCOL-HTTP2").

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use futures_util::stream;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version, header};
use http_body::{Body, Frame};
use http_body_util::StreamBody;
use ondol_telemetry::{Exported, Signal};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use prost::Message as _;

use super::answer::{Status, Taken};
use super::encoding::{Encoding, too_large};
use super::refused::{Fate, Refused};
use super::{Form, MESSAGE_BYTES_MAX, Otlp, body};
use crate::guard;

/// Before each message: is it compressed, and its length.
const PREFIX: usize = 5;

/// What must be encoded in `grpc-message`: all but visible ASCII and space, and the sign itself.
const MESSAGE: &AsciiSet = &CONTROLS.add(b'%');

/// Encodings that are read, as gRPC lists them.
const ACCEPTED: HeaderValue = HeaderValue::from_static("identity,gzip,zstd");

/// The frames of an answer: a message and the trailers.
type Frames = std::vec::IntoIter<Result<Frame<Bytes>, std::convert::Infallible>>;

/// The body of an answer.
pub(super) type Answer = StreamBody<stream::Iter<Frames>>;

/// Answers one call. `token` is asked for where there is one.
pub(super) async fn handle<B>(
    otlp: Arc<Otlp>,
    token: Option<Arc<str>>,
    request: Request<B>,
) -> Response<Answer>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    if let Some(why) = is_other(&request) {
        otlp.counts.count(Fate::MediaType);
        return plain(why);
    }
    match take(&otlp, token.as_deref(), request).await {
        Ok(exported) => taken(&Taken::new(exported)),
        Err(refused) => {
            otlp.counts.count(refused.fate());
            tracing::debug!(code = refused.fate().grpc(), why = refused.message(), "an export was refused");
            refusal(&refused)
        }
    }
}

/// Why it is no gRPC, if it is none.
fn is_other<B>(request: &Request<B>) -> Option<&'static str> {
    let grpc = guard::essence(request.headers());
    let grpc = matches!(&*grpc, "application/grpc" | "application/grpc+proto");
    (!grpc || request.version() != Version::HTTP_2).then_some(
        "this port takes OTLP over gRPC (HTTP/2, application/grpc); OTLP over HTTP goes to --otlp-http, by default port 4318\n",
    )
}

async fn take<B>(otlp: &Arc<Otlp>, token: Option<&str>, request: Request<B>) -> Result<Exported, Refused>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    guard::who(token, &request)?;
    let signal = signal(request.uri().path())?;
    if request.method() != Method::POST {
        return Err(Refused::new(Fate::Method, "gRPC calls with POST"));
    }
    let encoding = request.headers().get("grpc-encoding").map(HeaderValue::as_bytes);
    let encoding = Encoding::named(encoding)?;
    let mut held = otlp.admit()?;
    let body = body::read(request.into_body(), MESSAGE_BYTES_MAX + PREFIX, &mut held, framed).await?;
    let (message, compressed) = unframe(body)?;
    let encoding = if compressed { encoding } else { Encoding::Identity };
    otlp.take(signal, message, (encoding, Form::Protobuf), &mut held).await
}

fn signal(path: &str) -> Result<Signal, Refused> {
    match path {
        "/opentelemetry.proto.collector.trace.v1.TraceService/Export" => Ok(Signal::Traces),
        "/opentelemetry.proto.collector.logs.v1.LogsService/Export" => Ok(Signal::Logs),
        "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" => Ok(Signal::Metrics),
        other => {
            let why = format!("{other} is not served; OTLP's Export of traces, logs and metrics is");
            Err(Refused::new(Fate::Nowhere, why))
        }
    }
}

/// How long a body is, by the prefix of its message.
fn framed(first: &[u8]) -> Option<usize> {
    let (prefix, _) = first.split_first_chunk::<PREFIX>()?;
    let [_, length @ ..] = *prefix;
    Some(PREFIX + u32::from_be_bytes(length) as usize)
}

/// The one message, and whether it is compressed.
fn unframe(mut body: Bytes) -> Result<(Bytes, bool), Refused> {
    let bad =
        |why: &str| Refused::new(Fate::Malformed, format!("the call is no gRPC call of one message: {why}"));
    if body.len() < PREFIX {
        return Err(bad("its prefix of five bytes is not whole"));
    }
    let compressed = match body.get_u8() {
        0 => false,
        1 => true,
        _ => return Err(bad("its first byte is neither 0 nor 1")),
    };
    let length = body.get_u32() as usize;
    if length > MESSAGE_BYTES_MAX {
        return Err(too_large("the message"));
    }
    match body.len().cmp(&length) {
        std::cmp::Ordering::Less => Err(bad("it ends before its message does")),
        std::cmp::Ordering::Equal => Ok((body, compressed)),
        std::cmp::Ordering::Greater => Err(bad("something follows its message")),
    }
}

fn answer(status: StatusCode, kind: &'static str, frames: Vec<Frame<Bytes>>) -> Response<Answer> {
    let frames: Vec<_> = frames.into_iter().map(Ok).collect();
    let mut response = Response::new(StreamBody::new(stream::iter(frames)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn taken(taken: &Taken) -> Response<Answer> {
    let mut body = BytesMut::with_capacity(PREFIX + taken.encoded_len());
    body.put_u8(0);
    body.put_u32(taken.encoded_len() as u32);
    taken.encode(&mut body).expect("a buffer that grows takes it");
    let mut trailers = HeaderMap::with_capacity(1);
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    answer(StatusCode::OK, "application/grpc", vec![Frame::data(body.freeze()), Frame::trailers(trailers)])
}

/// An answer of trailers only, which stand where headers do.
fn refusal(refused: &Refused) -> Response<Answer> {
    let status = Status::new(refused);
    let message = utf8_percent_encode(&status.message, MESSAGE).to_string();
    let details = STANDARD_NO_PAD.encode(status.encode_to_vec());
    let mut response = answer(StatusCode::OK, "application/grpc", Vec::new());
    let headers = response.headers_mut();
    headers.insert("grpc-status", status.code.into());
    headers.insert("grpc-message", HeaderValue::from_str(&message).expect("visible ASCII"));
    headers.insert("grpc-status-details-bin", HeaderValue::from_str(&details).expect("base64"));
    if refused.fate() == Fate::Encoding {
        headers.insert("grpc-accept-encoding", ACCEPTED);
    }
    response
}

/// For somebody who speaks no gRPC.
fn plain(why: &'static str) -> Response<Answer> {
    let body = Frame::data(Bytes::from_static(why.as_bytes()));
    answer(StatusCode::UNSUPPORTED_MEDIA_TYPE, "text/plain; charset=utf-8", vec![body])
}
