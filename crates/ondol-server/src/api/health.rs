//! Is it alive, is it ready, what does it count?

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use ondol_engine::Health;

use super::answer::json;
use crate::app::Shared;
use crate::metrics;
use crate::problem::{Answer, Code, Problem};
use crate::wire::status::Word;

/// Is the process alive? Says nothing of whether it can work.
#[utoipa::path(
    get, path = "/healthz", tag = "operation",
    responses((status = 200, description = "It is.", body = Word))
)]
pub(super) async fn alive() -> Response {
    json(StatusCode::OK, &Word { status: "alive" })
}

/// Can it accept sagas?
#[utoipa::path(
    get, path = "/readyz", tag = "operation",
    responses(
        (status = 200, description = "It can.", body = Word),
        (status = 503, description = "`not_ready` or `shutting_down`, with the reason.", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ready(State(app): State<Shared>) -> Answer<Response> {
    if app.stop.is_cancelled() {
        return Err(Problem::new(Code::ShuttingDown, "it was asked to stop"));
    }
    let health = app.engine.health().borrow().clone();
    match health {
        Health::Ready => Ok(json(StatusCode::OK, &Word { status: "ready" })),
        Health::Starting => Err(Problem::new(Code::NotReady, "it is reading the store").again_after(1)),
        Health::Reopening(why) => {
            let detail = format!("it is opening the store again after a failed write: {why}");
            Err(Problem::new(Code::NotReady, detail).again_after(1))
        }
        Health::Stopped(why) => Err(Problem::new(Code::NotReady, format!("the engine has stopped: {why}"))),
    }
}

/// Counters and gauges in the Prometheus text format.
#[utoipa::path(
    get, path = "/metrics", tag = "operation",
    responses((status = 200, description = "Prometheus text format 0.0.4.", body = String, content_type = "text/plain"))
)]
pub(super) async fn metrics(State(app): State<Shared>) -> Response {
    let text = metrics::of(&app).await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
