//! How many sagas began and ended, and what needs a person.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::{StatusCode, Uri};

use super::answer::{blocking, json, params};
use super::list;
use crate::app::Shared;
use crate::clock;
use crate::listing::{MINUTE_MS, STEPS_MAX, Steps, WINDOW_DAYS_MAX};
use crate::problem::{Answer, Code, Problem};
use crate::wire::causes::{CauseList, CausesParams};
use crate::wire::figures::{FiguresParams, SagaFigure, SagaFigures};
use crate::wire::list::ListParams;

/// The window where nothing is said.
const WINDOW_MS: u64 = 60 * MINUTE_MS;

const DAY_MS: u64 = 1_440 * MINUTE_MS;

/// What needs a person, by cause.
///
/// Sagas that are stuck at the same step for the same reason are one line. `cause` is a filter of `GET /v1/sagas` and of
/// batches, so that all of them can be looked at and acted on. Reads only sagas that need a person.
#[utoipa::path(
    get, path = "/v1/sagas/causes", tag = "sagas", params(CausesParams),
    responses(
        (status = 200, description = "The causes, those of most sagas first.", body = CauseList),
        (status = 400, description = "`bad_request`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn causes(State(app): State<Shared>, uri: Uri) -> Answer<Response> {
    let CausesParams { status, definition, service, from, to } = params(&uri)?;
    let asked = ListParams { status, definition, service, from, to, ..ListParams::default() };
    let query = list::query(&asked)?;
    app.listing.fresh(&app.engine).await;
    let listing = Arc::clone(&app.listing);
    let causes = blocking(move || listing.causes(&query, clock::wall_ms())).await?;
    Ok(json(StatusCode::OK, &CauseList::from(causes)))
}

/// How many sagas began and ended, by time.
///
/// Counted while they happen, so it costs the same however many there are. Kept as long as ended sagas are.
#[utoipa::path(
    get, path = "/v1/sagas/figures", tag = "sagas", params(FiguresParams),
    responses(
        (status = 200, description = "Every step of the window.", body = SagaFigures),
        (status = 400, description = "`bad_request`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn figures(State(app): State<Shared>, uri: Uri) -> Answer<Response> {
    let asked: FiguresParams = params(&uri)?;
    let steps = steps(&asked, clock::wall_ms())?;
    app.listing.fresh(&app.engine).await;
    let listing = Arc::clone(&app.listing);
    let counts = blocking(move || listing.figures(steps, asked.definition.as_deref())).await?;
    let counts = counts.into_iter().map(SagaFigure::new).collect();
    Ok(json(StatusCode::OK, &SagaFigures { step_ms: steps.step_ms, counts }))
}

/// The window, widened to whole steps.
fn steps(asked: &FiguresParams, now_ms: u64) -> Answer<Steps> {
    let bad = |detail: String| Problem::new(Code::BadRequest, detail);
    let step = asked.step.as_deref().unwrap_or("1m");
    let length = clock::length(step).map(|length| length.as_millis() as u64);
    let step_ms = length.filter(|length_ms| *length_ms > 0 && length_ms.is_multiple_of(MINUTE_MS));
    let step_ms = step_ms
        .ok_or_else(|| bad(format!("`step` is {step:?}; give a multiple of a minute, such as 5m or 1h")))?;
    // Now, and what happened in this millisecond.
    let until_ms = asked.to.as_deref().map_or(Ok(now_ms + 1), |text| list::time("to", text, now_ms))?;
    let to_ms = until_ms.div_ceil(step_ms).saturating_mul(step_ms);
    let from_ms = match asked.from.as_deref() {
        Some(text) => list::time("from", text, now_ms)?,
        None => to_ms.saturating_sub(WINDOW_MS.max(step_ms)),
    };
    let from_ms = from_ms - from_ms % step_ms;
    if from_ms >= to_ms {
        return Err(bad("`from` is not before `to`; there is nothing between them".to_owned()));
    }
    let count = (to_ms - from_ms) / step_ms;
    if count > STEPS_MAX {
        let detail = format!("the window has {count} steps of {step}, and {STEPS_MAX} are answered at most");
        return Err(bad(format!("{detail}; give a longer `step`, or a later `from`")));
    }
    if to_ms - from_ms > WINDOW_DAYS_MAX * DAY_MS {
        return Err(bad(format!("the window is longer than {WINDOW_DAYS_MAX} days; give a later `from`")));
    }
    Ok(Steps { from_ms, to_ms, step_ms })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_whole_steps() {
        let now_ms = clock::parse_ns("2026-11-25T17:04:05Z").unwrap() / 1_000_000;
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        #[rustfmt::skip]
        let table = [
            ("",                     "",                     "",    "2026-11-25T16:05:00.000Z 2026-11-25T17:05:00.000Z 60000"),
            ("",                     "",                     "5m",  "2026-11-25T16:05:00.000Z 2026-11-25T17:05:00.000Z 300000"),
            ("",                     "",                     "2h",  "2026-11-25T16:00:00.000Z 2026-11-25T18:00:00.000Z 7200000"),
            ("2026-11-25T16:59:59Z", "2026-11-25T17:00:00Z", "",    "2026-11-25T16:59:00.000Z 2026-11-25T17:00:00.000Z 60000"),
            ("2026-11-24T16:59:00Z", "2026-11-25T16:59:30Z", "1h",  "2026-11-24T16:00:00.000Z 2026-11-25T17:00:00.000Z 3600000"),
            ("",                     "",                     "90s", "`step` is \"90s\"; give a multiple of a minute, such as 5m or 1h"),
            ("",                     "",                     "0m",  "`step` is \"0m\"; give a multiple of a minute, such as 5m or 1h"),
            ("yesterday",            "",                     "",    "`from` is \"yesterday\"; write it like 2026-11-23T08:00:00Z, -15m, or in nanoseconds since 1970"),
            ("-30m",                 "",                     "",    "2026-11-25T16:34:00.000Z 2026-11-25T17:05:00.000Z 60000"),
            ("2026-11-25T18:00:00Z", "",                     "",    "`from` is not before `to`; there is nothing between them"),
            ("2026-11-23T18:00:00Z", "",                     "",    "the window has 2825 steps of 1m, and 1500 are answered at most; give a longer `step`, or a later `from`"),
            ("2025-01-01T00:00:00Z", "",                     "1d",  "the window is longer than 400 days; give a later `from`"),
        ];
        for (from, to, step, expected) in table {
            let asked = FiguresParams { from: text(from), to: text(to), step: text(step), definition: None };
            let told = match steps(&asked, now_ms) {
                Ok(Steps { from_ms, to_ms, step_ms }) => {
                    format!("{} {} {step_ms}", clock::text(from_ms), clock::text(to_ms))
                }
                Err(problem) => problem.detail().to_owned(),
            };
            assert_eq!(told, expected, "{from:?} {to:?} {step:?}");
        }
    }
}
