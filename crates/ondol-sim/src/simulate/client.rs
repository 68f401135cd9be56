//! A client of the simulated system, who does what the manual says.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ondol_engine::{Chosen, Handle, SagaId, SubmitError, SubmitRequest};
use tokio::time::sleep;

/// Submits one saga, again and again with the same id until it knows.
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) definition: &'static str,
    pub(crate) extra: bool,
    pub(crate) run: u128,
    pub(crate) delay: Duration,
    /// How long it waits for the end, once the saga is accepted.
    pub(crate) waits: Option<Duration>,
    pub(crate) handle: Arc<Mutex<Option<Handle>>>,
    pub(crate) accepted: Arc<Mutex<Vec<String>>>,
}

impl Client {
    pub(crate) async fn submit(self) {
        sleep(self.delay).await;
        loop {
            let handle = lock(&self.handle).clone();
            if let Some(handle) = handle {
                let request = SubmitRequest {
                    id: saga_id(&self.id),
                    definition: Chosen::Named { name: self.definition.to_owned(), version: None },
                    input: format!(r#"{{"extra":{}}}"#, self.extra).into_bytes().into(),
                    digest: 7,
                    run: self.run,
                    trace: (0, 0),
                };
                match handle.submit(request).await {
                    Ok(_) => break,
                    Err(
                        SubmitError::OutcomeUnknown
                        | SubmitError::ShuttingDown
                        | SubmitError::Overloaded { .. },
                    ) => {}
                    Err(error) => panic!("{}: {error}", self.id),
                }
            }
            sleep(Duration::from_millis(50)).await;
        }
        let id = saga_id(&self.id);
        lock(&self.accepted).push(self.id);
        let handle = lock(&self.handle).clone();
        if let (Some(handle), Some(within)) = (handle, self.waits) {
            // What it is told the log tells, too; that it waited must do no harm.
            let _ = handle.settled(&id, within).await;
        }
    }
}

pub(crate) fn saga_name(number: u32) -> String {
    format!("saga-{number}")
}

pub(crate) fn saga_id(name: &str) -> SagaId {
    SagaId::new(name).expect("simulated names are ids")
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
