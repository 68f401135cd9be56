//! What an id names: a saga, a trace, or a request that some service wrote down.

use ondol_engine::{SagaId, Story};
use ondol_telemetry::model::{Span, TraceId};
use ondol_telemetry::query::{Field, Filter, Query, Term, Test, Window};
use ondol_telemetry::{QueryError, Telemetry};

use crate::app::App;
use crate::problem::Answer;

/// The attribute by which Ondol and its SDK name a saga.
const SAGA: &str = "ondol.saga.id";

/// Where services write down the id of a request: this project's name, the conventions', and what people use.
const REQUEST_IDS: [&str; 6] = [
    "request.id",
    "http.request.id",
    "http.request.header.x-request-id",
    "x-request-id",
    "request_id",
    "requestId",
];

/// Longest id that is looked for; longer ones are mistakes.
pub(super) const ID_MAX: usize = 256;

/// The saga of that id, if there is one.
pub(super) async fn saga(app: &App, id: &str) -> Answer<Option<Story>> {
    match SagaId::new(id) {
        Ok(id) => Ok(app.engine.read(&id).await?),
        Err(_) => Ok(None),
    }
}

/// The id as one of a trace, if it may be one.
pub(super) fn trace(id: &str) -> Option<TraceId> {
    id.parse().ok().filter(|trace: &TraceId| trace.0 != [0; 16])
}

/// The saga that spans of a trace are about: Ondol's own first, the earliest first.
pub(super) fn saga_of(spans: &[Span]) -> Option<&str> {
    let named = |span: &&Span| span.attributes.get(SAGA).is_some();
    let own = spans.iter().find(|span| span.source.service == crate::spans::SERVICE && named(span));
    own.or_else(|| spans.iter().find(named)).and_then(|span| span.attributes.get(SAGA))
}

/// The trace in which somebody wrote down this request's id. Blocks.
pub(super) fn request(telemetry: &Telemetry, id: &str) -> Result<Option<TraceId>, QueryError> {
    let id = id.to_ascii_lowercase();
    let term = |name: &str| {
        Filter::Term(Term { field: Field::Attribute(name.to_owned()), test: Test::Is(id.clone()) })
    };
    let filter = Filter::Or(REQUEST_IDS.map(term).into());
    let query = Query { filter, window: Window::EVER, limit: 1, count: false };
    if let Some(span) = telemetry.spans(&query)?.rows.first() {
        return Ok(Some(span.trace_id));
    }
    // The newest line that is in a trace.
    let in_trace = Filter::Term(Term { field: Field::Trace, test: Test::Exists });
    let query = Query { filter: Filter::And(vec![query.filter, in_trace]), ..query };
    Ok(telemetry.logs(&query)?.rows.first().and_then(|log| log.trace_id))
}
