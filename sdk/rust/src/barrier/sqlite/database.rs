//! One SQLite file behind one writer thread, for asynchronous services.
//!
//! SQLite blocks and writes one transaction at a time. Requests that arrive together share one transaction and
//! one fsync, each below its own savepoint, and none is answered before the commit. It is not a connection pool:
//! reads go through the same thread, which is enough for services whose requests are mostly writes.

use super::{migrate, within};
use crate::barrier::{Call, Done, Reply, Stop, WAIT_MAX};
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use tokio::sync::oneshot;

/// Requests that may wait for the writer. At 10,000 small transactions a second this is a tenth of a second; more
/// would only be answered after their callers have given up, so they get 425 at once.
pub const JOBS_WAITING_MAX: usize = 1_024;

/// Requests that share one commit. Keeps the transaction, and so the wait of the first in it, short.
const JOBS_PER_COMMIT_MAX: usize = 64;

/// Prepared statements kept: the barrier's ten and a small service's own.
const STATEMENTS_KEPT: usize = 64;

/// Runs below a savepoint of the batch, or learns why there is no batch; gives back the delivery of its result.
type Job = Box<dyn FnOnce(Result<&Connection, &Stop>) -> Delivery + Send>;
/// Called after the commit, or with the reason why there was none.
type Delivery = Box<dyn FnOnce(Result<(), &Stop>) + Send>;

/// The file could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite refused to open the file or to apply the schema.
    #[error(
        "cannot open {path} and apply its schema: {source}; check the path, its permissions and free space"
    )]
    Sqlite {
        /// The file.
        path: String,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The writer thread could not be started.
    #[error("cannot start the writer thread of {path}: {source}")]
    Thread {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A handle on the writer thread, cheap to clone; the thread ends with the last handle.
#[derive(Debug, Clone)]
pub struct Database {
    jobs: SyncSender<Job>,
}

impl Database {
    /// Opens or creates the file in WAL mode with `synchronous = FULL`, applies the barrier's schema and then
    /// `schema`, which must bear being applied again and may set other pragmas.
    ///
    /// # Errors
    /// [`OpenError`], naming the file.
    pub fn open(path: impl AsRef<Path>, schema: &str) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let name = || path.display().to_string();
        let connection =
            connect(path, schema).map_err(|source| OpenError::Sqlite { path: name(), source })?;
        let (jobs, waiting) = sync_channel(JOBS_WAITING_MAX);
        std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || serve(&connection, &waiting))
            .map_err(|source| OpenError::Thread { path: name(), source })?;
        Ok(Self { jobs })
    }

    /// Runs one half through the barrier; `business` runs at most once per key. See [`super::run`].
    pub async fn step<F>(&self, call: Call, business: F) -> Reply
    where
        F: FnOnce(&Connection) -> Result<Done, Stop> + Send + 'static,
    {
        self.transaction(move |transaction| within(transaction, &call, business))
            .await
            .unwrap_or_else(Reply::stopped)
    }

    /// Runs `work` in a write transaction without the barrier: seeds, reads, whatever no saga calls. On `Err` its
    /// changes are rolled back.
    ///
    /// # Errors
    /// What `work` returned; [`Stop::Busy`] if too much is waiting; [`Stop::Failed`] if it panicked or the commit
    /// failed, in which case it is unknown whether its changes were kept.
    pub async fn transaction<T, F>(&self, work: F) -> Result<T, Stop>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Stop> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |batch| {
            let result = match batch {
                Ok(connection) => below_savepoint(connection, work),
                Err(stop) => Err(stop.clone()),
            };
            Box::new(move |committed| {
                let result = match committed {
                    Ok(()) => result,
                    Err(stop) => Err(stop.clone()),
                };
                // Err: the caller went away. The work stands all the same; a repeat finds the stored answer.
                drop(sender.send(result));
            })
        });
        self.jobs.try_send(job).map_err(|_| Stop::Busy)?;
        receiver.await.unwrap_or_else(|_| Err(Stop::Failed("the writer thread has ended".to_owned())))
    }
}

fn connect(path: &Path, schema: &str) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(WAIT_MAX)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", "on")?;
    migrate(&connection)?;
    connection.execute_batch(schema)?;
    Ok(connection)
}

fn serve(connection: &Connection, waiting: &Receiver<Job>) {
    while let Ok(first) = waiting.recv() {
        let batch = std::iter::once(first).chain(waiting.try_iter().take(JOBS_PER_COMMIT_MAX - 1));
        let begun = connection.execute_batch("BEGIN IMMEDIATE").map_err(Stop::from);
        let deliveries: Vec<Delivery> = batch.map(|job| job(begun.as_ref().map(|()| connection))).collect();
        let committed = begun.and_then(|()| connection.execute_batch("COMMIT").map_err(Stop::from));
        if committed.is_err() && !connection.is_autocommit() {
            // A failing rollback leaves the transaction open; the next BEGIN then fails and says so to its callers.
            drop(connection.execute_batch("ROLLBACK"));
        }
        for deliver in deliveries {
            deliver(committed.as_ref().map(|&()| ()));
        }
    }
}

fn below_savepoint<T, F>(connection: &Connection, work: F) -> Result<T, Stop>
where
    F: FnOnce(&Connection) -> Result<T, Stop>,
{
    if connection.is_autocommit() {
        // SQLite itself rolls back everything on a full disk or an I/O error of an earlier request in the batch.
        return Err(Stop::Failed("the shared transaction was rolled back; ask again".to_owned()));
    }
    connection.prepare_cached("SAVEPOINT ondol_request")?.execute([])?;
    // A panic in one handler must not take the writer, and so every other request, with it.
    let result = catch_unwind(AssertUnwindSafe(|| work(connection))).unwrap_or_else(|_| {
        Err(Stop::Failed("the handler panicked; its message is in the service's log".to_owned()))
    });
    if result.is_err() {
        connection.prepare_cached("ROLLBACK TO ondol_request")?.execute([])?;
    }
    connection.prepare_cached("RELEASE ondol_request")?.execute([])?;
    result
}
