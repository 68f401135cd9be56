//! Traces: search, one, and one against others that went well.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use http::{StatusCode, Uri};
use ondol_telemetry::model::TraceId;
use ondol_telemetry::query::{Field, Filter, Query, Term, Test, Window};
use ondol_telemetry::trace::{Analysis, Place, Tree, compare};
use ondol_telemetry::{QueryError, Telemetry};

use super::super::answer::{Path, json, params};
use super::ask::ask;
use super::params::{Search, bad};
use crate::app::Shared;
use crate::clock;
use crate::problem::{Answer, Code, Problem};
use crate::wire::telemetry::trace::{Compared, SpanView, TraceLine, TraceList, WholeTrace, said};

/// Healthy traces that one is compared with: a p95 of fewer says little, and each is read whole.
const HEALTHY_MAX: usize = 20;

/// Healthy traces looked for within this of the trace, the nearer first.
const NEAR: [Duration; 2] = [Duration::from_mins(10), Duration::from_hours(24)];

/// Spans of a healthy trace; larger ones are left out.
const HEALTHY_SPANS_MAX: u64 = 10_000;

/// Searches traces: those of which a span matches, the newest such span first.
#[utoipa::path(
    get, path = "/v1/telemetry/traces", tag = "telemetry", params(Search),
    responses(
        (status = 200, description = "A page.", body = TraceList),
        (status = 400, description = "`bad_request`, `query_syntax`", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 503, description = "`telemetry_away`, `queries_busy`, `too_slow`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list(State(app): State<Shared>, uri: Uri) -> Answer<Response> {
    let now_ns = clock::wall_ns();
    let page = params::<Search>(&uri)?.page(now_ns)?;
    let query = page.query.clone();
    let found = ask(&app, move |telemetry| telemetry.traces(&query)).await?;
    let (rows, next_cursor) =
        page.cut(found.rows, now_ns, |row| row.start_ns.saturating_add(row.duration_ns));
    let traces = rows.into_iter().map(TraceLine::from).collect();
    let list =
        TraceList { traces, matched: found.matched, exact: found.exact, next_cursor, hints: page.hints };
    Ok(json(StatusCode::OK, &list))
}

/// One trace: its spans, and what they say: the failing stage, retries, where the time went.
#[utoipa::path(
    get, path = "/v1/telemetry/traces/{id}", tag = "telemetry",
    params(("id" = String, Path, description = "The trace's id: 32 hexadecimal digits.")),
    responses(
        (status = 200, description = "The trace.", body = WholeTrace),
        (status = 404, description = "`trace_not_found`", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 422, description = "`trace_too_large`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn get(State(app): State<Shared>, Path(id): Path<String>) -> Answer<Response> {
    let id = read(&id)?;
    let whole = ask(&app, move |telemetry| {
        let spans = telemetry.trace(id)?;
        if spans.is_empty() {
            return Ok(None);
        }
        let analysis = said(&Analysis::of(&Tree::of(&spans)));
        let spans = spans.into_iter().map(SpanView::from).collect();
        Ok(Some(WholeTrace { trace_id: id.to_string(), spans, analysis }))
    });
    let whole = whole.await?.ok_or_else(|| missing(id))?;
    Ok(json(StatusCode::OK, &whole))
}

/// How a trace differs from traces of the same operation, near in time, that went well.
#[utoipa::path(
    get, path = "/v1/telemetry/traces/{id}/comparison", tag = "telemetry",
    params(("id" = String, Path, description = "The trace's id: 32 hexadecimal digits.")),
    responses(
        (status = 200, description = "The differences, the weightiest first.", body = Compared),
        (status = 404, description = "`trace_not_found`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn comparison(
    State(app): State<Shared>,
    Path(id): Path<String>,
) -> Answer<Response> {
    let id = read(&id)?;
    let compared = ask(&app, move |telemetry| compared(telemetry, id)).await?;
    Ok(json(StatusCode::OK, &compared.ok_or_else(|| missing(id))?))
}

fn compared(telemetry: &Telemetry, id: TraceId) -> Result<Option<Compared>, QueryError> {
    let tree = Tree::of(&telemetry.trace(id)?);
    let Some((root, _)) = tree.root() else { return Ok(None) };
    let root = tree.place(root);
    let healthy = healthy(telemetry, id, &root)?;
    let trees = healthy.iter().map(|id| Ok(Tree::of(&telemetry.trace(*id)?)));
    let trees = trees.collect::<Result<Vec<Tree>, QueryError>>()?;
    let why_not = healthy.is_empty().then(|| {
        let Place { service, name, .. } = &root;
        format!("no trace of `{name}` of `{service}` went well within a day of this one")
    });
    Ok(Some(Compared {
        trace_id: id.to_string(),
        healthy: healthy.iter().map(TraceId::to_string).collect(),
        why_not,
        differences: said(&compare(&tree, &trees)),
    }))
}

/// Traces with the same root that went well, the nearest in time first.
fn healthy(telemetry: &Telemetry, id: TraceId, root: &Place) -> Result<Vec<TraceId>, QueryError> {
    let is = |field, value: &str| Filter::Term(Term { field, test: Test::Is(value.to_ascii_lowercase()) });
    let filter = Filter::And(vec![is(Field::Service, &root.service), is(Field::Name, &root.name)]);
    let mut found = Vec::new();
    for near in NEAR {
        let near = u64::try_from(near.as_nanos()).unwrap_or(u64::MAX);
        let (from_ns, to_ns) = (root.start_ns.saturating_sub(near), root.start_ns.saturating_add(near));
        let window = Window { from_ns, to_ns };
        // Some of them failed, or are the same trace: a few more are looked at.
        let query = Query { filter: filter.clone(), window, limit: 10 * HEALTHY_MAX, count: false };
        let mut rows = telemetry.traces(&query)?.rows;
        rows.retain(|row| {
            let same = row.service == root.service && row.name == root.name;
            same && row.trace_id != id && row.errors == 0 && row.rooted && row.spans <= HEALTHY_SPANS_MAX
        });
        rows.sort_by_key(|row| row.start_ns.abs_diff(root.start_ns));
        found = rows.iter().take(HEALTHY_MAX).map(|row| row.trace_id).collect();
        if found.len() == HEALTHY_MAX {
            break;
        }
    }
    Ok(found)
}

fn read(id: &str) -> Answer<TraceId> {
    id.parse().map_err(|error: ondol_telemetry::model::BadId| bad(error.to_string()))
}

fn missing(id: TraceId) -> Problem {
    let detail = format!(
        "no span of trace {id} is kept; a span is sent when it has ended, and /v1/telemetry/ledger tells who sent any"
    );
    Problem::new(Code::TraceNotFound, detail)
}
