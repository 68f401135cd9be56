//! OTLP over gRPC, called with tonic.

use bytes::{BufMut as _, Bytes, BytesMut};
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsServiceRequest, logs_service_client::LogsServiceClient,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsServiceRequest, metrics_service_client::MetricsServiceClient,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceResponse, trace_service_client::TraceServiceClient,
};
use prost::Message as _;
use tokio::net::TcpStream;
use tonic::codec::CompressionEncoding;
use tonic::transport::{Channel, Endpoint};

use super::{address, bombs, gzip, server, spans};
use crate::support::{PATIENCE, Server};

/// Headers of a request.
type Headers<'a> = &'a [(&'a str, &'a str)];

const TRACES: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

async fn channel(server: &Server) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{}", address(server.otlp.0))).unwrap();
    endpoint.timeout(PATIENCE).connect().await.unwrap()
}

#[tokio::test]
async fn every_signal_is_taken_in_every_encoding() {
    let server = server().await;
    let channel = channel(&server).await;
    for encoding in [None, Some(CompressionEncoding::Gzip), Some(CompressionEncoding::Zstd)] {
        let mut traces = TraceServiceClient::new(channel.clone());
        if let Some(encoding) = encoding {
            traces = traces.send_compressed(encoding).accept_compressed(encoding);
        }
        let taken = traces.export(spans()).await.unwrap().into_inner();
        assert_eq!(taken, ExportTraceServiceResponse::default());
    }
    LogsServiceClient::new(channel.clone()).export(ExportLogsServiceRequest::default()).await.unwrap();
    MetricsServiceClient::new(channel).export(ExportMetricsServiceRequest::default()).await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn a_large_message_is_taken_and_a_larger_one_is_not() {
    let server = server().await;
    let mut traces = TraceServiceClient::new(channel(&server).await);
    for (mib, code) in [(15, None), (17, Some(tonic::Code::ResourceExhausted))] {
        let mut request = spans();
        request.resource_spans[0].scope_spans[0].spans[0].name = "x".repeat(mib << 20);
        let refused = traces.export(request).await.err();
        assert_eq!(refused.as_ref().map(tonic::Status::code), code, "{mib} MiB: {refused:?}");
        if let Some(refused) = refused {
            let details = Status::decode(refused.details()).unwrap().details;
            assert!(details.is_empty(), "without a RetryInfo it is not sent again");
        }
    }
    server.stop().await;
}

/// `google.rpc.Status`.
#[derive(Clone, PartialEq, prost::Message)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

/// `google.protobuf.Any`.
#[derive(Clone, PartialEq, prost::Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// A call as bytes; status, code, message.
async fn call(server: &Server, path: &str, headers: &[(&str, &str)], body: Bytes) -> (u16, String, String) {
    let at = address(server.otlp.0);
    let stream = TcpStream::connect(at).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let mut driving = tokio::task::JoinSet::new();
    driving.spawn(connection);
    let mut request = Request::builder().method("POST").uri(format!("http://{at}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let sent = sender.send_request(request.body(Full::new(body)).unwrap());
    let response = tokio::time::timeout(PATIENCE, sent).await.expect("an answer").unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap();
    let trailers = body.trailers().cloned().unwrap_or_default();
    let field = |name: &str| {
        let value = parts.headers.get(name).or_else(|| trailers.get(name));
        value.map_or("", |value| value.to_str().unwrap()).to_owned()
    };
    let said = match field("grpc-message") {
        none if none.is_empty() => String::from_utf8_lossy(&body.to_bytes()).into_owned(),
        said => percent_encoding::percent_decode_str(&said).decode_utf8().unwrap().into_owned(),
    };
    (parts.status.as_u16(), field("grpc-status"), said)
}

fn framed(flag: u8, message: &[u8]) -> Bytes {
    let mut body = BytesMut::new();
    body.put_u8(flag);
    body.put_u32(message.len() as u32);
    body.put_slice(message);
    body.freeze()
}

#[tokio::test]
async fn what_is_wrong_is_said_as_grpc_says_it() {
    let server = server().await;
    let kind = ("content-type", "application/grpc");
    let gzipped = ("grpc-encoding", "gzip");
    let whole = || framed(0, &spans().encode_to_vec());
    let short = whole().slice(..20);
    let twice = Bytes::from([whole(), whole()].concat());
    #[rustfmt::skip]
    let table: [(&str, &str, Headers, Bytes); 10] = [
        ("as it should be",  TRACES,         &[kind],                                        whole()),
        ("gzip",             TRACES,         &[kind, gzipped],                               framed(1, &gzip(&spans().encode_to_vec()))),
        ("not compressed",   TRACES,         &[kind, gzipped],                               whole()),
        ("no gzip",          TRACES,         &[kind, gzipped],                               framed(1, b"plain")),
        ("snappy",           TRACES,         &[kind, ("grpc-encoding", "snappy")],           framed(1, b"plain")),
        ("nothing",          TRACES,         &[kind],                                        Bytes::new()),
        ("cut off",          TRACES,         &[kind],                                        short),
        ("two messages",     TRACES,         &[kind],                                        twice),
        ("another method",   "/a.B/Export",  &[kind],                                        whole()),
        ("no gRPC",          "/v1/traces",   &[("content-type", "application/x-protobuf")],  whole()),
    ];
    let mut said = Vec::new();
    for (name, path, headers, body) in table {
        let (status, code, message) = call(&server, path, headers, body).await;
        said.push(format!("{name}: {status} {code}\n  {}", message.trim().replace('\0', "0")));
    }
    insta::assert_snapshot!(said.join("\n"));
    server.stop().await;
}

#[tokio::test]
async fn bombs_are_not_expanded() {
    let server = server().await;
    for (encoding, bomb) in bombs() {
        let headers = [("content-type", "application/grpc"), ("grpc-encoding", encoding)];
        let (status, code, message) = call(&server, TRACES, &headers, framed(1, &bomb)).await;
        assert_eq!((status, &*code), (200, "8"), "{encoding}: {message}");
    }
    server.stop().await;
}
