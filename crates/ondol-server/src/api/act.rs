//! What a person does to a saga.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::{StatusCode, Uri};
use ondol_core::{Permit, VerbKind};
use ondol_engine::{ActError, SagaId, VerbRequest};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::answer::{Path, json, missing, params, story};
use super::dry_run;
use crate::app::Shared;
use crate::guard::body;
use crate::problem::{Answer, Code, Problem};
use crate::wire::verb::{Act, ActAnswer, Acted};
use crate::wire::words;

/// Bytes of a note. It is a sentence, kept on the saga for ever.
const NOTE_BYTES_MAX: usize = 1_024;

/// Bytes of a name. It is a person's, or a program's.
const BY_BYTES_MAX: usize = 128;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {
    dry_run: bool,
}

/// Does something to a saga.
///
/// `allowed` of the saga says which verbs are allowed now, and why not. When this answers, what was done is durable.
#[utoipa::path(
    post, path = "/v1/sagas/{id}/{verb}", tag = "sagas", request_body = Option<Act>,
    params(
        ("id" = String, Path, description = "The saga's id."),
        ("verb" = String, Path, description = "`pause`, `resume`, `cancel`, `retry`, `complete`, `skip`, `edit` or `resend`."),
        ("dry_run" = Option<bool>, Query, description = "Only tell what would happen."),
    ),
    responses(
        (status = 200, description = "Done; or, for a dry run, what would happen.", body = ActAnswer<'static>),
        (status = 202, description = "Recorded; it waits for the pivot's outcome.", body = Acted),
        (status = 400, description = "`bad_request`", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`saga_not_found`", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 410, description = "`saga_dropped`: only its outcome is left.", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 409, description = "`not_allowed`, with the reason.", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 412, description = "`stale`: the saga is not at `if_seq` any more.", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 422, description = "`step_unknown`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn act(
    State(app): State<Shared>,
    Path((id, verb)): Path<(String, String)>,
    uri: Uri,
    body: Body,
) -> Answer<Response> {
    let unknown = || {
        let verbs = words::VERBS.map(words::verb).join(", ");
        Problem::new(Code::NotFound, format!("there is no verb `{verb}`; there are {verbs}"))
    };
    let kind = words::parse_verb(&verb).ok_or_else(unknown)?;
    let params: Params = params(&uri)?;
    let bytes = body::read(body).await?;
    let request = request(kind, &body::json_or_default(&bytes)?)?;
    if params.dry_run {
        let story = story(&app, &id).await?;
        return dry_run::answer(&story, &request);
    }
    let saga = SagaId::new(&id)?;
    let acted = match app.engine.act(saga.clone(), request).await {
        Err(ActError::NotFound { .. }) => return Err(missing(&app, &saga).await?),
        acted => acted?,
    };
    let pending = acted.permit == Permit::Pending;
    let status = if pending { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok(json(status, &ActAnswer::Acted(Acted { id: &id, seq: acted.seq, pending })))
}

/// Checks the arguments of a verb.
pub(super) fn request(kind: VerbKind, act: &Act<'_>) -> Answer<VerbRequest> {
    let bad = |detail: String| Problem::new(Code::BadRequest, detail);
    let half = match act.half.as_deref() {
        None => None,
        Some(word) => {
            let unknown = || bad(format!("`half` is {word:?}; it is action or compensation"));
            Some(words::parse_half(word).ok_or_else(unknown)?)
        }
    };
    let note = act.note.as_deref().unwrap_or_default();
    if note.len() > NOTE_BYTES_MAX {
        return Err(bad(format!("`note` has {} bytes; at most {NOTE_BYTES_MAX} are kept", note.len())));
    }
    let by = act.by.as_deref();
    if let Some(by) = by
        && (by.trim().is_empty() || by.len() > BY_BYTES_MAX)
    {
        let detail =
            format!("`by` has {} bytes; give a name of 1 to {BY_BYTES_MAX}, or leave it out", by.len());
        return Err(bad(detail));
    }
    let vouches = matches!(kind, VerbKind::Complete | VerbKind::Skip | VerbKind::Edit);
    if vouches && note.trim().is_empty() {
        return Err(bad(format!("`{}` needs a `note`: why you are sure", words::verb(kind))));
    }
    let payload = match kind {
        VerbKind::Complete => act.output,
        VerbKind::Edit if act.input.is_none() => return Err(bad("`edit` needs the new `input`".to_owned())),
        VerbKind::Edit => act.input,
        VerbKind::Resend if act.notice.is_none() => {
            return Err(bad("`resend` needs the number of the `notice`".to_owned()));
        }
        VerbKind::Pause
        | VerbKind::Resume
        | VerbKind::Cancel
        | VerbKind::Retry
        | VerbKind::Skip
        | VerbKind::Resend => None,
    };
    Ok(VerbRequest {
        kind,
        step: act.step.as_deref().map(str::to_owned),
        half,
        payload: payload.map(RawValue::get).map(|text| Arc::from(text.as_bytes())),
        notice: act.notice,
        note: note.into(),
        by: by.map(Into::into),
        batch: None,
        if_seq: act.if_seq,
    })
}
