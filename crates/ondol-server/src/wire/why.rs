//! The story of a saga, a trace or a request.

use ondol_telemetry::trace::Failure;
use ondol_telemetry::why::Story;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::why::Told;

/// How it is told.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhyParams {
    /// In which language: `en` (default) or `ko`.
    pub(crate) lang: Option<String>,
}

/// A story, and what it was told of.
#[derive(Serialize, ToSchema)]
#[schema(as = Why)]
pub(crate) struct WhyView {
    /// The saga, where it is one's.
    saga: Option<String>,
    /// The trace, where there is one.
    trace_id: Option<String>,
    /// Its spans that are known, those that have not ended among them.
    spans: usize,
    /// The story for a terminal.
    text: String,
    /// The story in its parts: `headline`, `asked`, `progress`, `failing` (`service`, `step`, `stage`, `reason`), `retried`,
    /// `undone`, `left`, `logs`, `unknown`, `next`.
    #[schema(value_type = serde_json::Value)]
    story: Story,
    /// Where the error of the trace came from, as far as spans tell.
    #[schema(value_type = Option<serde_json::Value>)]
    failure: Option<Failure>,
    /// Why telemetry has nothing to add, where it cannot be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    telemetry_problem: Option<String>,
}

impl From<Told> for WhyView {
    fn from(told: Told) -> Self {
        let Told { saga, trace_id, failure, spans, story, text, away } = told;
        Self { saga, trace_id, spans, text, story, failure, telemetry_problem: away }
    }
}
