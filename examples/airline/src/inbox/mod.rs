//! What users are told: receives Ondol's notices and turns each booking's last one into words.
//!
//! A notice may come twice, late, or after a newer one. `webhook-id` drops repeats (this service's barrier), and a
//! lower `seq` is kept but does not change what the user is told.

mod words;

use crate::app::App;
use crate::args::Common;
use crate::server::{Error, Service};
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use clap::Parser;
use ondol_sdk::{Problem, webhook};
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use words::words;

/// Messages of one answer; the newest.
const MESSAGES_MAX: u32 = 1_000;

const SERVICE: Service = Service {
    name: "inbox",
    port: 7105,
    schema: "
CREATE TABLE IF NOT EXISTS notices (
  n          INTEGER PRIMARY KEY,
  webhook_id TEXT    NOT NULL,
  saga       TEXT    NOT NULL,
  phase      TEXT    NOT NULL,
  seq        INTEGER NOT NULL,
  at         TEXT    NOT NULL,
  body       BLOB    NOT NULL
);
CREATE INDEX IF NOT EXISTS notices_saga ON notices (saga);
CREATE TABLE IF NOT EXISTS told (
  saga  TEXT    PRIMARY KEY,
  seq   INTEGER NOT NULL,
  phase TEXT    NOT NULL,
  user  TEXT    NOT NULL,
  en    TEXT    NOT NULL,
  ko    TEXT    NOT NULL
);
CREATE INDEX IF NOT EXISTS told_user ON told (user);
",
    schema_guarded: "CREATE UNIQUE INDEX IF NOT EXISTS notices_webhook_id ON notices (webhook_id);",
};

/// The inbox of the airline's users: POST /outcomes, GET /messages
#[derive(Debug, Parser)]
#[command(name = "inbox")]
struct Flags {
    #[command(flatten)]
    common: Common,
    /// Verify notices with this Standard Webhooks secret (whsec_…); without it every notice is believed
    #[arg(long)]
    webhook_secret: Option<String>,
}

/// The service's state: the database and the secret.
#[derive(Debug, Clone)]
struct Inbox {
    app: App,
    secret: Option<Arc<str>>,
}

/// Runs the service.
///
/// # Errors
/// If it cannot start.
pub async fn main() -> Result<(), Error> {
    let flags = Flags::parse();
    let secret = flags.webhook_secret.map(Arc::from);
    SERVICE.run(&flags.common, |app| routes(Inbox { app, secret })).await
}

fn routes(inbox: Inbox) -> Router {
    Router::new().route("/outcomes", post(outcome)).route("/messages", get(messages)).with_state(inbox)
}

/// The body of a notice, as far as the inbox reads it.
#[derive(Debug, Deserialize)]
struct Notice {
    /// `saga.completed`, `saga.compensated` or `saga.parked`.
    #[serde(rename = "type")]
    kind: String,
    saga: String,
    seq: i64,
    #[serde(default)]
    input: Value,
    #[serde(default)]
    failed: Option<Failed>,
    #[serde(default)]
    timestamp: String,
}

#[derive(Debug, Deserialize)]
struct Failed {
    #[serde(default)]
    step: Option<String>,
    #[serde(default)]
    reason: String,
}

async fn outcome(
    State(inbox): State<Inbox>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let unbelieved = |error: webhook::Error| {
        Problem::new(StatusCode::UNAUTHORIZED, "notice_unbelieved", error.to_string())
    };
    let webhook_id = match &inbox.secret {
        Some(secret) => {
            webhook::verify(secret, &headers, &body, crate::clock::now_s()).map_err(unbelieved)?.id
        }
        None => match headers.get(webhook::ID).and_then(|value| value.to_str().ok()) {
            Some(id) => id.to_owned(),
            None => return Err(unbelieved(webhook::Error::Header(webhook::ID))),
        },
    };
    let notice: Notice = serde_json::from_slice(&body).map_err(|error| {
        let detail = format!("the body is not a notice of Ondol's: {error}");
        Problem::new(StatusCode::BAD_REQUEST, "notice_unreadable", detail)
    })?;
    let new = inbox.app.plain(move |tx| Ok(keep(tx, &webhook_id, &notice, &body)?)).await?;
    Ok(Json(json!({ "new": new })))
}

/// Stores the notice and, unless a newer one is known, tells the user. Says whether it was new.
fn keep(tx: &Connection, webhook_id: &str, notice: &Notice, body: &[u8]) -> Result<bool, rusqlite::Error> {
    let phase = notice.kind.strip_prefix("saga.").unwrap_or(&notice.kind);
    let insert = "INSERT OR IGNORE INTO notices (webhook_id, saga, phase, seq, at, body)
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let values = (webhook_id, &notice.saga, phase, notice.seq, &notice.timestamp, body);
    if tx.prepare_cached(insert)?.execute(values)? == 0 {
        return Ok(false);
    }
    let message = words(phase, notice);
    let upsert = "INSERT INTO told (saga, seq, phase, user, en, ko) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                  ON CONFLICT (saga) DO UPDATE SET seq = excluded.seq, phase = excluded.phase, user = excluded.user,
                  en = excluded.en, ko = excluded.ko WHERE excluded.seq > told.seq";
    let values = (&notice.saga, notice.seq, phase, &message.user, &message.en, &message.ko);
    tx.prepare_cached(upsert)?.execute(values)?;
    Ok(true)
}

#[derive(Debug, Deserialize)]
struct Whose {
    user: String,
}

async fn messages(
    State(inbox): State<Inbox>,
    Query(Whose { user }): Query<Whose>,
) -> Result<Json<Value>, Problem> {
    let list = move |tx: &Connection| {
        let select = "SELECT saga, phase, seq, en, ko FROM told WHERE user = ?1 ORDER BY rowid DESC LIMIT ?2";
        let mut statement = tx.prepare_cached(select)?;
        let rows = statement.query_map((&user, MESSAGES_MAX), |row| {
            let text = |column| row.get::<_, String>(column);
            let (saga, phase, en, ko) = (text(0)?, text(1)?, text(3)?, text(4)?);
            Ok(json!({ "saga": saga, "phase": phase, "seq": row.get::<_, i64>(2)?, "en": en, "ko": ko }))
        })?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?)
    };
    let messages = inbox.app.plain(list).await?;
    Ok(Json(json!({ "messages": messages })))
}
