//! Who did what.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::{StatusCode, Uri};

use super::answer::{blocking, json, params};
use super::{cursor, list};
use crate::app::Shared;
use crate::clock;
use crate::listing::ActQuery;
use crate::problem::{Answer, Code, Problem};
use crate::wire::audit::{Audit, AuditAct, AuditParams};
use crate::wire::words;

/// What people did to sagas, newest first.
///
/// Every verb that was carried out since Ondol records who acted, with the reason that was given. Entries are kept for 400
/// days, also those of sagas whose history was dropped.
#[utoipa::path(
    get, path = "/v1/audit", tag = "sagas", params(AuditParams),
    responses(
        (status = 200, description = "A page.", body = Audit),
        (status = 400, description = "`bad_request`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn audit(State(app): State<Shared>, uri: Uri) -> Answer<Response> {
    let query = query(params(&uri)?)?;
    app.listing.fresh(&app.engine).await;
    let listing = Arc::clone(&app.listing);
    let page = blocking(move || listing.acts(&query)).await?;
    let audit = Audit {
        acts: page.acts.into_iter().map(AuditAct::from).collect(),
        next_cursor: page.next.map(|(at_ms, name)| cursor::list(at_ms, &name)),
    };
    Ok(json(StatusCode::OK, &audit))
}

fn query(params: AuditParams) -> Answer<ActQuery> {
    let AuditParams { saga, verb, by, from, to, cursor, limit } = params;
    if let Some(word) = verb.as_deref()
        && words::parse_verb(word).is_none()
    {
        let verbs = words::VERBS.map(words::verb).join(", ");
        return Err(Problem::new(Code::BadRequest, format!("there is no verb {word:?}; there are {verbs}")));
    }
    let now_ms = clock::wall_ms();
    Ok(ActQuery {
        saga,
        verb,
        by,
        from_ms: from.as_deref().map(|text| list::time("from", text, now_ms)).transpose()?,
        to_ms: to.as_deref().map(|text| list::time("to", text, now_ms)).transpose()?,
        after: cursor.as_deref().map(list::after).transpose()?,
        limit: list::limit(limit)?,
    })
}
