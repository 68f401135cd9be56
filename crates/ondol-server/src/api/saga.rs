//! One saga.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::answer::{Path, json, story};
use crate::app::Shared;
use crate::clock;
use crate::problem::Answer;
use crate::wire::saga::SagaView;

/// A saga in full: its steps and every attempt, what went wrong, what happens next, what a person may do now.
#[utoipa::path(
    get, path = "/v1/sagas/{id}", tag = "sagas",
    params(("id" = String, Path, description = "The saga's id.")),
    responses(
        (status = 200, description = "The saga.", body = SagaView),
        (status = 404, description = "`saga_not_found`", body = crate::wire::Problem, content_type = "application/problem+json"),
        (status = 410, description = "`saga_dropped`: only its outcome is left.", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get(State(app): State<Shared>, Path(id): Path<String>) -> Answer<Response> {
    let story = story(&app, &id).await?;
    Ok(json(StatusCode::OK, &SagaView::new(&story, clock::wall_ms())))
}
