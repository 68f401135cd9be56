//! The barrier in SQLite.
//!
//! SQLite has one writer at a time, so every half begins with `BEGIN IMMEDIATE` and waits up to
//! [`WAIT_MAX`] for any other writer; a 425 therefore means that the database was busy, perhaps
//! with the same key. Use [`run`] with a connection of your own, or [`Database`] for a writer thread that shares
//! one fsync between requests.

mod database;

pub use database::{Database, JOBS_WAITING_MAX, OpenError};

use super::judge::{Judgement, Row, Rows, State, judge};
use super::{Call, Done, Reply, SWEEP_ROWS_MAX, Stop, SweepTooYoung, WAIT_MAX, sweep_age_ms};
use crate::key::Half;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use std::time::Duration;

/// The barrier's table; run by [`migrate`], and written here to be copied into a service's own migrations.
pub const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS ondol_barrier (
  run        TEXT    NOT NULL,
  step       TEXT    NOT NULL,
  half       TEXT    NOT NULL CHECK (half IN ('action', 'compensation')),
  saga       TEXT    NOT NULL,
  digest     BLOB    NOT NULL, -- SHA-256 of the request; empty for a blocked action
  state      TEXT    NOT NULL CHECK (state IN ('done', 'refused', 'blocked')),
  status     INTEGER NOT NULL,
  body       BLOB    NOT NULL,
  created_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)), -- Unix milliseconds
  PRIMARY KEY (run, step, half)
);
CREATE INDEX IF NOT EXISTS ondol_barrier_created_at ON ondol_barrier (created_at);
";

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            _ => Self::Failed(format!("the database refused: {error}")),
        }
    }
}

/// A sweep that did not happen.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The rows are too young.
    #[error(transparent)]
    TooYoung(#[from] SweepTooYoung),
    /// The database refused.
    #[error("sweep of the barrier failed; nothing was removed")]
    Sqlite(#[from] rusqlite::Error),
}

impl From<SweepError> for Stop {
    fn from(error: SweepError) -> Self {
        match error {
            SweepError::TooYoung(young) => Self::Failed(young.to_string()),
            SweepError::Sqlite(error) => error.into(),
        }
    }
}

/// Creates the barrier's table if it is not there.
///
/// # Errors
/// What SQLite says.
pub fn migrate(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.execute_batch(SCHEMA)
}

/// Runs one half in a transaction of its own: judges it by the stored rows, runs `business` at most once per
/// key, and commits its changes together with the row. Sets the connection's busy timeout to [`WAIT_MAX`].
///
/// `business` must make all its changes through the connection it is given, and must not commit.
pub fn run<F>(connection: &mut Connection, call: &Call, business: F) -> Reply
where
    F: FnOnce(&Connection) -> Result<Done, Stop>,
{
    let attempt = || -> Result<Reply, Stop> {
        connection.busy_timeout(WAIT_MAX)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let reply = within(&transaction, call, business)?;
        transaction.commit()?;
        Ok(reply)
    };
    attempt().unwrap_or_else(Reply::stopped)
}

/// As [`run`], inside a write transaction that the caller holds and commits. On `Err` the caller must roll back
/// to where it called.
///
/// # Errors
/// [`Stop`], when nothing may be kept.
pub fn within<F>(transaction: &Connection, call: &Call, business: F) -> Result<Reply, Stop>
where
    F: FnOnce(&Connection) -> Result<Done, Stop>,
{
    let rows = load(transaction, call)?;
    let action_known = rows.action.is_some();
    match judge(call.key.half, rows, &call.digest) {
        Judgement::Answer(reply) => Ok(reply),
        Judgement::Settle => {
            if !action_known {
                store(transaction, call, Half::Action, State::Blocked, &[], &Reply::compensated())?;
            }
            let reply = Reply::settled();
            store(transaction, call, Half::Compensation, State::Done, call.digest.as_bytes(), &reply)?;
            Ok(reply)
        }
        Judgement::Run => guarded(transaction, call, business),
    }
}

/// Runs the business below a savepoint, so that a refusal keeps its row and loses its changes.
fn guarded<F>(transaction: &Connection, call: &Call, business: F) -> Result<Reply, Stop>
where
    F: FnOnce(&Connection) -> Result<Done, Stop>,
{
    transaction.prepare_cached("SAVEPOINT ondol_business")?.execute([])?;
    let (state, reply) = match (business(transaction), call.key.half) {
        (Ok(done), _) => (State::Done, Reply::done(done)),
        (Err(Stop::Refused(refusal)), Half::Action) => {
            transaction.prepare_cached("ROLLBACK TO ondol_business")?.execute([])?;
            (State::Refused, Reply::refused(&refusal))
        }
        (Err(stop), _) => return Err(stop),
    };
    transaction.prepare_cached("RELEASE ondol_business")?.execute([])?;
    store(transaction, call, call.key.half, state, call.digest.as_bytes(), &reply)?;
    Ok(reply)
}

/// Removes up to [`SWEEP_ROWS_MAX`] rows older than `older_than`, oldest first, and says how many; call it again
/// while the answer is the maximum. The halves of a step go together or stay together.
///
/// # Errors
/// [`SweepError::TooYoung`] below [`ROWS_KEPT_MIN`](super::ROWS_KEPT_MIN).
pub fn sweep(connection: &Connection, older_than: Duration) -> Result<usize, SweepError> {
    let age_ms = sweep_age_ms(older_than)?;
    let statement = "DELETE FROM ondol_barrier WHERE rowid IN (
         SELECT old.rowid FROM ondol_barrier AS old
          WHERE old.created_at < CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) - ?1
            AND NOT EXISTS (SELECT 1 FROM ondol_barrier AS other
                             WHERE other.run = old.run AND other.step = old.step
                               AND other.created_at >= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) - ?1)
          ORDER BY old.created_at LIMIT ?2)";
    Ok(connection.prepare_cached(statement)?.execute((age_ms, SWEEP_ROWS_MAX))?)
}

fn load(transaction: &Connection, call: &Call) -> Result<Rows, Stop> {
    let select = "SELECT half, state, digest, status, body FROM ondol_barrier WHERE run = ?1 AND step = ?2";
    let mut statement = transaction.prepare_cached(select)?;
    let mut found = statement.query((&call.key.run, &call.key.step))?;
    let mut rows = Rows::default();
    while let Some(row) = found.next()? {
        let word: String = row.get(1)?;
        let state = State::parse(&word).ok_or_else(|| {
            Stop::Failed(format!("the barrier's row {} is in the unknown state {word:?}", call.key))
        })?;
        let stored = Row { state, digest: row.get(2)?, status: row.get(3)?, body: row.get(4)? };
        match Half::parse(&row.get::<_, String>(0)?) {
            Some(Half::Action) => rows.action = Some(stored),
            Some(Half::Compensation) => rows.compensation = Some(stored),
            None => return Err(Stop::Failed(format!("the barrier's row {} has an unknown half", call.key))),
        }
    }
    Ok(rows)
}

fn store(
    transaction: &Connection,
    call: &Call,
    half: Half,
    state: State,
    digest: &[u8],
    reply: &Reply,
) -> Result<(), Stop> {
    let insert = "INSERT INTO ondol_barrier (run, step, half, saga, digest, state, status, body)
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    transaction.prepare_cached(insert)?.execute((
        &call.key.run,
        &call.key.step,
        half.as_str(),
        &call.saga,
        digest,
        state.as_str(),
        reply.status,
        &reply.body,
    ))?;
    Ok(())
}
