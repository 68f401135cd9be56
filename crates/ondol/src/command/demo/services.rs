//! The demo's two services: seats, which can be held and released, and payments, which refuses what is too expensive.
//!
//! Both keep their data in memory, so they are no model for a service of your own; `examples/airline` is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

/// What the payments service lets through.
pub(super) const AMOUNT_MAX: u64 = 100;

/// The seats service's data: what became of each.
#[derive(Clone, Default)]
pub(super) struct Seats(Arc<Mutex<BTreeMap<String, Seat>>>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seat {
    Held,
    Released,
}

#[derive(Deserialize)]
struct Wanted {
    seat: String,
}

#[derive(Deserialize)]
struct Charge {
    amount: u64,
    seat: String,
}

impl Seats {
    /// The service. A repeat of either request changes nothing, and a release that overtook its hold blocks it.
    pub(super) fn service(&self) -> Router {
        Router::new().route("/holds", post(hold)).route("/releases", post(release)).with_state(self.clone())
    }

    /// What is held now.
    pub(super) fn held(&self) -> Vec<String> {
        let seats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seats.iter().filter(|(_, seat)| **seat == Seat::Held).map(|(name, _)| name.clone()).collect()
    }
}

async fn hold(State(seats): State<Seats>, Json(wanted): Json<Wanted>) -> (StatusCode, Json<Value>) {
    let mut seats = seats.0.lock().unwrap_or_else(PoisonError::into_inner);
    match seats.entry(wanted.seat.clone()).or_insert(Seat::Held) {
        Seat::Held => (StatusCode::OK, Json(json!({ "seat": wanted.seat }))),
        Seat::Released => (StatusCode::CONFLICT, Json(json!({ "code": "compensated" }))),
    }
}

async fn release(State(seats): State<Seats>, Json(wanted): Json<Wanted>) -> Json<Value> {
    seats.0.lock().unwrap_or_else(PoisonError::into_inner).insert(wanted.seat, Seat::Released);
    Json(json!({}))
}

/// The payments service.
pub(super) fn payments() -> Router {
    Router::new().route("/charges", post(charge))
}

async fn charge(Json(Charge { amount, seat }): Json<Charge>) -> (StatusCode, Json<Value>) {
    if amount > AMOUNT_MAX {
        let detail = format!("the card is good for {AMOUNT_MAX}, not for {amount}");
        return (StatusCode::PAYMENT_REQUIRED, Json(json!({ "code": "declined", "detail": detail })));
    }
    (StatusCode::CREATED, Json(json!({ "charge": format!("charge-{seat}") })))
}
