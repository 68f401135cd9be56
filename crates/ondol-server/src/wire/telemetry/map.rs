//! Services, and who calls whom.

use ondol_telemetry::query::{Figures, ServiceMap};
use serde::Serialize;
use utoipa::ToSchema;

/// Services, and who calls whom.
#[derive(Serialize, ToSchema)]
#[schema(as = ServiceMap)]
pub(crate) struct MapView {
    pub(crate) services: Vec<ServiceView>,
    pub(crate) calls: Vec<CallView>,
}

/// One service: of its spans that have no parent within the service.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServiceView {
    pub(crate) service: String,
    /// All its spans.
    pub(crate) spans: u64,
    #[serde(flatten)]
    pub(crate) figures: FiguresView,
}

/// Calls from one service to another, as the callee saw them.
#[derive(Serialize, ToSchema)]
pub(crate) struct CallView {
    pub(crate) from: String,
    pub(crate) to: String,
    #[serde(flatten)]
    pub(crate) figures: FiguresView,
}

/// Requests, errors and durations.
#[derive(Serialize, ToSchema)]
#[schema(as = Figures)]
pub(crate) struct FiguresView {
    pub(crate) requests: u64,
    pub(crate) errors: u64,
    /// Half took at most this; within a bucket's width.
    pub(crate) p50_ns: u64,
    pub(crate) p95_ns: u64,
    pub(crate) p99_ns: u64,
    /// The trace of a slow or failed one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exemplar: Option<String>,
}

impl From<Figures> for FiguresView {
    fn from(figures: Figures) -> Self {
        let Figures { requests, errors, p50_ns, p95_ns, p99_ns, exemplar } = figures;
        let exemplar = exemplar.map(|(trace_id, _)| trace_id.to_string());
        Self { requests, errors, p50_ns, p95_ns, p99_ns, exemplar }
    }
}

impl From<ServiceMap> for MapView {
    fn from(map: ServiceMap) -> Self {
        let services = map.services.into_iter().map(|one| ServiceView {
            service: one.service,
            spans: one.spans,
            figures: one.figures.into(),
        });
        let calls = map.calls.into_iter().map(|one| CallView {
            from: one.from,
            to: one.to,
            figures: one.figures.into(),
        });
        Self { services: services.collect(), calls: calls.collect() }
    }
}
