//! Seats of flights: each is sold once.

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
    name: "flight",
    port: 7102,
    schema: "
CREATE TABLE IF NOT EXISTS flights (
  flight TEXT    PRIMARY KEY,
  seats  INTEGER NOT NULL,
  price  INTEGER NOT NULL,
  held   INTEGER NOT NULL DEFAULT 0 CHECK (held BETWEEN 0 AND seats)
);
CREATE TABLE IF NOT EXISTS seats (
  flight TEXT NOT NULL REFERENCES flights (flight),
  seat   TEXT NOT NULL,
  saga   TEXT NOT NULL,
  UNIQUE (flight, seat)
);
CREATE INDEX IF NOT EXISTS seats_saga ON seats (saga);
",
    schema_guarded: "",
};

/// The flight service of the airline: holds and releases seats
#[derive(Debug, Parser)]
#[command(name = "flight")]
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
        .route("/flights/{flight}", put(seed).get(show))
        .route("/flights/{flight}/seats/{seat}/hold", post(hold))
        .route("/flights/{flight}/seats/{seat}/release", post(release))
        .with_state(app)
}

#[derive(Debug, Deserialize)]
struct Flight {
    seats: u32,
    price: i64,
}

async fn seed(
    State(app): State<App>,
    Path(flight): Path<String>,
    Json(Flight { seats, price }): Json<Flight>,
) -> Result<Json<Value>, Problem> {
    app.plain(move |tx| {
        let upsert = "INSERT INTO flights (flight, seats, price) VALUES (?1, ?2, ?3)
                      ON CONFLICT (flight) DO UPDATE SET seats = excluded.seats, price = excluded.price
                      WHERE held <= excluded.seats";
        match tx.execute(upsert, (&flight, seats, price))? {
            0 => {
                Err(Refusal::conflict("seats_held", format!("more than {seats} seats are held already"))
                    .into())
            }
            _ => Ok(Json(json!({ "flight": flight, "seats": seats, "price": price }))),
        }
    })
    .await
}

async fn show(State(app): State<App>, Path(flight): Path<String>) -> Result<Json<Value>, Problem> {
    app.plain(move |tx| {
        let (seats, held, price) = load(tx, &flight)?;
        let mut statement =
            tx.prepare_cached("SELECT seat, saga FROM seats WHERE flight = ?1 ORDER BY seat")?;
        let holds = statement
            .query_map([&flight], |row| {
                Ok(json!({ "seat": row.get::<_, String>(0)?, "saga": row.get::<_, String>(1)? }))
            })?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Json(json!({ "flight": flight, "seats": seats, "held": held, "price": price, "holds": holds })))
    })
    .await
}

/// Seats, held seats and price.
fn load(tx: &Connection, flight: &str) -> Result<(u32, u32, i64), Stop> {
    let select = "SELECT seats, held, price FROM flights WHERE flight = ?1";
    let found = tx
        .prepare_cached(select)?
        .query_one([flight], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    found.ok_or_else(|| Refusal::not_found("flight_unknown", format!("there is no flight {flight}")).into())
}

async fn hold(State(app): State<App>, Path((flight, seat)): Path<(String, String)>, step: Step) -> Reply {
    let saga = step.context.saga.clone();
    app.step(&step, move |tx| {
        let (seats, held, price) = load(tx, &flight)?;
        if held >= seats {
            return Err(
                Refusal::conflict("flight_full", format!("all {seats} seats of {flight} are held")).into()
            );
        }
        let insert = "INSERT OR IGNORE INTO seats (flight, seat, saga) VALUES (?1, ?2, ?3)";
        if tx.prepare_cached(insert)?.execute((&flight, &seat, &saga))? == 0 {
            return Err(Refusal::conflict("seat_taken", format!("seat {seat} of {flight} is taken")).into());
        }
        tx.prepare_cached("UPDATE flights SET held = held + 1 WHERE flight = ?1")?.execute([&flight])?;
        tracing::info!(flight, seat, "seat {seat} of {flight} is held for {saga}");
        Done::ok(&json!({ "flight": flight, "seat": seat, "price": price }))
    })
    .await
}

async fn release(State(app): State<App>, Path((flight, seat)): Path<(String, String)>, step: Step) -> Reply {
    let saga = step.context.saga.clone();
    app.step(&step, move |tx| {
        let delete = "DELETE FROM seats WHERE flight = ?1 AND seat = ?2 AND saga = ?3";
        let released = tx.prepare_cached(delete)?.execute((&flight, &seat, &saga))? == 1;
        if released {
            tx.prepare_cached("UPDATE flights SET held = held - 1 WHERE flight = ?1")?.execute([&flight])?;
        }
        tracing::info!(flight, seat, released, "seat {seat} of {flight} is released by {saga}");
        Done::ok(&json!({ "released": released }))
    })
    .await
}
