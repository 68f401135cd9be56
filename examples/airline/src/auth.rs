//! Who is asking: turns a token into a user. Its only data is a count of what it was asked.

use crate::app::App;
use crate::args::Common;
use crate::server::{Error, Service};
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use clap::Parser;
use ondol_sdk::Problem;
use ondol_sdk::barrier::{Done, Refusal, Reply};
use ondol_sdk::step::Step;
use serde::Deserialize;
use serde_json::{Value, json};

const SERVICE: Service = Service {
    name: "auth",
    port: 7101,
    schema: "CREATE TABLE IF NOT EXISTS verifications (saga TEXT PRIMARY KEY, user TEXT NOT NULL)",
    schema_guarded: "",
};

/// The authentication service of the airline: POST /sessions/verify
#[derive(Debug, Parser)]
#[command(name = "auth")]
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
        .route("/sessions/verify", post(verify))
        .route("/verifications", get(verifications))
        .with_state(app)
}

#[derive(Debug, Deserialize)]
struct Session {
    token: String,
}

/// The user a token stands for: `user-07-token` is `user-07`, `demo` is `demo`, anything else is nobody.
pub fn user_of(token: &str) -> Option<&str> {
    let number = |user: &str| {
        let digits = user.strip_prefix("user-")?;
        (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(())
    };
    match token.strip_suffix("-token") {
        Some(user) => number(user).map(|()| user),
        None => (token == "demo").then_some(token),
    }
}

async fn verify(State(app): State<App>, step: Step) -> Result<Reply, Problem> {
    let session: Session = step.json()?;
    let saga = step.context.saga.clone();
    let business = move |tx: &rusqlite::Connection| {
        let user = user_of(&session.token).ok_or_else(|| {
            Refusal::unauthorized("token_unknown", "nobody is known by this token; sign in again")
        })?;
        let insert = "INSERT OR IGNORE INTO verifications (saga, user) VALUES (?1, ?2)";
        tx.prepare_cached(insert)?.execute((&saga, user))?;
        Done::ok(&json!({ "user": user }))
    };
    Ok(app.step(&step, business).await)
}

async fn verifications(State(app): State<App>) -> Result<Json<Value>, Problem> {
    let count = "SELECT count(*) FROM verifications";
    let count: u32 = app.plain(move |tx| Ok(tx.query_one(count, [], |row| row.get(0))?)).await?;
    Ok(Json(json!({ "count": count })))
}

#[cfg(test)]
mod tests {
    #[test]
    fn tokens_stand_for_users() {
        let cases = [
            ("user-07-token", Some("user-07")),
            ("user-12345-token", Some("user-12345")),
            ("demo", Some("demo")),
            ("user--token", None),
            ("user-x-token", None),
            ("user-07", None),
            ("demo-token", None),
            ("", None),
        ];
        for (token, user) in cases {
            assert_eq!(super::user_of(token), user, "{token:?}");
        }
    }
}
