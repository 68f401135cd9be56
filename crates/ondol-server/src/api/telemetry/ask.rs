//! Questions on threads that may block: few at once, and not for ever.

use std::sync::Arc;
use std::time::Duration;

use ondol_telemetry::{QueryError, Telemetry};
use tokio::sync::Semaphore;

use crate::app::App;
use crate::problem::{Answer, Code, Problem, chain};

/// Questions answered at once. Each takes a core and reads files; more would only slow each other, and sagas.
const PLACES: usize = 4;

/// Time to wait for a place: a page asks half a dozen things at once.
const PLACE_WITHIN: Duration = Duration::from_secs(2);

/// Time for an answer. Over all that is kept a question takes milliseconds; this is for a disk that does not answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Where questions wait for a place.
pub(crate) struct Desk(Arc<Semaphore>);

impl Desk {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(PLACES)))
    }
}

/// The store, or the problem that says why there is none.
pub(super) fn store(app: &App) -> Answer<&Telemetry> {
    app.telemetry.open().map_err(|why| Problem::new(Code::TelemetryAway, why).again_after(30))
}

/// Asks the store.
pub(crate) async fn ask<T: Send + 'static>(
    app: &App,
    question: impl FnOnce(&Telemetry) -> Result<T, QueryError> + Send + 'static,
) -> Answer<T> {
    let telemetry = store(app)?.clone();
    let full = || {
        let detail =
            format!("{PLACES} questions about traces and logs are being answered; ask again in a second");
        Problem::new(Code::QueriesBusy, detail).again_after(1)
    };
    let place = tokio::time::timeout(PLACE_WITHIN, Arc::clone(&app.desk.0).acquire_owned());
    let place = place.await.map_err(|_| full())?.expect("the semaphore is never closed");
    let answering = tokio::task::spawn_blocking(move || {
        // Held until the thread is free again, also where nobody waits for the answer any more.
        let _place = place;
        question(&telemetry)
    });
    let late = || {
        let detail =
            format!("no answer within {} s; narrow the query or its window", ANSWER_WITHIN.as_secs());
        Problem::new(Code::TooSlow, detail).again_after(1)
    };
    let answered = tokio::time::timeout(ANSWER_WITHIN, answering).await.map_err(|_| late())?;
    let defect = |_| Problem::new(Code::Internal, "answering the question failed; the log says where");
    Ok(answered.map_err(defect)??)
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        let code = match &error {
            QueryError::TooLarge { .. } => Code::TraceTooLarge,
            QueryError::Steps { .. } => Code::BadRequest,
            _ => Code::TelemetryFailed,
        };
        Self::new(code, chain(&error))
    }
}
