//! `ondol why` over HTTP.

use axum::extract::State;
use axum::response::Response;
use http::{StatusCode, Uri};
use ondol_telemetry::why::Language;

use super::answer::{Path, json, params};
use crate::app::Shared;
use crate::problem::{Answer, Code, Problem};
use crate::why::{gather, told};
use crate::wire::why::{WhyParams, WhyView};

/// What became of a saga, a trace or a request, and why: gathered from the saga's journal, the spans of its trace and the
/// logs, and told in plain words.
///
/// The id is a saga's, a trace's (32 hexadecimal digits), or one that a service wrote down as `request.id` or got as
/// `x-request-id`. A saga that goes on is told as far as it is.
#[utoipa::path(
    get, path = "/v1/telemetry/why/{id}", tag = "telemetry",
    params(("id" = String, Path, description = "The id of a saga, a trace or a request."), WhyParams),
    responses(
        (status = 200, description = "The story.", body = WhyView),
        (status = 400, description = "`bad_request`", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: nothing is known of that id.", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn why(State(app): State<Shared>, Path(id): Path<String>, uri: Uri) -> Answer<Response> {
    let params: WhyParams = params(&uri)?;
    let language = match params.lang.as_deref() {
        None | Some("en") => Language::En,
        Some("ko") => Language::Ko,
        Some(other) => {
            return Err(Problem::new(Code::BadRequest, format!("`lang` is {other:?}; give en or ko")));
        }
    };
    let gathered = gather(&app, &id).await?;
    Ok(json(StatusCode::OK, &WhyView::from(told(&app, &id, gathered, language))))
}
