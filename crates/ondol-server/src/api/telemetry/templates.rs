//! What log lines have in common, and which kinds of lines are new.

use std::collections::HashMap;

use axum::extract::State;
use axum::response::Response;
use http::{StatusCode, Uri};
use ondol_telemetry::query::{Filter, LIMIT_MAX, Query, Window};
use ondol_telemetry::templates::{Bounds, TemplateId, Templates};
use ondol_telemetry::{QueryError, Telemetry};

use super::super::answer::{json, params};
use super::ask::ask;
use super::params::{Search, bad, filter, recent};
use crate::app::Shared;
use crate::clock;
use crate::problem::Answer;
use crate::wire::telemetry::Moment;
use crate::wire::telemetry::log::{TemplateList, TemplateView};

/// Templates in an answer where nothing is said.
const LIMIT_DEFAULT: usize = 100;

/// What the lines that match have in common, the most frequent first. A template is new where the time before, as long as
/// the window, has no such line. The newest 10,000 lines of either are looked at.
#[utoipa::path(
    get, path = "/v1/telemetry/logs/templates", tag = "telemetry", params(Search),
    responses(
        (status = 200, description = "The templates.", body = TemplateList),
        (status = 400, description = "`bad_request`, `query_syntax`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list(State(app): State<Shared>, uri: Uri) -> Answer<Response> {
    let search: Search = params(&uri)?;
    if search.cursor.is_some() || search.count.is_some() {
        return Err(bad(
            "templates have no pages and are always counted; give `q`, `from`, `to` and `limit`",
        ));
    }
    let limit = search.limit.unwrap_or(LIMIT_DEFAULT);
    let filter = filter(search.q.as_deref())?;
    let window = recent(search.from.as_deref(), search.to.as_deref(), clock::wall_ns())?;
    let mut list = ask(&app, move |telemetry| learn(telemetry, filter, window)).await?;
    list.templates.truncate(limit);
    Ok(json(StatusCode::OK, &list))
}

/// What is known of one template.
struct Seen {
    count: u64,
    before: bool,
}

fn learn(telemetry: &Telemetry, filter: Filter, window: Window) -> Result<TemplateList, QueryError> {
    let from_ns = window.from_ns.saturating_sub(window.to_ns - window.from_ns);
    let before = Window { from_ns, to_ns: window.from_ns };
    let mut templates = Templates::new(Bounds::default());
    let mut seen: HashMap<(String, TemplateId), Seen> = HashMap::new();
    let mut query = Query { filter, window: before, limit: LIMIT_MAX, count: false };
    let older = telemetry.logs(&query)?;
    query.window = window;
    let found = telemetry.logs(&query)?;
    // Oldest first, as they were written.
    for (logs, within) in [(&older, 0), (&found, 1)] {
        for log in logs.rows.iter().rev() {
            let learned = templates.learn(&log.source.service, &log.body, log.time_ns);
            let key = (log.source.service.clone(), learned.template);
            let seen = seen.entry(key).or_insert(Seen { count: 0, before: within == 0 });
            seen.count += within;
        }
    }
    let mut list: Vec<TemplateView> = templates
        .all()
        .filter_map(|template| {
            let Seen { count, before } = seen.get(&(template.service.clone(), template.id))?;
            (*count > 0).then(|| TemplateView {
                id: template.id.to_string(),
                service: template.service,
                text: template.text,
                count: *count,
                new: !before,
                first_ns: Moment(template.first_ns),
                last_ns: Moment(template.last_ns),
            })
        })
        .collect();
    list.sort_by(|left, right| {
        right
            .count
            .cmp(&left.count)
            .then_with(|| (&left.service, &left.text).cmp(&(&right.service, &right.text)))
    });
    let lines = found.rows.len() as u64;
    Ok(TemplateList { templates: list, lines, more: found.matched > lines || !found.exact })
}
