//! How services are called, and why a call went as it did.

use axum::extract::State;
use axum::response::Response;
use http::{StatusCode, Uri};

use super::answer::{json, params};
use crate::app::Shared;
use crate::problem::{Answer, Code, Problem};
use crate::wire::calls::{CallsExplained, ExplainParams, LIMIT_DEFAULT, LIMIT_MAX, ServiceCalls};

/// How services are called: what is known of each address, what the limits have left, and why calls went as they did.
///
/// Sagas and the proxy share it; a step's own story is in its saga's journal. Operations whose limits count apart are in
/// `in_flight` and `queued`, and not in `retry_budget` and `limit`.
#[utoipa::path(
    get, path = "/v1/calls/explain", tag = "calls", params(ExplainParams),
    responses(
        (status = 200, description = "The services.", body = CallsExplained),
        (status = 404, description = "`service_unknown`: the system has no service of that name.", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 400, description = "`bad_request`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn explain(State(app): State<Shared>, uri: Uri) -> Answer<Response> {
    let params: ExplainParams = params(&uri)?;
    let limit = params.limit.unwrap_or(LIMIT_DEFAULT);
    if limit > LIMIT_MAX {
        return Err(Problem::new(Code::BadRequest, format!("`limit` is {limit}; give 0 to {LIMIT_MAX}")));
    }
    let services = match &params.service {
        None => app.outbound.services(),
        Some(name) => match app.outbound.service(name) {
            Some(service) => vec![service],
            None => return Err(unknown(&app, name)),
        },
    };
    let services = services.into_iter().map(|now| ServiceCalls::new(now, limit)).collect();
    Ok(json(StatusCode::OK, &CallsExplained { services }))
}

/// Says whom the system has, so that a mistyped name is seen at once.
fn unknown(app: &Shared, name: &str) -> Problem {
    let live = app.systems.live();
    let names: Vec<&str> = live.system.services.keys().map(String::as_str).collect();
    let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    Problem::new(Code::ServiceUnknown, format!("the system has no service `{name}`; it has {known}"))
}
