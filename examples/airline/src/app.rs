//! What every handler has: the service's database, and the way through the barrier to it.

use crate::args::Guard;
use ondol_sdk::Problem;
use ondol_sdk::barrier::sqlite::Database;
use ondol_sdk::barrier::{Done, Reply, Stop};
use ondol_sdk::step::Step;
use rusqlite::Connection;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

/// Cheap to clone; one for each service.
#[derive(Debug, Clone)]
pub struct App {
    /// The service's own data.
    pub db: Database,
    /// Whether steps go through the barrier.
    pub guard: Guard,
}

impl App {
    /// Runs one half of a step; the only way in which a saga changes anything.
    pub async fn step<F>(&self, step: &Step, business: F) -> Reply
    where
        F: FnOnce(&Connection) -> Result<Done, Stop> + Send + 'static,
    {
        let span = tracing::info_span!(
            "transaction",
            db.system.name = "sqlite",
            otel.status_code = Empty,
            otel.status_description = Empty
        );
        let within = span.clone();
        // The database has a thread of its own.
        let business = move |connection: &Connection| within.in_scope(|| told(business(connection)));
        let reply = async {
            match self.guard {
                Guard::On => self.db.step(step.call(), business).await,
                Guard::Off => Reply::unguarded(self.db.transaction(business).await),
            }
        };
        let reply = reply.instrument(span).await;
        if reply.replayed {
            tracing::info!(
                "this key was handled before: the stored answer is given again, and nothing is done"
            );
        }
        reply
    }

    /// Runs what no saga calls: seeds and reads.
    ///
    /// # Errors
    /// The problem to answer with.
    pub async fn plain<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Stop> + Send + 'static,
    {
        self.db.transaction(work).await.map_err(|stop| match stop {
            Stop::Refused(refusal) => refusal.problem().clone(),
            Stop::Failed(_) | Stop::Busy => {
                let status = axum::http::StatusCode::SERVICE_UNAVAILABLE;
                Problem::new(status, "database_unavailable", format!("{stop}; send it again"))
            }
        })
    }
}

/// Says why the business did not take effect: what a person looks for when a booking failed.
fn told(outcome: Result<Done, Stop>) -> Result<Done, Stop> {
    match &outcome {
        Ok(_) => {}
        Err(Stop::Refused(refusal)) => {
            let problem = refusal.problem();
            tracing::warn!(code = %problem.code, status = problem.status, "{}", problem.detail);
        }
        Err(stop @ (Stop::Failed(_) | Stop::Busy)) => {
            tracing::error!("{stop}");
            let span = Span::current();
            span.record("otel.status_code", "ERROR");
            span.record("otel.status_description", stop.to_string());
        }
    }
    outcome
}
