//! A whole service that takes part in a saga: seats that can be held and released.
//!
//! Run it with `cargo run -p ondol-sdk --example seats`, name it in `ondol.yaml` as
//! `seats: { url: "http://127.0.0.1:7102", barrier: true }`, and give a step
//! `action: seats POST /seats/${{ input.seat }}/hold` and `compensate: seats POST /seats/${{ input.seat }}/release`.

use axum::extract::{Path, State};
use axum::{Router, routing::post};
use ondol_sdk::barrier::{Done, Refusal, Reply, sqlite::Database};
use ondol_sdk::step::Step;

async fn hold(State(db): State<Database>, Path(seat): Path<String>, step: Step) -> Reply {
    db.step(step.call(), move |tx| match tx.execute("INSERT OR IGNORE INTO held VALUES (?1)", [&seat])? {
        0 => Err(Refusal::conflict("seat_taken", format!("seat {seat} is sold")).into()),
        _ => Done::ok(&serde_json::json!({ "seat": seat })),
    })
    .await
}

async fn release(State(db): State<Database>, Path(seat): Path<String>, step: Step) -> Reply {
    db.step(step.call(), move |tx| {
        tx.execute("DELETE FROM held WHERE seat = ?1", [&seat])?;
        Ok(Done::empty())
    })
    .await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let db = Database::open("seats.db", "CREATE TABLE IF NOT EXISTS held (seat TEXT PRIMARY KEY)")?;
    let router = Router::new()
        .route("/seats/{seat}/hold", post(hold))
        .route("/seats/{seat}/release", post(release))
        .with_state(db);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:7102").await?;
    Ok(axum::serve(listener, router).await?)
}
