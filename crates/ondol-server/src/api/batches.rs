//! Batches.

use std::collections::HashSet;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use ondol_engine::SagaId;
use serde::Deserialize;
use serde_json::value::RawValue;
use ulid::Ulid;

use super::answer::{Path, asked_id, blocking, json, params};
use super::{act, list};
use crate::app::Shared;
use crate::batch::{Action, BatchRow, Begun, RATE_DEFAULT, RATE_MAX, SAGAS_MAX};
use crate::guard::body;
use crate::listing::{LIMIT_MAX, Listing, Query};
use crate::problem::{Answer, Code, Problem};
use crate::wire::batch::{BatchAnswer, BatchDryRun, BatchList, BatchQuery, BatchView, Begin};
use crate::wire::list::ListParams;
use crate::wire::verb::Act;
use crate::wire::words;
use crate::{clock, digest};

/// Sagas named by a dry run: enough to see whether the query means the right ones.
const SHOWN_MAX: usize = 100;

/// Sagas named by a request: two pages of a list, selected by a person.
const IDS_MAX: usize = 1_000;

/// How the answer is wanted.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {
    dry_run: bool,
}

/// Begins a batch: a verb on every saga that matches, at a rate.
///
/// The sagas are fixed when this answers, and the batch is durable. Each saga decides for itself whether it allows the
/// verb. The same id and the same request again are a repeat: 200, and no second batch.
#[utoipa::path(
    post, path = "/v1/batches", tag = "batches", request_body = Begin,
    params(
        ("dry_run" = Option<bool>, Query, description = "Only tell how many sagas match, and the first of them."),
        ("Idempotency-Key" = Option<String>, Header, description = "The batch's id, instead of the member `id`."),
    ),
    responses(
        (status = 201, description = "Begun. `Location` is the batch.", body = BatchView),
        (status = 200, description = "The same request had been accepted before; or, for a dry run, what it would be about.", body = BatchAnswer),
        (status = 409, description = "`id_taken`: the id belongs to another request.", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 503, description = "`outcome_unknown`: send it again with the same id.", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 400, description = "`bad_request`", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 422, description = "`batch_too_large`: narrow the query.", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn begin(
    State(app): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Answer<Response> {
    let params: Params = params(&uri)?;
    let bytes = body::read(body).await?;
    let begin: Begin = body::json(&bytes)?;
    let (action, rate_per_second) = checked(&begin)?;
    let which = which(&begin)?;
    let id = asked_id(begin.id.as_deref(), &headers)?;
    let id = id.map_or_else(|| Ulid::generate().to_string(), |id| id.to_string());
    let request = digest(&begin);
    if !params.dry_run
        && let Some(row) = app.batches.known(&id, request).await?
    {
        return Ok(answer(StatusCode::OK, row));
    }
    // What was durable before this request came is in the lists before they are asked.
    let position = *app.engine.position().borrow();
    app.listing.reached(position).await;
    let listing = Arc::clone(&app.listing);
    let mut ids = blocking(move || found(&listing, which)).await?;
    if params.dry_run {
        let total = ids.len();
        ids.truncate(SHOWN_MAX);
        let answer = BatchAnswer::DryRun(BatchDryRun { verb: begin.verb, total, sagas: ids });
        return Ok(json(StatusCode::OK, &answer));
    }
    let first = Begun { at_ms: clock::wall_ms(), action, rate_per_second, ids, request };
    // Whoever is not told how this ends can look at it, cancel it, or send it again.
    let row = app.batches.begin(id.clone(), first).await.map_err(|problem| problem.with("batch", &id))?;
    Ok(answer(StatusCode::CREATED, row))
}

/// A batch that was accepted, and where it is.
fn answer(status: StatusCode, row: BatchRow) -> Response {
    let location = HeaderValue::try_from(format!("/v1/batches/{}", row.id));
    let mut response = json(status, &BatchAnswer::Begun(BatchView::from(row)));
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// What tells a repeat from another request: all that was asked but the id.
fn digest(begin: &Begin) -> u128 {
    let Begin { id: _, verb, query, step, half, output, input, notice, note, by, rate_per_second } = begin;
    let BatchQuery { status, definition, service, step: of_step, cause, ids, q, from, to } = query;
    let text = |text: &Option<String>| format!("{text:?}");
    let payload = |json: &Option<Box<RawValue>>| json.as_ref().map(|json| digest::compacted(json.get()));
    let mut parts = vec![
        verb.clone(),
        text(status),
        text(definition),
        text(q),
        text(from),
        text(to),
        text(step),
        text(half),
        text(&payload(output)),
        text(&payload(input)),
        format!("{notice:?} {rate_per_second:?}"),
        note.clone(),
    ];
    // What came later counts where it is said: a repeat of an older request stays one.
    if by.is_some() || service.is_some() || of_step.is_some() || cause.is_some() || ids.is_some() {
        parts.push(format!("{service:?} {of_step:?} {cause:?} {ids:?} {by:?}"));
    }
    let parts: Vec<&[u8]> = parts.iter().map(String::as_bytes).collect();
    digest::of(&parts)
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
    Ok(json(StatusCode::OK, &BatchView::from(app.batches.get(&id).await?)))
}

/// Cancels a batch. What was done stays done. When this answers, that it was cancelled is durable.
#[utoipa::path(
    delete, path = "/v1/batches/{id}", tag = "batches", params(("id" = String, Path, description = "The batch's id.")),
    responses(
        (status = 202, description = "It has ended, after the saga it was at.", body = BatchView),
        (status = 503, description = "`outcome_unknown`: it could not be written yet; cancel it again.", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`batch_not_found`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn cancel(State(app): State<Shared>, Path(id): Path<String>) -> Answer<Response> {
    Ok(json(StatusCode::ACCEPTED, &BatchView::from(app.batches.cancel(&id).await?)))
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
        by: begin.by.as_deref().map(Into::into),
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
        by: begin.by.clone(),
    };
    Ok((action, rate))
}

/// Which sagas a batch is about.
enum Which {
    /// All that match.
    Matching(Query),
    /// These; where something else is asked, those of them that match.
    Among(Vec<String>, Option<Query>),
}

fn which(begin: &Begin) -> Answer<Which> {
    let asked = &begin.query;
    let query = list::query(&ListParams {
        status: asked.status.clone(),
        definition: asked.definition.clone(),
        service: asked.service.clone(),
        step: asked.step.clone(),
        cause: asked.cause.clone(),
        q: asked.q.clone(),
        from: asked.from.clone(),
        to: asked.to.clone(),
        cursor: None,
        limit: Some(LIMIT_MAX),
    })?;
    let everything = query == Query { limit: LIMIT_MAX, ..Query::default() };
    match &asked.ids {
        Some(ids) => Ok(Which::Among(named(ids)?, (!everything).then_some(query))),
        None if everything => {
            let detail = "`query` is empty, which would be every saga there is; say at least which status";
            Err(Problem::new(Code::BadRequest, detail))
        }
        None => Ok(Which::Matching(query)),
    }
}

/// The ids of `query.ids`, each once.
fn named(ids: &[String]) -> Answer<Vec<String>> {
    if ids.is_empty() || ids.len() > IDS_MAX {
        let detail = format!(
            "`query.ids` has {} ids; give 1 to {IDS_MAX}, or say what they have in common",
            ids.len()
        );
        return Err(Problem::new(Code::BadRequest, detail));
    }
    let mut seen = HashSet::new();
    let mut once = Vec::with_capacity(ids.len());
    for id in ids {
        SagaId::new(id)?;
        if seen.insert(id) {
            once.push(id.clone());
        }
    }
    Ok(once)
}

fn found(listing: &Listing, which: Which) -> Answer<Vec<String>> {
    match which {
        Which::Matching(query) => matching(listing, query),
        Which::Among(ids, None) => Ok(ids),
        Which::Among(ids, Some(query)) => {
            let now_ms = clock::wall_ms();
            let mut those = Vec::new();
            for id in ids {
                if listing.row(&id)?.is_some_and(|row| query.matches(&row, now_ms)) {
                    those.push(id);
                }
            }
            Ok(those)
        }
    }
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
