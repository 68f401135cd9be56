//! The barrier in PostgreSQL (and databases that speak its protocol and its `ON CONFLICT`).
//!
//! Rows are inserted first: a concurrent repeat of the same key then waits on the row, for at most
//! [`WAIT_MAX`], while other keys go on. A compensation inserts its action's row before its own, so the two halves
//! of a step exclude each other too. The transaction is READ COMMITTED, which is what makes a row that was
//! committed during the wait visible.

use super::judge::{Judgement, Row, Rows, State, judge};
use super::{Call, Done, Reply, SWEEP_ROWS_MAX, Stop, SweepTooYoung, WAIT_MAX, sweep_age_ms};
use crate::key::Half;
use std::time::Duration;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, IsolationLevel, Transaction};

/// The barrier's table; run by [`migrate`], and written here to be copied into a service's own migrations.
pub const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS ondol_barrier (
  run        text        NOT NULL,
  step       text        NOT NULL,
  half       text        NOT NULL CHECK (half IN ('action', 'compensation')),
  saga       text        NOT NULL,
  digest     bytea       NOT NULL, -- SHA-256 of the request; empty for a blocked action
  state      text        NOT NULL CHECK (state IN ('running', 'done', 'refused', 'blocked')), -- never committed as running
  status     integer     NOT NULL,
  body       bytea       NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (run, step, half)
);
CREATE INDEX IF NOT EXISTS ondol_barrier_created_at ON ondol_barrier (created_at);
";

/// Written while the business runs, replaced before the commit; no other transaction ever sees it.
const RUNNING: &str = "running";

