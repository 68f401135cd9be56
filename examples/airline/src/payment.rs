//! Accounts and charges: no balance goes below zero, no reference is charged twice.

use crate::app::App;
use crate::args::Common;
use crate::server::{Error, Service};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{post, put};
use axum::{Json, Router};
use clap::Parser;
use ondol_sdk::Problem;
use ondol_sdk::barrier::{Done, Refusal, Reply};
use ondol_sdk::step::Step;
use rusqlite::{Connection, OptionalExtension as _};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

const SERVICE: Service = Service {
    name: "payment",
    port: 7104,
    schema: "
CREATE TABLE IF NOT EXISTS accounts (
  user    TEXT    PRIMARY KEY,
  balance INTEGER NOT NULL CHECK (balance >= 0),
  seeded  INTEGER NOT NULL -- balance and charges together must always be this
);
CREATE TABLE IF NOT EXISTS charges (
  reference TEXT    NOT NULL,
  user      TEXT    NOT NULL REFERENCES accounts (user),
  amount    INTEGER NOT NULL CHECK (amount > 0)
);
CREATE INDEX IF NOT EXISTS charges_user ON charges (user);
",
    // Who does not know of repeats does not think of this index either.
    schema_guarded: "CREATE UNIQUE INDEX IF NOT EXISTS charges_reference ON charges (reference);",
};

/// The payment service of the airline: POST /charges
#[derive(Debug, Parser)]
#[command(name = "payment")]
struct Flags {
    #[command(flatten)]
    common: Common,
    /// Bearer token that POST /charges requires
    #[arg(long, default_value = "demo")]
    token: String,
}

/// The service's state: the database and the token.
#[derive(Debug, Clone)]
struct Payment {
    app: App,
    authorization: Arc<str>,
}

/// Runs the service.
///
/// # Errors
/// If it cannot start.
pub async fn main() -> Result<(), Error> {
    let flags = Flags::parse();
    let authorization = format!("Bearer {}", flags.token).into();
    SERVICE.run(&flags.common, |app| routes(Payment { app, authorization })).await
}

fn routes(payment: Payment) -> Router {
    Router::new()
        .route("/charges", post(charge))
        .route("/accounts/{user}", put(seed).get(show))
        .with_state(payment)
}

#[derive(Debug, Deserialize)]
struct Charge {
    /// In the smallest unit of the currency.
    amount: i64,
    reference: String,
    /// Whose account; the demo user's when absent.
    #[serde(default = "demo")]
    user: String,
}

fn demo() -> String {
    "demo".to_owned()
}

async fn charge(State(payment): State<Payment>, headers: HeaderMap, step: Step) -> Result<Reply, Problem> {
    let given = headers.get(header::AUTHORIZATION).map(header::HeaderValue::as_bytes);
    if given != Some(payment.authorization.as_bytes()) {
        let detail = "POST /charges needs `authorization: Bearer TOKEN` with the service's --token";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail));
    }
    let charge: Charge = step.json()?;
    Ok(payment.app.step(&step, move |tx| pay(tx, &charge)).await)
}

fn pay(
    tx: &Connection,
    Charge { amount, reference, user }: &Charge,
) -> Result<Done, ondol_sdk::barrier::Stop> {
    if *amount <= 0 {
        return Err(
            Refusal::unprocessable("amount_invalid", format!("{amount} is not an amount to charge")).into()
        );
    }
    let select = "SELECT balance FROM accounts WHERE user = ?1";
    let balance: Option<i64> = tx.prepare_cached(select)?.query_one([user], |row| row.get(0)).optional()?;
    let Some(balance) = balance else {
        return Err(Refusal::not_found("account_unknown", format!("{user} has no account")).into());
    };
    if balance < *amount {
        let detail = format!("{user} has {balance}, {amount} are needed; nothing was charged");
        return Err(Refusal::payment_required("declined", detail).into());
    }
    let insert = "INSERT OR IGNORE INTO charges (reference, user, amount) VALUES (?1, ?2, ?3)";
    if tx.prepare_cached(insert)?.execute((reference, user, amount))? == 0 {
        return Err(Refusal::conflict("reference_charged", format!("{reference} was charged already")).into());
    }
    let update = "UPDATE accounts SET balance = balance - ?2 WHERE user = ?1";
    tx.prepare_cached(update)?.execute((user, amount))?;
    tracing::info!(reference, amount, "{amount} charged to {user}");
    Done::created(&json!({ "reference": reference, "amount": amount }))
}

#[derive(Debug, Deserialize)]
struct Account {
    balance: i64,
}

async fn seed(
    State(payment): State<Payment>,
    Path(user): Path<String>,
    Json(Account { balance }): Json<Account>,
) -> Result<Json<Value>, Problem> {
    if balance < 0 {
        let detail = format!("{balance} is below zero");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "balance_invalid", detail));
    }
    let seed = move |tx: &Connection| {
        let upsert = "INSERT INTO accounts (user, balance, seeded) VALUES (?1, ?2, ?2)
                      ON CONFLICT (user) DO UPDATE SET balance = excluded.balance, seeded = excluded.balance
                      + (SELECT coalesce(sum(amount), 0) FROM charges WHERE charges.user = excluded.user)";
        tx.execute(upsert, (&user, balance))?;
        Ok(Json(json!({ "user": user, "balance": balance })))
    };
    payment.app.plain(seed).await
}

async fn show(State(payment): State<Payment>, Path(user): Path<String>) -> Result<Json<Value>, Problem> {
    let show = move |tx: &Connection| {
        let select = "SELECT balance, (SELECT coalesce(sum(amount), 0) FROM charges WHERE charges.user = ?1),
                      (SELECT count(*) FROM charges WHERE charges.user = ?1) FROM accounts WHERE user = ?1";
        let found: Option<(i64, i64, i64)> =
            tx.query_one(select, [&user], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
        let (balance, charged, count) =
            found.ok_or_else(|| Refusal::not_found("account_unknown", format!("{user} has no account")))?;
        Ok(Json(json!({ "user": user, "balance": balance, "charged": charged, "charges": count })))
    };
    payment.app.plain(show).await
}
