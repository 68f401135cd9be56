//! Traces, logs and metrics over OTLP.

mod grpc;
mod http;

pub(crate) use http::post;

use std::io::Write as _;

use bytes::Bytes;
use ondol_server::Listen;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};

use crate::support::Server;

/// A server that takes OTLP.
pub(crate) async fn server() -> Server {
    Server::with(|options| {
        options.otlp_grpc = "127.0.0.1:0".parse().unwrap();
        options.otlp_http = "127.0.0.1:0".parse().unwrap();
    })
    .await
}

fn address(listen: Listen) -> std::net::SocketAddr {
    listen.address().expect("it was asked to listen")
}

/// One span of the service `shop`, a second ago.
fn spans() -> ExportTraceServiceRequest {
    let now = u64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap();
    spans_at(now - 1_000_000_000)
}

/// One span of the service `shop`.
fn spans_at(start: u64) -> ExportTraceServiceRequest {
    let name = AnyValue { value: Some(Value::StringValue("shop".to_owned())) };
    let name = KeyValue { key: "service.name".to_owned(), value: Some(name), ..Default::default() };
    let span = Span {
        trace_id: vec![7; 16],
        span_id: vec![8; 8],
        name: "POST /orders".to_owned(),
        start_time_unix_nano: start,
        end_time_unix_nano: start + 250_000_000,
        ..Default::default()
    };
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(Resource { attributes: vec![name], ..Default::default() }),
            scope_spans: vec![ScopeSpans { spans: vec![span], ..Default::default() }],
            ..Default::default()
        }],
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 19).unwrap()
}

/// 10 GiB of zeros in about 10 MiB of gzip, and in fewer of zstd: MiB by MiB, as both formats allow.
fn bombs() -> [(&'static str, Bytes); 2] {
    let mib = vec![0; 1 << 20];
    [("gzip", gzip(&mib).repeat(10 << 10).into()), ("zstd", zstd(&mib).repeat(10 << 10).into())]
}