impl From<tokio_postgres::Error> for Stop {
    fn from(error: tokio_postgres::Error) -> Self {
        if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) {
            return Self::Busy;
        }
        // The crate's own text is only "db error"; what the server said is in the source.
        match error.as_db_error() {
            Some(db) => {
                Self::Failed(format!("the database refused: {} ({})", db.message(), db.code().code()))
            }
            None => Self::Failed(format!("the database did not answer: {error}")),
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
    Postgres(#[from] tokio_postgres::Error),
}

/// Creates the barrier's table if it is not there.
///
/// # Errors
/// What PostgreSQL says.
pub async fn migrate(client: &Client) -> Result<(), tokio_postgres::Error> {
    client.batch_execute(SCHEMA).await
}

/// Runs one half in a transaction of its own: judges it by the stored rows, runs `business` at most once per
/// key, and commits its changes together with the row.
///
/// `business` must make all its changes through the transaction it is given (a savepoint, which a refusal rolls
/// back). Dropping the future rolls back everything.
pub async fn run<F>(client: &mut Client, call: &Call, business: F) -> Reply
where
    F: AsyncFnOnce(&Transaction<'_>) -> Result<Done, Stop>,
{
    attempt(client, call, business).await.unwrap_or_else(Reply::stopped)
}

async fn attempt<F>(client: &mut Client, call: &Call, business: F) -> Result<Reply, Stop>
where
    F: AsyncFnOnce(&Transaction<'_>) -> Result<Done, Stop>,
{
    let mut transaction =
        client.build_transaction().isolation_level(IsolationLevel::ReadCommitted).start().await?;
    let own_is_new = claim(&transaction, call).await?;
    let rows = load(&transaction, call).await?;
    // What this transaction has just claimed is no history.
    let rows = if own_is_new { rows.without(call.key.half) } else { rows };
    let reply = match judge(call.key.half, rows, &call.digest) {
        Judgement::Answer(reply) => return Ok(reply),
        Judgement::Settle => {
            let reply = Reply::settled();
            finish(&transaction, call, State::Done, &reply).await?;
            reply
        }
        Judgement::Run => guarded(&mut transaction, call, business).await?,
    };
    transaction.commit().await?;
    Ok(reply)
}

impl Rows {
    fn without(self, half: Half) -> Self {
        match half {
            Half::Action => Self { action: None, ..self },
            Half::Compensation => Self { compensation: None, ..self },
        }
    }
}

/// Inserts the half's row, waiting for whoever is just writing it; a compensation first inserts its action's row
/// as blocked. Says whether the half's own row is new.
async fn claim(transaction: &Transaction<'_>, call: &Call) -> Result<bool, Stop> {
    let wait = format!("{}ms", WAIT_MAX.as_millis());
    let set = "SELECT set_config('lock_timeout', $1, true)";
    let before: String = transaction.query_one("SELECT current_setting('lock_timeout')", &[]).await?.get(0);
    transaction.query_one(set, &[&wait]).await?;
    let key = (&call.key.run, &call.key.step);
    if call.key.half == Half::Compensation {
        let blocked = Reply::compensated();
        let status = i32::from(blocked.status);
        let insert = "INSERT INTO ondol_barrier (run, step, half, saga, digest, state, status, body)
                      VALUES ($1, $2, 'action', $3, '', $4, $5, $6) ON CONFLICT DO NOTHING";
        transaction
            .execute(insert, &[key.0, key.1, &call.saga, &State::Blocked.as_str(), &status, &blocked.body])
            .await?;
    }
    let insert = "INSERT INTO ondol_barrier (run, step, half, saga, digest, state, status, body)
                  VALUES ($1, $2, $3, $4, $5, $6, 0, '') ON CONFLICT DO NOTHING";
    let half = call.key.half.as_str();
    let digest: &[u8] = call.digest.as_bytes();
    let inserted = transaction.execute(insert, &[key.0, key.1, &half, &call.saga, &digest, &RUNNING]).await?;
    // The business waits for its own locks as long as its connection says.
    transaction.query_one(set, &[&before]).await?;
    Ok(inserted == 1)
}

async fn load(transaction: &Transaction<'_>, call: &Call) -> Result<Rows, Stop> {
    let select = "SELECT half, state, digest, status, body FROM ondol_barrier WHERE run = $1 AND step = $2";
    let mut rows = Rows::default();
    for row in transaction.query(select, &[&call.key.run, &call.key.step]).await? {
        let word: &str = row.get(1);
        // Only the row that this transaction claimed can be running; its content is not looked at.
        let state = if word == RUNNING { Some(State::Done) } else { State::parse(word) };
        let unreadable =
            || Stop::Failed(format!("the barrier's row {} cannot be read: state {word:?}", call.key));
        let status = u16::try_from(row.get::<_, i32>(3)).map_err(|_| unreadable())?;
        let stored =
            Row { state: state.ok_or_else(unreadable)?, digest: row.get(2), status, body: row.get(4) };
        match Half::parse(row.get(0)).ok_or_else(unreadable)? {
            Half::Action => rows.action = Some(stored),
            Half::Compensation => rows.compensation = Some(stored),
        }
    }
    Ok(rows)
}

/// Runs the business below a savepoint, so that a refusal keeps its row and loses its changes.
async fn guarded<F>(transaction: &mut Transaction<'_>, call: &Call, business: F) -> Result<Reply, Stop>
where
    F: AsyncFnOnce(&Transaction<'_>) -> Result<Done, Stop>,
{
    let savepoint = transaction.savepoint("ondol_business").await?;
    let (state, reply) = match (business(&savepoint).await, call.key.half) {
        (Ok(done), _) => {
            savepoint.commit().await?;
            (State::Done, Reply::done(done))
        }
        (Err(Stop::Refused(refusal)), Half::Action) => {
            savepoint.rollback().await?;
            (State::Refused, Reply::refused(&refusal))
        }
        (Err(stop), _) => return Err(stop),
    };
    finish(transaction, call, state, &reply).await?;
    Ok(reply)
}

async fn finish(transaction: &Transaction<'_>, call: &Call, state: State, reply: &Reply) -> Result<(), Stop> {
    let update = "UPDATE ondol_barrier SET state = $4, status = $5, body = $6
                   WHERE run = $1 AND step = $2 AND half = $3";
    let status = i32::from(reply.status);
    let half = call.key.half.as_str();
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 6] =
        [&call.key.run, &call.key.step, &half, &state.as_str(), &status, &reply.body];
    match transaction.execute(update, &values).await? {
        1 => Ok(()),
        _ => {
            Err(Stop::Failed(format!("the barrier's row {} vanished while it was used; ask again", call.key)))
        }
    }
}

/// Removes up to [`SWEEP_ROWS_MAX`] rows older than `older_than`, oldest first, and says how many; call it again
/// while the answer is the maximum. The halves of a step go together or stay together.
///
/// # Errors
/// [`SweepError::TooYoung`] below [`ROWS_KEPT_MIN`](super::ROWS_KEPT_MIN).
pub async fn sweep(client: &Client, older_than: Duration) -> Result<u64, SweepError> {
    let age_ms = sweep_age_ms(older_than)?;
    let statement =
        "WITH bound AS (SELECT clock_timestamp() - $1::bigint * interval '1 millisecond' AS oldest)
        DELETE FROM ondol_barrier WHERE (run, step, half) IN (
         SELECT old.run, old.step, old.half FROM ondol_barrier AS old, bound
          WHERE old.created_at < bound.oldest
            AND NOT EXISTS (SELECT 1 FROM ondol_barrier AS other
                             WHERE other.run = old.run AND other.step = old.step
                               AND other.created_at >= bound.oldest)
          ORDER BY old.created_at LIMIT $2)";
    Ok(client.execute(statement, &[&age_ms, &i64::from(SWEEP_ROWS_MAX)]).await?)
}
