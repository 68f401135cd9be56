//! How the server is.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use ondol_engine::{Clock as _, Health};

use super::answer::json;
use crate::app::{App, Shared};
use crate::clock;
use crate::listing::Status;
use crate::metrics::memory_bytes;
use crate::problem::Answer;
use crate::system::Origin;
use crate::wire::status::{EngineStatus, LogStatus, SagaCounts, ServerStatus, TargetView};

/// How the server is: what it has in hand, which targets it cannot reach, how far lists are behind.
#[utoipa::path(
    get, path = "/v1/status", tag = "operation",
    responses((status = 200, description = "The server.", body = ServerStatus))
)]
pub(super) async fn status(State(app): State<Shared>) -> Answer<Response> {
    let (health, health_reason) = match app.engine.health().borrow().clone() {
        Health::Starting => ("starting", None),
        Health::Ready => ("ready", None),
        Health::Reopening(why) => ("reopening", Some(why)),
        Health::Stopped(why) => ("stopped", Some(why)),
    };
    app.listing.fresh(&app.engine).await;
    let counts = app.listing.counts()?;
    let count =
        |wanted: Status| counts.iter().find(|(status, _)| *status == wanted).map_or(0, |(_, count)| *count);
    let engine = app.engine.stats().snapshot();
    let status = ServerStatus {
        version: env!("CARGO_PKG_VERSION"),
        health,
        health_reason,
        started_at: clock::text(app.started_ms),
        sagas: SagaCounts {
            running: count(Status::Running),
            compensating: count(Status::Compensating),
            parked: count(Status::Parked),
            completed: count(Status::Completed),
            compensated: count(Status::Compensated),
        },
        engine: EngineStatus {
            in_memory: engine.in_memory,
            live_bytes: engine.live_bytes,
            unrecovered: engine.unrecovered,
            illegal: engine.illegal,
            reopened: engine.reopened,
        },
        log: log(&app),
        targets: targets(&app).await,
        system: match app.systems.live().origin {
            Origin::Empty => "empty",
            Origin::Config(_) => "config",
            Origin::Put => "put",
        },
        system_problem: app.systems.problem(),
        telemetry_problem: app.telemetry.open().err(),
        memory_bytes: memory_bytes(),
    };
    Ok(json(StatusCode::OK, &status))
}

fn log(app: &App) -> LogStatus {
    let (position, view) = (app.engine.position().borrow().0, app.listing.position().0);
    let space = app.engine.log().ok().map(|log| log.space());
    LogStatus {
        position: position.max(view),
        view_position: view,
        view_lag: position.saturating_sub(view),
        free_bytes: space.map(|space| space.free_bytes),
        accepting: space.map(|space| space.accepting),
    }
}

async fn targets(app: &App) -> Vec<TargetView> {
    let targets = app.engine.targets().await;
    let live = app.systems.live();
    // Receivers of notices are no services, and no service has a name with a space in it.
    let removed = |name: &str| !name.contains(' ') && !live.has_service(name);
    let view = |(name, target): (std::sync::Arc<str>, ondol_engine::TargetStatus)| TargetView {
        up: target.down_since_ms.is_none(),
        removed: removed(&name),
        down_for_ms: target.down_since_ms.map(|since_ms| app.mono.mono_ms().saturating_sub(since_ms)),
        reason: target.down_since_ms.and_then(|_| app.outbound.unreachable(&name)),
        in_flight: target.in_flight,
        waiting: target.waiting,
        name: name.to_string(),
    };
    targets.into_iter().map(view).collect()
}
