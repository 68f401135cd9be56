//! What a service tells of itself: lines on standard error, and with `--otlp` spans and logs by OpenTelemetry.
//!
//! A request's span continues the `traceparent` that Ondol sends, so the service's part and the saga's meet in one trace.

use axum::http::request::Parts;
use axum::response::Response;
use bytes::Bytes;
use hyper_util::client::legacy::connect::HttpConnector;
use opentelemetry::KeyValue;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{
    ExporterBuildError, LogExporter, Protocol, SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{self, BatchLogProcessor, SdkLoggerProvider};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{self, BatchSpanProcessor, SdkTracerProvider};
use std::time::Duration;
use tracing::Span;
use tracing::field::Empty;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::filter::{FilterFn, LevelFilter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

/// Records are sent this soon: whoever asks why a booking failed a moment ago finds them.
const BATCH_DELAY: Duration = Duration::from_millis(200);

/// Longest wait for the receiver; a service does not stop for its telemetry.
const SEND_MAX: Duration = Duration::from_secs(3);

/// What is to be flushed at the end.
#[derive(Debug)]
pub struct Telemetry {
    exported: Option<(SdkTracerProvider, SdkLoggerProvider)>,
}

/// Where records go, and who sends them.
struct Exporters {
    spans: SpanExporter,
    logs: LogExporter,
    resource: Resource,
}

/// Sends on the service's runtime: the SDK's batches wait on threads of their own, which have none.
#[derive(Debug)]
struct OnRuntime {
    runtime: tokio::runtime::Handle,
    client: std::sync::Arc<HyperClient<HttpConnector>>,
}

#[async_trait::async_trait]
impl HttpClient for OnRuntime {
    async fn send_bytes(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, HttpError> {
        let client = std::sync::Arc::clone(&self.client);
        self.runtime.spawn(async move { client.send_bytes(request).await }).await?
    }
}

impl Telemetry {
    /// Sets up the log of this process. Needs a runtime.
    ///
    /// # Errors
    /// `otlp` is no address.
    pub fn start(
        (service, instance): (&'static str, &str),
        level: tracing::Level,
        otlp: Option<&str>,
    ) -> Result<Self, ExporterBuildError> {
        let lines = fmt::layer().with_writer(std::io::stderr).with_filter(LevelFilter::from_level(level));
        let registry = tracing_subscriber::registry().with(lines);
        let Some(otlp) = otlp else {
            registry.init();
            return Ok(Self { exported: None });
        };
        let Exporters { spans, logs, resource } = exporters(service, instance, otlp)?;
        let batch = trace::BatchConfigBuilder::default().with_scheduled_delay(BATCH_DELAY).build();
        let spans = BatchSpanProcessor::builder(spans).with_batch_config(batch).build();
        let spans =
            SdkTracerProvider::builder().with_span_processor(spans).with_resource(resource.clone()).build();
        let batch = logs::BatchConfigBuilder::default().with_scheduled_delay(BATCH_DELAY).build();
        let logs = BatchLogProcessor::builder(logs).with_batch_config(batch).build();
        let logs = SdkLoggerProvider::builder().with_log_processor(logs).with_resource(resource).build();
        // What sends must not tell of its own sending.
        let own = |name: &'static str| FilterFn::new(move |metadata| metadata.target().starts_with(name));
        let tracer = spans.tracer("airline");
        registry
            .with(tracing_opentelemetry::layer().with_tracer(tracer).with_filter(own("airline")))
            .with(OpenTelemetryTracingBridge::new(&logs).with_filter(own("airline")))
            .init();
        Ok(Self { exported: Some((spans, logs)) })
    }

    /// Sends what waits for it. A receiver that is away is not waited for long.
    pub async fn stop(self) {
        let Some((spans, logs)) = self.exported else { return };
        let flush = move || (spans.shutdown_with_timeout(SEND_MAX), logs.shutdown_with_timeout(SEND_MAX));
        if let Ok((Err(error), _) | (_, Err(error))) = tokio::task::spawn_blocking(flush).await {
            tracing::debug!(%error, "the last telemetry was not sent");
        }
    }
}

fn exporters(service: &'static str, instance: &str, otlp: &str) -> Result<Exporters, ExporterBuildError> {
    let client = || OnRuntime {
        runtime: tokio::runtime::Handle::current(),
        client: std::sync::Arc::new(HyperClient::with_default_connector(SEND_MAX, None)),
    };
    let at = |path: &str| format!("{}{path}", otlp.trim_end_matches('/'));
    let spans = SpanExporter::builder()
        .with_http()
        .with_http_client(client())
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(at("/v1/traces"))
        .with_timeout(SEND_MAX)
        .build()?;
    let logs = LogExporter::builder()
        .with_http()
        .with_http_client(client())
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(at("/v1/logs"))
        .with_timeout(SEND_MAX)
        .build()?;
    let resource = Resource::builder_empty()
        .with_service_name(service)
        .with_attribute(KeyValue::new("service.instance.id", format!("{service}-{instance}")))
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new("process.pid", i64::from(std::process::id())))
        .build();
    Ok(Exporters { spans, logs, resource })
}

struct Headers<'a>(&'a Parts);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.headers.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.headers.keys().map(http::HeaderName::as_str).collect()
    }
}

/// The span of a request, continuing the caller's trace.
pub fn request(parts: &Parts) -> Span {
    let route = parts.extensions.get::<axum::extract::MatchedPath>();
    let route = route.map_or_else(|| parts.uri.path(), axum::extract::MatchedPath::as_str);
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let span = tracing::info_span!(
        "request",
        otel.name = format!("{} {route}", parts.method),
        otel.kind = "server",
        http.request.method = parts.method.as_str(),
        http.route = route,
        url.path = parts.uri.path(),
        ondol.saga.id = header("ondol-saga-id"),
        ondol.step = header("ondol-step"),
        ondol.half = header("ondol-half"),
        ondol.attempt = header("ondol-attempt"),
        request.id = header("x-request-id"),
        http.response.status_code = Empty,
        ondol.replayed = Empty,
        error.type = Empty,
        otel.status_code = Empty,
        otel.status_description = Empty,
    );
    let parent = TraceContextPropagator::new().extract(&Headers(parts));
    // Err: nobody exports, and the span has no place in a trace.
    drop(span.set_parent(parent));
    span
}

/// Notes in the current span how its request was answered. A refusal is no fault of the service; 5xx is.
pub fn answered(response: &Response) {
    let (span, status) = (Span::current(), response.status());
    span.record("http.response.status_code", status.as_u16());
    if response.headers().contains_key(ondol_sdk::barrier::REPLAYED_HEADER) {
        span.record("ondol.replayed", true);
    }
    if status.is_server_error() {
        span.record("error.type", status.as_str());
        span.record("otel.status_code", "ERROR");
        span.record("otel.status_description", status.canonical_reason().unwrap_or("it failed"));
    }
}

/// Says so where a request is given up half way: its caller has gone.
#[derive(Debug)]
pub struct Unfinished {
    span: Span,
    finished: bool,
}

impl Unfinished {
    /// Until [`Unfinished::finish`] is called, the request is.
    pub fn new(span: Span) -> Self {
        Self { span, finished: false }
    }

    /// It was answered.
    pub fn finish(mut self) {
        self.finished = true;
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.finished {
            self.span.in_scope(|| tracing::warn!("the caller went away before it was answered"));
        }
    }
}
