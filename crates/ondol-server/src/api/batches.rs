//! Batches.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::value::RawValue;
use ulid::Ulid;

use super::answer::{blocking, json};
use super::{act, list};
use crate::app::Shared;
use crate::batch::{Action, Begun, RATE_DEFAULT, RATE_MAX, SAGAS_MAX};
use crate::clock;
use crate::guard::body;
use crate::listing::{LIMIT_MAX, Listing, Query};
use crate::problem::{Answer, Code, Problem};
use crate::wire::batch::{BatchList, BatchView, Begin};
use crate::wire::list::ListParams;
use crate::wire::verb::Act;
use crate::wire::words;

/// Begins a batch: a verb on every saga that matches, at a rate.
///
/// The sagas are fixed when this answers, and the batch is durable. Each saga decides for itself whether it allows the
/// verb.
#[utoipa::path(
    post, path = "/v1/batches", tag = "batches", request_body = Begin,
    responses(
        (status = 201, description = "Begun. `Location` is the batch.", body = BatchView),
        (status = 400, description = "`bad_request`", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 422, description = "`batch_too_large`: narrow the query.", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn begin(State(app): State<Shared>, body: Body) -> Answer<Response> {
    let bytes = body::read(body).await?;
    let begin: Begin = body::json(&bytes)?;
    let (action, rate_per_second) = checked(&begin)?;
    let query = query(&begin)?;
    // What was durable before this request came is in the lists before they are asked.
    let position = *app.engine.position().borrow();
    app.listing.reached(position).await;
    let listing = Arc::clone(&app.listing);
    let ids = blocking(move || matching(&listing, query)).await?;
    let first = Begun { at_ms: clock::wall_ms(), action, rate_per_second, ids };
    let id = Ulid::generate().to_string();
    let row = app.batches.begin(id.clone(), first).await?;
    let mut response = json(StatusCode::CREATED, &BatchView::from(row));
    if let Ok(location) = HeaderValue::try_from(format!("/v1/batches/{id}")) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// The batches there are, newest first.
#[utoipa::path(
    get, path = "/v1/batches", tag = "batches",
    responses((status = 200, description = "The batches.", body = BatchList))
)]
pub(super) async fn list(State(app): State<Shared>) -> Answer<Response> {
    let rows = app.batches.list()?;
    Ok(json(StatusCode::OK, &BatchList { batches: rows.into_iter().map(BatchView::from).collect() }))
}

/// A batch and how far it is.
#[utoipa::path(
    get, path = "/v1/batches/{id}", tag = "batches", params(("id" = String, Path, description = "The batch's id.")),
    responses(
        (status = 200, description = "The batch.", body = BatchView),
        (status = 404, description = "`batch_not_found`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get(State(app): State<Shared>, Path(id): Path<String>) -> Answer<Response> {
    Ok(json(StatusCode::OK, &BatchView::from(app.batches.get(&id)?)))
}

/// Cancels a batch. What was done stays done.
#[utoipa::path(
    delete, path = "/v1/batches/{id}", tag = "batches", params(("id" = String, Path, description = "The batch's id.")),
    responses(
        (status = 202, description = "It ends after the saga it is at.", body = BatchView),
        (status = 404, description = "`batch_not_found`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn cancel(State(app): State<Shared>, Path(id): Path<String>) -> Answer<Response> {
    Ok(json(StatusCode::ACCEPTED, &BatchView::from(app.batches.cancel(&id)?)))
}

fn checked(begin: &Begin) -> Answer<(Action, u32)> {
    let bad = |detail: String| Problem::new(Code::BadRequest, detail);
    let verbs = || words::VERBS.map(words::verb).join(", ");
    let kind = words::parse_verb(&begin.verb);
    let kind =
        kind.ok_or_else(|| bad(format!("there is no verb {:?}; there are {}", begin.verb, verbs())))?;
    let rate = begin.rate_per_second.unwrap_or(RATE_DEFAULT);
    if !(1..=RATE_MAX).contains(&rate) {
        return Err(bad(format!("`rate_per_second` is {rate}; give 1 to {RATE_MAX}")));
    }
    let act = Act {
        step: begin.step.as_deref().map(Into::into),
        half: begin.half.as_deref().map(Into::into),
        output: begin.output.as_deref(),
        input: begin.input.as_deref(),
        notice: begin.notice,
        note: Some(begin.note.as_str().into()),
        if_seq: None,
    };
    let request = act::request(kind, &act)?;
    let payload = request.payload.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
    let action = Action {
        verb: begin.verb.clone(),
        step: begin.step.clone(),
        half: begin.half.clone(),
        payload: payload.and_then(|text| RawValue::from_string(text.to_owned()).ok()),
        notice: begin.notice,
        note: begin.note.clone(),
    };
    Ok((action, rate))
}

fn query(begin: &Begin) -> Answer<Query> {
    let asked = &begin.query;
    let query = list::query(&ListParams {
        status: asked.status.clone(),
        definition: asked.definition.clone(),
        q: asked.q.clone(),
        from: asked.from.clone(),
        to: asked.to.clone(),
        cursor: None,
        limit: Some(LIMIT_MAX),
    })?;
    let everything = Query { limit: LIMIT_MAX, ..Query::default() };
    if query == everything {
        let detail = "`query` is empty, which would be every saga there is; say at least which status";
        return Err(Problem::new(Code::BadRequest, detail));
    }
    Ok(query)
}

fn matching(listing: &Listing, mut query: Query) -> Answer<Vec<String>> {
    let mut ids = Vec::new();
    loop {
        let page = listing.page(&query)?;
        ids.extend(page.rows.into_iter().map(|row| row.id));
        if ids.len() > SAGAS_MAX {
            let detail = format!(
                "more than {SAGAS_MAX} sagas match; narrow the query, for instance by `from` and `to`"
            );
            return Err(Problem::new(Code::BatchTooLarge, detail));
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(ids),
        }
    }
}
