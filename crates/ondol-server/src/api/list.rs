//! Lists and search.

use axum::extract::State;
use axum::response::Response;
use http::{StatusCode, Uri};

use super::answer::{blocking, json, params};
use super::cursor;
use super::telemetry::params::moment;
use crate::app::Shared;
use crate::clock;
use crate::listing::{LIMIT_DEFAULT, LIMIT_MAX, Query, Status};
use crate::problem::{Answer, Code, Problem};
use crate::wire::list::{ListParams, SagaList, SagaRow};

/// Lists sagas, newest first.
///
/// Lists follow the journal. A page shows what was durable when it was asked for, unless the lists are far behind: then it
/// is older, and `/v1/status` shows by how much (`view_lag`).
#[utoipa::path(
    get, path = "/v1/sagas", tag = "sagas", params(ListParams),
    responses(
        (status = 200, description = "A page.", body = SagaList),
        (status = 400, description = "`bad_request`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(State(app): State<Shared>, uri: Uri) -> Answer<Response> {
    let query = query(&params(&uri)?)?;
    app.listing.fresh(&app.engine).await;
    let listing = std::sync::Arc::clone(&app.listing);
    let page = blocking(move || listing.page(&query)).await?;
    let now_ms = clock::wall_ms();
    let list = SagaList {
        sagas: page.rows.into_iter().map(|row| SagaRow::new(row, now_ms)).collect(),
        next_cursor: page.next.map(|(time_ms, id)| cursor::list(time_ms, &id)),
    };
    Ok(json(StatusCode::OK, &list))
}

/// Reads what is asked.
pub(super) fn query(params: &ListParams) -> Answer<Query> {
    let now_ms = clock::wall_ms();
    Ok(Query {
        statuses: params.status.as_deref().map_or(Ok(Vec::new()), statuses)?,
        definition: params.definition.clone(),
        service: params.service.clone(),
        step: params.step.clone(),
        cause: params.cause.clone(),
        text: params.q.clone().filter(|text| !text.is_empty()),
        from_ms: params.from.as_deref().map(|text| time("from", text, now_ms)).transpose()?,
        to_ms: params.to.as_deref().map(|text| time("to", text, now_ms)).transpose()?,
        after: params.cursor.as_deref().map(after).transpose()?,
        limit: limit(params.limit)?,
    })
}

/// How many lines a page has.
pub(super) fn limit(asked: Option<usize>) -> Answer<usize> {
    let limit = asked.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::new(Code::BadRequest, format!("`limit` is {limit}; give 1 to {LIMIT_MAX}")));
    }
    Ok(limit)
}

/// The last line of the page before.
pub(super) fn after(text: &str) -> Answer<(u64, String)> {
    let bad =
        || Problem::new(Code::BadRequest, "`cursor` is none; give the `next_cursor` of the page before");
    cursor::parse_list(text).ok_or_else(bad)
}

fn statuses(text: &str) -> Answer<Vec<Status>> {
    let mut statuses = Vec::new();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        if word == "open" {
            statuses.extend(Status::ALL.into_iter().filter(|status| status.open()));
            continue;
        }
        let unknown = || {
            let words = Status::ALL.map(Status::as_str).join(", ");
            Problem::new(
                Code::BadRequest,
                format!("there is no status {word:?}; there are {words}, and open"),
            )
        };
        statuses.push(Status::parse(word).ok_or_else(unknown)?);
    }
    statuses.sort_unstable();
    statuses.dedup();
    Ok(statuses)
}

/// A time as it stands in a parameter (RFC 3339, or so long ago: `-15m`), in milliseconds since 1970.
pub(super) fn time(name: &str, text: &str, now_ms: u64) -> Answer<u64> {
    moment(name, text, now_ms.saturating_mul(NS_IN_MS)).map(|ns| ns / NS_IN_MS)
}

const NS_IN_MS: u64 = 1_000_000;
