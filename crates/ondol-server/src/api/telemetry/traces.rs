//! Traces: search, one, and one against others that went well.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use http::{StatusCode, Uri};
use ondol_telemetry::model::TraceId;
use ondol_telemetry::query::{Field, Filter, Query, Term, Test, TracePlace, Window};
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
    let search = params::<Search>(&uri)?;
    let cursor = search.cursor.as_deref().map(Cursor::read).transpose()?;
    let (mut query, hints) = search.asked(now_ns)?;
    if let Some(cursor) = cursor {
        query.window = cursor.window;
    }
    let (window, after) = (query.window, cursor.map(|cursor| cursor.after));
    let found = ask(&app, move |telemetry| telemetry.traces(&query, after)).await?;
    let next = found.next.map(|after| Cursor { window: closed(window, now_ns, found.newest_ns), after });
    let list = TraceList {
        traces: found.rows.into_iter().map(TraceLine::from).collect(),
        matched: found.matched,
        exact: found.exact,
        next_cursor: next.map(Cursor::text),
        hints,
    };
    Ok(json(StatusCode::OK, &list))
}

/// Where the page before ended, and the window of all pages: a relative time means what it meant on the first.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cursor {
    window: Window,
    after: TracePlace,
}

impl Cursor {
    fn text(self) -> String {
        let (Window { from_ns, to_ns }, TracePlace { time_ns, trace_id }) = (self.window, self.after);
        format!("{from_ns}.{to_ns}.{time_ns}.{trace_id}")
    }

    fn read(text: &str) -> Answer<Self> {
        let parts = || {
            let mut parts = text.splitn(4, '.');
            let mut number = || parts.next()?.parse::<u64>().ok();
            let (window, time_ns) = (Window { from_ns: number()?, to_ns: number()? }, number()?);
            let trace_id = parts.next()?.parse().ok()?;
            window.holds(time_ns).then_some(Self { window, after: TracePlace { time_ns, trace_id } })
        };
        parts().ok_or_else(|| bad("`cursor` is none; give the `next_cursor` of the page before"))
    }
}

/// The window of all pages. Where nobody named its end: what comes meanwhile moves no trace from a later page to one that
/// was shown. A sender's clock may be ahead, so the end is behind the first trace in any case.
fn closed(window: Window, now_ns: u64, newest_ns: Option<u64>) -> Window {
    let to_ns = match window.to_ns {
        u64::MAX => now_ns.max(newest_ns.map_or(0, |newest_ns| newest_ns.saturating_add(1))),
        to_ns => to_ns,
    };
    Window { to_ns, ..window }
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
        let mut rows = telemetry.traces(&query, None)?.rows;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let after = TracePlace { time_ns: 7, trace_id: TraceId([0xab; 16]) };
        let cursor = Cursor { window: Window { from_ns: 3, to_ns: 9 }, after };
        let id = after.trace_id;
        assert_eq!(cursor.text(), format!("3.9.7.{id}"));
        assert_eq!(Cursor::read(&cursor.text()).ok(), Some(cursor));
        for text in ["", "9.7", "3.9.7.ab"] {
            assert!(Cursor::read(text).is_err(), "{text:?}");
        }
        for numbers in ["x.9.7", "3.7.7", "8.9.7", "9.7", "1.3.9.7"] {
            assert!(Cursor::read(&format!("{numbers}.{id}")).is_err(), "{numbers}");
        }
    }

    #[test]
    fn what_comes_between_pages_is_on_none() {
        #[rustfmt::skip]
        let table = [
            // asked,   now, newest,   closed
            (u64::MAX,  50,  Some(40), 50),
            (u64::MAX,  50,  Some(70), 71),
            (u64::MAX,  50,  None,     50),
            (30,        50,  Some(20), 30),
        ];
        for (to_ns, now_ns, newest_ns, expected) in table {
            let window = closed(Window { from_ns: 3, to_ns }, now_ns, newest_ns);
            assert_eq!(window, Window { from_ns: 3, to_ns: expected });
        }
    }
}
