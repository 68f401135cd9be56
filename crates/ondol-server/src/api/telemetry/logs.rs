//! Logs: search, counts over time, the lines around a line.

use axum::extract::State;
use axum::response::Response;
use http::{StatusCode, Uri};
use ondol_telemetry::model::{Log, Source};
use ondol_telemetry::query::{Found, Query, STEPS_MAX};
use serde::Deserialize;
use utoipa::IntoParams;

use super::super::answer::{json, params};
use super::ask::ask;
use super::pages::{Lines, digest};
use super::params::{Search, Within, bad, filter, length_ns, moment, recent};
use crate::app::Shared;
use crate::clock;
use crate::problem::Answer;
use crate::wire::telemetry::log::{Histogram, LogContext, LogList, LogView, Step};

/// Steps of a histogram where nothing is said: as many columns as fit a screen.
const STEPS_DEFAULT: u64 = 60;

/// Lines around a line where nothing is said, and at most, on either side.
const LINES_DEFAULT: usize = 10;
const LINES_MAX: usize = 1_000;

/// Searches logs, newest first.
#[utoipa::path(
    get, path = "/v1/telemetry/logs", tag = "telemetry", params(Search),
    responses(
        (status = 200, description = "A page.", body = LogList),
        (status = 400, description = "`bad_request`, `query_syntax`", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 503, description = "`telemetry_away`, `queries_busy`, `too_slow`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list(State(app): State<Shared>, uri: Uri) -> Answer<Response> {
    let lines = Lines::of(&params(&uri)?, clock::wall_ns())?;
    let (query, start) = (lines.query.clone(), lines.start);
    let page = ask(&app, move |telemetry| telemetry.logs_page(&query, start)).await?;
    let Found { rows, matched, exact } = page.found;
    let next_cursor = page.next.map(|next| lines.cursor(next));
    let logs = rows.iter().map(LogView::from).collect();
    Ok(json(StatusCode::OK, &LogList { logs, matched, exact, next_cursor, hints: lines.hints }))
}

/// How many log records match in each step of time, by level.
#[utoipa::path(
    get, path = "/v1/telemetry/logs/histogram", tag = "telemetry", params(Within),
    responses(
        (status = 200, description = "The counts.", body = Histogram),
        (status = 400, description = "`bad_request`, `query_syntax`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn histogram(State(app): State<Shared>, uri: Uri) -> Answer<Response> {
    let within: Within = params(&uri)?;
    let window = recent(within.from.as_deref(), within.to.as_deref(), clock::wall_ns())?;
    let length = window.to_ns - window.from_ns;
    let step_ns = match within.step.as_deref() {
        None => length.div_ceil(STEPS_DEFAULT),
        Some(text) => {
            let wrong = || bad(format!("`step` is {text:?}; write it like 10s, 1m or 1h"));
            length_ns(text).filter(|step| *step > 0).ok_or_else(wrong)?
        }
    };
    let steps = window.steps(step_ns);
    if steps > STEPS_MAX {
        let said = format!("the window touches {steps} steps, which begin at multiples of their length");
        return Err(bad(format!("{said}; at most {STEPS_MAX} are counted, give a longer `step`")));
    }
    let query = Query { filter: filter(within.q.as_deref())?, window, limit: 1, count: true };
    let counts = ask(&app, move |telemetry| telemetry.counts(&query, step_ns)).await?;
    let histogram = Histogram { step_ns, counts: counts.iter().map(Step::from).collect() };
    Ok(json(StatusCode::OK, &histogram))
}

/// Which line.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(in crate::api) struct Line {
    /// The service that wrote it.
    service: Option<String>,
    /// The instance that wrote it; all of them where nothing is said.
    instance: Option<String>,
    /// When: its `time_ns`, or RFC 3339.
    at: Option<String>,
    /// Its `key`, where several were written at that nanosecond; the last of them where nothing is said.
    key: Option<String>,
    /// How many lines before and after it, at most 1000; 10 where nothing is said.
    lines: Option<usize>,
}

/// The lines that the same instance wrote before and after one of its lines.
#[utoipa::path(
    get, path = "/v1/telemetry/logs/context", tag = "telemetry", params(Line),
    responses(
        (status = 200, description = "The lines.", body = LogContext),
        (status = 400, description = "`bad_request`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn context(State(app): State<Shared>, uri: Uri) -> Answer<Response> {
    let Line { service, instance, at, key, lines } = params(&uri)?;
    let needed = || bad("give `service` and `at`, as the line has them in `service` and `time_ns`");
    let (service, at) = service.zip(at).ok_or_else(needed)?;
    let at_ns = moment("at", &at, clock::wall_ns())?;
    let unread = || bad("`key` is none; give the `key` of the line, 16 hexadecimal digits");
    let key = key.map(|key| digest(&key).ok_or_else(unread)).transpose()?;
    let lines = lines.unwrap_or(LINES_DEFAULT);
    if lines > LINES_MAX {
        return Err(bad(format!("`lines` is {lines}; give at most {LINES_MAX}")));
    }
    let source = Source { service, instance: instance.unwrap_or_default(), ..Source::default() };
    let around = ask(&app, move |telemetry| telemetry.around(&source, (at_ns, key), lines)).await?;
    let views = |logs: &[Log]| logs.iter().map(LogView::from).collect();
    let context = LogContext {
        before: views(&around.before),
        line: around.line.as_ref().map(LogView::from),
        after: views(&around.after),
    };
    Ok(json(StatusCode::OK, &context))
}
