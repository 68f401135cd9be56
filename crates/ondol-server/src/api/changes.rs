//! That something changed, for pages that show it: not what, since they ask for what they show.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use ondol_store::log::Position;
use serde::Serialize;
use tokio::sync::watch;
use utoipa::ToSchema;

use super::stream::{self, Item, Source};
use crate::app::Shared;
use crate::problem::Answer;

/// Changes are told at most this often, however many there are: a page is read by a person.
const GATHER: Duration = Duration::from_secs(1);

/// Sagas moved.
#[derive(Serialize, ToSchema)]
pub(super) struct Change {
    /// Place of the last record of the journal.
    position: u64,
}

/// Tells when sagas moved.
///
/// Server-sent events, at most one a second, the first at once. For pages and caches that ask again for what they show; who
/// wants every event follows `/v1/events`.
#[utoipa::path(
    get, path = "/v1/changes", tag = "events",
    responses((status = 200, description = "A stream of `Change`.", body = Change, content_type = "text/event-stream"))
)]
pub(super) async fn changes(State(app): State<Shared>) -> Answer<Response> {
    let place = app.guard.stream()?;
    let moved = app.engine.position();
    Ok(stream::answer(Changes { app, moved, first: true }, place))
}

struct Changes {
    app: Shared,
    moved: watch::Receiver<Position>,
    first: bool,
}

impl Source for Changes {
    async fn next(&mut self) -> Option<Vec<Item>> {
        if !self.first {
            let moved = async {
                self.moved.changed().await.ok()?;
                tokio::time::sleep(GATHER).await;
                Some(())
            };
            self.app.stop.run_until_cancelled(moved).await??;
        }
        self.first = false;
        let change = Change { position: self.moved.borrow_and_update().0 };
        let data = serde_json::to_string(&change).expect("a change is plain data");
        Some(vec![Item { id: change.position.to_string(), data }])
    }
}
