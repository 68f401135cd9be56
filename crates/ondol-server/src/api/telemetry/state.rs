//! The service map, how telemetry is kept, and what came of what was sent.

use axum::extract::State;
use axum::response::Response;
use http::{StatusCode, Uri};
use ondol_telemetry::Signal;

use super::super::answer::{json, params};
use super::ask::{ask, store};
use super::params::{Times, recent};
use crate::app::Shared;
use crate::clock;
use crate::problem::Answer;
use crate::wire::telemetry::map::MapView;
use crate::wire::telemetry::state::{AccountView, Ledger, SignalView, TelemetryStatus};

/// Services and who calls whom, with requests, errors and durations, from the spans of a window, by whole minutes.
#[utoipa::path(
    get, path = "/v1/telemetry/map", tag = "telemetry", params(Times),
    responses(
        (status = 200, description = "The map.", body = MapView),
        (status = 400, description = "`bad_request`", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn map(State(app): State<Shared>, uri: Uri) -> Answer<Response> {
    let times: Times = params(&uri)?;
    let window = recent(times.from.as_deref(), times.to.as_deref(), clock::wall_ns())?;
    let map = ask(&app, move |telemetry| telemetry.map(window)).await?;
    Ok(json(StatusCode::OK, &MapView::from(map)))
}

/// What came of what was sent since the start, by service, instance and signal: "no logs" is never "logs lost".
#[utoipa::path(
    get, path = "/v1/telemetry/ledger", tag = "telemetry",
    responses((status = 200, description = "The accounts.", body = Ledger))
)]
pub(in crate::api) async fn ledger(State(app): State<Shared>) -> Answer<Response> {
    let accounts = store(&app)?.ledger().into_iter().map(AccountView::from).collect();
    Ok(json(StatusCode::OK, &Ledger { accounts }))
}

/// How telemetry is kept: how much, since when, and for how long at the present rate.
#[utoipa::path(
    get, path = "/v1/telemetry/status", tag = "telemetry",
    responses((status = 200, description = "Signal by signal.", body = TelemetryStatus))
)]
pub(in crate::api) async fn status(State(app): State<Shared>) -> Answer<Response> {
    let status = ask(&app, |telemetry| {
        let signals = Signal::ALL.map(|signal| SignalView::new(signal, &telemetry.status(signal)));
        Ok(TelemetryStatus { signals: signals.into() })
    });
    Ok(json(StatusCode::OK, &status.await?))
}

/// Makes files of all that is in memory, for whoever wants to read the files now. Nothing else needs it: what is
/// acknowledged is durable and found.
#[utoipa::path(
    post, path = "/v1/telemetry/flush", tag = "telemetry",
    responses((status = 200, description = "It is in files.", body = TelemetryStatus))
)]
pub(in crate::api) async fn flush(State(app): State<Shared>) -> Answer<Response> {
    store(&app)?.flush().await;
    status(State(app)).await
}
