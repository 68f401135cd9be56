//! What a service needs to take part in Ondol's sagas, and a client to submit them.
//!
//! * [`context`]: who calls, for which step, and under which key: Ondol's request headers, parsed.
//! * [`barrier`]: the callee's own table, which makes a half take effect at most once and blocks an action
//!   whose compensation came first. SQLite (feature `sqlite`) and PostgreSQL (feature `postgres`).
//! * [`step`] (feature `axum`): an extractor that hands a handler its context, digest and body.
//! * [`client`] (feature `client`): submit, get, wait and the operator's verbs.
//! * [`calls`] (feature `calls`): call other services with Ondol's policy, around any tower client.
//! * [`webhook`] (feature `webhook`): verify a notice by the Standard Webhooks specification.
//!
//! It is not an engine: no saga logic lives here, and nothing here retries a step. What [`calls`] repeats are a
//! service's own calls, which no saga knows of. A service in another
//! language needs only the headers and the barrier's table, both of which are documented to be copied.
//!
//! A whole service that can be undone:
//!
//! ```
//! use axum::{Router, extract::{Path, State}, routing::post};
//! use ondol_sdk::barrier::{Done, Refusal, Reply, sqlite::Database};
//! use ondol_sdk::step::Step;
//!
//! async fn hold(State(db): State<Database>, Path(seat): Path<String>, step: Step) -> Reply {
//!     db.step(step.call(), move |tx| match tx.execute("INSERT OR IGNORE INTO held VALUES (?1)", [&seat])? {
//!         0 => Err(Refusal::conflict("seat_taken", format!("seat {seat} is sold")).into()),
//!         _ => Done::ok(&serde_json::json!({ "seat": seat })),
//!     })
//!     .await
//! }
//!
//! async fn release(State(db): State<Database>, Path(seat): Path<String>, step: Step) -> Reply {
//!     db.step(step.call(), move |tx| {
//!         tx.execute("DELETE FROM held WHERE seat = ?1", [&seat])?;
//!         Ok(Done::empty())
//!     })
//!     .await
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let file = tempfile::NamedTempFile::new()?;
//! # let file = file.path();
//! let db = Database::open(file, "CREATE TABLE IF NOT EXISTS held (seat TEXT PRIMARY KEY)")?;
//! let service: Router = Router::new()
//!     .route("/seats/{seat}/hold", post(hold))
//!     .route("/seats/{seat}/release", post(release))
//!     .with_state(db);
//! # Ok(())
//! # }
//! ```

pub mod barrier;
#[cfg(feature = "calls")]
pub mod calls;
#[cfg(feature = "client")]
pub mod client;
pub mod context;
pub mod key;
pub mod problem;
#[cfg(feature = "axum")]
pub mod step;
#[cfg(feature = "webhook")]
pub mod webhook;

pub use context::StepContext;
pub use key::{Digest, Half, Key};
pub use problem::Problem;
