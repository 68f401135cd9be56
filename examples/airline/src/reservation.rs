//! Reservations: requested, then confirmed, or cancelled.

use crate::app::App;
use crate::args::Common;
use crate::server::{Error, Service};
use axum::extract::{Path, State};
use axum::routing::{post, put};
use axum::{Json, Router};
use clap::Parser;
use ondol_sdk::Problem;
use ondol_sdk::barrier::{Done, Refusal, Reply, Stop};
use ondol_sdk::step::Step;
use rusqlite::{Connection, OptionalExtension as _};
use serde::Deserialize;
use serde_json::{Value, json};

const SERVICE: Service = Service {
    name: "reservation",
    port: 7103,
    schema: "
CREATE TABLE IF NOT EXISTS reservations (
  id     TEXT PRIMARY KEY,
  user   TEXT NOT NULL,
  seat   TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('requested', 'confirmed', 'cancelled'))
);
",
    schema_guarded: "",
};

/// The reservation service of the airline
#[derive(Debug, Parser)]
#[command(name = "reservation")]
struct Flags {
    #[command(flatten)]
    common: Common,
}

/// Runs the service.
///
/// # Errors
/// If it cannot start.
pub async fn main() -> Result<(), Error> {
    let flags = Flags::parse();
    SERVICE.run(&flags.common, routes).await
}

fn routes(app: App) -> Router {
    Router::new()
        .route("/reservations/{id}", put(request).get(show).delete(cancel))
        .route("/reservations/{id}/confirm", post(confirm))
        .with_state(app)
}

#[derive(Debug, Deserialize)]
struct Reservation {
    user: String,
    seat: String,
}

async fn request(State(app): State<App>, Path(id): Path<String>, step: Step) -> Result<Reply, Problem> {
    let Reservation { user, seat } = step.json()?;
    let business = move |tx: &Connection| {
        let insert =
            "INSERT OR IGNORE INTO reservations (id, user, seat, status) VALUES (?1, ?2, ?3, 'requested')";
        if tx.prepare_cached(insert)?.execute((&id, &user, &seat))? == 0 {
            let detail = format!("there is a reservation {id} already");
            return Err(Refusal::conflict("reservation_exists", detail).into());
        }
        tracing::info!(reservation = id, seat, "seat {seat} is reserved for {user}");
        Done::created(&json!({ "id": id, "status": "requested" }))
    };
    Ok(app.step(&step, business).await)
}

async fn confirm(State(app): State<App>, Path(id): Path<String>, step: Step) -> Reply {
    app.step(&step, move |tx| match status(tx, &id)?.as_str() {
        "cancelled" => {
            Err(Refusal::conflict("reservation_cancelled", format!("reservation {id} was cancelled")).into())
        }
        _ => set_status(tx, &id, "confirmed"),
    })
    .await
}

async fn cancel(State(app): State<App>, Path(id): Path<String>, step: Step) -> Reply {
    app.step(&step, move |tx| {
        status(tx, &id)?;
        set_status(tx, &id, "cancelled")
    })
    .await
}

fn status(tx: &Connection, id: &str) -> Result<String, Stop> {
    let select = "SELECT status FROM reservations WHERE id = ?1";
    let found = tx.prepare_cached(select)?.query_one([id], |row| row.get(0)).optional()?;
    found.ok_or_else(|| {
        Refusal::not_found("reservation_unknown", format!("there is no reservation {id}")).into()
    })
}

fn set_status(tx: &Connection, id: &str, status: &str) -> Result<Done, Stop> {
    tx.prepare_cached("UPDATE reservations SET status = ?2 WHERE id = ?1")?.execute((id, status))?;
    tracing::info!(reservation = id, "reservation {id} is {status}");
    Done::ok(&json!({ "id": id, "status": status }))
}

async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    app.plain(move |tx| {
        let status = status(tx, &id)?;
        let (user, seat): (String, String) =
            tx.query_one("SELECT user, seat FROM reservations WHERE id = ?1", [&id], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        Ok(Json(json!({ "id": id, "user": user, "seat": seat, "status": status })))
    })
    .await
}
